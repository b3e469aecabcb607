//! Addresses out of messages and articles: only what is safe to follow gets through.
#![no_main]

use deskside::richtext::link::Link;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for base in [None, Some("https://help.example.com/en/")] {
        if let Ok(link) = Link::parse(text, base) {
            let safe = ["http://", "https://", "mailto:", "tel:"];
            // In an article a link may lead to a heading of its own.
            let anchor = base.is_some() && link.href.starts_with('#');
            assert!(
                anchor || safe.iter().any(|scheme| link.href.starts_with(scheme)),
                "{:?}",
                link.href
            );
            let _ = link.host_beside(text);
        }
    }
});
