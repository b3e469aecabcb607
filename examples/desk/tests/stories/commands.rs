//! The program as somebody meets it who starts it for the first time: what stops it is said in words.

use crate::support::*;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_desk"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What it says where it does not start.
fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{said}");
    said
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = r#"{ "listen": "127.0.0.1:0",
        "sites": [{ "id": "a", "name": "A", "allowedOrigins": ["*"] }] }"#;
    std::fs::write(folder.path().join("desk.json"), config).unwrap();
    folder
}

#[test]
fn help_names_every_command_and_option() {
    let folder = folder();
    let output = run(folder.path(), &["--help"]);
    let help = String::from_utf8(output.stdout).unwrap();
    for word in [
        "add-agent",
        "add-bot",
        "new-epochs",
        "--team",
        "--avatar",
        "--config",
        "--listen",
        "--database",
        "--console",
        "--demo",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

#[test]
fn what_is_not_understood_leads_to_the_help() {
    let folder = folder();
    for arguments in [&["--frob"][..], &["dance"]] {
        let said = refusal(folder.path(), arguments);
        assert!(said.contains("desk --help"), "{said}");
    }
    let said = refusal(folder.path(), &["--listen", "8080"]);
    assert!(said.contains("127.0.0.1:8787"), "an example: {said}");
}

#[test]
fn missing_settings_say_how_to_name_them() {
    let folder = tempfile::tempdir().unwrap();
    let said = refusal(folder.path(), &[]);
    assert!(said.contains("there is no desk.json"), "{said}");
    assert!(said.contains("--config"), "{said}");
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_way_out() {
    let desk = Desk::start().await;
    let folder = folder();
    let listen = desk.address.to_string();
    let said = refusal(folder.path(), &["--listen", &listen]);
    assert!(
        said.contains(&listen) && said.contains("--listen"),
        "{said}"
    );
}

#[test]
fn a_database_that_cannot_be_used_says_why() {
    let folder = folder();
    std::fs::write(
        folder.path().join("letter.db"),
        "Dear desk, I am no database. ".repeat(100),
    )
    .unwrap();
    let said = refusal(folder.path(), &["--database", "letter.db"]);
    assert!(said.contains("it is no SQLite database"), "{said}");
    let said = refusal(folder.path(), &["--database", "nowhere/desk.db"]);
    assert!(said.contains("its folder does not exist"), "{said}");
}
