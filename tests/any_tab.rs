//! What any tab may write, whoever leads: that another tab leads meanwhile, or a newer version owns the store,
//! takes nothing from what those have written.

mod world;

use deskside::limits::PING_INTERVAL_MS;
use deskside::output::{Output, StoreOp};
use deskside::plain::Value;
use deskside::protocol::error_code;
use deskside::tabs::{Lead, TabMessage};
use deskside::view::{Connection, Status};
use deskside::{Action, Engine, Input};
use world::desk::{Desk, permanent};
use world::{Disk, World, config};

/// A tab that leads and falls asleep, and the one that took the lead from it, on the same store and desk.
struct Tabs {
    asleep: World,
    leads: World,
}

/// The other tab goes on with the store and the desk as this one leaves them.
fn hand_on(from: &mut World, to: &mut World) {
    to.stored = from.stored.clone();
    to.next_local_seq = from.next_local_seq;
    to.generation = from.generation;
    to.desk = std::mem::replace(&mut from.desk, Desk::new());
}

impl Tabs {
    /// The first has led and done this; the second leads, and has said one thing more.
    fn after(act: impl FnOnce(&mut World)) -> Self {
        let mut asleep = World::chatting();
        asleep.generation = 1;
        asleep.input(Input::Leading { generation: 1 });
        asleep.say("before");
        act(&mut asleep);
        let mut leads = World::new();
        hand_on(&mut asleep, &mut leads);
        leads.generation = 2;
        leads.restart();
        leads.input(Input::Leading { generation: 2 });
        leads.open_chat();
        leads.pass_ms(1);
        leads.say("by the new leader");
        hand_on(&mut leads, &mut asleep);
        Self { asleep, leads }
    }

    /// The first wakes and does this without knowing anything of the second, which then looks at the store.
    fn wakes(&mut self, act: impl FnOnce(&mut World)) {
        self.asleep.net = world::Net::Silent;
        act(&mut self.asleep);
        hand_on(&mut self.asleep, &mut self.leads);
        self.leads.pass_ms(2 * u64::from(PING_INTERVAL_MS));
    }
}

#[test]
fn what_a_tab_says_that_does_not_know_that_it_leads_no_more_goes_once_and_in_order() {
    let mut tabs = Tabs::after(|_| {});
    tabs.wakes(|asleep| asleep.say("by the old one"));
    let said = ["before", "by the new leader", "by the old one"];
    assert_eq!(tabs.leads.desk.said(), said);
    assert_eq!(tabs.leads.texts(), said);
    assert_eq!(tabs.leads.stored.journal, []);
}

#[test]
fn what_it_discards_is_gone_and_stays_sent_where_the_leader_sent_it_again() {
    for sent_again in [false, true] {
        let mut tabs = Tabs::after(|asleep| {
            asleep
                .desk
                .refusals
                .push_back(permanent(error_code::INVALID));
            asleep.say("bad");
        });
        if sent_again {
            let key = tabs.leads.key_of("bad");
            hand_on(&mut tabs.asleep, &mut tabs.leads);
            tabs.leads.act(Action::Retry { key }).unwrap();
            hand_on(&mut tabs.leads, &mut tabs.asleep);
        }
        tabs.wakes(|asleep| {
            let key = asleep.key_of("bad");
            asleep.act(Action::Discard { key }).unwrap();
        });
        let said = tabs.leads.desk.said();
        assert_eq!(
            said.iter().filter(|text| *text == "bad").count(),
            usize::from(sent_again)
        );
        assert_eq!(tabs.leads.stored.journal, []);
    }
}

#[test]
fn what_it_sends_again_is_not_brought_back_where_the_leader_has_given_it_up() {
    let mut tabs = Tabs::after(|asleep| {
        asleep
            .desk
            .refusals
            .push_back(permanent(error_code::INVALID));
        asleep.say("bad");
    });
    let key = tabs.leads.key_of("bad");
    hand_on(&mut tabs.asleep, &mut tabs.leads);
    tabs.leads.act(Action::Discard { key }).unwrap();
    hand_on(&mut tabs.leads, &mut tabs.asleep);
    tabs.wakes(|asleep| {
        let key = asleep.key_of("bad");
        asleep.act(Action::Retry { key }).unwrap();
    });
    assert_eq!(tabs.leads.desk.said(), ["before", "by the new leader"]);
    assert_eq!(tabs.leads.stored.journal, []);
}

#[test]
fn its_draft_is_kept_and_nothing_else_of_the_conversation_is_changed() {
    let mut tabs = Tabs::after(|_| {});
    let records = tabs.leads.stored.conversations.clone();
    tabs.wakes(|asleep| {
        let conv = asleep.chat().id;
        let text = "half a thought".into();
        asleep.act(Action::Draft { conv, text }).unwrap();
        asleep.act(Action::Look { visible: false }).unwrap();
    });
    assert_eq!(tabs.leads.chat().draft, "half a thought");
    assert_eq!(tabs.leads.stored.conversations, records);
    tabs.leads.reload();
    assert_eq!(tabs.leads.chat().draft, "half a thought");
}

