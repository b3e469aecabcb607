//! The connection is made when it is needed, doubted when it is silent, and tried again without haste.

mod world;

use deskside::limits::SUBS_MAX;
use deskside::protocol::reply::Disconnect;
use deskside::view::{Connection, Status};
use deskside::{Action, Config, Engine, Input, Now};
use world::{Net, World};

#[test]
fn a_half_open_connection_is_found_within_two_ping_intervals() {
    let mut world = World::chatting();
    world.say("hello");
    world.net = Net::Silent;
    world.pass_ms(49_000);
    assert_eq!(world.view().connection, Connection::Online);
    world.pass_ms(2_000);
    assert_ne!(world.view().connection, Connection::Online);
    world.net = Net::Works;
    world.pass_ms(60_000);
    assert_eq!(world.view().connection, Connection::Online);
}

#[test]
fn a_page_that_comes_back_doubts_its_socket_and_gives_it_four_seconds() {
    let mut world = World::chatting();
    world.say("hello");
    world.net = Net::Silent;
    world.input(Input::Resumed);
    world.pass_ms(4_500);
    assert_ne!(world.view().connection, Connection::Online);
}

#[test]
fn a_quiet_connection_stays_up_by_pings() {
    let mut world = World::chatting();
    world.say("hello");
    world.pass_ms(10 * 60_000);
    assert_eq!(world.view().connection, Connection::Online);
    let connects = world
        .transmitted
        .iter()
        .filter(|name| *name == "connect")
        .count();
    assert_eq!(connects, 1);
    assert!(
        world
            .transmitted
            .iter()
            .filter(|name| *name == "ping")
            .count()
            >= 20
    );
}

#[test]
fn an_unreachable_desk_is_tried_again_ever_more_slowly() {
    let mut world = World::new();
    world.net = Net::Down;
    world.open_chat();
    world.pass_ms(10 * 60_000);
    let Connection::Unreachable { attempts } = world.view().connection else {
        panic!("{:?}", world.view().connection)
    };
    assert!((20..90).contains(&attempts), "{attempts}");
    world.net = Net::Works;
    world.act(Action::Reconnect).unwrap();
    assert_eq!(world.view().connection, Connection::Online);
}

#[test]
fn who_is_sent_away_comes_back_no_sooner_than_the_desk_said_and_not_all_together() {
    let mut world = World::chatting();
    let mut came_back = Vec::new();
    for _ in 0..20 {
        world.pass_ms(1_000);
        let away = world::push(|frame| {
            frame.disconnect = Some(Disconnect {
                code: 4000,
                reconnect: true,
                retry_after_ms: Some(7_000),
            });
        });
        world.input(Input::Received(vec![away]));
        world.input(Input::SocketClosed { code: 4000 });
        world.pass_ms(6_999);
        assert_ne!(world.view().connection, Connection::Online);
        let mut waited_ms = 6_999;
        while world.view().connection != Connection::Online {
            world.pass_ms(10);
            waited_ms += 10;
        }
        assert!(waited_ms < 8_000, "{waited_ms}");
        came_back.push(waited_ms);
    }
    came_back.sort_unstable();
    came_back.dedup();
    assert!(came_back.len() > 10, "{came_back:?}");
}

#[test]
fn a_desk_that_refuses_the_site_is_not_asked_again() {
    let mut world = World::new();
    world.net = Net::Down;
    world.open_chat();
    world.net = Net::Silent;
    world.pass_ms(2_000);
    world.input(Input::SocketClosed { code: 4004 });
    assert_eq!(
        world.view().connection,
        Connection::Refused {
            code: "forbidden_site".into()
        }
    );
    let before = world.transmitted.len();
    world.pass_ms(10 * 60_000);
    assert_eq!(world.transmitted.len(), before);
}

#[test]
fn a_token_that_is_not_taken_is_dropped_once_and_the_queue_is_kept() {
    let mut world = World::chatting();
    world.say("hello");
    world.lose_network();
    world.say("waiting");
    world.desk.forgets_tokens = true;
    world.restore_network();
    world.pass_ms(40_000);
    assert_eq!(world.desk.said(), ["hello", "waiting"]);
}

#[test]
fn a_clock_that_jumps_ten_years_changes_neither_order_nor_delays() {
    let mut world = World::chatting();
    world.say("one");
    world.now.wall_ms -= 10 * 365 * 86_400_000;
    world.say("two");
    world.now.wall_ms += 20 * 365 * 86_400_000;
    world.lose_network();
    world.say("three");
    world.restore_network();
    world.pass_ms(31_000);
    assert_eq!(world.desk.said(), ["one", "two", "three"]);
}

#[test]
fn a_monotonic_clock_that_steps_back_is_held() {
    let mut world = World::chatting();
    world.say("one");
    world.now = Now {
        mono_ms: 0,
        ..world.now
    };
    world.say("two");
    assert_eq!(world.desk.said(), ["one", "two"]);
}

#[test]
fn an_address_that_cannot_be_a_desk_is_refused_with_a_sentence() {
    for desk in [
        "",
        "desk.example",
        "ftp://desk.example",
        "https://",
        "https://a?b",
        "https://u@desk",
        "javascript:alert(1)",
    ] {
        let config = Config {
            desk: desk.into(),
            site: "demo".into(),
            ..Default::default()
        };
        let refusal = Engine::new(config, [0; 32]).unwrap_err();
        assert_eq!(refusal.code, "desk_address", "{desk}");
        assert!(refusal.message.contains("https://desk.example"));
    }
    let nameless = Config {
        desk: "https://desk.example".into(),
        ..Default::default()
    };
    assert_eq!(Engine::new(nameless, [0; 32]).unwrap_err().code, "site");
}

#[test]
fn who_has_more_conversations_than_a_resume_may_name_connects_all_the_same() {
    let mut world = World::chatting();
    for number in 0..SUBS_MAX + 20 {
        world.act(Action::OpenNew).unwrap();
        world.say(&format!("matter {number}"));
        world.pass_ms(1);
    }
    let oldest = world.desk.logs[0].conv.clone();
    world.lose_network();
    world.say("offline");
    world.desk.agent_says_in(&oldest, "about the first", 9);
    world.restore_network();
    assert_eq!(world.view().connection, Connection::Online);
    assert_eq!(world.status("offline"), Status::Sent);
    world.act(Action::Open { conv: Some(oldest) }).unwrap();
    assert_eq!(world.texts().last().unwrap(), "about the first");
}
