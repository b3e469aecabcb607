//! How nearly a query stands in a title as it was typed. Of scripts with few letters: the edits between the query and
//! the nearest stretch of the title, found by Myers's bits in one pass. Of scripts with many, where no title has
//! them by chance: those that it has in the same order, by Hyyrö's; who leaves a character out is nearer then than
//! who wrote another. Looked at for the best candidates only.

use super::query::Query;
use super::text::fold::{Class, class, fold};
use super::text::segment::Kind;

/// A query, ready to be looked for. Only letters and digits count, so that "top up" is "top-up".
pub struct Closeness {
    /// The places of letters in the query, as bits: of ASCII letters by their number ...
    ascii: [u64; 128],
    /// ... and of the others.
    places: Vec<(char, u64)>,
    letters: u32,
    /// Whether any of them is of a script with many.
    has_ideographs: bool,
}

impl Closeness {
    /// Of the words of `query` as they should have been spelled, as far as there are bits for them.
    pub fn of(query: &Query) -> Self {
        let mut closeness = Self {
            ascii: [0; 128],
            places: Vec::new(),
            letters: 0,
            has_ideographs: query.has_ideographs(),
        };
        for (at, token) in query.tokens.iter().enumerate() {
            let corrected = query.corrections.iter().find(|(token, _)| *token == at);
            let word = corrected.map_or(&token.text, |(_, word)| word);
            if token.kind != Kind::Code {
                word.chars().for_each(|c| closeness.add(c));
            }
        }
        closeness
    }

    fn add(&mut self, c: char) {
        if self.letters == u64::BITS {
            return;
        }
        let bit = 1 << self.letters;
        self.letters += 1;
        if let Some(places) = self.ascii.get_mut(c as usize) {
            *places |= bit;
            return;
        }
        match self.places.iter_mut().find(|(other, _)| *other == c) {
            Some((_, places)) => *places |= bit,
            None => self.places.push((c, bit)),
        }
    }

    fn places_of(&self, c: char) -> u64 {
        if let Some(places) = self.ascii.get(c as usize) {
            return *places;
        }
        let found = self.places.iter().find(|(other, _)| *other == c);
        found.map_or(0, |(_, places)| *places)
    }

    /// The share of the query that is kept in the nearest stretch of `text`, and the share of the text that is
    /// no longer than the query.
    pub fn to(&self, text: &str, simplify: &dyn Fn(char) -> char) -> (f32, f32) {
        let mut length = 0u32;
        let (mut up, mut down) = (!0u64, 0u64);
        let (mut edits, mut least) = (self.letters, self.letters);
        // Places that no letter was found for in order.
        let mut left = !0u64;
        let last = 1u64.checked_shl(self.letters.wrapping_sub(1)).unwrap_or(0);
        for c in text.chars() {
            let c = match c {
                'a'..='z' | '0'..='9' => c,
                'A'..='Z' => c.to_ascii_lowercase(),
                ' '..='~' => continue,
                _ if !matches!(class(c), Class::Letter | Class::Digit | Class::Ideograph) => {
                    continue;
                }
                _ => simplify(fold(c).0),
            };
            length += 1;
            let same = self.places_of(c);
            if self.has_ideographs {
                left = left.wrapping_add(left & same) | (left & !same);
                continue;
            }
            let across = (((same & up).wrapping_add(up)) ^ up) | same;
            let mut more = down | !(across | up);
            let mut less = up & across;
            edits = edits + u32::from(more & last != 0) - u32::from(less & last != 0);
            least = least.min(edits);
            more <<= 1;
            less <<= 1;
            let along = same | down;
            up = less | !(along | more);
            down = more & along;
        }
        if self.has_ideographs {
            let asked = last | last.wrapping_sub(1);
            least = (left & asked).count_ones();
        }
        let kept = 1.0 - least as f32 / self.letters.max(1) as f32;
        (kept, (self.letters as f32 / length.max(1) as f32).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faq::text::segment::tokenize;

    fn closeness(query: &str, title: &str) -> f32 {
        let query = Query {
            tokens: tokenize(query, &|c| c),
            ..Query::default()
        };
        Closeness::of(&query).to(title, &|c| c).0
    }

    #[test]
    fn a_query_that_stands_in_the_title_is_close_and_edits_take_their_share() {
        assert_eq!(closeness("cancel my order", "How to cancel my order?"), 1.0);
        assert_eq!(closeness("top up", "Why was my top-up refused?"), 1.0);
        assert_eq!(closeness("退款到帐", "退款多久到账"), 0.75);
        assert_eq!(closeness("退款到账", "退款多久到账"), 1.0);
        assert_eq!(closeness("到账退款", "退款多久到账"), 0.5);
        assert_eq!(closeness("cancl order", "Cancel order"), 0.9);
        assert_eq!(closeness("", "Cancel order"), 1.0);
    }
}
