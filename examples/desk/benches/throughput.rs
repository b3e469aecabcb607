//! Durable messages per second, end to end: real sockets, a real file, every message synced to disk
//! before it is answered. With group commit and without (one command a transaction), for one
//! visitor and for many, each of whom waits for an answer before sending the next.
//!
//! The same with the agent's console at another process on the same file, and with visitors at both.
//!
//! And as many idle sockets as asked for, held by another process, and what the desk's memory grew by.
//!
//! `cargo bench -p desk --profile desk`, or for other numbers
//! `cargo bench -p desk --profile desk -- --seconds 10 --visitors 1,100 --sockets 1000`

use desk::config::Config;
use deskside::protocol::command::{Open, Send};
use deskside::protocol::event::Content;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Failure = Box<dyn std::error::Error + std::marker::Send + Sync>;

/// What one run measured.
struct Figures {
    per_second: f64,
    /// Milliseconds from the send to the answer, ascending.
    answer_ms: Vec<f64>,
    /// Milliseconds from the answer's commit to the push at an agent's console, ascending.
    push_ms: Vec<f64>,
}

fn main() -> Result<(), Failure> {
    let (mut seconds, mut visitors, mut sockets) = (3, vec![1, 100, 1_000], 10_000);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seconds" => seconds = arguments.next().ok_or("--seconds of what?")?.parse()?,
            "--visitors" => {
                let list = arguments.next().ok_or("--visitors of what?")?;
                visitors = list.split(',').map(str::parse).collect::<Result<_, _>>()?;
            }
            "--sockets" => sockets = arguments.next().ok_or("--sockets: how many?")?.parse()?,
            "--hold" => {
                let address = arguments.next().ok_or("--hold: where?")?;
                return tokio::runtime::Runtime::new()?.block_on(hold(address.parse()?));
            }
            "--bench" => {}
            other => return Err(format!("what is {other}?").into()),
        }
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let duration = Duration::from_secs(seconds);
    // First, while nothing else has left its mark on the memory.
    if sockets > 0 {
        runtime.block_on(measure_sockets(sockets))?;
    }
    println!(
        "| visitors | commands a transaction | messages/s | answer p50 / p99 ms | push p50 / p99 ms |"
    );
    println!("|---|---|---|---|---|");
    let mut baseline = None;
    for &count in &visitors {
        let mut of_count = Vec::new();
        for batch_max in [1, 256] {
            let figures = runtime.block_on(run(count, batch_max, duration, Processes::One))?;
            println!(
                "| {count} | {} | {:.0} | {:.2} / {:.2} | {:.2} / {:.2} |",
                if batch_max == 1 {
                    "1".to_owned()
                } else {
                    format!("up to {batch_max}")
                },
                figures.per_second,
                percentile(&figures.answer_ms, 50),
                percentile(&figures.answer_ms, 99),
                percentile(&figures.push_ms, 50),
                percentile(&figures.push_ms, 99),
            );
            of_count.push(figures.per_second);
        }
        let baseline = *baseline.get_or_insert(of_count[1]);
        println!(
            "| | | group commit: {:.1} times one by one; {:.1} times the first row of visitors | | |",
            of_count[1] / of_count[0],
            of_count[1] / baseline,
        );
    }
    println!();
    println!(
        "| visitors | processes on the file | messages/s | answer p50 / p99 ms | push p50 / p99 ms |"
    );
    println!("|---|---|---|---|---|");
    for &count in &visitors {
        for (processes, what) in [
            (Processes::One, "one"),
            (Processes::ConsoleElsewhere, "two, the console at the other"),
            (Processes::VisitorsAtBoth, "two, visitors at both"),
        ] {
            let figures = runtime.block_on(run(count, 256, duration, processes))?;
            println!(
                "| {count} | {what} | {:.0} | {:.2} / {:.2} | {:.2} / {:.2} |",
                figures.per_second,
                percentile(&figures.answer_ms, 50),
                percentile(&figures.answer_ms, 99),
                percentile(&figures.push_ms, 50),
                percentile(&figures.push_ms, 99),
            );
        }
    }
    Ok(())
}

/// Who serves whom.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Processes {
    One,
    ConsoleElsewhere,
    VisitorsAtBoth,
}

