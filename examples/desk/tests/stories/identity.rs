//! Visitors whom a site's own back end names.

use crate::support::*;
use desk::identity::{IdentityConfig, Pinned};
use deskside::plain::Readable;
use deskside::protocol::command::{Refresh, Survey};
use deskside::protocol::event::{EventBody, SurveyResponse};
use deskside::protocol::reply::{Connected, Reply};
use deskside::protocol::{Command, close_code, error_code};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

const SECRET: &str = "a secret of the shop and of its desk alone";
const ES256: &str = include_str!("keys/es256.pem");
const ES256_PUBLIC: &str = include_str!("keys/es256.pub.pem");
const RS256: &str = include_str!("keys/rs256.pem");
const RS256_PUBLIC: &str = include_str!("keys/rs256.pub.pem");

fn now_s() -> u64 {
    desk::now_ms() / 1_000
}

fn ana() -> Value {
    json!({ "sub": "customer-17", "aud": "shop", "exp": now_s() + 300, "name": "Ana Ruiz" })
}

fn signed(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
}

fn with(field: &str, value: impl Into<Value>) -> Value {
    let mut claims = ana();
    claims[field] = value.into();
    claims
}

/// A token of the shop's customer Ana.
pub fn ana_signed() -> String {
    signed(&ana())
}

/// The shop names its customers.
pub fn name_visitors_of(config: &mut desk::config::Config) {
    config.sites[0].identity = pinned(Pinned::Hs256, SECRET);
}

fn pinned(algorithm: Pinned, key: &str) -> Option<IdentityConfig> {
    Some(IdentityConfig {
        algorithm,
        key: Some(key.to_owned()),
        key_file: None,
        audience: None,
    })
}

async fn shop(algorithm: Pinned, key: &str) -> Desk {
    Desk::start_with(|config| config.sites[0].identity = pinned(algorithm, key)).await
}

/// Why a token is not taken, over a socket and by request alike.
async fn refused(desk: &Desk, token: &str) -> String {
    let mut socket = Socket::open(desk.address, "/v1/socket", Some(SHOP)).await;
    let answer = socket.ask(connect_command("shop", Some(token), &[])).await;
    assert_eq!(
        answer["error"]["code"],
        error_code::UNAUTHORIZED,
        "{answer}"
    );
    assert_eq!(socket.closed().await, close_code::UNAUTHORIZED);
    let mut requests = Requests::new(desk.address);
    requests.token = Some(token.to_owned());
    assert_eq!(requests.post("ping", &json!({})).await.status, 401);
    answer["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_same_customer_has_the_same_conversations_on_every_device() {
    let desk = shop(Pinned::Hs256, SECRET).await;
    let mut phone = desk.visitor_again(&signed(&ana()), vec![]).await;
    assert!(
        phone.connected.token.is_none(),
        "the site's token, not the desk's"
    );
    let conv = phone.open().await.conv;
    phone.say(&conv, "From the phone").await;
    let later = with("exp", now_s() + 400);
    let mut laptop = desk.visitor_again(&signed(&later), vec![]).await;
    assert_eq!(laptop.connected.visitor, phone.connected.visitor);
    assert_eq!(texts(&laptop.connected.subs[0].events), ["From the phone"]);
    // A mini-program has no socket; it is the same conversation still.
    let requests = Requests::connect(desk.address, Some(&signed(&ana())), &[]).await;
    let said = Command::Send(send(&conv, &uuid(), None, "From the mini-program"));
    assert_eq!(requests.ask(said).await.status, 200);
    assert_eq!(
        texts(&[laptop.socket.event_of("message").await]),
        ["From the mini-program"]
    );
    let agent = desk.agent("mei").await;
    assert_eq!(agent.connected.inbox[0].visitor.name, "Ana Ruiz");
}

#[tokio::test]
async fn every_pinned_algorithm_signs_in() {
    let signers = [
        (
            Pinned::Es256,
            ES256_PUBLIC,
            Algorithm::ES256,
            EncodingKey::from_ec_pem(ES256.as_bytes()),
        ),
        (
            Pinned::Rs256,
            RS256_PUBLIC,
            Algorithm::RS256,
            EncodingKey::from_rsa_pem(RS256.as_bytes()),
        ),
    ];
    for (algorithm, public, signs, key) in signers {
        let desk = shop(algorithm, public).await;
        let token = encode(&Header::new(signs), &ana(), &key.unwrap()).unwrap();
        let visitor = desk.visitor_again(&token, vec![]).await;
        assert!(visitor.connected.token_expires_in_ms.unwrap() > 200_000);
    }
}

#[tokio::test]
async fn a_token_signed_with_the_public_key_as_a_secret_is_refused() {
    for (algorithm, public) in [(Pinned::Rs256, RS256_PUBLIC), (Pinned::Es256, ES256_PUBLIC)] {
        let desk = shop(algorithm, public).await;
        for secret in [public, public.trim()] {
            let key = EncodingKey::from_secret(secret.as_bytes());
            let forged = encode(&Header::new(Algorithm::HS256), &ana(), &key).unwrap();
            refused(&desk, &forged).await;
        }
    }
}

#[tokio::test]
async fn a_token_of_no_or_another_algorithm_is_refused() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as base64url;
    let desk = shop(Pinned::Hs256, SECRET).await;
    let claims = base64url.encode(ana().to_string());
    for alg in ["none", "None", "NONE", "nOnE", "HS256", "RS256"] {
        let header = base64url.encode(json!({ "alg": alg, "typ": "JWT" }).to_string());
        refused(&desk, &format!("{header}.{claims}.")).await;
        refused(&desk, &format!("{header}.{claims}.AAAA")).await;
    }
    let strong = EncodingKey::from_secret(SECRET.as_bytes());
    let other = encode(&Header::new(Algorithm::HS512), &ana(), &strong).unwrap();
    refused(&desk, &other).await;
    let rsa = EncodingKey::from_rsa_pem(RS256.as_bytes()).unwrap();
    let mut header = Header::new(Algorithm::RS256);
    header.jku = Some("https://evil.example/keys".to_owned());
    refused(&desk, &encode(&header, &ana(), &rsa).unwrap()).await;
}

