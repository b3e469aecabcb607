//! Words that stand near each other in a query and in a passage too: "payment method" is more than a payment
//! somewhere and a method elsewhere. Of scripts without spaces the pairs of characters say it already.

use super::params::NEIGHBOURS_APART;
use super::query::Query;
use super::text::segment::{Kind, tokenize};
use super::text::stem::stem;

/// The words of a query that are near each other.
pub struct Neighbours {
    /// Stems, each once.
    stems: Vec<String>,
    /// Two of them, in order, what they tell, and whether the passage has them.
    pairs: Vec<(usize, usize, f32, bool)>,
}

impl Neighbours {
    /// Of the words of `query` as they should have been spelled.
    pub fn of(query: &Query) -> Self {
        let mut neighbours = Self {
            stems: Vec::new(),
            pairs: Vec::new(),
        };
        let mut before: Vec<(usize, f32)> = Vec::new();
        for (at, token) in query.tokens.iter().enumerate() {
            if token.kind != Kind::Word {
                if token.kind == Kind::Ideograph {
                    before.clear();
                }
                continue;
            }
            let corrected = query.corrections.iter().find(|(token, _)| *token == at);
            let stem = stem(corrected.map_or(&token.text, |(_, word)| word));
            let own = query.clues.iter().find(|c| c.at == at && c.bit.is_some());
            let tells = own.map_or(0.0, |clue| clue.length);
            let known = neighbours.stems.iter().position(|other| *other == stem);
            let number = known.unwrap_or_else(|| {
                neighbours.stems.push(stem.into_owned());
                neighbours.stems.len() - 1
            });
            for &(other, told) in before.iter().rev().take(NEIGHBOURS_APART) {
                let pair = (other, number, f32::min(told, tells), false);
                neighbours.pairs.push(pair);
            }
            before.push((number, tells));
        }
        neighbours
    }

    /// The share of them that stands in `text`, which is not asked for where there are none.
    pub fn share_in(&self, text: &dyn Fn() -> String) -> f32 {
        let all: f32 = self.pairs.iter().map(|pair| pair.2).sum();
        if all <= 0.0 {
            return 0.0;
        }
        let mut pairs = self.pairs.clone();
        // Of the last few words of the text, which of the query's each is.
        let mut before = [None; NEIGHBOURS_APART];
        for token in tokenize(&text(), &|c| c) {
            if token.kind != Kind::Word {
                continue;
            }
            let stem = stem(&token.text);
            let number = self.stems.iter().position(|other| *other == stem);
            for pair in pairs.iter_mut() {
                pair.3 |= Some(pair.1) == number && before.contains(&Some(pair.0));
            }
            before.rotate_left(1);
            before[NEIGHBOURS_APART - 1] = number;
        }
        let told = pairs.iter().filter(|pair| pair.3).map(|pair| pair.2);
        told.sum::<f32>() / all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_count_that_stand_near_each_other_in_their_order() {
        let neighbours = Neighbours {
            stems: ["payment", "method", "card"].map(String::from).to_vec(),
            pairs: vec![(0, 1, 2.0, false), (1, 2, 1.0, false), (0, 2, 1.0, false)],
        };
        let share = |text: &str| neighbours.share_in(&|| text.to_owned());
        assert_eq!(share("Payment methods: by card"), 0.75);
        assert_eq!(
            share("The method of payment is up to you, and so is the card"),
            0.0
        );
        assert_eq!(share(""), 0.0);
    }
}
