//! The WebSocket as RFC 6455 has it, byte by byte: what the Autobahn suite asks of a server, as far
//! as it matters to one that speaks JSON text. The numbers are those of its cases.

use crate::support::*;
use deskside::protocol::close_code;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
const FIN: u8 = 0x80;

/// A client that can do wrong.
struct Wire {
    stream: TcpStream,
}

#[derive(Debug, PartialEq)]
struct Frame {
    first: u8,
    payload: Vec<u8>,
}

impl Wire {
    async fn open(address: SocketAddr, path: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let origin = match path {
            "/v1/socket" => format!("origin: {SHOP}\r\n"),
            _ => String::new(),
        };
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\n\
             connection: upgrade\r\nsec-websocket-version: 13\r\n{origin}\
             sec-websocket-extensions: permessage-deflate\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 101"), "{head}");
        assert!(
            head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="),
            "{head}"
        );
        assert!(!head.contains("extensions"), "nothing is deflated: {head}");
        Self { stream }
    }

    /// Past the first frame.
    async fn connected(address: SocketAddr) -> Self {
        let mut wire = Self::open(address, "/v1/socket").await;
        let mut connect = connect_command("shop", None, &[]);
        connect["id"] = 1.into();
        wire.send(FIN | TEXT, connect.to_string().as_bytes()).await;
        let answer = wire.text().await;
        assert!(answer.contains("connected"), "{answer}");
        wire
    }

    async fn raw(&mut self, bytes: &[u8]) {
        // The desk may have had enough before all is written.
        let _ = self.stream.write_all(bytes).await;
    }

