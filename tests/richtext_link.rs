//! What may become a link, and which host a reader is told.

use deskside::limits::LINK_BYTES_MAX;
use deskside::richtext::link::{Link, LinkError};
use proptest::prelude::*;

fn refused(href: &str) -> LinkError {
    Link::parse(href, Some("")).expect_err(href)
}

fn host(href: &str) -> String {
    Link::parse(href, None)
        .unwrap_or_else(|error| panic!("{href}: {error:?}"))
        .host
}

fn joined(href: &str, base: &str) -> String {
    Link::parse(href, Some(base))
        .unwrap_or_else(|error| panic!("{href}: {error:?}"))
        .href
}

#[test]
fn web_mail_and_telephone_addresses_are_links() {
    for href in [
        "https://example.com",
        "http://example.com:8080/a?b=c#d",
        "https://[2001:db8::1]:443/",
        "https://127.0.0.1/",
        "mailto:help@example.com?subject=Order%2012",
        "tel:+86-10-12345678",
        "tel:*100#",
    ] {
        assert_eq!(
            Link::parse(href, None).map(|link| link.href),
            Ok(href.into())
        );
    }
}

#[test]
fn every_other_scheme_is_refused_however_it_is_written() {
    for href in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "javascript&colon;alert(1):",
        "java&#10;script:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
        "blob:https://example.com/1",
        "file:///etc/passwd",
        "view-source:https://example.com",
        ":",
        "://example.com",
    ] {
        assert_eq!(refused(href), LinkError::Scheme, "{href}");
    }
}

#[test]
fn characters_that_a_browser_drops_or_turns_are_refused() {
    for href in [
        "JaVa\tScript:alert(1)",
        "java\nscript:alert(1)",
        "\u{1}java\0script:alert(1)",
        "https://example.com/\u{202e}gpj.exe",
        "https://exam\u{200b}ple.com",
        "https://exam\u{ad}ple.com",
        "http:\\\\evil.example",
        "https://example.com\\@evil.example",
        "/\\evil.example",
    ] {
        assert_eq!(refused(href), LinkError::Character, "{href:?}");
    }
}

#[test]
fn an_address_without_a_scheme_cannot_leave_the_site() {
    assert_eq!(refused("//evil.example"), LinkError::Host);
    assert_eq!(refused("///evil.example"), LinkError::Host);
    assert_eq!(Link::parse("page", None), Err(LinkError::Relative));
    assert_eq!(Link::parse("#a", None), Err(LinkError::Relative));
}

#[test]
fn a_name_before_the_host_is_refused() {
    assert_eq!(
        refused("https://bank.example@evil.example/"),
        LinkError::UserInfo
    );
    assert_eq!(refused("https://a:b@evil.example/"), LinkError::UserInfo);
    assert_eq!(host("https://example.com/@name"), "example.com");
}

#[test]
fn a_host_that_a_browser_would_read_in_another_way_is_refused() {
    for href in [
        "https://",
        "https:/example.com",
        "https:example.com",
        "https:///example.com",
        "https://exa%6dple.com",
        "https://example..com",
        "https://example.com:99999999",
        "https://example.com:80a",
        "https://[::1",
        "https://[evil.example]/",
        "https://ｅxample.com",
        "https://bank.example／evil.example",
        "https://bank。example",
        "https://e\u{301}xample.com",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://1.2.3/",
        "https://1.2.3.256/",
    ] {
        assert_eq!(refused(href), LinkError::Host, "{href}");
    }
}

#[test]
fn a_look_alike_name_is_shown_encoded_and_an_east_asian_one_as_it_is() {
    assert_eq!(host("https://аррӏе.com/"), "xn--80ak6aa92e.com");
    assert_eq!(host("https://pаypal.com/"), "xn--pypal-4ve.com");
    assert_eq!(host("https://bücher.example/"), "xn--bcher-kva.example");
    assert_eq!(host("https://中文.com/"), "中文.com");
    assert_eq!(host("https://中文a.com/"), "xn--a-kq6a406e.com");
    assert_eq!(host("https://한국.example/"), "한국.example");
    assert_eq!(host("https://EXAMPLE.com./"), "example.com");
}

