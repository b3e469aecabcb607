//! The browser's half of the core, in a real browser: IndexedDB, sockets, the boundary to JavaScript.
#![cfg(target_arch = "wasm32")]

use deskside::wasm::{Client, Search};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Nobody listens there: what is said stays in the journal.
const NOBODY: &str = "http://127.0.0.1:9";

fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

fn dial() -> Function {
    Function::new_with_args("url", "return new WebSocket(url)")
}

fn client(site: &str) -> Client {
    let config = json(&format!(
        r#"{{"desk":"{NOBODY}","site":"{site}","locale":"en","page":""}}"#
    ));
    let ignore = Function::new_no_args("");
    Client::new(config, ignore.clone(), ignore.clone(), ignore, dial()).unwrap()
}

/// A value inside the view, by its path.
fn seen(client: &Client, path: &[&str]) -> JsValue {
    path.iter().fold(client.view(), |value, name| {
        Reflect::get(&value, &(*name).into()).unwrap_or_default()
    })
}

fn text(value: JsValue) -> String {
    value.as_string().unwrap_or_default()
}

async fn until(what: &str, mut there: impl FnMut() -> bool) {
    for _ in 0..500 {
        if there() {
            return;
        }
        TimeoutFuture::new(10).await;
    }
    panic!("waited in vain until {what}");
}

async fn ready(client: &Client) {
    until("the store is read", || seen(client, &["ready"]).is_truthy()).await;
}

fn code(problem: JsValue) -> String {
    text(Reflect::get(&problem, &"code".into()).unwrap())
}

fn statuses(client: &Client) -> Vec<String> {
    let items = Array::from(&seen(client, &["conversation", "items"]));
    let status = |item: JsValue| {
        let body = Reflect::get(&item, &"body".into()).unwrap();
        let message = Reflect::get(&body, &"message".into()).unwrap();
        Reflect::get(&message, &"status".into()).unwrap()
    };
    items.iter().map(|item| text(status(item))).collect()
}

fn send(client: &Client, words: &str) {
    let conv = text(seen(client, &["conversation", "id"]));
    client
        .dispatch(json(&format!(
            r#"{{"send":{{"conv":"{conv}","text":"{words}"}}}}"#
        )))
        .unwrap();
}

