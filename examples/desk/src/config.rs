//! `desk.json`: where the desk listens, what it keeps, whom it serves.

use crate::auth::DEMO_EMAIL;
use crate::identity::IdentityConfig;
use crate::limits::Limits;
use serde::Deserialize;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What the desk needs to know.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The address and port; port 0 takes a free one.
    #[serde(default = "listen_default")]
    pub listen: SocketAddr,
    /// The SQLite file, relative to `desk.json`.
    #[serde(default = "database_default")]
    pub database: PathBuf,
    /// The folder of the built console, relative to `desk.json`.
    #[serde(default)]
    pub console: Option<PathBuf>,
    /// The sites whose visitors the desk serves.
    pub sites: Vec<Site>,
    /// The host names under which the desk is reached. Empty: only loopback names where it listens
    /// on loopback, else any.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Whether a proxy in front sets `X-Forwarded-For`; then its last entry is the address.
    #[serde(default)]
    pub forwarded_for: bool,
    /// See [`Limits`].
    #[serde(default)]
    pub limits: Limits,
    /// Whether the demo account may sign in. Not for `desk.json`: only by `--demo`.
    #[serde(skip)]
    pub demo: bool,
}

/// A site that embeds the widget.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Site {
    /// As in the widget's `site` attribute.
    pub id: String,
    /// What visitors know it as.
    pub name: String,
    /// Whether a conversation begins with a bot, where one is connected, instead of in the queue.
    #[serde(default)]
    pub self_service: bool,
    /// How the site names visitors who are signed in there.
    #[serde(default)]
    pub identity: Option<IdentityConfig>,
    /// A folder of survey definitions, relative to `desk.json`: each is saved when the desk starts, if
    /// its version is newer than what was saved.
    #[serde(default)]
    pub surveys: Option<PathBuf>,
    /// Origins that may connect, as in `https://shop.example`; `*` is any, and none.
    pub allowed_origins: Vec<String>,
}

/// What is wrong with the configuration, and where.
#[derive(Debug)]
pub struct ConfigError(String);

impl ConfigError {
    /// With a sentence.
    pub fn new(problem: String) -> Self {
        Self(problem)
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

fn listen_default() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8787))
}

fn database_default() -> PathBuf {
    PathBuf::from("desk.db")
}

impl Config {
    /// Reads a file. Paths in it are relative to it.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError(match error.kind() {
                ErrorKind::NotFound => {
                    format!("there is no {name}; say where the settings are with --config FILE")
                }
                _ => format!("{name} cannot be read: {error}"),
            })
        })?;
        let mut config = Self::parse(&text).map_err(|e| ConfigError(format!("{name}: {e}")))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.database = folder.join(&config.database);
        config.console = config.console.map(|console| folder.join(console));
        for site in &mut config.sites {
            site.surveys = site.surveys.take().map(|surveys| folder.join(surveys));
            if let Some(identity) = &mut site.identity {
                let read = identity.read(folder);
                read.map_err(|e| ConfigError(format!("{name}: site {}: {e}", site.id)))?;
            }
        }
        Ok(config)
    }

    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = serde_json::from_str(text).map_err(|e| ConfigError(e.to_string()))?;
        match config.problem() {
            Some(problem) => Err(ConfigError(problem)),
            None => Ok(config),
        }
    }

    /// The site of that id.
    pub fn site(&self, id: &str) -> Option<&Site> {
        self.sites.iter().find(|site| site.id == id)
    }

    /// Whether an agent of that address may sign in: the demo account, whose password is public,
    /// only while the desk runs as a demo.
    pub fn admits(&self, email: &str) -> bool {
        self.demo || !email.eq_ignore_ascii_case(DEMO_EMAIL)
    }

    /// Whether a `Host` header names this desk. Pages of other sites cannot reach a desk on
    /// loopback by pointing a name of theirs at it.
    pub fn is_host(&self, host: &str) -> bool {
        let name = host.rsplit_once(':').map_or(host, |(name, port)| {
            let is_port = port.bytes().all(|b| b.is_ascii_digit());
            if is_port { name } else { host }
        });
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        match self.hosts.is_empty() {
            false => self.hosts.iter().any(|known| is(known)),
            true if !self.listen.ip().is_loopback() => true,
            true => ["localhost", "127.0.0.1", "[::1]"].into_iter().any(is),
        }
    }

    fn problem(&self) -> Option<String> {
        if self.sites.is_empty() {
            return Some("sites is empty: nobody could connect".to_owned());
        }
        for (at, site) in self.sites.iter().enumerate() {
            let is_id = (1..=64).contains(&site.id.len())
                && site
                    .id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            if !is_id {
                return Some(format!(
                    "sites[{at}].id is {:?}; it must be 1 to 64 of A-Z a-z 0-9 - _ .",
                    site.id
                ));
            }
            if self.sites[..at].iter().any(|other| other.id == site.id) {
                return Some(format!("sites[{at}].id {:?} is there twice", site.id));
            }
            if site.allowed_origins.is_empty() {
                return Some(format!(
                    "sites[{at}].allowedOrigins is empty: no page could connect"
                ));
            }
            for origin in &site.allowed_origins {
                if origin != "*" && !is_origin(origin) {
                    return Some(format!(
                        "sites[{at}].allowedOrigins has {origin:?}; an origin looks like https://shop.example, in lower case, without a path"
                    ));
                }
            }
        }
        self.limits.problem()
    }
}

