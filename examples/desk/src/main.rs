//! `desk`: see `desk --help`.

use desk::config::Config;
use desk::store::Store;
use desk::store::sqlite::SqliteStore;
use desk::{StartError, auth, limits};
use std::ffi::OsString;
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::sync::mpsc;

const HELP: &str = "\
The reference desk of Deskside.

desk [options]                        serves visitors and agents
desk [options] add-agent EMAIL NAME   adds an agent; the password is read from standard input
desk [options] set-team EMAIL TEAM    puts an agent into a team, by which results are told apart;
                                      an empty one is none
desk [options] add-bot NAME           adds a bot and prints its token, which is shown only once
desk [options] new-epochs             after the database was restored from a backup: makes every
                                      client load its conversations anew

  --config FILE      desk.json (default: desk.json in this folder)
  --listen ADDRESS   instead of the file's, as in 127.0.0.1:8787; port 0 takes a free one
  --database FILE    instead of the file's
  --console FOLDER   instead of the file's: the built console
  --team TEAM        of the agent who is added
  --avatar ADDRESS   of a picture of the agent who is added: a path at the desk's own address
  --demo             an agent's account whose password everybody knows
  --help, --version

DESK_LISTEN, DESK_DATABASE and DESK_CONSOLE do the same as the options; an option wins.
DESK_LOG sets how much is told on standard error: error, warn, info (default), debug, trace.
";

enum Task {
    Serve,
    AddAgent {
        email: String,
        name: String,
        team: String,
        avatar: Option<String>,
    },
    SetTeam {
        email: String,
        team: String,
    },
    AddBot {
        name: String,
    },
    NewEpochs,
    Say(String),
}

#[derive(Default)]
struct Options {
    config: Option<PathBuf>,
    listen: Option<String>,
    database: Option<PathBuf>,
    console: Option<PathBuf>,
    demo: bool,
}

fn main() -> ExitCode {
    start_log();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &StartError) -> ExitCode {
    eprintln!("desk: {error}");
    ExitCode::FAILURE
}

async fn run() -> Result<(), StartError> {
    let (task, options) = arguments()?;
    let config = match task {
        Task::Say(ref text) => {
            print!("{text}");
            return Ok(());
        }
        _ => configure(options)?,
    };
    match task {
        Task::AddAgent {
            email,
            name,
            team,
            avatar,
        } => add_agent(&config, &email, &name, &team, avatar).await,
        Task::SetTeam { email, team } => set_team(&config, &email, &team).await,
        Task::AddBot { name } => add_bot(&config, &name).await,
        Task::NewEpochs => new_epochs(&config).await,
        Task::Serve | Task::Say(_) => serve(config).await,
    }
}

async fn serve(config: Config) -> Result<(), StartError> {
    let demo = config.demo;
    // A socket is a file: as many as the system lets this process have.
    match rlimit::increase_nofile_limit(u64::MAX) {
        // Nobody tries a demo with thousands.
        Ok(_) if demo => {}
        Ok(files_max) => warn_of_few_files(files_max, config.limits.sockets_max),
        Err(error) => tracing::warn!(%error, "the limit of open files stays as it is"),
    }
    let console = config.console.clone();
    let mut running = desk::start(config).await?;
    let address = running.address();
    println!("desk listening on http://{address}");
    match console {
        Some(folder) if !folder.is_dir() => println!(
            "agents: no console, for there is no folder {}; npm run build makes it",
            folder.display()
        ),
        Some(_) => println!("agents: http://{address}/console/"),
        None => println!("agents: no console; say where it is with --console FOLDER"),
    }
    if demo {
        println!("demo agent: {} / {}", auth::DEMO_EMAIL, auth::DEMO_PASSWORD);
    }
    // Nothing that was answered is lost with a process, and a new one is whole.
    let ending = tokio::select! {
        asked = asked_to_stop() => asked.map_err(StartError::from),
        () = running.broken() => Err("a part of the desk has ended by itself: start it again".into()),
    };
    tracing::info!("stopping");
    running.stop().await;
    ending
}

/// Rather at the start than when the last one is used up.
fn warn_of_few_files(files_max: u64, sockets_max: u32) {
    const OTHER_FILES: u64 = 64;
    if files_max < u64::from(sockets_max) + OTHER_FILES {
        tracing::warn!(
            files_max,
            sockets_max,
            "the system lets the desk have fewer files than limits.socketsMax may need: raise its hard limit \
             (ulimit -Hn), or lower limits.socketsMax"
        );
    }
}

async fn add_agent(
    config: &Config,
    email: &str,
    name: &str,
    team: &str,
    avatar: Option<String>,
) -> Result<(), StartError> {
    const PASSWORD_CHARS_MIN: usize = 10;
    let is_address = email
        .split_once('@')
        .is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
    if !is_address || email.contains(char::is_whitespace) {
        return Err(format!("{email:?} is not an e-mail address").into());
    }
    let mut password = String::new();
    if std::io::stdin().is_terminal() {
        eprint!("A password for {email} (it is shown as you type): ");
    }
    std::io::stdin().lock().read_line(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(format!("a password has at least {PASSWORD_CHARS_MIN} characters").into());
    }
    let (store, writer) = open(config)?;
    let added = desk::add_agent(&store, email, name, password, team.trim(), avatar).await?;
    drop(store);
    close(writer)?;
    match added {
        true => Ok(()),
        false => Err(format!("{email} has an account").into()),
    }
}