    async fn send(&mut self, first: u8, payload: &[u8]) {
        let mask = [7, 91, 200, 13];
        let mut bytes = header(first, 0x80, payload.len());
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m));
        self.raw(&bytes).await;
    }

    /// The next frame; none where the desk has hung up.
    async fn frame(&mut self) -> Option<Frame> {
        let read = timeout(PATIENCE, self.read_frame()).await;
        read.expect("the desk says nothing").ok()
    }

    async fn read_frame(&mut self) -> std::io::Result<Frame> {
        let first = self.stream.read_u8().await?;
        let second = self.stream.read_u8().await?;
        assert_eq!(second & 0x80, 0, "a server does not mask");
        assert_eq!(first & 0x70, 0, "no extension was agreed on");
        let length = match second {
            126 => self.stream.read_u16().await?.into(),
            127 => self.stream.read_u64().await?,
            short => short.into(),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.stream.read_exact(&mut payload).await?;
        Ok(Frame { first, payload })
    }

    async fn text(&mut self) -> String {
        loop {
            let frame = self.frame().await.expect("closed instead of a text");
            if frame.first == FIN | TEXT {
                return String::from_utf8(frame.payload).unwrap();
            }
        }
    }

    /// Reads to the close frame and gives its code; then the desk hangs up.
    async fn closed(&mut self) -> u16 {
        let code = loop {
            match self.frame().await {
                Some(Frame { first, payload }) if first == FIN | CLOSE => {
                    break match payload[..] {
                        [high, low, ..] => u16::from_be_bytes([high, low]),
                        _ => 1005,
                    };
                }
                Some(_) => {}
                None => return 1006,
            }
        };
        self.send(FIN | CLOSE, &code.to_be_bytes()).await;
        assert_eq!(self.frame().await, None, "nothing comes after the close");
        code
    }

    /// Whether commands are answered still.
    async fn is_alive(&mut self) -> bool {
        self.send(FIN | TEXT, br#"{"id":77,"ping":{}}"#).await;
        self.text().await.contains("pong")
    }
}

fn header(first: u8, mask: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![first];
    match u16::try_from(length) {
        Ok(length) if length < 126 => bytes.push(mask | length.to_be_bytes()[1]),
        Ok(length) => {
            bytes.push(mask | 126);
            bytes.extend(length.to_be_bytes());
        }
        Err(_) => {
            bytes.push(mask | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes
}

/// A command of so many bytes.
fn padded(length: usize) -> Vec<u8> {
    let mut text = br#"{"id":5,"ping":{}}"#.to_vec();
    text.resize(length.max(text.len()), b' ');
    text
}

#[tokio::test]
async fn texts_of_every_length_form_are_read() {
    // 1.1
    let desk = Desk::start().await;
    let mut wire = Wire::connected(desk.address).await;
    for length in [18, 125, 126, 127, 128, 65_535, 65_536] {
        wire.send(FIN | TEXT, &padded(length)).await;
        assert!(wire.text().await.contains("pong"), "{length}");
    }
    wire.send(FIN | TEXT, b"").await;
    assert!(wire.is_alive().await, "an empty message holds no frame");
}

#[tokio::test]
async fn a_text_that_comes_byte_by_byte_is_read() {
    // 1.1.8
    let desk = Desk::start().await;
    let mut wire = Wire::connected(desk.address).await;
    let mut bytes = header(FIN | TEXT, 0x80, 18);
    bytes.extend([0; 4]);
    bytes.extend(padded(18));
    for byte in bytes {
        wire.raw(&[byte]).await;
        tokio::task::yield_now().await;
    }
    assert!(wire.text().await.contains("pong"));
}

#[tokio::test]
async fn a_binary_message_is_refused() {
    // 1.2: this protocol has none.
    let desk = Desk::start().await;
    let mut wire = Wire::connected(desk.address).await;
    wire.send(FIN | BINARY, &padded(18)).await;
    assert_eq!(wire.closed().await, close_code::PROTOCOL);
}

#[tokio::test]
async fn a_ping_is_answered_with_what_it_carried() {
    // 2
    let desk = Desk::start().await;
    let mut wire = Wire::connected(desk.address).await;
    for payload in [&b""[..], b"hello", &[0x00, 0xff, 0xfe], &[0xfe; 125]] {
        wire.send(FIN | PING, payload).await;
        let pong = Frame {
            first: FIN | PONG,
            payload: payload.to_vec(),
        };
        assert_eq!(wire.frame().await, Some(pong));
    }
    wire.send(FIN | PONG, b"unsolicited").await;
    assert!(wire.is_alive().await);
    wire.send(FIN | PING, &[0xfe; 126]).await;
    assert_eq!(wire.closed().await, 1002);
}

#[tokio::test]
async fn reserved_bits_and_opcodes_end_the_socket() {
    // 3 and 4
    let desk = Desk::start().await;
    for bits in 1..8 {
        let mut wire = Wire::connected(desk.address).await;
        wire.send(FIN | (bits << 4) | TEXT, &padded(18)).await;
        assert_eq!(wire.closed().await, 1002, "bits {bits}");
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        let mut wire = Wire::connected(desk.address).await;
        wire.send(FIN | opcode, b"").await;
        assert_eq!(wire.closed().await, 1002, "opcode {opcode}");
    }
}

#[tokio::test]
async fn fragments_make_one_message_and_pings_come_in_between() {
    // 5.3 to 5.8, 5.19
    let desk = Desk::start().await;
    let mut wire = Wire::connected(desk.address).await;
    let text = padded(18);
    wire.send(TEXT, &text[..5]).await;
    wire.send(FIN | PING, b"between").await;
    let pong = Frame {
        first: FIN | PONG,
        payload: b"between".to_vec(),
    };
    assert_eq!(wire.frame().await, Some(pong));
    wire.send(CONTINUATION, &text[5..5]).await;
    for byte in &text[5..17] {
        wire.send(CONTINUATION, &[*byte]).await;
    }
    wire.send(FIN | CONTINUATION, &text[17..]).await;
    assert!(wire.text().await.contains("pong"));
}

#[tokio::test]
async fn fragments_out_of_place_end_the_socket() {
    // 5.1, 5.2, 5.9 to 5.18
    let desk = Desk::start().await;
    let stories: [&[(u8, &[u8])]; 5] = [
        &[(PING, b"part")],
        &[(PONG, b"part")],
        &[(FIN | CONTINUATION, b"of nothing")],
        &[(CONTINUATION, b"of nothing")],
        &[(TEXT, b"{"), (FIN | TEXT, b"}")],
    ];
    for story in stories {
        let mut wire = Wire::connected(desk.address).await;
        for (first, payload) in story {
            wire.send(*first, payload).await;
        }
        assert_eq!(wire.closed().await, 1002, "{story:?}");
    }
}

#[tokio::test]
async fn a_character_may_be_split_across_fragments() {
    // 6.2
    let desk = Desk::start().await;
    let mut wire = Wire::connected(desk.address).await;
    let text = "{\"id\":6,\"ping\":{\"note\":\"κόσμε 你好 😀\"}}".as_bytes();
    for (at, byte) in text.iter().enumerate() {
        let first = if at == 0 { TEXT } else { CONTINUATION };
        wire.send(first, &[*byte]).await;
    }
    wire.send(FIN | CONTINUATION, b"").await;
    assert!(wire.text().await.contains("pong"));
}

#[tokio::test]
async fn what_is_not_utf_8_ends_the_socket() {
    // 6.3 to 6.23
    let desk = Desk::start().await;
    let malformed: [&[u8]; 12] = [
        &[0xce, 0xba, 0xed, 0xa0, 0x80, b'e'],
        &[0xf8, 0x88, 0x80, 0x80, 0x80],
        &[0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
        &[0xf4, 0x90, 0x80, 0x80],
        &[0xc0, 0xaf],
        &[0xe0, 0x80, 0xaf],
        &[0xf0, 0x80, 0x80, 0xaf],
        &[0xed, 0xa0, 0x80],
        &[0xed, 0xbf, 0xbf],
        &[0x80],
        &[0xff],
        &[0xce],
    ];
    for bytes in malformed {
        let mut wire = Wire::connected(desk.address).await;
        wire.send(FIN | TEXT, bytes).await;
        assert_eq!(wire.closed().await, 1007, "{bytes:x?}");
        let mut wire = Wire::connected(desk.address).await;
        let (head, tail) = bytes.split_at(bytes.len() / 2);
        wire.send(TEXT, head).await;
        wire.send(FIN | CONTINUATION, tail).await;
        assert_eq!(wire.closed().await, 1007, "{bytes:x?} in two");
    }
    // 6.6: the last character of the whole is not whole.
    let mut wire = Wire::connected(desk.address).await;
    wire.send(TEXT, b"{}").await;
    wire.send(FIN | CONTINUATION, &[0xe4, 0xbd]).await;
    assert_eq!(wire.closed().await, 1007);
}

#[tokio::test]
async fn a_close_is_answered_with_its_code() {
    // 7.1, 7.3, 7.7
    let desk = Desk::start().await;
    for code in [
        1000_u16, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
    ] {
        let mut wire = Wire::connected(desk.address).await;
        let mut payload = code.to_be_bytes().to_vec();
        payload.extend(b"goodbye");
        wire.send(FIN | CLOSE, &payload).await;
        // After a close nothing else counts.
        wire.send(FIN | TEXT, &padded(18)).await;
        assert_eq!(wire.closed().await, code);
    }
    let mut wire = Wire::connected(desk.address).await;
    wire.send(FIN | CLOSE, b"").await;
    assert!([1000, 1005].contains(&wire.closed().await));
}

#[tokio::test]
async fn a_close_that_is_none_is_a_protocol_error() {
    // 7.3.2, 7.5, 7.9
    let desk = Desk::start().await;
    for code in [
        0_u16, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535,
    ] {
        let mut wire = Wire::connected(desk.address).await;
        wire.send(FIN | CLOSE, &code.to_be_bytes()).await;
        assert_eq!(wire.closed().await, 1002, "{code}");
    }
    let mut wire = Wire::connected(desk.address).await;
    wire.send(FIN | CLOSE, &[3]).await;
    assert_eq!(wire.closed().await, 1002);
    let mut wire = Wire::connected(desk.address).await;
    wire.send(FIN | CLOSE, &[3, 232, 0xce, 0xba, 0xed, 0xa0, 0x80])
        .await;
    assert!([1002, 1007].contains(&wire.closed().await));
    let mut wire = Wire::connected(desk.address).await;
    let mut long = vec![3, 232];
    long.extend([b'w'; 124]);
    wire.send(FIN | CLOSE, &long).await;
    assert_eq!(wire.closed().await, 1002);
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_socket_however_it_comes() {
    // 9
    let desk = Desk::start_limited(|limits| {
        limits.text_bytes_max = 100;
        limits.frame_bytes_max = 2_000;
    })
    .await;
    let mut wire = Wire::connected(desk.address).await;
    wire.send(FIN | TEXT, &padded(8_001)).await;
    assert_eq!(wire.closed().await, 1009);
    let mut wire = Wire::connected(desk.address).await;
    wire.send(TEXT, &padded(100)).await;
    for _ in 0..100 {
        wire.send(CONTINUATION, &[b' '; 100]).await;
    }
    assert_eq!(wire.closed().await, 1009);
    // A length that is only announced takes no memory, nor does one that cannot be.
    for length in [1 << 40, usize::MAX >> 1, usize::MAX] {
        let mut wire = Wire::connected(desk.address).await;
        wire.raw(&header(FIN | TEXT, 0x80, length)).await;
        wire.raw(&[0; 4]).await;
        assert!([1002, 1009].contains(&wire.closed().await), "{length}");
    }
}

#[tokio::test]
async fn pings_are_answered_in_turn_however_many_come_at_once() {
    // 2.10, 2.11
    let desk = Desk::start().await;
    let mut wire = Wire::connected(desk.address).await;
    for at in 0..10_u8 {
        wire.send(FIN | PING, &[at]).await;
    }
    let last = loop {
        let pong = wire.frame().await.unwrap();
        assert_eq!(pong.first, FIN | PONG);
        if pong.payload == [9] {
            break pong;
        }
    };
    // Only the newest needs an answer (RFC 6455, 5.5.3), and no other comes after it.
    assert_eq!(last.payload, [9]);
    assert!(wire.is_alive().await);
}

#[tokio::test]
async fn a_close_or_a_reserved_bit_in_the_middle_of_a_message_ends_it() {
    // 5.20, 7.1
    let desk = Desk::start().await;
    let stories: [(u8, &[u8], u16); 3] = [
        (FIN | CLOSE, &[3, 232], 1000),
        (0x40 | FIN | CONTINUATION, b"}", 1002),
        (0x10 | FIN | PING, b"", 1002),
    ];
    for (first, payload, code) in stories {
        let mut wire = Wire::connected(desk.address).await;
        wire.send(TEXT, b"{").await;
        wire.send(first, payload).await;
        assert_eq!(wire.closed().await, code, "{first:x}");
    }
}

#[tokio::test]
async fn an_agents_socket_is_as_strict() {
    let desk = Desk::start().await;
    let stories: [(u8, &[u8], u16); 5] = [
        (FIN | BINARY, b"{}", close_code::PROTOCOL),
        (FIN | 0x3, b"", 1002),
        (0x70 | FIN | TEXT, b"{}", 1002),
        (FIN | TEXT, &[0xff], 1007),
        (FIN | CLOSE, &[3, 232], 1000),
    ];
    for (first, payload, code) in stories {
        let mut wire = Wire::open(desk.address, "/v1/agent/socket").await;
        wire.send(first, payload).await;
        assert_eq!(wire.closed().await, code, "{first:x}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_mask_is_sent_away() {
    let desk = Desk::start().await;
    let mut wire = Wire::connected(desk.address).await;
    let mut bytes = header(FIN | TEXT, 0, 18);
    bytes.extend(padded(18));
    wire.raw(&bytes).await;
    assert_eq!(wire.closed().await, 1002);
}

#[tokio::test]
async fn a_client_that_is_gone_in_the_middle_of_a_frame_leaves_nothing_behind() {
    let desk = Desk::start_limited(|limits| limits.sockets_per_address_max = 1).await;
    let mut wire = Wire::connected(desk.address).await;
    wire.raw(&header(FIN | TEXT, 0x80, 1_000)).await;
    drop(wire);
    let url = format!("ws://{}/v1/socket", desk.address);
    while tokio_tungstenite::connect_async(&url).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_handshake_that_is_none_is_refused() {
    let desk = Desk::start().await;
    let good = [
        "upgrade: websocket\r\n",
        "connection: upgrade, close\r\n",
        "sec-websocket-version: 13\r\n",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    ];
    let instead = [
        (0, ""),
        (0, "upgrade: h2c\r\n"),
        (1, "connection: close\r\n"),
        (2, ""),
        (2, "sec-websocket-version: 8\r\n"),
        (3, ""),
    ];
    for (at, other) in instead {
        let mut headers: Vec<&str> = good.to_vec();
        headers[at] = other;
        let request = format!(
            "GET /v1/socket HTTP/1.1\r\nhost: {}\r\n{}\r\n",
            desk.address,
            headers.concat()
        );
        let (head, _) = http(desk.address, &request).await;
        assert!(head.starts_with("http/1.1 4"), "{head}");
    }
}