/// Holds idle visitors' sockets in a process of its own, and tells what they take of this one.
async fn measure_sockets(wanted: usize) -> Result<(), Failure> {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    const OTHER_FILES: usize = 100;
    let files = usize::try_from(rlimit::increase_nofile_limit(u64::MAX)?)?;
    let count = wanted.min(files.saturating_sub(OTHER_FILES));
    let folder = tempfile::tempdir()?;
    let running = desk::start(config(folder.path(), 256)?).await?;
    let mut holder = tokio::process::Command::new(std::env::current_exe()?)
        .arg("--hold")
        .arg(running.address().to_string())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut orders = holder.stdin.take().ok_or("no way to the holder")?;
    let mut told = BufReader::new(holder.stdout.take().ok_or("no word of the holder")?).lines();
    println!("| sockets held | desk's memory, MB | kB a socket | connecting, a second |");
    println!("|---|---|---|---|");
    let empty = resident_bytes()?;
    let mut held = 0;
    for step in [count / 10, count] {
        let began = Instant::now();
        orders
            .write_all(format!("{}\n", step - held).as_bytes())
            .await?;
        let said = told.next_line().await?;
        if said.as_deref() != Some("held") {
            return Err(format!("the holder failed: {said:?}").into());
        }
        let per_second = (step - held) as f64 / began.elapsed().as_secs_f64();
        held = step;
        let grown = resident_bytes()?.saturating_sub(empty);
        println!(
            "| {held} | {:.1} | {:.1} | {per_second:.0} |",
            (empty + grown) as f64 / 1e6,
            grown as f64 / held as f64 / 1e3,
        );
    }
    println!();
    holder.kill().await?;
    running.stop().await;
    Ok(())
}

/// The other process: opens as many sockets as it is told to, and keeps them.
async fn hold(address: SocketAddr) -> Result<(), Failure> {
    const AT_ONCE: usize = 50;
    rlimit::increase_nofile_limit(u64::MAX)?;
    let mut held = Vec::new();
    for line in std::io::stdin().lines() {
        let mut left: usize = line?.trim().parse()?;
        while left > 0 {
            let mut opening = JoinSet::new();
            for _ in 0..left.min(AT_ONCE) {
                opening.spawn(async move {
                    let mut socket = open(address, "/v1/socket").await?;
                    let connect =
                        json!({ "version": 1, "site": "bench", "clientId": "b", "locale": "en" });
                    ask(&mut socket, json!({ "id": 1, "connect": connect })).await?;
                    Ok::<_, Failure>(socket)
                });
            }
            while let Some(opened) = opening.join_next().await {
                held.push(opened??);
                left -= 1;
            }
        }
        println!("held");
    }
    Ok(())
}

/// What this process has of the machine's memory.
fn resident_bytes() -> Result<u64, Failure> {
    const PAGE_BYTES: u64 = 4_096;
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages = statm.split(' ').nth(1).ok_or("no resident pages")?;
    Ok(pages.parse::<u64>()? * PAGE_BYTES)
}

fn config(folder: &std::path::Path, batch_max: u32) -> Result<Config, Failure> {
    let text = json!({
        "listen": "127.0.0.1:0",
        "sites": [{ "id": "bench", "name": "Bench", "allowedOrigins": ["*"] }],
        "limits": {
            "commandsPerSecond": 1_000_000, "commandsBurst": 1_000_000,
            "commandsPerSecondPerAddress": 1_000_000, "commandsBurstPerAddress": 1_000_000,
            "socketsMax": 100_000, "socketsPerAddressMax": 100_000,
            "batchCommandsMax": batch_max, "pingIntervalMs": 300_000,
        },
    });
    let mut config = Config::parse(&text.to_string())?;
    config.database = folder.join("bench.db");
    Ok(config)
}

async fn run(
    visitors: usize,
    batch_max: u32,
    duration: Duration,
    processes: Processes,
) -> Result<Figures, Failure> {
    let folder = tempfile::tempdir()?;
    let mut config = config(folder.path(), batch_max)?;
    config.demo = true;
    let running = desk::start(config.clone()).await?;
    let other = match processes {
        Processes::One => None,
        _ => Some(desk::start(config).await?),
    };
    let address = running.address();
    let elsewhere = other.as_ref().map_or(address, desk::Running::address);

    let mut talks = JoinSet::new();
    let (conversation, mut opened) = tokio::sync::mpsc::channel(visitors);
    let start = std::sync::Arc::new(tokio::sync::Barrier::new(visitors + 1));
    for at in 0..visitors {
        let is_there = processes == Processes::VisitorsAtBoth && at % 2 == 1;
        let address = if is_there { elsewhere } else { address };
        talks.spawn(talk(address, conversation.clone(), start.clone(), duration));
    }
    // The console listens to a tenth of the conversations, and to one at least.
    let mut watched = Vec::new();
    while watched.len() < visitors.div_ceil(10).min(100) {
        watched.push(opened.recv().await.ok_or("no conversation was opened")?);
    }
    let pushes = tokio::spawn(watch(console(elsewhere).await?, watched));
    start.wait().await;
    let mut answer_ms = Vec::new();
    while let Some(talk) = talks.join_next().await {
        answer_ms.extend(talk??);
    }
    running.stop().await;
    if let Some(other) = other {
        other.stop().await;
    }
    let mut push_ms = pushes.await??;
    answer_ms.sort_by(f64::total_cmp);
    push_ms.sort_by(f64::total_cmp);
    Ok(Figures {
        per_second: answer_ms.len() as f64 / duration.as_secs_f64(),
        answer_ms,
        push_ms,
    })
}

