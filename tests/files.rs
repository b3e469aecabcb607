//! Files: the message never comes before its file, and the words beside it never wait for it.

mod world;

use deskside::protocol::content::Attachment;
use deskside::protocol::error_code;
use deskside::protocol::event::{EventBody, Role};
use deskside::view::{FileView, ItemBody, Status};
use deskside::{Action, Input};
use world::desk::{permanent, temporary};
use world::{Net, World};

/// Larger than three parts of 256 KB.
const LARGE: u32 = 900_000;

fn chatting() -> World {
    let mut world = World::chatting();
    world.say("before");
    world
}

fn attach(world: &mut World, name: &str, size: u32) -> Attachment {
    let file = world.keep_file(name, size);
    let conv = world.chat().id;
    let attach = Action::Attach {
        conv,
        file: file.clone(),
    };
    world.act(attach).unwrap();
    file
}

/// The file as it is shown, and the status of its message.
fn shown(world: &World, name: &str) -> (FileView, Status) {
    let items = world.chat().items.into_iter();
    let mut found = items.filter_map(|item| match item.body {
        ItemBody::Message { files, status, .. } => {
            let file = files.into_iter().find(|view| view.file.name == name)?;
            Some((file, status.expect("it is the visitor's own")))
        }
        _ => None,
    });
    let first = found.next().expect("the file is shown");
    assert!(found.next().is_none(), "it is shown once");
    first
}

/// What the visitor said, in the desk's order: texts, and names of files.
fn said(world: &World) -> Vec<String> {
    let events = world.desk.log().events.iter();
    let said = events.filter_map(|event| match (&event.body, event.author.role) {
        (EventBody::Message(content), Role::Visitor) => Some(match content.attachments.first() {
            Some(file) => file.name.clone(),
            None => content.text.clone(),
        }),
        _ => None,
    });
    said.collect()
}

fn is_whole(world: &World, file: &Attachment) -> bool {
    let upload = world.desk.upload(&file.upload_id).expect("it began");
    upload.committed && upload.bytes.len() as u32 == file.size
}

#[test]
fn a_file_goes_up_in_parts_and_its_message_after_it() {
    let mut world = chatting();
    let file = attach(&mut world, "room.png", LARGE);
    assert_eq!(said(&world), ["before"], "the message waits for its file");
    let (view, status) = shown(&world, "room.png");
    assert_eq!((view.sent_bytes, status), (Some(0), Status::Sending));
    world.carry_files();
    assert!(is_whole(&world, &file));
    assert_eq!(said(&world), ["before", "room.png"]);
    let chunks = world.transmitted.iter().filter(|name| *name == "chunk");
    assert_eq!(chunks.count(), 4);
    let (view, status) = shown(&world, "room.png");
    assert_eq!((view.sent_bytes, status), (None, Status::Sent));
    assert!(world.files.is_empty(), "nobody needs the bytes any more");
}

#[test]
fn what_is_said_meanwhile_does_not_wait_for_a_file() {
    let mut world = chatting();
    attach(&mut world, "room.png", LARGE);
    world.say("it is the left one");
    assert_eq!(said(&world), ["before", "it is the left one"]);
    world.carry_files();
    assert_eq!(said(&world), ["before", "it is the left one", "room.png"]);
}

#[test]
fn a_crash_in_the_middle_goes_on_from_what_the_desk_has() {
    let mut world = chatting();
    let file = attach(&mut world, "room.png", LARGE);
    world.carry_file();
    world.carry_file();
    world.reload();
    let (view, _) = shown(&world, "room.png");
    assert!(view.sent_bytes > Some(500_000), "{:?}", view.sent_bytes);
    world.carry_files();
    assert!(is_whole(&world, &file));
    assert_eq!(said(&world), ["before", "room.png"]);
    let chunks = world.transmitted.iter().filter(|name| *name == "chunk");
    assert_eq!(chunks.count(), 4, "nothing went up that was there already");
}

#[test]
fn a_file_that_was_attached_offline_goes_up_when_the_network_is_back() {
    let mut world = chatting();
    world.lose_network();
    let file = attach(&mut world, "room.png", LARGE);
    assert_eq!(shown(&world, "room.png").1, Status::Queued);
    world.reload();
    world.restore_network();
    world.carry_files();
    assert!(is_whole(&world, &file));
    assert_eq!(said(&world), ["before", "room.png"]);
}

#[test]
fn the_first_message_of_a_conversation_may_be_a_file() {
    let mut world = World::chatting();
    let file = attach(&mut world, "room.png", 10);
    world.carry_files();
    assert!(is_whole(&world, &file));
    assert_eq!(said(&world), ["room.png"]);
}