#[tokio::test]
async fn a_token_that_ended_or_begins_later_or_never_ends_is_refused() {
    let desk = shop(Pinned::Hs256, SECRET).await;
    let ended = refused(&desk, &signed(&with("exp", now_s() - 60))).await;
    assert!(ended.contains("ExpiredSignature"), "{ended}");
    refused(&desk, &signed(&with("nbf", now_s() + 300))).await;
    refused(&desk, &signed(&with("exp", now_s() + 24 * 3_600))).await;
    refused(&desk, &signed(&with("exp", Value::Null))).await;
    refused(&desk, &signed(&with("exp", "tomorrow"))).await;
    refused(&desk, &signed(&with("exp", 1e300))).await;
}

#[tokio::test]
async fn a_token_for_somebody_else_is_refused() {
    let desk = shop(Pinned::Hs256, SECRET).await;
    refused(&desk, &signed(&with("aud", "bank"))).await;
    refused(&desk, &signed(&with("aud", Value::Null))).await;
    refused(&desk, &signed(&with("sub", ""))).await;
    refused(&desk, &signed(&with("sub", Value::Null))).await;
    refused(&desk, &signed(&with("sub", "w".repeat(300)))).await;
    let key = EncodingKey::from_secret(b"another secret, as long as it has to be");
    let forged = encode(&Header::new(Algorithm::HS256), &ana(), &key).unwrap();
    refused(&desk, &forged).await;
}

#[tokio::test]
async fn a_site_that_names_nobody_takes_no_such_token() {
    let desk = Desk::start().await;
    refused(&desk, &signed(&ana())).await;
}

#[tokio::test]
async fn the_unknown_visitor_and_the_named_one_stay_two() {
    let desk = shop(Pinned::Hs256, SECRET).await;
    let mut unknown = desk.visitor().await;
    let conv = unknown.open().await.conv;
    let mut named = desk.visitor_again(&signed(&ana()), vec![]).await;
    assert_ne!(named.connected.visitor, unknown.connected.visitor);
    assert_eq!(named.connected.subs, []);
    let theirs = named.send(&conv, &uuid(), None, "Mine?").await.unwrap_err();
    assert_eq!(theirs.code, error_code::NOT_FOUND);
    let become_named = Command::Refresh(Refresh {
        token: signed(&ana()),
    });
    let error = unknown.ask(become_named).await.unwrap_err();
    assert_eq!(error.code, error_code::UNAUTHORIZED);
    // Not even a site that calls a customer by the id of an unknown visitor reaches their words.
    let posing = with("sub", unknown.connected.visitor.clone());
    let posing = desk.visitor_again(&signed(&posing), vec![]).await;
    assert_eq!(posing.connected.subs, []);
}