#[test]
fn the_marks_that_it_keeps_take_none_of_the_leader_s_back() {
    let mut tabs = Tabs::after(|_| {});
    hand_on(&mut tabs.asleep, &mut tabs.leads);
    tabs.leads.desk.agent_says("for the new leader");
    tabs.leads.deliver();
    let read = tabs.leads.stored.conversations[0].visitor_marks;
    hand_on(&mut tabs.leads, &mut tabs.asleep);
    tabs.wakes(|asleep| asleep.input(Input::Following));
    assert!(
        tabs.leads
            .stored
            .kept
            .iter()
            .any(|(name, _)| name == "marks")
    );
    assert_eq!(tabs.leads.stored.conversations[0].visitor_marks, read);
    tabs.leads.restart();
    assert_eq!(tabs.leads.view().unread, 0);
}

#[test]
fn the_device_s_own_record_that_it_would_make_is_not_written_over_the_one_there_is() {
    let mut tabs = Tabs::after(|_| {});
    let meta = tabs.leads.stored.meta.clone();
    tabs.wakes(|asleep| asleep.say("once more"));
    assert_eq!(tabs.leads.stored.meta, meta);
}

#[test]
fn the_cache_that_it_drops_for_want_of_room_comes_back_from_the_desk() {
    let mut tabs = Tabs::after(|_| {});
    tabs.wakes(|asleep| {
        asleep.disk = Disk::FailsOnce("quota");
        asleep.say("there was no room for this");
    });
    tabs.leads.say("and on");
    let said = [
        "before",
        "by the new leader",
        "there was no room for this",
        "and on",
    ];
    assert_eq!(tabs.leads.desk.said(), said);
    tabs.leads.reload();
    assert!(tabs.leads.chat().has_older);
    tabs.leads.act(Action::Older).unwrap();
    assert_eq!(tabs.leads.texts(), said);
}

/// Everything that the visitor can do in a tab that follows.
fn all_acts(world: &World, parked: &str) -> Vec<Action> {
    let conv = world.chat().id;
    let text = |text: &str| (conv.clone(), text.to_owned());
    let ((conv, draft), (_, said)) = (text("half"), text("whole"));
    vec![
        Action::Draft {
            conv: conv.clone(),
            text: draft,
        },
        Action::Look { visible: false },
        Action::Look { visible: true },
        Action::Send {
            conv: conv.clone(),
            text: said,
            ticket: None,
        },
        Action::Handoff {
            conv: conv.clone(),
            reason: "asked".into(),
            query: String::new(),
            articles: Vec::new(),
        },
        Action::Feedback {
            article: "returns".into(),
            helpful: true,
            query: String::new(),
        },
        Action::Retry { key: parked.into() },
        Action::Discard { key: parked.into() },
        Action::Older,
        Action::Leave,
        Action::OpenNew,
        Action::End { conv },
        Action::Reconnect,
    ]
}

/// A tab with a conversation, a message that was refused, and something that was not read.
fn with_a_past() -> (World, String) {
    let mut world = World::chatting();
    world.say("before");
    world
        .desk
        .refusals
        .push_back(permanent(error_code::INVALID));
    world.say("bad");
    world.act(Action::Look { visible: false }).unwrap();
    world.desk.agent_says("unread");
    world.deliver();
    let key = world.key_of("bad");
    (world, key)
}

#[test]
fn a_tab_that_follows_writes_nothing_but_what_any_tab_may() {
    let (mut world, key) = with_a_past();
    world.input(Input::Following);
    let online = Lead {
        generation: 1,
        connection: Connection::Online,
        text_bytes_max: 1_000,
        ..Default::default()
    };
    world.input(Input::Told(TabMessage::Leads(online)));
    let mut kinds = Vec::new();
    for action in all_acts(&world, &key) {
        // What a retry takes out, a discard after it does not find.
        let _ = world.engine.handle(world.now, Input::Visitor(action));
        while let Some(output) = world.engine.poll() {
            let Output::Persist(batch) = output else {
                continue;
            };
            assert_eq!(batch.generation, None, "it leads nobody");
            for op in &batch.ops {
                kinds.push(match op {
                    StoreOp::MakeMeta(_) => "MakeMeta",
                    StoreOp::Enqueue(_) => "Enqueue",
                    StoreOp::Dequeue { .. } => "Dequeue",
                    StoreOp::UpdateEntry(_) => "UpdateEntry",
                    StoreOp::SetDraft { .. } => "SetDraft",
                    StoreOp::Keep { .. } => "Keep",
                    other => panic!("only a leader may write {other:?}"),
                });
            }
            let rev = batch.rev;
            let local_seqs = vec![90 + rev; 2];
            let _ = world
                .engine
                .handle(world.now, Input::Persisted { rev, local_seqs });
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    let all = ["Enqueue", "Keep", "MakeMeta", "SetDraft", "UpdateEntry"];
    assert_eq!(kinds, all, "each of them was written here");
}

#[test]
fn whatever_is_done_beside_a_store_of_a_newer_version_nothing_in_it_changes() {
    let (mut world, key) = with_a_past();
    world.stored.newer = true;
    let name = "of the newer version".to_owned();
    world.stored.kept.push((name, Value::Bool(true)));
    let kept = world.stored.clone();
    world.engine = Engine::new(config(), [9; 32]).unwrap();
    world.input(Input::Resumed);
    world.open_chat();
    assert_eq!(
        world.status("bad"),
        Status::Failed {
            code: "invalid".into()
        }
    );
    for action in all_acts(&world, &key) {
        let _ = world.act(action);
        assert_eq!(world.stored, kept);
    }
    for input in [
        Input::Leading { generation: 7 },
        Input::Following,
        Input::Hidden,
        Input::Suspended,
        Input::Resumed,
    ] {
        world.input(input);
        assert_eq!(world.stored, kept);
    }
}
