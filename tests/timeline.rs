//! What stands in a conversation beside plain words: parts, changes, answers that are being written.

mod world;

use deskside::Action;
use deskside::protocol::content::{Button, Card, Content, Field, Form};
use deskside::protocol::event::{EventBody, Lifecycle, Role, ShownArticle};
use deskside::richtext;
use deskside::view::{Item, ItemBody, QueueView};
use world::World;

fn chatting() -> World {
    let mut world = World::chatting();
    world.say("hello");
    world
}

fn last(world: &World) -> Item {
    world.chat().items.pop().expect("something is shown")
}

fn text(item: &Item) -> String {
    match &item.body {
        ItemBody::Message { content, .. } | ItemBody::Note { content } => {
            richtext::text_of(content)
        }
        other => panic!("a message is shown, not {other:?}"),
    }
}

fn button(title: &str, payload: Option<&str>, link: Option<&str>) -> Button {
    Button {
        title: title.into(),
        payload: payload.map(str::to_owned),
        link: link.map(str::to_owned),
    }
}

fn content(text: &str, fill: impl FnOnce(&mut Content)) -> Content {
    let mut content = Content::from(text.to_owned());
    fill(&mut content);
    content
}

#[test]
fn quick_replies_are_offered_until_something_is_said() {
    let mut world = chatting();
    let replies = vec![
        button("Track my parcel", Some("track"), None),
        button("Something else", None, None),
    ];
    let asks = content("What is it about?", |content| {
        content.quick_replies = replies
    });
    world.desk.bot_says(asks);
    world.deliver();
    let offered = world.chat().quick_replies;
    assert_eq!(offered.len(), 2);
    world.lose_network();
    let conv = world.chat().id;
    world
        .act(Action::Choose {
            conv,
            title: offered[0].title.clone(),
            payload: offered[0].payload.clone(),
        })
        .unwrap();
    assert!(world.chat().quick_replies.is_empty(), "also while it waits");
    world.restore_network();
    let said = world.desk.log().events.last().unwrap();
    let EventBody::Message(said) = &said.body else {
        panic!("it is said");
    };
    assert_eq!(said.text, "Track my parcel");
    assert_eq!(said.payload.as_deref(), Some("track"));
    assert!(world.chat().quick_replies.is_empty());
}

#[test]
fn a_card_shows_pictures_of_the_desk_and_links_that_are_what_they_seem() {
    let mut world = chatting();
    let card = |image: &str, link: &str| Card {
        title: "Linen duvet".into(),
        text: "Stone, 140 x 200".into(),
        image: Some(image.into()),
        link: Some(link.into()),
        buttons: vec![
            button("Buy", None, Some("https://shop.test/buy")),
            button("Steal", None, Some("javascript:alert(1)")),
            button("Is it in stock?", Some("stock 7"), None),
        ],
    };
    let cards = vec![
        card("/media/duvet.png", "https://shop.test/duvet"),
        card("https://tracker.test/pixel.png", "data:text/html,<script>"),
    ];
    world
        .desk
        .bot_says(content("Linen duvet", |content| content.cards = cards));
    world.deliver();
    let ItemBody::Message { cards, .. } = last(&world).body else {
        panic!("it is shown");
    };
    let image = cards[0].image.as_deref();
    assert_eq!(image, Some("http://desk.test/media/duvet.png"));
    assert_eq!(cards[0].link.as_deref(), Some("https://shop.test/duvet"));
    let titles: Vec<&str> = cards[0].buttons.iter().map(|b| b.title.as_str()).collect();
    assert_eq!(titles, ["Buy", "Is it in stock?"]);
    assert_eq!((&cards[1].image, &cards[1].link), (&None, &None));
}

fn form() -> Form {
    let field = |name: &str, required| Field {
        name: name.into(),
        kind: "text".into(),
        label: format!("Your {name}"),
        required,
        options: Vec::new(),
    };
    Form {
        fields: vec![field("order", true), field("size", false)],
        submit: "Look it up".into(),
    }
}