impl Site {
    /// Whether a page of that origin may connect.
    pub fn allows(&self, origin: Option<&str>) -> bool {
        self.allowed_origins
            .iter()
            .any(|allowed| allowed == "*" || Some(allowed.as_str()) == origin)
    }
}

/// As browsers write the `Origin` header.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else {
        return false;
    };
    let is_scheme = !scheme.is_empty()
        && scheme
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b));
    let is_host = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase() && !b"/?#@*".contains(&b));
    is_scheme && is_host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        Config::parse(text).unwrap_err().to_string()
    }

    fn site(fields: &str) -> String {
        format!(r#"{{"sites":[{{"id":"demo","name":"Demo",{fields}}}]}}"#)
    }

    #[test]
    fn the_example_is_valid() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("desk.json");
        let config = Config::read(&path).unwrap();
        assert_eq!(config.listen, listen_default());
        assert!(config.database.ends_with("examples/desk/desk.db"));
        let demo = config.site("demo").unwrap();
        assert!(demo.allows(Some("http://127.0.0.1:8080")));
        assert!(!demo.allows(Some("http://127.0.0.1:8081")));
        assert!(!demo.allows(None));
    }

    #[test]
    fn a_misspelt_field_is_named_with_its_line() {
        let text = "{\n\"site\": []\n}";
        assert!(
            problem(text).contains("unknown field `site`"),
            "{}",
            problem(text)
        );
        assert!(problem(text).contains("line 2"), "{}", problem(text));
    }

    #[test]
    fn an_origin_with_a_path_is_refused_with_its_place() {
        let text = site(r#""allowedOrigins":["https://shop.example/"]"#);
        assert!(problem(&text).starts_with("sites[0].allowedOrigins has"));
    }

    #[test]
    fn limits_that_contradict_each_other_are_refused() {
        let text = site(
            r#""allowedOrigins":["*"]}],"limits":{"textBytesMax":1000000},"hosts":[],"x":[{"a":1"#,
        );
        assert!(problem(&text).contains("unknown field `x`"));
        let text = r#"{"sites":[{"id":"a","name":"A","allowedOrigins":["*"]}],"limits":{"textBytesMax":1000000}}"#;
        assert!(problem(text).contains("frameBytesMax"), "{}", problem(text));
    }

    #[test]
    fn a_desk_on_loopback_answers_only_to_loopback_names() {
        let config = Config::parse(&site(r#""allowedOrigins":["*"]"#)).unwrap();
        for host in [
            "localhost",
            "LOCALHOST:8787",
            "127.0.0.1:1",
            "[::1]:8787",
            "[::1]",
        ] {
            assert!(config.is_host(host), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:8787",
            "",
            "127.0.0.1.nip.io",
        ] {
            assert!(!config.is_host(host), "{host}");
        }
    }

    #[test]
    fn the_demo_account_is_admitted_only_by_a_demo() {
        let mut config = Config::parse(&site(r#""allowedOrigins":["*"]"#)).unwrap();
        assert!(!config.admits("Demo@Deskside.Example"));
        config.demo = true;
        assert!(config.admits(DEMO_EMAIL));
    }
}