/// One visitor: says something, waits for the answer, says the next.
async fn talk(
    address: SocketAddr,
    conversation: tokio::sync::mpsc::Sender<String>,
    start: std::sync::Arc<tokio::sync::Barrier>,
    duration: Duration,
) -> Result<Vec<f64>, Failure> {
    let mut socket = open(address, "/v1/socket").await?;
    let connect = json!({ "version": 1, "site": "bench", "clientId": "bench", "locale": "en" });
    ask(&mut socket, json!({ "id": 1, "connect": connect })).await?;
    let conv = Uuid::now_v7().to_string();
    let open = Open {
        conv: conv.clone(),
        cmid: Uuid::now_v7().to_string(),
        page: String::new(),
    };
    ask(&mut socket, json!({ "id": 2, "open": open })).await?;
    conversation.send(conv.clone()).await?;
    start.wait().await;
    let began = Instant::now();
    let (mut answer_ms, mut prev, mut id) = (Vec::new(), None, 3);
    while began.elapsed() < duration {
        let cmid = Uuid::now_v7().to_string();
        let send = Send {
            conv: conv.clone(),
            cmid: cmid.clone(),
            prev: prev.replace(cmid),
            body: Content::from(
                "Where is my parcel? The order is 4711 and I wait since Monday.".to_owned(),
            ),
        };
        let sent_at = Instant::now();
        ask(&mut socket, json!({ "id": id, "send": send })).await?;
        answer_ms.push(sent_at.elapsed().as_secs_f64() * 1_000.0);
        id += 1;
    }
    Ok(answer_ms)
}

/// An agent's console on some conversations: the time from each event's commit to its push.
async fn watch(mut socket: Socket, convs: Vec<String>) -> Result<Vec<f64>, Failure> {
    for conv in convs {
        let watch = json!({ "id": 2, "watch": { "conv": conv } });
        socket.send(Message::text(watch.to_string())).await?;
    }
    let mut push_ms = Vec::new();
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        let frame: Value = serde_json::from_str(&text)?;
        if let Some(committed_at) = frame["event"]["ts"].as_u64() {
            push_ms.push(desk::now_ms().saturating_sub(committed_at) as f64);
        }
    }
    Ok(push_ms)
}

async fn console(address: SocketAddr) -> Result<Socket, Failure> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let login = json!({ "email": desk::auth::DEMO_EMAIL, "password": desk::auth::DEMO_PASSWORD });
    let (body, mut answer) = (login.to_string(), String::new());
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "POST /v1/agent/login HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await?;
    stream.read_to_string(&mut answer).await?;
    let body = answer
        .split_once("\r\n\r\n")
        .ok_or("no answer to the login")?
        .1;
    let token = &serde_json::from_str::<Value>(body)?["token"];
    let mut socket = open(address, "/v1/agent/socket").await?;
    let connect = json!({ "version": 1, "token": token });
    ask(&mut socket, json!({ "id": 1, "connect": connect })).await?;
    Ok(socket)
}

async fn open(address: SocketAddr, path: &str) -> Result<Socket, Failure> {
    let url = format!("ws://{address}{path}");
    let (socket, _) = tokio_tungstenite::connect_async_with_config(url, None, true).await?;
    Ok(socket)
}

/// Sends a frame and reads up to its answer.
async fn ask(socket: &mut Socket, frame: Value) -> Result<(), Failure> {
    socket.send(Message::text(frame.to_string())).await?;
    while let Some(message) = socket.next().await {
        if let Message::Text(text) = message? {
            let answer: Value = serde_json::from_str(&text)?;
            if answer["id"] == frame["id"] {
                return match answer.get("error") {
                    Some(error) => Err(error.to_string().into()),
                    None => Ok(()),
                };
            }
        }
    }
    Err("the desk closed the socket".into())
}

fn percentile(ascending: &[f64], percent: usize) -> f64 {
    let at = (ascending.len() * percent / 100).min(ascending.len().saturating_sub(1));
    ascending.get(at).copied().unwrap_or(f64::NAN)
}