#[test]
fn a_form_is_answered_once_and_says_what_was_filled_in() {
    let mut world = chatting();
    let asks = content("Which order?", |content| content.form = Some(form()));
    let seq = world.desk.bot_says(asks);
    world.deliver();
    let shown = |world: &World| {
        let items = world.chat().items.into_iter();
        let mut forms = items.filter_map(|item| match item.body {
            ItemBody::Message { form, .. } => form,
            _ => None,
        });
        forms.next().expect("the form is shown")
    };
    assert_eq!((shown(&world).seq, shown(&world).answered), (seq, false));
    let conv = world.chat().id;
    let submit = |values: &[(&str, &str)]| Action::Submit {
        conv: conv.clone(),
        form: seq,
        values: values
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect(),
    };
    let refused = world.act(submit(&[("order", "  "), ("size", "L")]));
    assert_eq!(refused.unwrap_err().code, "field_missing");
    world.lose_network();
    world
        .act(submit(&[("order", "LL-7"), ("size", "")]))
        .unwrap();
    assert!(shown(&world).answered, "also while it waits");
    world.restore_network();
    assert!(shown(&world).answered);
    assert_eq!(world.desk.said(), ["hello", "Your order: LL-7"]);
    let nowhere = world.act(Action::Submit {
        conv,
        form: 1,
        values: Vec::new(),
    });
    assert_eq!(nowhere.unwrap_err().code, "no_form");
}

#[test]
fn an_edit_changes_the_message_where_it_stands_and_in_the_store() {
    let mut world = chatting();
    world.desk.agent_says("It comes on Munday");
    world.deliver();
    let seq = world.desk.log().events.len() as u32;
    let before = last(&world);
    world.desk.edits(seq, "It comes on **Monday**");
    world.deliver();
    let after = last(&world);
    assert_eq!(after.key, before.key, "it is the same bubble");
    assert_eq!(text(&after), "It comes on Monday");
    assert!(matches!(after.body, ItemBody::Message { edited: true, .. }));
    assert_eq!(world.view().conversations[0].preview, "It comes on Monday");
    world.lose_network();
    world.reload();
    assert_eq!(text(&last(&world)), "It comes on Monday");
}

#[test]
fn what_is_taken_back_is_gone_from_the_device() {
    let mut world = chatting();
    world.desk.agent_says("Your card 4111 1111 1111 1111");
    world.deliver();
    let seq = world.desk.log().events.len() as u32;
    world.act(Action::Leave).unwrap();
    world.desk.redacts(seq);
    world.deliver();
    assert_eq!(world.view().unread, 0, "what is gone need not be read");
    world.open_chat();
    assert!(matches!(
        last(&world).body,
        ItemBody::Redacted { mine: false, .. }
    ));
    let kept = format!("{:?}", world.stored);
    assert!(!kept.contains("4111"), "{kept}");
    world.desk.edits(seq, "again");
    world.deliver();
    let shown = last(&world).body;
    assert!(matches!(shown, ItemBody::Redacted { .. }), "it stays gone");
}

#[test]
fn an_edit_of_what_is_not_there_breaks_nothing() {
    let mut world = chatting();
    let top = world.desk.log().events.len() as u32;
    for seq in [0, top + 500, u32::MAX] {
        let edit = deskside::protocol::event::Edit {
            seq,
            content: Content::from("boo".to_owned()),
        };
        let conv = world.desk.log().conv.clone();
        let author = deskside::protocol::event::Author {
            role: Role::Agent,
            id: "a1".into(),
        };
        world
            .desk
            .log_only(&conv, author, None, EventBody::Edit(edit), 8);
        world.deliver();
    }
    world.desk.agent_says("still here");
    world.deliver();
    assert_eq!(text(&last(&world)), "still here");
}

