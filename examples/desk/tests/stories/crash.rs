//! The real binary: killed, stopped, misconfigured.

use crate::support::*;
use deskside::protocol::error_code;
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The binary, running.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_desk"));
    command.arg("--config").arg(folder.join("desk.json"));
    command.env("DESK_LOG", "error");
    command
}

pub fn write_config(folder: &Path) {
    let config = json!({
        "listen": "127.0.0.1:0",
        "database": "kept.db",
        "sites": [{ "id": "shop", "name": "Shop", "allowedOrigins": [SHOP] }],
        "limits": { "commandsPerSecond": 100_000, "commandsBurst": 100_000, "agentLeaveGraceMs": 50 },
    });
    std::fs::write(folder.join("desk.json"), config.to_string()).unwrap();
}

impl Process {
    pub fn start(folder: &Path) -> Self {
        let mut child = command(folder).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("desk listening on http://")
            .unwrap();
        Self {
            address: address.parse().unwrap(),
            child,
        }
    }

    /// Waits for its end.
    pub fn ends_well(mut self) {
        assert!(self.child.wait().unwrap().success());
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .arg(name)
            .arg(self.child.id().to_string())
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(command: &mut Command, input: &str) -> (bool, String) {
    let pipes = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // A command that reads nothing may have gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    let said = [stdout, stderr].concat();
    (status.success(), String::from_utf8(said).unwrap())
}

/// Talks until the desk is gone; gives what was sent, and how much of it was answered.
async fn talk(
    address: SocketAddr,
    token: String,
    conv: String,
    answered_in_all: Arc<AtomicUsize>,
) -> (Vec<String>, usize) {
    let mut visitor = Visitor::connect(address, Some(token), vec![]).await;
    let (mut cmids, mut answered) = (Vec::new(), 0);
    loop {
        let cmid = uuid();
        let prev = cmids.last().cloned();
        cmids.push(cmid.clone());
        let send = send(
            &conv,
            &cmid,
            prev.as_deref(),
            &format!("message {}", cmids.len()),
        );
        let frame = json!({ "id": cmids.len(), "send": send }).to_string();
        let message = tokio_tungstenite::tungstenite::Message::text(frame);
        if futures_util::SinkExt::send(&mut visitor.socket.stream, message)
            .await
            .is_err()
        {
            return (cmids, answered);
        }
        loop {
            match visitor.socket.next().await {
                Ok(frame) if frame.get("id").is_some() => {
                    assert!(frame.get("error").is_none(), "{frame}");
                    answered += 1;
                    answered_in_all.fetch_add(1, Ordering::Relaxed);
                    break;
                }
                Ok(_) => {}
                Err(_) => return (cmids, answered),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_kept_when_the_desk_is_killed_and_what_was_not_is_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let mut conversations = Vec::new();
    let mut desk = Process::start(folder.path());
    for _ in 0..8 {
        let mut visitor = Visitor::connect(desk.address, None, vec![]).await;
        let conv = visitor.open().await.conv;
        conversations.push((visitor.token, conv, Vec::<String>::new()));
    }
    for round in 0..4 {
        let answered_in_all = Arc::new(AtomicUsize::new(0));
        let mut talks = Vec::new();
        for (token, conv, _) in &conversations {
            talks.push(tokio::spawn(talk(
                desk.address,
                token.clone(),
                conv.clone(),
                answered_in_all.clone(),
            )));
        }
        // They are in the middle of it.
        while answered_in_all.load(Ordering::Relaxed) < 20 + 30 * round {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        desk.kill();
        desk = Process::start(folder.path());
        for ((token, conv, said), talk) in conversations.iter_mut().zip(talks) {
            let (cmids, answered) = talk.await.unwrap();
            let mut visitor = Visitor::connect(desk.address, Some(token.clone()), vec![]).await;
            // Everything is sent again, as by a client that lost all answers.
            for (at, cmid) in cmids.iter().enumerate() {
                let prev = at.checked_sub(1).map(|at| cmids[at].as_str());
                let text = format!("message {}", at + 1);
                let sent = visitor.send(conv, cmid, prev, &text).await.unwrap();
                assert_eq!(
                    sent.seq as usize,
                    2 + said.len() + at,
                    "in order, without a gap"
                );
                if at < answered {
                    assert!(sent.duplicate, "an answered message was lost");
                }
            }
            said.extend(cmids);
        }
    }
    for (token, conv, said) in &conversations {
        let mut visitor = Visitor::connect(desk.address, Some(token.clone()), vec![]).await;
        assert_eq!(
            visitor.open_as(conv).await.unwrap().top as usize,
            1 + said.len()
        );
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_asked_to_stop_says_goodbye_and_leaves_one_file() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        write_config(folder.path());
        let mut desk = Process::start(folder.path());
        let mut visitor = Visitor::connect(desk.address, None, vec![]).await;
        let conv = visitor.open().await.conv;
        visitor.say(&conv, "Hello").await;
        desk.signal(signal);
        assert_eq!(
            visitor.socket.closed().await,
            deskside::protocol::close_code::TRY_LATER
        );
        assert!(desk.child.wait().unwrap().success());
        assert!(
            !folder.path().join("kept.db-wal").exists(),
            "the log is folded back"
        );
        let desk = Process::start(folder.path());
        let again = Visitor::connect(desk.address, Some(visitor.token), vec![]).await;
        assert_eq!(texts(&again.connected.subs[0].events), ["Hello"]);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let _desk = Process::start(folder.path());
    for name in ["kept.db", "kept.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn an_agent_is_added_from_the_command_line_while_the_desk_runs() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let desk = Process::start(folder.path());
    let add = || {
        let mut command = command(folder.path());
        command.args(["add-agent", "mei@shop.example", "Mei"]);
        command
    };
    assert_eq!(run(&mut add(), "a long password\n"), (true, String::new()));
    let (added, said) = run(&mut add(), "another password\n");
    assert!(!added && said.contains("has an account"), "{said}");
    let body = json!({ "email": "mei@shop.example", "password": "a long password" }).to_string();
    let headers = "content-type: application/json\r\n";
    let (head, body) = post(desk.address, "/v1/agent/login", headers, &body).await;
    assert!(head.starts_with("http/1.1 200"), "{head} {body}");
}

#[test]
fn a_short_password_and_an_address_that_is_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let cases = [
        ("mei@shop.example", "short\n", "at least 10"),
        ("mei", "a long password\n", "e-mail"),
        ("mei@", "a long password\n", "e-mail"),
    ];
    for (email, password, reason) in cases {
        let mut command = command(folder.path());
        let (added, said) = run(command.args(["add-agent", email, "Mei"]), password);
        assert!(!added && said.contains(reason), "{said}");
    }
}

#[tokio::test]
async fn after_a_restored_backup_new_epochs_make_every_client_load_anew() {
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let desk = Process::start(folder.path());
    let mut visitor = Visitor::connect(desk.address, None, vec![]).await;
    let opened = visitor.open().await;
    let (renewed, said) = run(command(folder.path()).arg("new-epochs"), "");
    assert!(renewed && said.starts_with("1 conversations"), "{said}");
    let again = Visitor::connect(desk.address, Some(visitor.token), vec![sub(&opened)]).await;
    assert!(!again.connected.subs[0].recovered);
}

#[test]
fn a_start_that_cannot_be_says_what_is_wrong_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("desk.json");
    let said = |command: &mut Command| {
        let (started, said) = run(command, "");
        assert!(!started, "{said}");
        said
    };
    assert!(said(&mut command(folder.path())).contains("there is no"));
    std::fs::write(&path, "{\n  \"sites\": [\n}").unwrap();
    assert!(said(&mut command(folder.path())).contains("line 3"));
    write_config(folder.path());
    let mut listen = command(folder.path());
    assert!(said(listen.args(["--listen", "nowhere"])).contains("\"nowhere\" is not an address"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut listen = command(folder.path());
    let address = taken.local_addr().unwrap().to_string();
    assert!(
        said(listen.args(["--listen", &address])).contains(&format!("cannot listen on {address}"))
    );
    std::fs::write(
        folder.path().join("kept.db"),
        "this is no database, and long enough to tell",
    )
    .unwrap();
    assert!(said(&mut command(folder.path())).contains("kept.db cannot be used"));
    let kept = std::fs::read_to_string(folder.path().join("kept.db")).unwrap();
    assert!(kept.starts_with("this is no database"), "it is left alone");
    assert!(said(command(folder.path()).arg("--nonsense")).contains("nonsense"));
    assert!(said(command(folder.path()).arg("serve")).contains("--help"));
}

#[tokio::test]
async fn a_full_disk_is_a_refusal_for_now_and_nothing_is_lost() {
    // The largest size that the process may write stands in for the disk.
    let folder = tempfile::tempdir().unwrap();
    write_config(folder.path());
    let mut limited = Command::new("sh");
    let desk = env!("CARGO_BIN_EXE_desk");
    // SIGXFSZ ignored: a write over the limit fails like one on a full disk.
    let script = "trap '' XFSZ; ulimit -f 800; exec \"$0\" \"$@\"";
    limited
        .args(["-c", script, desk, "--config"])
        .arg(folder.path().join("desk.json"));
    limited.env("DESK_LOG", "off").stdout(Stdio::piped());
    let mut child = limited.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line
        .trim()
        .strip_prefix("desk listening on http://")
        .unwrap()
        .parse()
        .unwrap();
    let process = Process { child, address };
    let mut visitor = Visitor::connect(address, None, vec![]).await;
    let conv = visitor.open().await.conv;
    let text = "w".repeat(8_000);
    let mut kept = 1;
    let error = loop {
        match visitor.send(&conv, &uuid(), None, &text).await {
            Ok(sent) => kept = sent.seq,
            Err(error) => break error,
        }
        assert!(kept < 1_000, "the limit was never reached");
    };
    assert_eq!(
        (error.code.as_str(), error.temporary),
        (error_code::UNAVAILABLE, true)
    );
    process.kill();
    let desk = Process::start(folder.path());
    let mut visitor = Visitor::connect(desk.address, Some(visitor.token), vec![]).await;
    assert_eq!(visitor.open_as(&conv).await.unwrap().top, kept);
    assert!(visitor.send(&conv, &uuid(), None, &text).await.is_ok());
}
