//! The parts of a message as a screen may have them: links that are what they seem, pictures from the
//! desk alone, texts that change nothing but themselves.

use crate::list::Gather;
use crate::protocol::content::{Attachment, Button, Card, Field, Form};
use crate::richtext::link::{Link, origin_end};
use crate::richtext::neutral;

/// Buttons; one whose link leads nowhere good is left out.
pub fn buttons(buttons: &[Button]) -> Vec<Button> {
    let safe = buttons.iter().filter_map(|button| {
        let link = match &button.link {
            Some(link) => Some(Link::parse(link, None).ok()?.href),
            None => None,
        };
        Some(Button {
            title: shown(&button.title),
            payload: button.payload.clone(),
            link,
        })
    });
    safe.listed()
}

/// Cards; a picture that is not from the desk is left out, and so is a link that leads nowhere good.
pub fn cards(cards: &[Card], desk: &str) -> Vec<Card> {
    let safe = cards.iter().map(|card| Card {
        title: shown(&card.title),
        text: shown(&card.text),
        image: card.image.as_ref().and_then(|image| at_desk(image, desk)),
        link: link(card.link.as_deref()),
        buttons: buttons(&card.buttons),
    });
    safe.listed()
}

/// A form's fields.
pub fn fields(form: &Form) -> Vec<Field> {
    let fields = form.fields.iter().map(|field| Field {
        label: shown(&field.label),
        ..field.clone()
    });
    fields.listed()
}

/// A file, with a name that cannot pretend to be another.
pub fn file(file: &Attachment) -> Attachment {
    Attachment {
        name: shown(&file.name),
        ..file.clone()
    }
}

/// Text that is shown as it is.
fn shown(text: &str) -> String {
    text.chars().map(neutral).collect()
}

fn link(href: Option<&str>) -> Option<String> {
    Some(Link::parse(href?, None).ok()?.href)
}

/// The address of something at the desk, absolute.
fn at_desk(address: &str, desk: &str) -> Option<String> {
    let base = Link::parse(desk, None).ok()?.href;
    let origin = &base[..origin_end(&base)];
    let href = Link::parse(address, Some(&base)).ok()?.href;
    let rest = href.strip_prefix(origin)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(href)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_taken_from_the_desk_alone() {
        let desk = "https://desk.example:8443/base";
        for (image, expected) in [
            ("/img/a.png", Some("https://desk.example:8443/img/a.png")),
            (
                "https://desk.example:8443/b.png",
                Some("https://desk.example:8443/b.png"),
            ),
            ("https://desk.example/b.png", None),
            ("https://desk.example:84430/b.png", None),
            ("https://elsewhere.example/b.png", None),
            ("//elsewhere.example/b.png", None),
            ("data:image/png;base64,AA==", None),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(at_desk(image, desk).as_deref(), expected, "{image}");
        }
    }

    #[test]
    fn a_button_that_leads_nowhere_good_is_left_out() {
        let button = |link: Option<&str>| Button {
            title: "Go\u{202e}".into(),
            payload: None,
            link: link.map(str::to_owned),
        };
        let shown = buttons(&[
            button(None),
            button(Some("https://shop.example/")),
            button(Some("javascript:alert(1)")),
        ]);
        assert_eq!(shown.len(), 2);
        assert_eq!(shown[0].title, "Go\u{fffd}");
    }
}