#[test]
fn a_file_that_cannot_be_read_is_parked_and_the_text_goes() {
    let mut world = chatting();
    attach(&mut world, "room.png", LARGE);
    world.files.clear();
    world.carry_file();
    world.carry_files();
    world.say("did you get it?");
    let (_, status) = shown(&world, "room.png");
    let code = "file_unreadable".to_owned();
    assert_eq!(status, Status::Failed { code });
    assert_eq!(said(&world), ["before", "did you get it?"]);
    world.reload();
    assert!(matches!(shown(&world, "room.png").1, Status::Failed { .. }));
    let key = world.chat().items.pop().unwrap().key;
    world.act(Action::Discard { key }).unwrap();
    assert!(world.stored.journal.is_empty());
}

#[test]
fn a_file_that_the_desk_does_not_take_is_parked_with_its_reason() {
    let mut world = chatting();
    let refusal = permanent(error_code::FILE_REFUSED);
    world.desk.refusals.push_back(refusal);
    attach(&mut world, "virus.exe", 10);
    let code = error_code::FILE_REFUSED.to_owned();
    assert_eq!(shown(&world, "virus.exe").1, Status::Failed { code });
    let key = world.chat().items.pop().unwrap().key;
    world.act(Action::Retry { key }).unwrap();
    world.carry_files();
    assert_eq!(said(&world), ["before", "virus.exe"], "retried, it may go");
}

#[test]
fn a_desk_that_is_busy_is_given_the_time_it_asks_for() {
    let mut world = chatting();
    let busy = temporary(error_code::RATE_LIMITED, 5_000);
    world.desk.refusals.push_back(busy);
    attach(&mut world, "room.png", 10);
    world.pass_ms(4_900);
    assert!(world.desk.uploads.is_empty());
    world.pass_ms(2_000);
    world.carry_files();
    assert_eq!(said(&world), ["before", "room.png"]);
}

#[test]
fn a_part_without_an_answer_is_sent_again_from_where_the_desk_is() {
    let mut world = chatting();
    let file = attach(&mut world, "room.png", LARGE);
    world.net = Net::LosesReplies;
    world.carry_file();
    world.net = Net::Works;
    world.pass_ms(200_000);
    world.carry_files();
    assert!(is_whole(&world, &file));
    assert_eq!(said(&world), ["before", "room.png"]);
}

#[test]
fn a_desk_with_other_bytes_than_thought_is_asked_again() {
    let mut world = chatting();
    let file = attach(&mut world, "room.png", LARGE);
    world.desk.uploads[0].bytes.clear();
    world.carry_file();
    world.desk.uploads[0].bytes.truncate(100_000);
    world.carry_files();
    world.pass_ms(60_000);
    world.carry_files();
    assert!(is_whole(&world, &file));
    assert_eq!(said(&world), ["before", "room.png"]);
}

#[test]
fn a_file_that_nobody_takes_is_refused_before_it_is_queued() {
    let mut world = chatting();
    let conv = world.chat().id;
    for (size, code) in [(0, "file_too_large"), (1_000_001, "file_too_large")] {
        let mut file = world.keep_file("big.bin", 1);
        file.size = size;
        let conv = conv.clone();
        let refused = world.act(Action::Attach { conv, file }).unwrap_err();
        assert_eq!(refused.code, code);
    }
    assert!(world.stored.journal.is_empty());
}

#[test]
fn a_retry_of_a_file_after_the_conversation_ended_stays_parked() {
    let mut world = chatting();
    world.desk.refusals.push_back(permanent(error_code::CLOSED));
    attach(&mut world, "room.png", 10);
    world.desk.refusals.push_back(permanent(error_code::CLOSED));
    let key = world.chat().items.pop().unwrap().key;
    world.act(Action::Retry { key }).unwrap();
    assert!(matches!(shown(&world, "room.png").1, Status::Failed { .. }));
}

#[test]
fn a_page_that_begins_without_a_network_knows_what_the_desk_took_last() {
    let mut world = chatting();
    let max = world.view().attachment_bytes_max;
    assert!(max > 0);
    world.lose_network();
    world.reload();
    assert_eq!(world.view().attachment_bytes_max, max);
    world.net = world::Net::Works;
    world.desk.attachment_bytes_max = 0;
    world.input(Input::Network { online: true });
    world.pass_ms(1);
    assert_eq!(
        world.view().attachment_bytes_max,
        0,
        "what it says now counts"
    );
    world.lose_network();
    world.reload();
    assert_eq!(world.view().attachment_bytes_max, 0);
}