#[tokio::test]
async fn a_session_ends_with_its_token_unless_it_is_refreshed() {
    let desk = shop(Pinned::Hs256, SECRET).await;
    // The desk allows for clocks that differ by 30 s.
    let brief = || signed(&with("exp", now_s() - 25));
    let mut left = desk.visitor_again(&brief(), vec![]).await;
    let mut kept = desk.visitor_again(&brief(), vec![]).await;
    let fresh = Command::Refresh(Refresh {
        token: signed(&ana()),
    });
    let refreshed = kept.ask(fresh).await.unwrap().refreshed.unwrap();
    assert!(refreshed.token_expires_in_ms.unwrap() > 200_000);
    assert_eq!(left.socket.closed().await, close_code::UNAUTHORIZED);
    assert_eq!(
        kept.ask(Command::Ping {}).await.unwrap().pong,
        Some(Default::default())
    );
}

#[tokio::test]
async fn a_fresh_token_of_another_customer_is_refused_and_the_session_goes_on() {
    let desk = shop(Pinned::Hs256, SECRET).await;
    let mut visitor = desk.visitor_again(&signed(&ana()), vec![]).await;
    let other = Command::Refresh(Refresh {
        token: signed(&with("sub", "customer-18")),
    });
    assert_eq!(
        visitor.ask(other).await.unwrap_err().code,
        error_code::UNAUTHORIZED
    );
    assert!(visitor.ask(Command::Ping {}).await.is_ok());
    let requests = Requests::connect(desk.address, Some(&signed(&ana())), &[]).await;
    let fresh = json!({ "token": signed(&ana()) });
    let refreshed = requests.post("refresh", &fresh).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
}

#[tokio::test]
async fn one_subject_of_two_sites_is_two_people() {
    let desk = Desk::start_with(|config| {
        for site in &mut config.sites[..2] {
            site.identity = pinned(Pinned::Hs256, SECRET);
        }
    })
    .await;
    let shop = desk.visitor_again(&signed(&ana()), vec![]).await;
    let mut socket = Socket::open(desk.address, "/v1/socket", Some("https://bank.example")).await;
    let token = signed(&with("aud", "bank"));
    let answer = socket.ask(connect_command("bank", Some(&token), &[])).await;
    let reply: Reply = serde_json::from_value(answer["result"].clone()).unwrap();
    let connected: Connected = reply.connected.unwrap();
    assert_ne!(connected.visitor, shop.connected.visitor);
}

#[tokio::test]
async fn a_key_that_is_none_stops_the_start_with_its_place() {
    for (algorithm, key) in [
        (Pinned::Hs256, "short"),
        (Pinned::Rs256, SECRET),
        (Pinned::Es256, RS256_PUBLIC),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path().join("desk.db"));
        config.sites[1].identity = pinned(algorithm, key);
        let Err(error) = desk::start(config).await else {
            panic!("it started with {key:?}")
        };
        let error = error.to_string();
        assert!(error.starts_with("sites[1].identity: key"), "{error}");
    }
}

/// What became of the survey `nps` on this device.
async fn tell(visitor: &mut Visitor, response_id: &str, revision: u32, rest: Value) {
    let mut response = json!({
        "responseId": response_id, "surveyId": "nps", "surveyVersion": 1, "revision": revision, "finished": false,
    });
    for (field, value) in rest.as_object().unwrap() {
        response[field] = value.clone();
    }
    let command = Command::Survey(Survey {
        conv: String::new(),
        cmid: uuid(),
        response: serde_json::from_value(response).unwrap(),
    });
    visitor.ask(command).await.unwrap();
}

/// How often a survey was shown to somebody, and whether it was answered.
fn shown(clocks: &Value, survey: &str) -> Value {
    let mark = clocks[survey].as_array().unwrap();
    assert!(mark[0].as_u64().unwrap() >= (now_s() - 60) * 1_000);
    json!([mark[1], mark[2]])
}

fn clocks(connected: &Connected) -> Value {
    serde_json::to_value(&connected.clocks).unwrap()
}

