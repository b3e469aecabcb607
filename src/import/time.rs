//! Dates as people and exports write them -> milliseconds since 1970, UTC.

const DAY_MS: u64 = 86_400_000;

/// A moment, or a whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Moment(u64),
    Day(u64),
}

impl When {
    pub fn start_ms(self) -> u64 {
        match self {
            When::Moment(ms) | When::Day(ms) => ms,
        }
    }

    /// The last millisecond: "valid until the 5th" includes the 5th.
    pub fn end_ms(self) -> u64 {
        match self {
            When::Moment(ms) => ms,
            When::Day(ms) => ms + DAY_MS - 1,
        }
    }
}

/// Seconds or milliseconds since 1970; a number of seconds that large lies beyond the year 5000.
pub(super) fn from_number(number: f64) -> Option<When> {
    if !(0.0..1e15).contains(&number) {
        return None;
    }
    Some(When::Moment(if number < 1e11 {
        number * 1000.0
    } else {
        number
    } as u64))
}

/// `2026-03-30`, `2026/3/30`, `2026.3.30`, `2026年3月30日`, each with or without a time
/// (`12:00[:00[.000]]`) and a zone (`Z`, `+08:00`), or a number. Without a zone it is UTC.
pub(super) fn parse(text: &str) -> Option<When> {
    let text = text.trim();
    if text.len() > 40 {
        return None;
    }
    if !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()) && text.len() > 8 {
        return from_number(text.parse().ok()?);
    }
    let mut reader = Reader { rest: text };
    let year = reader.number(4, 4)?;
    let (month, day) = if reader.rest.starts_with(|c: char| c.is_ascii_digit()) {
        (reader.number(2, 2)?, reader.number(2, 2)?)
    } else {
        reader.any(&["-", "/", ".", "年"])?;
        let month = reader.number(1, 2)?;
        reader.any(&["-", "/", ".", "月"])?;
        let day = reader.number(1, 2)?;
        reader.any(&["日", "号"]);
        (month, day)
    };
    let midnight = days(year, month, day)? * DAY_MS;
    reader.any(&["T", "t"]);
    reader.rest = reader.rest.trim_start();
    if reader.rest.is_empty() {
        return Some(When::Day(midnight));
    }
    let (hour, minute) = (
        reader.number(1, 2)?,
        reader.any(&[":"]).and_then(|()| reader.number(2, 2))?,
    );
    let second = if reader.any(&[":"]).is_some() {
        reader.number(2, 2)?
    } else {
        0
    };
    let mut milliseconds = 0;
    if reader.any(&[".", ","]).is_some() {
        let digits = reader.rest.bytes().take_while(u8::is_ascii_digit).count();
        let fraction: String = reader.rest[..digits]
            .chars()
            .chain("000".chars())
            .take(3)
            .collect();
        milliseconds = fraction.parse().ok()?;
        reader.rest = &reader.rest[digits..];
    }
    if hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let local = midnight + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
    reader.rest = reader.rest.trim_start();
    let zone_min = reader.zone()?;
    local
        .checked_add_signed(-zone_min * 60_000)
        .map(When::Moment)
}