#[wasm_bindgen_test]
async fn a_message_is_in_indexeddb_before_it_is_called_queued_and_after_a_reload() {
    let first = client("survives");
    ready(&first).await;
    assert!(seen(&first, &["storage"]).as_string() == Some("durable".into()));
    first.dispatch(json(r#"{"open":{"conv":null}}"#)).unwrap();
    send(&first, "one");
    send(&first, "two");
    assert_eq!(statuses(&first), ["saving", "saving"]);
    until("both are queued", || {
        statuses(&first) == ["queued", "queued"]
    })
    .await;
    first.close();

    let second = client("survives");
    ready(&second).await;
    second.dispatch(json(r#"{"open":{"conv":null}}"#)).unwrap();
    assert_eq!(statuses(&second), ["queued", "queued"]);
    second.close();
}

#[wasm_bindgen_test]
async fn another_site_sees_nothing_of_it() {
    let mine = client("mine");
    ready(&mine).await;
    mine.dispatch(json(r#"{"open":{"conv":null}}"#)).unwrap();
    send(&mine, "private");
    until("it is queued", || statuses(&mine) == ["queued"]).await;
    let other = client("other");
    ready(&other).await;
    assert_eq!(Array::from(&seen(&other, &["conversations"])).length(), 0);
}

#[wasm_bindgen_test]
async fn a_second_client_learns_at_once_what_the_first_one_queued() {
    let left = client("tabs");
    let right = client("tabs");
    ready(&left).await;
    ready(&right).await;
    left.dispatch(json(r#"{"open":{"conv":null}}"#)).unwrap();
    send(&left, "from the left");
    until("the other one waits for it too", || {
        seen(&right, &["waiting"]).as_f64() == Some(1.0)
    })
    .await;
}

#[wasm_bindgen_test]
async fn two_clients_never_give_the_same_journal_number() {
    let left = client("numbers");
    let right = client("numbers");
    ready(&left).await;
    ready(&right).await;
    for client in [&left, &right] {
        client.dispatch(json("\"openNew\"")).unwrap();
        send(client, "x");
        send(client, "y");
    }
    // Either tab's conversation has its opening and two messages; nothing was overwritten.
    for client in [&left, &right] {
        until("all four wait", || {
            seen(client, &["waiting"]).as_f64() == Some(4.0)
        })
        .await;
    }
}

#[wasm_bindgen_test]
async fn a_draft_is_kept_when_the_page_is_hidden() {
    let first = client("draft");
    ready(&first).await;
    first.dispatch(json(r#"{"open":{"conv":null}}"#)).unwrap();
    let conv = text(seen(&first, &["conversation", "id"]));
    first
        .dispatch(json(&format!(
            r#"{{"draft":{{"conv":"{conv}","text":"half a tho"}}}}"#
        )))
        .unwrap();
    first
        .dispatch(json(r#"{"look":{"visible":false}}"#))
        .unwrap();
    TimeoutFuture::new(100).await;
    first.close();
    let second = client("draft");
    ready(&second).await;
    second.dispatch(json(r#"{"open":{"conv":null}}"#)).unwrap();
    assert_eq!(
        text(seen(&second, &["conversation", "draft"])),
        "half a tho"
    );
}

#[wasm_bindgen_test]
async fn a_refusal_is_an_error_with_a_code_and_a_sentence() {
    let client = client("refusals");
    ready(&client).await;
    client.dispatch(json(r#"{"open":{"conv":null}}"#)).unwrap();
    let conv = text(seen(&client, &["conversation", "id"]));
    let empty = client
        .dispatch(json(&format!(
            r#"{{"send":{{"conv":"{conv}","text":" "}}}}"#
        )))
        .unwrap_err();
    assert!(empty.is_instance_of::<js_sys::Error>());
    assert_eq!(code(empty), "empty");
    for nonsense in [
        "null",
        "17",
        "\"dance\"",
        r#"{"send":{}}"#,
        r#"{"send":{"conv":1,"text":"x"}}"#,
    ] {
        assert_eq!(
            code(client.dispatch(json(nonsense)).unwrap_err()),
            "bad_argument",
            "{nonsense}"
        );
    }
    let ignore = Function::new_no_args("");
    let nowhere = Client::new(
        json(r#"{"desk":"nowhere","site":"x"}"#),
        ignore.clone(),
        ignore.clone(),
        ignore,
        dial(),
    );
    assert_eq!(code(nowhere.err().unwrap()), "desk_address");
}

#[wasm_bindgen_test]
async fn the_page_may_call_back_from_its_own_callback() {
    let config = json(&format!(
        r#"{{"desk":"{NOBODY}","site":"reentrant","locale":"en","page":""}}"#
    ));
    let shared: std::rc::Rc<std::cell::OnceCell<Client>> = Default::default();
    let calls = std::rc::Rc::new(std::cell::Cell::new(0));
    let (inner, counted) = (shared.clone(), calls.clone());
    let on_change = wasm_bindgen::closure::Closure::<dyn Fn()>::new(move || {
        if let Some(client) = inner.get() {
            counted.set(counted.get() + 1);
            let _ = client.view();
            if counted.get() < 5 {
                client.dispatch(json("\"openNew\"")).unwrap();
            }
        }
    });
    let on_change: Function = on_change.into_js_value().into();
    let ignore = Function::new_no_args("");
    let _ = shared.set(Client::new(config, on_change, ignore.clone(), ignore, dial()).unwrap());
    let client = shared.get().unwrap();
    ready(client).await;
    client.dispatch(json("\"openNew\"")).unwrap();
    assert!(calls.get() >= 5);
}

#[wasm_bindgen_test]
fn bytes_that_are_no_index_are_refused_with_a_code() {
    for (bytes, expected) in [
        (vec![], "index_"),
        (vec![0; 4096], "index_"),
        (b"<!doctype html>".to_vec(), "index_"),
    ] {
        let problem = Search::new(bytes).err().unwrap();
        assert!(code(problem).starts_with(expected));
    }
}
