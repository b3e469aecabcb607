//! How much of a query's word order a text keeps: the share of neighbouring query words that are
//! neighbours in the text too. Looked at for the few best candidates only.

use super::query::Query;
use super::text::segment::{Kind, tokenize};
use super::text::stem::stem;

/// The query's words as they should have been spelled, stemmed.
pub struct Order {
    words: Vec<String>,
}

impl Order {
    /// Of the words of `query`.
    pub fn of(query: &Query) -> Self {
        let spelled = |at: usize, typed: &str| {
            let correction = query.corrections.iter().find(|(token, _)| *token == at);
            stem(correction.map_or(typed, |(_, word)| word))
        };
        let words = query
            .tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| token.kind != Kind::Code);
        Self {
            words: words.map(|(at, token)| spelled(at, &token.text)).collect(),
        }
    }

    /// Whether there is any order to keep.
    pub fn is_empty(&self) -> bool {
        self.words.len() < 2
    }

    /// The share of neighbours that are neighbours in `text`.
    pub fn kept_in(&self, text: &str) -> f32 {
        let mut kept: u64 = 0;
        // Places of the previous word in the query, as bits.
        let mut before: u64 = 0;
        for token in tokenize(text, &|c| c) {
            if token.kind == Kind::Code {
                before = 0;
                continue;
            }
            let mut here: u64 = 0;
            for (place, word) in self.words.iter().enumerate().take(64) {
                if same(word, &token.text) {
                    here |= 1 << place;
                }
            }
            kept |= (before << 1) & here;
            before = here;
        }
        kept.count_ones() as f32 / (self.words.len() - 1).max(1) as f32
    }
}

/// Whether a word of the text has this stem; cheap to deny.
fn same(stemmed: &str, word: &str) -> bool {
    let shared = stemmed.len().saturating_sub(1).min(3);
    word.as_bytes().get(..shared) == stemmed.as_bytes().get(..shared)
        && (word == stemmed || stem(word) == stemmed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faq::text::segment::tokenize;

    #[test]
    fn neighbours_count_and_scattered_words_do_not() {
        let query = Query {
            tokens: tokenize("cancel my order", &|c| c),
            ..Query::default()
        };
        let order = Order::of(&query);
        assert_eq!(order.kept_in("How to cancel my order"), 1.0);
        assert_eq!(order.kept_in("Cancelling my orders"), 1.0);
        assert_eq!(order.kept_in("My card: cancel it; order another"), 0.0);
    }
}
