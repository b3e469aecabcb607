//! A visitor whom the site's own back end names: the token is the page's to bring, and is never stored.

use deskside::input::SurveyAction;
use deskside::output::{HostEvent, StoreOp};
use deskside::protocol::Command;
use deskside::protocol::command::ClientFrame;
use deskside::protocol::reply::{Connected, ErrorBody, Refreshed, Reply, ServerFrame, WireLimits};
use deskside::{Action, Config, Engine, Input, Now, Output, Stored};

struct Page {
    engine: Engine,
    now: Now,
}

impl Page {
    fn named() -> Self {
        let config = Config {
            desk: "https://desk.test".into(),
            site: "demo".into(),
            user: "customer-17".into(),
            ..Default::default()
        };
        let mut page = Self {
            engine: Engine::new(config, [1; 32]).unwrap(),
            now: Now {
                mono_ms: 1_000,
                wall_ms: 1_700_000_000_000,
            },
        };
        page.engine
            .handle(page.now, Input::Loaded(Stored::default()))
            .unwrap();
        page.drain();
        page
    }

    /// What is to be done, but for the store's part, which is done.
    fn drain(&mut self) -> Vec<Output> {
        let mut outputs = Vec::new();
        let mut next_local_seq = 1;
        while let Some(output) = self.engine.poll() {
            let Output::Persist(batch) = output else {
                outputs.push(output);
                continue;
            };
            let entries = batch.ops.iter();
            let entries = entries
                .filter(|op| matches!(op, StoreOp::Enqueue(_)))
                .count() as u32;
            let local_seqs = (next_local_seq..next_local_seq + entries).collect();
            next_local_seq += entries;
            let persisted = Input::Persisted {
                rev: batch.rev,
                local_seqs,
            };
            self.engine.handle(self.now, persisted).unwrap();
        }
        outputs
    }

    fn act(&mut self, action: Action) -> Vec<Output> {
        self.engine
            .handle(self.now, Input::Visitor(action))
            .unwrap();
        self.drain()
    }

    fn input(&mut self, input: Input) -> Vec<Output> {
        self.engine.handle(self.now, input).unwrap();
        self.drain()
    }

    fn identify(&mut self, token: &str) -> Vec<Output> {
        self.act(Action::Identify {
            token: token.into(),
        })
    }

    /// Lets time pass on a connection that is alive; how often a token was asked for.
    fn pass_ms(&mut self, ms: u64) -> usize {
        let end = self.now.mono_ms + ms;
        let mut wanted = 0;
        while self.now.mono_ms < end {
            self.now.mono_ms = (self.now.mono_ms + 10_000).min(end);
            let answer = ServerFrame {
                id: Some(0),
                ..Default::default()
            };
            wanted += wants_token(&self.input(Input::Received(vec![answer])));
            wanted += wants_token(&self.input(Input::Woken));
        }
        wanted
    }

    /// Connected under a token that lasts ten minutes.
    fn online() -> Self {
        let mut page = Self::named();
        page.act(Action::Open { conv: None });
        page.identify("jwt-1");
        page.greeted(|_| {});
        page
    }

    /// The socket opens, and the desk answers.
    fn greeted(&mut self, adjust: impl FnOnce(&mut Connected)) {
        let outputs = self.input(Input::SocketOpened);
        let id = frame(&outputs, "connect").id;
        let mut connected = Connected {
            session: "s".into(),
            visitor: "v".into(),
            token: None,
            token_expires_in_ms: Some(600_000),
            ping_interval_ms: 25_000,
            limits: WireLimits {
                frame_bytes_max: 65_536,
                text_bytes_max: 16_384,
                attachment_bytes_max: 0,
            },
            site_name: String::new(),
            availability: Default::default(),
            subs: Vec::new(),
            surveys: None,
            clocks: None,
        };
        adjust(&mut connected);
        self.input(Input::Received(vec![ServerFrame {
            id: Some(id),
            result: Some(Reply {
                connected: Some(connected),
                ..Default::default()
            }),
            ..Default::default()
        }]));
    }

    fn survey(&mut self, act: &str, name: &str, value: &str) {
        let action = SurveyAction {
            act: act.into(),
            id: String::new(),
            name: name.into(),
            value: serde_json::from_str(value).unwrap(),
        };
        self.act(Action::Survey(action));
    }
}

fn frame<'o>(outputs: &'o [Output], name: &str) -> &'o ClientFrame {
    let found = outputs.iter().find_map(|output| match output {
        Output::Transmit(frame) => Some(frame),
        _ => None,
    });
    let frame = found.unwrap_or_else(|| panic!("no {name} in {outputs:?}"));
    assert!(serde_json::to_value(frame).unwrap().get(name).is_some());
    frame
}

fn wants_token(outputs: &[Output]) -> usize {
    let wanted = |output: &&Output| matches!(output, Output::Event(HostEvent::TokenWanted { user }) if user == "customer-17");
    outputs.iter().filter(wanted).count()
}

