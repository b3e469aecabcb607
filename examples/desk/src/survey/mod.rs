//! Surveys at the desk: their definitions, whether a response fits, and what came of them.
//!
//! | Room | What |
//! |---|---|
//! | [`clocks`] | what a visitor was asked, on any device |
//! | [`fit`] | whether a response is one to its survey |
//! | [`results`] | scores, distributions, drop-off; by agent, team, channel, language and period |
//! | [`trend`] | the score by day, week or month |
//! | [`table`] | the responses as a table that no spreadsheet executes |
//! | [`pages`] | the requests of the console |

pub mod clocks;
pub mod fit;
pub mod pages;
pub mod results;
pub mod table;
pub mod trend;

use crate::StartError;
use crate::config::Config;
use crate::hub::Hub;
use crate::refusal::Refusal;
use crate::store::Store;
use deskside::plain::Value;
use deskside::protocol::survey::SurveySet;
use deskside::survey::Definition;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// What is asked after a conversation where the site has nothing of its own to ask.
pub const BUILT_IN: &str = include_str!("../../surveys/csat.json");

/// A definition as it is kept.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Whose it is.
    pub site: String,
    /// As it was loaded.
    pub definition: Definition,
    /// Whether visitors are asked it.
    pub active: bool,
    /// When it was saved. Milliseconds since 1970, UTC.
    pub saved_at: u64,
}

impl Saved {
    /// The highest point of its first rating; 0 where it has none.
    pub fn scale(&self) -> u8 {
        let rating = self
            .definition
            .rating()
            .and_then(deskside::survey::answer::points);
        rating.map_or(0, |(_, high)| high as u8)
    }

    /// The types of its triggers, parted and enclosed by spaces.
    pub fn triggers(&self) -> String {
        let mut types = String::from(" ");
        for trigger in self.definition.triggers() {
            if let Some(Value::Text(kind)) = trigger.get("type") {
                types.push_str(kind);
                types.push(' ');
            }
        }
        types
    }
}

/// Every definition of every site, in memory: the newest version of each survey, and the older ones
/// that responses may still be to.
#[derive(Debug, Default)]
pub struct Definitions(RwLock<HashMap<String, Arc<Site>>>);

/// The definitions of one site.
#[derive(Debug, Default)]
pub struct Site {
    /// Every version, the newest of a survey last.
    pub all: Vec<Saved>,
    /// What visitors' devices are given.
    pub set: SurveySet,
}

impl Site {
    /// The definition that a response is to; the newest where its version is gone.
    pub fn find(&self, id: &str, version: u32) -> Option<&Saved> {
        let of = |saved: &&Saved| saved.definition.id() == id;
        let exact = self
            .all
            .iter()
            .filter(of)
            .find(|saved| saved.definition.version() == version);
        exact.or_else(|| self.all.iter().rfind(of))
    }

    /// Whether that version is newer than all that are known.
    pub fn is_before(&self, id: &str, version: u32) -> bool {
        let newest = self.find(id, version);
        newest.is_none_or(|newest| newest.definition.version() < version)
    }

    /// The newest version of each survey.
    pub fn newest(&self) -> Vec<&Saved> {
        let mut newest: Vec<&Saved> = Vec::new();
        for saved in &self.all {
            newest.retain(|other| other.definition.id() != saved.definition.id());
            newest.push(saved);
        }
        newest
    }
}

impl Definitions {
    /// Takes everything anew.
    pub fn replace(&self, all: Vec<Saved>) {
        let mut sites: HashMap<String, Site> = HashMap::new();
        for saved in all {
            sites.entry(saved.site.clone()).or_default().all.push(saved);
        }
        let finished = sites.into_iter().map(|(id, mut site)| {
            site.all.sort_by_key(|saved| saved.definition.version());
            site.set = set(&site);
            (id, Arc::new(site))
        });
        *self
            .0
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = finished.collect();
    }

    /// Reads everything anew, and tells who is on that site if its surveys are others now.
    pub async fn reload(&self, store: &dyn Store, hub: &Hub, site: &str) -> Result<(), Refusal> {
        let before = self.of(site);
        self.replace(store.surveys().await?);
        let now = self.of(site);
        if now.set.digest != before.set.digest {
            hub.announce_surveys(site, &now.set);
        }
        Ok(())
    }

    /// The definitions of a site.
    pub fn of(&self, site: &str) -> Arc<Site> {
        let sites = self
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        sites.get(site).cloned().unwrap_or_default()
    }
}

fn set(site: &Site) -> SurveySet {
    let mut hash = Sha256::new();
    let mut definitions = Vec::new();
    for saved in site.newest().into_iter().filter(|saved| saved.active) {
        let value = saved.definition.value();
        hash.update(serde_json::to_vec(value).unwrap_or_default());
        definitions.push(value.clone());
    }
    let digest = hash
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    SurveySet {
        digest,
        definitions,
    }
}

/// Saves what the configuration names and is newer than what was saved, and what is built in where a
/// site has nothing; then reads everything.
pub async fn load(config: &Config, store: &dyn Store) -> Result<Definitions, StartError> {
    let definitions = Definitions::default();
    definitions.replace(store.surveys().await.map_err(|r| r.message)?);
    for site in &config.sites {
        let mut texts = Vec::new();
        if let Some(folder) = &site.surveys {
            let unreadable = |error| {
                format!(
                    "the surveys in {} cannot be read: {error}",
                    folder.display()
                )
            };
            for file in std::fs::read_dir(folder).map_err(unreadable)? {
                let path = file.map_err(unreadable)?.path();
                if path
                    .extension()
                    .is_some_and(|extension| extension == "json")
                {
                    let text = std::fs::read_to_string(&path).map_err(unreadable)?;
                    texts.push((path.display().to_string(), text));
                }
            }
        }
        let known = definitions.of(&site.id);
        if texts.is_empty() && known.all.is_empty() {
            texts.push((
                "the survey that is built in".to_owned(),
                BUILT_IN.to_owned(),
            ));
        }
        for (name, text) in texts {
            let value: Value =
                serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
            let definition = Definition::load(value)
                .map_err(|mistakes| format!("{name}: {}", mistakes[0].to_text()))?;
            let newer = |saved: &Saved| saved.definition.version() < definition.version();
            if known.find(definition.id(), u32::MAX).is_none_or(newer) {
                let saved_at = crate::now_ms();
                let saved = Saved {
                    site: site.id.clone(),
                    definition,
                    active: true,
                    saved_at,
                };
                store.save_survey(saved).await.map_err(|r| r.message)?;
            }
        }
    }
    definitions.replace(store.surveys().await.map_err(|r| r.message)?);
    Ok(definitions)
}