async fn surveyed_shop() -> Desk {
    Desk::start_with(|config| {
        name_visitors_of(config);
        let website = concat!(env!("CARGO_MANIFEST_DIR"), "/../website/surveys");
        config.sites[0].surveys = Some(website.into());
    })
    .await
}

#[tokio::test]
async fn what_a_customer_was_asked_on_one_device_the_others_learn_at_once_and_when_they_come() {
    let desk = surveyed_shop().await;
    let mut web = desk.visitor_again(&ana_signed(), vec![]).await;
    assert_eq!(web.connected.clocks, None, "nothing was asked yet");
    let mut app = desk.visitor_again(&ana_signed(), vec![]).await;
    let first = uuid();
    tell(&mut web, &first, 1, json!({})).await;
    let clocks_of = |frame: &Value| frame.get("clocks").cloned();
    let pushed = app.socket.push(clocks_of).await;
    assert_eq!(shown(&pushed, "nps"), json!([1, 0]));
    // It heeds the global cooldown, and so starts it.
    assert_eq!(shown(&pushed, ""), json!([1, 0]));
    tell(&mut web, &first, 2, json!({ "dismissed": true })).await;
    tell(
        &mut app,
        &uuid(),
        1,
        json!({ "data": { "likely": 9 }, "finished": true }),
    )
    .await;
    assert_eq!(
        shown(&web.socket.push(clocks_of).await, "nps"),
        json!([2, 1])
    );
    let third = desk.visitor_again(&ana_signed(), vec![]).await;
    assert_eq!(shown(&clocks(&third.connected), "nps"), json!([2, 1]));
    let requests = Requests::new(desk.address);
    let body = connect_command("shop", Some(&ana_signed()), &[])["connect"].clone();
    let connected: Connected = requests.post("connect", &body).await.result("connected");
    assert_eq!(shown(&clocks(&connected), "nps"), json!([2, 1]));
    let other = desk
        .visitor_again(&signed(&with("sub", "customer-18")), vec![])
        .await;
    assert_eq!(other.connected.clocks, None);
}

#[tokio::test]
async fn what_a_customer_was_asked_at_one_process_is_learned_at_another() {
    let desk = surveyed_shop().await;
    let other = desk::start(desk.config.clone()).await.unwrap();
    let mut web = desk.visitor_again(&ana_signed(), vec![]).await;
    let mut app = Visitor::connect(other.address(), Some(ana_signed()), vec![]).await;
    tell(&mut web, &uuid(), 1, json!({})).await;
    let pushed = app.socket.push(|frame| frame.get("clocks").cloned()).await;
    assert_eq!(shown(&pushed, "nps"), json!([1, 0]));
    other.stop().await;
}

#[tokio::test]
async fn a_rating_that_was_dismissed_on_one_device_is_over_on_the_others() {
    let desk = surveyed_shop().await;
    let mut web = desk.visitor_again(&ana_signed(), vec![]).await;
    let conv = web.open().await.conv;
    web.say(&conv, "A question").await;
    desk.agent("mei").await.resolve(&conv).await;
    let EventBody::Invitation(invitation) = web.socket.event_of("invitation").await.body else {
        unreachable!()
    };
    let subject = format!("{}/{conv}/1", invitation.survey_id);
    for (revision, dismissed) in [(1, false), (2, true)] {
        let mut response = SurveyResponse {
            response_id: invitation.response_id.clone(),
            survey_id: invitation.survey_id.clone(),
            survey_version: 1,
            revision,
            ..Readable::blank()
        };
        response.dismissed = dismissed;
        let command = Command::Survey(Survey {
            conv: conv.clone(),
            cmid: uuid(),
            response,
        });
        web.ask(command).await.unwrap();
        let app = desk.visitor_again(&ana_signed(), vec![]).await;
        let over = clocks(&app.connected).get(&subject).is_some();
        assert_eq!(over, dismissed, "shown, it may be answered on any device");
    }
}

#[tokio::test]
async fn a_visitor_whom_the_site_does_not_name_is_given_no_marks() {
    let desk = surveyed_shop().await;
    let mut unknown = desk.visitor().await;
    tell(&mut unknown, &uuid(), 1, json!({})).await;
    let token = unknown.connected.token.clone().unwrap();
    let again = desk.visitor_again(&token, vec![]).await;
    assert_eq!(again.connected.visitor, unknown.connected.visitor);
    assert_eq!(again.connected.clocks, None);
}