fn connects(outputs: &[Output]) -> bool {
    outputs
        .iter()
        .any(|output| matches!(output, Output::Connect { .. }))
}

#[test]
fn the_page_is_asked_for_a_token_once_and_nothing_connects_without_one() {
    let mut page = Page::named();
    let outputs = page.act(Action::Open { conv: None });
    assert_eq!((wants_token(&outputs), connects(&outputs)), (1, false));
    let outputs = page.act(Action::Look { visible: true });
    assert_eq!((wants_token(&outputs), connects(&outputs)), (0, false));
    // It could not be fetched.
    page.now.mono_ms += 5_000;
    assert_eq!(wants_token(&page.input(Input::Woken)), 1);
    assert!(connects(&page.identify("jwt-1")));
    let outputs = page.input(Input::SocketOpened);
    let Command::Connect(connect) = &frame(&outputs, "connect").command else {
        unreachable!()
    };
    assert_eq!(connect.token.as_deref(), Some("jwt-1"));
}

#[test]
fn the_next_token_is_asked_for_before_this_one_ends_and_refreshes_the_session() {
    let mut page = Page::online();
    assert_eq!(page.pass_ms(449_000), 0);
    assert_eq!(page.pass_ms(1_000), 1);
    let outputs = page.identify("jwt-2");
    let refresh = frame(&outputs, "refresh");
    let Command::Refresh(body) = &refresh.command else {
        unreachable!()
    };
    assert_eq!(body.token, "jwt-2");
    let id = refresh.id;
    page.input(Input::Received(vec![ServerFrame {
        id: Some(id),
        result: Some(Reply {
            refreshed: Some(Refreshed {
                token_expires_in_ms: Some(600_000),
            }),
            ..Default::default()
        }),
        ..Default::default()
    }]));
    assert_eq!(page.pass_ms(449_000), 0);
    assert_eq!(page.pass_ms(1_000), 1);
}

#[test]
fn a_token_that_the_desk_refuses_is_dropped_and_another_asked_for_and_the_queue_stays() {
    let mut page = Page::online();
    let conv = page.engine.view().conversation.unwrap().id;
    page.act(Action::Send {
        conv,
        text: "still here".into(),
        ticket: None,
    });
    let outputs = page.input(Input::SocketClosed { code: 4003 });
    assert_eq!((wants_token(&outputs), connects(&outputs)), (1, false));
    assert!(page.engine.view().waiting > 0);
    page.now.mono_ms += 60_000;
    assert!(!connects(&page.input(Input::Woken)));
    assert!(connects(&page.identify("jwt-2")));
}

#[test]
fn a_refresh_that_is_refused_asks_for_another_token() {
    let mut page = Page::online();
    let outputs = page.identify("of somebody else");
    let id = frame(&outputs, "refresh").id;
    let outputs = page.input(Input::Received(vec![ServerFrame {
        id: Some(id),
        error: Some(ErrorBody {
            code: "unauthorized".into(),
            message: String::new(),
            temporary: false,
            retry_after_ms: None,
        }),
        ..Default::default()
    }]));
    assert_eq!(wants_token(&outputs), 1);
}

/// Whether the survey of the page is asked, once its event was there before the desk was, and why not.
fn asked_before_the_desk_was_heard(clocks: Option<&str>) -> usize {
    let mut page = Page::named();
    page.survey(
        "define",
        "",
        r#"{"schemaVersion":1,"id":"nps","version":1,"languages":["en"],"triggers":[{"type":"event","name":"now"}],
        "blocks":[{"id":"b","elements":[{"type":"nps","id":"q","headline":"?"}]}]}"#,
    );
    page.act(Action::Open { conv: None });
    page.survey("event", "now", "{}");
    assert!(page.engine.view().surveys.is_empty(), "the desk may know");
    page.identify("jwt-1");
    page.greeted(|connected| {
        connected.clocks = clocks.map(|json| serde_json::from_str(json).unwrap());
    });
    page.engine.view().surveys.len()
}

#[test]
fn a_named_visitor_is_asked_once_the_desk_has_said_what_other_devices_were_asked() {
    assert_eq!(asked_before_the_desk_was_heard(None), 1);
    let elsewhere = r#"{"nps":[1690000000000,1,0]}"#;
    assert_eq!(asked_before_the_desk_was_heard(Some(elsewhere)), 0);
}

#[test]
fn a_visitor_whom_nobody_named_cannot_be_identified_afterwards() {
    let config = Config {
        desk: "https://desk.test".into(),
        site: "demo".into(),
        ..Default::default()
    };
    let mut engine = Engine::new(config, [1; 32]).unwrap();
    engine
        .handle(Now::default(), Input::Loaded(Stored::default()))
        .unwrap();
    let identify = Action::Identify { token: "t".into() };
    let refused = engine.handle(Now::default(), Input::Visitor(identify));
    assert_eq!(refused.unwrap_err().code, "not_named");
}