#[test]
fn the_address_itself_always_has_an_ascii_host() {
    let link = Link::parse("https://中文.com:8443/路径?q=值", None).unwrap();
    assert_eq!(link.href, "https://xn--fiq228c.com:8443/路径?q=值");
    // The examples of RFC 3492, section 7.1 (simplified Chinese, Korean, Russian).
    for (label, encoded) in [
        ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"),
        (
            "почемужеонинеговорятпорусски",
            "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l",
        ),
        (
            "세계의모든사람들이한국어를이해한다면얼마나좋을까",
            "xn--989aomsvi5e83db1d2a355cv1e0vak1dwrv93d5xbh15a0dt30a5jpsd879ccm6fea98c",
        ),
    ] {
        let link = Link::parse(&format!("https://{label}.example"), None);
        match link {
            Ok(link) => assert_eq!(link.href, format!("https://{encoded}.example")),
            Err(error) => assert!(encoded.len() > 63 && error == LinkError::Host, "{label}"),
        }
    }
}

#[test]
fn too_long_an_address_is_refused() {
    let long = format!("https://example.com/{}", "a".repeat(1 << 20));
    assert_eq!(refused(&long), LinkError::TooLong);
    assert_eq!(
        refused(&format!(
            "https://{}.example",
            "a.".repeat(LINK_BYTES_MAX / 4)
        )),
        LinkError::Host
    );
}

#[test]
fn an_article_may_link_to_its_own_headings_and_beside_itself() {
    assert_eq!(
        joined("#refunds", "https://example.com/help/returns"),
        "#refunds"
    );
    assert_eq!(joined("delivery", ""), "delivery");
    assert_eq!(joined("a b", ""), "a%20b");
    let base = "https://example.com/help/en/returns?x#y";
    for (href, whole) in [
        ("delivery", "https://example.com/help/en/delivery"),
        (
            "./delivery#fast",
            "https://example.com/help/en/delivery#fast",
        ),
        ("../zh/delivery/", "https://example.com/help/zh/delivery/"),
        ("../../../../x", "https://example.com/x"),
        ("/contact", "https://example.com/contact"),
        ("?page=2", "https://example.com/help/en/returns?page=2"),
        ("..//evil.example", "https://example.com/help//evil.example"),
        (".", "https://example.com/help/en/"),
    ] {
        assert_eq!(joined(href, base), whole);
    }
    assert_eq!(joined("x", "https://example.com"), "https://example.com/x");
    assert_eq!(
        joined("?x", "https://example.com"),
        "https://example.com/?x"
    );
}

#[test]
fn a_base_that_is_no_web_address_makes_no_link() {
    assert_eq!(
        Link::parse("x", Some("javascript:alert(1)")),
        Err(LinkError::Scheme)
    );
    assert_eq!(
        Link::parse("x", Some("mailto:a@b.example")),
        Err(LinkError::Relative)
    );
}

#[test]
fn the_host_is_shown_unless_the_text_shows_it() {
    let link = Link::parse("https://evil.example/bank.example", None).unwrap();
    assert_eq!(link.host_beside("https://bank.example"), "evil.example");
    assert_eq!(
        link.host_beside("evil.example.bank.example"),
        "evil.example"
    );
    assert_eq!(link.host_beside("our shop"), "evil.example");
    assert_eq!(link.host_beside("https://Evil.example/bank.example"), "");
    assert_eq!(link.host_beside("evil.example"), "");
}

proptest! {
    #[test]
    fn any_text_is_refused_or_has_an_allowed_scheme(href in "\\PC{0,60}", base in "\\PC{0,20}") {
        for base in [None, Some(""), Some(base.as_str()), Some("https://example.com/a/b")] {
            if let Ok(link) = Link::parse(&href, base) {
                let absolute = ["http://", "https://", "mailto:", "tel:"]
                    .iter()
                    .any(|scheme| link.href.starts_with(scheme));
                let first = link.href.split(['/', '?', '#']).next().unwrap_or_default();
                prop_assert!(absolute || base.is_some() && !first.contains(':'), "{}", link.href);
                prop_assert!(!link.href.starts_with("//"));
                prop_assert_eq!(Link::parse(&link.href, Some("")).map(|again| again.href), Ok(link.href));
            }
        }
    }

    #[test]
    fn a_host_in_ascii_is_shown_as_it_is_followed(name in "[a-z0-9.@:/\\\\%-]{1,30}") {
        if let Ok(link) = Link::parse(&format!("https://{name}"), None) {
            let authority = &link.href["https://".len()..];
            let end = authority.find(['/', '?', '#', ':']).unwrap_or(authority.len());
            prop_assert_eq!(&authority[..end], link.host);
        }
    }
}
