//! Which language an article is in, and which articles are one article in several languages.

use super::Found;
use std::collections::BTreeMap;

/// The languages of ISO 639-1 that help centres are written in; a folder named `js` or `md` is none.
const LANGUAGES: &str = " af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fil fr ga gl gu \
    he hi hr hu hy id is it ja ka kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl nn no pa pl pt ro \
    ru si sk sl sq sr sv sw ta te tg th tk tl tr uk ur uz vi yue zh zu ";

/// A locale as BCP 47 writes it (`zh_cn` -> `zh-CN`), if it is one.
pub(super) fn parse(text: &str) -> Option<String> {
    let mut parts = text.trim().split(['-', '_']);
    let language = parts.next()?.to_ascii_lowercase();
    let fits =
        (2..=3).contains(&language.len()) && language.bytes().all(|c| c.is_ascii_lowercase());
    if !fits || !LANGUAGES.contains(&format!(" {language} ")) {
        return None;
    }
    let mut locale = language;
    for part in parts {
        if !(2..=8).contains(&part.len()) || !part.bytes().all(|c| c.is_ascii_alphanumeric()) {
            return None;
        }
        locale.push('-');
        let lower = part.to_ascii_lowercase();
        match part.len() {
            2 => locale.push_str(&part.to_ascii_uppercase()),
            4 => {
                locale.push_str(&part[..1].to_ascii_uppercase());
                locale.push_str(&lower[1..]);
            }
            _ => locale.push_str(&lower),
        }
    }
    Some(locale)
}

/// The locale that a path tells by its innermost folder of that name, or by the end of the file's
/// name (`returns.zh-CN.md`).
pub(super) fn of_path(path: &str) -> Option<String> {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let suffix = file
        .split('.')
        .rev()
        .nth(1)
        .filter(|_| file.matches('.').count() > 1);
    suffix
        .and_then(parse)
        .or_else(|| folders.rsplit('/').find_map(parse))
}

/// Articles of several languages may come with one id. The one in the default locale (or the first)
/// keeps it; the others become its translations: `returns` and `returns.zh-CN`.
pub(super) fn part_translations(found: &mut [Found], default_locale: &str) {
    let mut same: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, Found { record, .. }) in found.iter().enumerate() {
        same.entry(record.id.clone()).or_default().push(at);
    }
    for (id, versions) in same {
        let first = versions
            .iter()
            .copied()
            .find(|&at| found[at].record.locale == default_locale)
            .unwrap_or(versions[0]);
        let first_locale = found[first].record.locale.clone();
        for &at in versions.iter().filter(|&&at| at != first) {
            let record = &mut found[at].record;
            if record.locale != first_locale {
                record.id = format!("{id}.{}", record.locale);
                record.translation_of.get_or_insert_with(|| id.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_are_written_in_one_way() {
        for (text, locale) in [
            ("zh_cn", "zh-CN"),
            ("EN-us", "en-US"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("de", "de"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(locale));
        }
        for text in ["js", "md", "faq", "english", "", "en-", "e", "help-center"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_path_tells_the_locale() {
        for (path, locale) in [
            ("help/en/returns.md", Some("en")),
            ("help/zh-CN/orders/returns.md", Some("zh-CN")),
            ("i18n/zh-Hans/returns.md", Some("zh-Hans")),
            ("en/de/returns.md", Some("de")),
            ("returns.zh-CN.md", Some("zh-CN")),
            ("en.md", None),
            ("help/returns.md", None),
        ] {
            assert_eq!(of_path(path).as_deref(), locale, "{path}");
        }
    }
}