#[test]
fn a_streamed_answer_grows_and_the_message_takes_its_place() {
    let mut world = chatting();
    let id = "01890000-0000-7000-8000-00000000abcd";
    for text in ["Your", "Your parcel", "Your parcel is **on its"] {
        world.desk.bot_writes(id, text);
        world.deliver();
    }
    let growing = last(&world);
    assert_eq!(text(&growing), "Your parcel is **on its");
    assert!(matches!(
        growing.body,
        ItemBody::Message { writing: true, .. }
    ));
    assert_eq!(world.view().unread, 0, "it is not said yet");
    world.desk.bot_ends(id, "Your parcel is **on its way**.");
    world.deliver();
    let done = last(&world);
    assert_eq!(done.key, growing.key, "it is the same bubble");
    assert_eq!(text(&done), "Your parcel is on its way.");
    assert!(matches!(
        done.body,
        ItemBody::Message { writing: false, .. }
    ));
    world.desk.bot_writes(id, "too late");
    world.deliver();
    assert_eq!(text(&last(&world)), "Your parcel is on its way.");
}

#[test]
fn a_stream_that_stops_goes_away_by_itself_and_with_the_connection() {
    let mut world = chatting();
    let shown = |world: &World| world.chat().items.len();
    let before = shown(&world);
    world.desk.bot_writes("s1", "Well");
    world.deliver();
    assert_eq!(shown(&world), before + 1);
    world.pass_ms(21_000);
    assert_eq!(shown(&world), before);
    world.desk.bot_writes("s2", "Well");
    world.deliver();
    world.desk.bot_writes("s2", "");
    world.deliver();
    assert_eq!(shown(&world), before, "the bot gave up");
    world.desk.bot_writes("s3", "Well");
    world.deliver();
    world.lose_network();
    assert_eq!(shown(&world), before);
}

#[test]
fn notes_of_the_desk_are_shown_as_such_and_count_as_nothing_to_read() {
    let mut world = chatting();
    world.act(Action::Look { visible: false }).unwrap();
    world.desk.notes("Calls may be recorded.");
    world.deliver();
    assert_eq!(text(&last(&world)), "Calls may be recorded.");
    assert!(matches!(last(&world).body, ItemBody::Note { .. }));
    assert_eq!(world.view().unread, 0);
}

#[test]
fn the_place_in_the_queue_is_shown_while_it_is_known() {
    let mut world = chatting();
    assert_eq!(world.chat().queue, None);
    world.desk.places(3, Some((60_000, 180_000)));
    world.deliver();
    let queue = QueueView {
        position: 3,
        wait_ms_min: Some(60_000),
        wait_ms_max: Some(180_000),
    };
    assert_eq!(world.chat().queue, Some(queue));
    world.desk.places(1, None);
    world.deliver();
    let queue = world.chat().queue.unwrap();
    assert_eq!((queue.position, queue.wait_ms_max), (1, None));
    world.desk.agent_says("hello");
    world.deliver();
    assert_eq!(world.chat().queue, None, "an agent has it");
}

#[test]
fn a_hand_off_takes_along_what_was_searched_and_read() {
    let mut world = World::chatting();
    let conv = world.chat().id;
    world
        .act(Action::Handoff {
            conv,
            reason: "asked".into(),
            query: "parcel late".into(),
            articles: vec![ShownArticle {
                id: "parcel-late".into(),
                helpful: Some(false),
            }],
        })
        .unwrap();
    let Some(EventBody::Handoff(context)) = world.desk.log().events.last().map(|e| &e.body) else {
        panic!("the desk has it");
    };
    assert_eq!(context.query, "parcel late");
    assert_eq!(context.articles[0].helpful, Some(false));
    assert!(matches!(last(&world).body, ItemBody::HandedOff));
    assert!(world.stored.journal.is_empty());
}

