//! What the console asks about surveys, with `Authorization: Bearer <token>` of an agent:
//!
//! | Request | Answer |
//! |---|---|
//! | `GET /v1/agent/surveys` | the newest version of each survey |
//! | `POST /v1/agent/surveys` | saves a definition (`{site, active, definition}`), or says what is wrong with it |
//! | `GET /v1/agent/surveys/{site}/{id}/results` | the report; see [`super::results::Filter`] |
//! | `GET /v1/agent/surveys/{site}/{id}/responses.csv` | the responses |

use super::results::{Filter, report};
use super::table::table;
use super::{Saved, Site};
use crate::refusal::Refusal;
use crate::visitor::request::{Asked, status};
use crate::{Desk, auth};
use axum::Json;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use deskside::plain::Value;
use deskside::protocol::error_code;
use deskside::protocol::event::Role;
use deskside::protocol::reply::ErrorBody;
use deskside::survey::Definition;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// A definition to be saved.
#[derive(Debug, Deserialize)]
pub struct Save {
    site: String,
    active: bool,
    definition: Value,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'s> {
    site: &'s str,
    id: &'s str,
    version: u32,
    active: bool,
    saved_at: u64,
    definition: &'s Value,
}

/// A mistake in a definition; the console says it in its own language by the code and the values.
#[derive(Debug, Serialize)]
struct Wrong {
    path: String,
    code: &'static str,
    values: HashMap<&'static str, String>,
    sentence: String,
}

/// The newest version of each survey of each site.
pub async fn list(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = admit(&desk, &headers, peer).await {
        return refuse(refusal);
    }
    let sites: Vec<Arc<Site>> = desk
        .config
        .sites
        .iter()
        .map(|site| desk.surveys.of(&site.id))
        .collect();
    let newest = sites
        .iter()
        .flat_map(|site| site.newest())
        .map(|saved| Listed {
            site: &saved.site,
            id: saved.definition.id(),
            version: saved.definition.version(),
            active: saved.active,
            saved_at: saved.saved_at,
            definition: saved.definition.value(),
        });
    Json(serde_json::json!({
        "sites": desk.config.sites.iter().map(|site| &site.id).collect::<Vec<_>>(),
        "surveys": newest.collect::<Vec<_>>(),
    }))
    .into_response()
}

/// Saves a definition as the next version of its survey.
pub async fn save(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(save): Json<Save>,
) -> Response {
    if let Err(refusal) = admit(&desk, &headers, peer).await {
        return refuse(refusal);
    }
    if desk.config.site(&save.site).is_none() {
        return refuse(Refusal::no_survey());
    }
    let definition = match Definition::load(save.definition) {
        Ok(definition) => definition,
        Err(mistakes) => {
            let wrong = mistakes.into_iter().map(|mistake| Wrong {
                sentence: mistake.sentence(),
                path: mistake.path,
                code: mistake.code,
                values: mistake.values.into_iter().collect(),
            });
            let wrong = serde_json::json!({ "problems": wrong.collect::<Vec<_>>() });
            return (StatusCode::UNPROCESSABLE_ENTITY, Json(wrong)).into_response();
        }
    };
    let saved = Saved {
        site: save.site,
        definition,
        active: save.active,
        saved_at: crate::now_ms(),
    };
    match keep(&desk, saved).await {
        Ok(version) => Json(serde_json::json!({ "version": version })).into_response(),
        Err(refusal) => refuse(refusal),
    }
}

/// What was changed becomes the next version: responses refer to the one that they were asked by.
async fn keep(desk: &Desk, saved: Saved) -> Result<u32, Refusal> {
    const TRIES_MAX: u32 = 20;
    let (store, hub) = (desk.store.as_ref(), &desk.hub);
    let site = saved.site.clone();
    let mut tries = 0;
    let version = loop {
        // Somebody may have saved one a moment ago, here or at another process.
        desk.surveys.reload(store, hub, &site).await?;
        let next = as_next(&desk.surveys.of(&site), saved.clone())?;
        let version = next.definition.version();
        tries += 1;
        match store.save_survey(next).await {
            Err(refusal) if refusal.code == error_code::CONFLICT && tries < TRIES_MAX => {}
            saved => break saved.map(|()| version)?,
        }
    };
    desk.surveys.reload(store, hub, &site).await?;
    Ok(version)
}