async fn set_team(config: &Config, email: &str, team: &str) -> Result<(), StartError> {
    let (store, writer) = open(config)?;
    let known = store
        .set_team(email, team.trim())
        .await
        .map_err(|r| r.message)?;
    drop(store);
    close(writer)?;
    match known {
        true => Ok(()),
        false => Err(format!("{email} has no account").into()),
    }
}

async fn add_bot(config: &Config, name: &str) -> Result<(), StartError> {
    let (store, writer) = open(config)?;
    let token = desk::add_bot(&store, name).await?;
    drop(store);
    close(writer)?;
    match token {
        Some(token) => {
            println!("{token}");
            Ok(())
        }
        None => Err(format!("there is a bot named {name:?}").into()),
    }
}

async fn new_epochs(config: &Config) -> Result<(), StartError> {
    let (store, writer) = open(config)?;
    let renewed = store.renew_epochs().await.map_err(|r| r.message)?;
    drop(store);
    close(writer)?;
    println!("{renewed} conversations have a new epoch");
    Ok(())
}

type Writer = std::thread::JoinHandle<()>;

fn open(config: &Config) -> Result<(SqliteStore, Writer), StartError> {
    let (changes, _) = mpsc::channel(limits::BATCHES_UNPUBLISHED_MAX);
    Ok(SqliteStore::open(&config.database, config.limits, changes)?)
}

fn close(writer: Writer) -> Result<(), StartError> {
    writer.join().map_err(|_| "the writer failed".into())
}

fn configure(options: Options) -> Result<Config, StartError> {
    let path = options.config.unwrap_or_else(|| "desk.json".into());
    let mut config = Config::read(&path)?;
    let listen = options.listen.or_else(|| std::env::var("DESK_LISTEN").ok());
    if let Some(listen) = listen {
        config.listen = listen.parse().map_err(|_| {
            format!("{listen:?} is not an address with a port, as in 127.0.0.1:8787")
        })?;
    }
    let path_of = |name: &str| std::env::var_os(name).map(PathBuf::from);
    if let Some(database) = options.database.or_else(|| path_of("DESK_DATABASE")) {
        config.database = database;
    }
    if let Some(console) = options.console.or_else(|| path_of("DESK_CONSOLE")) {
        config.console = Some(console);
    }
    config.demo = options.demo;
    Ok(config)
}

fn arguments() -> Result<(Task, Options), StartError> {
    use lexopt::prelude::*;
    let mut options = Options::default();
    let (mut team, mut avatar) = (None, None);
    let mut words: Vec<OsString> = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("config") => options.config = Some(parser.value()?.into()),
            Long("listen") => options.listen = Some(parser.value()?.string()?),
            Long("database") => options.database = Some(parser.value()?.into()),
            Long("console") => options.console = Some(parser.value()?.into()),
            Long("demo") => options.demo = true,
            Long("team") => team = Some(parser.value()?.string()?),
            Long("avatar") => avatar = Some(parser.value()?.string()?),
            Short('h') | Long("help") => return Ok((Task::Say(HELP.to_owned()), options)),
            Short('V') | Long("version") => {
                let version = format!("desk {}\n", env!("CARGO_PKG_VERSION"));
                return Ok((Task::Say(version), options));
            }
            Value(word) => words.push(word),
            unknown => return Err(format!("{}; see desk --help", unknown.unexpected()).into()),
        }
    }
    let words: Vec<String> = words
        .into_iter()
        .map(|word| word.string())
        .collect::<Result<_, _>>()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let task = match words[..] {
        [] => Task::Serve,
        ["add-agent", email, name] => Task::AddAgent {
            email: email.to_owned(),
            name: name.to_owned(),
            team: team.take().unwrap_or_default(),
            avatar: avatar.take(),
        },
        ["set-team", email, team] => Task::SetTeam {
            email: email.to_owned(),
            team: team.to_owned(),
        },
        ["add-bot", name] => Task::AddBot {
            name: name.to_owned(),
        },
        ["new-epochs"] => Task::NewEpochs,
        _ => return Err(format!("what is {:?}? See desk --help", words.join(" ")).into()),
    };
    match team.or(avatar) {
        None => Ok((task, options)),
        Some(_) => Err("--team and --avatar go with add-agent".into()),
    }
}

fn start_log() {
    let level = std::env::var("DESK_LOG").ok();
    let level = level.and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(tracing_subscriber::filter::LevelFilter::INFO))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}

/// Resolves on Ctrl-C, or when the system asks the process to end.
async fn asked_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            interrupted = tokio::signal::ctrl_c() => interrupted,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