#[test]
fn a_hand_off_that_was_asked_for_offline_is_not_lost() {
    let mut world = chatting();
    world.desk.moves_to(Lifecycle::SelfService);
    world.deliver();
    assert_eq!(world.chat().state, Lifecycle::SelfService);
    world.lose_network();
    let conv = world.chat().id;
    let asked = Action::Handoff {
        conv,
        reason: "asked".into(),
        query: String::new(),
        articles: Vec::new(),
    };
    world.act(asked).unwrap();
    world.reload();
    world.restore_network();
    let bodies = world
        .desk
        .log()
        .events
        .iter()
        .map(|event| event.body.kind());
    assert_eq!(bodies.filter(|kind| *kind == "handoff").count(), 1);
}

#[test]
fn each_conversation_has_its_own_draft_and_its_own_unread() {
    let mut world = chatting();
    let first = world.chat().id;
    let draft = |world: &mut World, text: &str| {
        let conv = world.chat().id;
        let text = text.to_owned();
        world.act(Action::Draft { conv, text }).unwrap();
    };
    draft(&mut world, "of the first");
    world.act(Action::OpenNew).unwrap();
    world.say("another matter");
    draft(&mut world, "of the second");
    let second = world.chat().id;
    assert_ne!(first, second);
    world.desk.agent_says_in(&first, "about the first", 9);
    world.deliver();
    let unread = |world: &World, id: &str| {
        let list = world.view().conversations.into_iter();
        let mut found = list.filter(|one| one.id == id);
        found.next().expect("it is listed").unread
    };
    assert_eq!((unread(&world, &first), unread(&world, &second)), (1, 0));
    let newest = &world.view().conversations[0];
    assert_eq!(newest.id, second, "the list is by what happened last");
    world.pass_ms(1_000);
    world.reload();
    let open = |world: &mut World, conv: &str| {
        let conv = Some(conv.to_owned());
        world.act(Action::Open { conv }).unwrap();
        world.chat().draft
    };
    assert_eq!(open(&mut world, &first), "of the first");
    assert_eq!(open(&mut world, &second), "of the second");
    assert_eq!(unread(&world, &first), 0, "it was on the screen");
}

#[test]
fn a_file_in_an_agents_message_is_shown_with_a_name_that_is_what_it_seems() {
    let mut world = chatting();
    let mut file = world.keep_file("invoice\u{202e}fdp.exe", 10);
    file.mime = "application/pdf".into();
    let says = content("", |content| content.attachments = vec![file]);
    world.desk.bot_says(says);
    world.deliver();
    let ItemBody::Message { files, .. } = last(&world).body else {
        panic!("it is shown");
    };
    assert_eq!(files[0].file.name, "invoice\u{fffd}fdp.exe");
    assert_eq!(files[0].sent_bytes, None);
    let preview = world.view().conversations[0].preview.clone();
    assert_eq!(preview, "invoice\u{fffd}fdp.exe");
}

#[test]
fn a_form_far_back_is_known_to_be_answered() {
    let mut world = chatting();
    let field = Field {
        name: "order".into(),
        kind: "text".into(),
        label: "Order".into(),
        required: false,
        options: Vec::new(),
    };
    let form = Form {
        fields: vec![field],
        submit: String::new(),
    };
    world
        .desk
        .bot_says(content("Which one?", |content| content.form = Some(form)));
    world.deliver();
    let (conv, form) = (world.chat().id, world.desk.log().events.len() as u32);
    let values = vec![("order".to_owned(), "4711".to_owned())];
    let submit = Action::Submit { conv, form, values };
    world.act(submit).unwrap();
    for _ in 0..900 {
        world.desk.agent_says("more");
        world.deliver();
    }
    while world.chat().has_older {
        world.act(Action::Older).unwrap();
    }
    let items = world.chat().items.into_iter();
    let mut forms = items.filter_map(|item| match item.body {
        ItemBody::Message { form, .. } => form,
        _ => None,
    });
    assert!(forms.next().expect("it is shown").answered);
}