/// Under a version that no other definition has; what has not changed keeps its own.
fn as_next(site: &Site, mut saved: Saved) -> Result<Saved, Refusal> {
    let (id, version) = (saved.definition.id(), saved.definition.version());
    let newest = site.newest().into_iter();
    let newest = newest
        .map(|other| &other.definition)
        .find(|other| other.id() == id);
    if let Some(newest) = newest
        && version <= newest.version()
    {
        let as_it_was = renumbered(&saved.definition, newest.version())?;
        saved.definition = match as_it_was == *newest {
            true => newest.clone(),
            false => renumbered(&saved.definition, newest.version() + 1)?,
        };
    }
    Ok(saved)
}

fn renumbered(definition: &Definition, version: u32) -> Result<Definition, Refusal> {
    let mut value = definition.value().clone();
    if let Value::Map(fields) = &mut value {
        for (_, of) in fields.iter_mut().filter(|(name, _)| name == "version") {
            *of = Value::Number(f64::from(version));
        }
    }
    Definition::load(value).map_err(|_| Refusal::invalid("the definition has no next version"))
}

/// The report of a survey.
pub async fn results(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((site, id)): Path<(String, String)>,
    Query(filter): Query<Filter>,
    headers: HeaderMap,
) -> Response {
    let asked = async {
        admit(&desk, &headers, peer).await?;
        let definitions = desk.surveys.of(&site);
        let saved = definitions
            .find(&id, 0)
            .cloned()
            .ok_or_else(Refusal::no_survey)?;
        let rows = desk.store.survey_rows(&site, &id, filter.shown()).await?;
        let language = headers
            .get("accept-language")
            .and_then(|v| v.to_str().ok())
            .unwrap_or("");
        let language = language.split([',', ';']).next().unwrap_or("").to_owned();
        aside(move || {
            let survey = &saved.definition;
            Json(report(&definitions, survey, &rows, &filter, &language)).into_response()
        })
        .await
    };
    asked.await.unwrap_or_else(refuse)
}

/// The responses to a survey, as a file.
pub async fn responses(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((site, id)): Path<(String, String)>,
    Query(filter): Query<Filter>,
    headers: HeaderMap,
) -> Response {
    let asked = async {
        admit(&desk, &headers, peer).await?;
        let definitions = desk.surveys.of(&site);
        let saved = definitions.find(&id, 0);
        let saved = saved.ok_or_else(Refusal::no_survey)?;
        let rows = desk
            .store
            .survey_rows(&site, saved.definition.id(), filter.shown())
            .await?;
        aside(move || {
            let name = format!("attachment; filename=\"{id}.csv\"");
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (CONTENT_DISPOSITION, name),
            ];
            (headers, table(&definitions, &id, &rows, &filter)).into_response()
        })
        .await
    };
    asked.await.unwrap_or_else(refuse)
}

/// Works out what may take a while, away from the threads that serve sockets.
async fn aside(work: impl FnOnce() -> Response + Send + 'static) -> Result<Response, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| {
        tracing::error!(%error, "a report was not worked out");
        Refusal::unavailable()
    })
}

/// Agents who may sign in, and no bots.
async fn admit(desk: &Desk, headers: &HeaderMap, peer: SocketAddr) -> Result<(), Refusal> {
    let asked = Asked::new(&desk.config, headers.clone(), peer);
    let token = asked
        .bearer()
        .ok_or_else(|| Refusal::unauthorized("Authorization: Bearer <token> is missing"))?;
    // Guessing costs, too.
    desk.rates.take_address(asked.address())?;
    let signed_in = desk
        .store
        .signed_in(auth::token_hash(token), crate::now_ms())
        .await?;
    match signed_in {
        Some(who) if who.agent.role == Role::Agent && desk.config.admits(&who.email) => Ok(()),
        _ => Err(Refusal::unauthorized("this token signs no agent in")),
    }
}

fn refuse(refusal: Refusal) -> Response {
    let retry_after_s = refusal.retry_after_ms.map(|ms| ms.div_ceil(1_000));
    let mut response = (status(refusal.code), Json(ErrorBody::from(refusal))).into_response();
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}