/// The end of a period of validity: `2026-01-01 ~ 2026-12-31`, `2026-01-01至2026-12-31`, a single
/// date, or a word for "always" (`Ok(None)`).
pub(super) fn parse_period_end(text: &str) -> Result<Option<u64>, ()> {
    const ALWAYS: [&str; 10] = [
        "永久",
        "永久有效",
        "长期",
        "长期有效",
        "不限",
        "无",
        "always",
        "forever",
        "permanent",
        "-",
    ];
    let text = text.trim();
    if text.is_empty() || ALWAYS.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return Ok(None);
    }
    let end = ["~", "～", "至", "到", "—", "–", " - ", " to "]
        .iter()
        .find_map(|separator| text.rsplit_once(separator))
        .map_or(text, |(_, end)| end.trim_start_matches(['~', '—']).trim());
    if ALWAYS.iter().any(|word| word.eq_ignore_ascii_case(end)) {
        return Ok(None);
    }
    parse(end).map(|when| Some(when.end_ms())).ok_or(())
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn number(&mut self, digits_min: usize, digits_max: usize) -> Option<u64> {
        let digits = self
            .rest
            .bytes()
            .take(digits_max)
            .take_while(u8::is_ascii_digit)
            .count();
        if digits < digits_min {
            return None;
        }
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        number.parse().ok()
    }

    fn any(&mut self, wanted: &[&str]) -> Option<()> {
        let rest = wanted
            .iter()
            .find_map(|text| self.rest.strip_prefix(text))?;
        self.rest = rest;
        Some(())
    }

    /// Minutes east of Greenwich; nothing may follow.
    fn zone(&mut self) -> Option<i64> {
        let mut minutes = 0;
        if self.any(&["Z", "z", "UTC", "GMT"]).is_none() && !self.rest.is_empty() {
            let sign = if self.any(&["+"]).is_some() {
                1
            } else {
                self.any(&["-"]).map(|()| -1)?
            };
            let hours = self.number(2, 2)?;
            self.any(&[":"]);
            let rest = if self.rest.is_empty() {
                0
            } else {
                self.number(2, 2)?
            };
            minutes = sign * i64::try_from(hours * 60 + rest).ok()?;
        }
        self.rest.is_empty().then_some(minutes)
    }
}

/// Days from 1970-01-01 in the Gregorian calendar.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    const LENGTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let month_index = usize::try_from(month).ok()?.checked_sub(1)?;
    let length = LENGTHS.get(month_index)? + u64::from(month == 2 && is_leap(year));
    if year < 1970 || day == 0 || day > length {
        return None;
    }
    let leap_days = (1970..year).filter(|&year| is_leap(year)).count() as u64;
    let this_year: u64 =
        LENGTHS[..month_index].iter().sum::<u64>() + u64::from(month > 2 && is_leap(year));
    Some((year - 1970) * 365 + leap_days + this_year + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let day = Some(When::Day(1_774_828_800_000));
        for text in [
            "2026-03-30",
            "2026/3/30",
            "2026.03.30",
            "2026年3月30日",
            " 20260330 ",
        ] {
            assert_eq!(parse(text), day, "{text}");
        }
    }

    #[test]
    fn moments_know_their_zone() {
        let moment = Some(When::Moment(1_774_872_000_000));
        for text in [
            "2026-03-30T12:00:00Z",
            "2026-03-30 12:00",
            "2026-03-30T12:00:00.000+00:00",
            "2026-03-30T20:00:00+08:00",
            "2026-03-30 07:00:00 -0500",
            "2026-03-30 12:00:00 UTC",
            "1774872000",
            "1774872000000",
        ] {
            assert_eq!(parse(text), moment, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "2026",
            "2026-13-01",
            "2026-02-29",
            "2026-00-10",
            "2026-01-00",
            "1969-12-31",
            "2026-03-30 25:00",
            "2026-03-30T12:00:00+",
            "2026-03-30 12:00 Mars",
            "99999999999999999999",
            "2026-03-30\u{0}",
            "30.3.2026",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("2024-02-29"), Some(When::Day(1_709_164_800_000)));
    }

    #[test]
    fn a_period_ends_with_its_last_day() {
        let end = Ok(Some(1_774_915_199_999));
        for text in [
            "2026-03-30",
            "2026-01-01 ~ 2026-03-30",
            "2026年1月1日至2026年3月30日",
            "2026/1/1 - 2026/3/30",
        ] {
            assert_eq!(parse_period_end(text), end, "{text}");
        }
        for text in ["", "永久", "2026-01-01至长期", "Forever"] {
            assert_eq!(parse_period_end(text), Ok(None), "{text}");
        }
        assert_eq!(parse_period_end("下个月"), Err(()));
    }
}
