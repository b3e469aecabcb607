//! Messages that are more than words: quick replies, cards, forms.

use crate::support::*;
use deskside::protocol::command::Send;
use deskside::protocol::content::{Answers, Button, Card, Content, Field, Form};
use deskside::protocol::event::EventBody;
use deskside::protocol::{Command, error_code};

fn button(title: &str, link: Option<&str>) -> Button {
    Button {
        title: title.to_owned(),
        payload: Some(format!("chose:{title}")),
        link: link.map(str::to_owned),
    }
}

fn offer() -> Content {
    Content {
        text: "Which order?".to_owned(),
        quick_replies: vec![button("4711", None), button("4712", None)],
        cards: vec![Card {
            title: "Linen sheets".to_owned(),
            text: String::new(),
            image: Some("/v1/uploads/1".to_owned()),
            link: Some("https://shop.example/sheets".to_owned()),
            buttons: vec![button("Return it", None)],
        }],
        form: Some(Form {
            fields: vec![Field {
                name: "iban".to_owned(),
                kind: "text".to_owned(),
                label: "Account".to_owned(),
                required: true,
                options: vec![],
            }],
            submit: String::new(),
        }),
        ..Content::default()
    }
}

#[tokio::test]
async fn an_offer_arrives_as_it_was_made_and_its_answer_too() {
    let desk = Desk::start().await;
    let mut bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    bot.watch(&conv).await;
    let sent = bot.show(&conv, offer()).await.unwrap();
    let event = visitor.socket.event_of("message").await;
    assert_eq!(event.body, EventBody::Message(offer()));
    let body = Content {
        text: "Account: DE02".to_owned(),
        payload: Some("chose:4711".to_owned()),
        answers: Some(Answers {
            form: sent.seq,
            values: vec![("iban".to_owned(), "DE02".to_owned())],
        }),
        ..Content::default()
    };
    let answer = Send {
        body: body.clone(),
        ..send(&conv, &uuid(), None, "")
    };
    visitor.ask(Command::Send(answer.clone())).await.unwrap();
    bot.socket.event_of("message").await;
    let heard = bot.socket.event_of("message").await;
    assert_eq!(heard.body, EventBody::Message(body));
    let other = Send {
        body: Content {
            payload: Some("chose:4712".to_owned()),
            ..answer.body.clone()
        },
        ..answer
    };
    let error = visitor.ask(Command::Send(other)).await.unwrap_err();
    assert_eq!(
        error.code,
        error_code::CONFLICT,
        "what was chosen is part of the body"
    );
}

#[tokio::test]
async fn a_visitor_offers_nothing() {
    let desk = Desk::start().await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let command = Command::Send(Send {
        body: offer(),
        ..send(&conv, &uuid(), None, "")
    });
    assert_eq!(
        visitor.ask(command).await.unwrap_err().code,
        error_code::INVALID
    );
}

#[tokio::test]
async fn a_link_that_would_run_a_script_never_gets_into_the_log() {
    let desk = Desk::start().await;
    let mut bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let links = [
        "javascript:alert(1)",
        "JaVa\tScript:alert(1)",
        " https://x.example",
        "data:text/html,x",
        "//evil.example",
        "vbscript:x",
        "blob:https://x",
        "nowhere",
    ];
    for link in links {
        let body = Content {
            quick_replies: vec![button("Go", Some(link))],
            ..Content::from("Look".to_owned())
        };
        let error = bot.show(&conv, body).await.unwrap_err();
        assert_eq!(error.code, error_code::INVALID, "{link}");
    }
}

#[tokio::test]
async fn a_message_has_a_bounded_number_of_parts() {
    let desk = Desk::start().await;
    let mut bot = desk.bot("Linnet").await;
    let mut visitor = desk.visitor().await;
    let conv = visitor.open().await.conv;
    let body = Content {
        quick_replies: vec![button("Go", None); 21],
        ..Content::from("Too many".to_owned())
    };
    let error = bot.show(&conv, body).await.unwrap_err();
    assert_eq!(error.code, error_code::TOO_LARGE);
    let error = bot.show(&conv, Content::default()).await.unwrap_err();
    assert_eq!(error.code, error_code::INVALID);
}
