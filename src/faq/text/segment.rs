//! Cutting text into tokens that remember where they stood.
//!
//! Words of spaced scripts are kept whole; scripts without spaces become single characters (pairs are
//! formed by the caller from neighbours); codes such as `AB-12/3` give their parts and the whole.

use super::fold::{Class, class, fold, voiced};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word of letters and digits.
    Word,
    /// One character of a script without spaces.
    Ideograph,
    /// Several words joined by `-`, `.`, `/` or `_`, at least one of them with a digit; joiners removed.
    Code,
}

/// A folded token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte in the source.
    pub start: usize,
    /// One past its last byte in the source.
    pub end: usize,
    /// Folded text.
    pub text: String,
    /// What it is.
    pub kind: Kind,
}

impl Token {
    /// Whether it holds a digit: such tokens are codes and amounts, and no typo is looked for in them.
    pub fn has_digit(&self) -> bool {
        self.text.bytes().any(|b| b.is_ascii_digit())
    }

    /// Whether this and the next token are neighbours of a script without spaces.
    pub fn pairs_with(&self, next: &Token) -> bool {
        self.kind == Kind::Ideograph && next.kind == Kind::Ideograph && self.end == next.start
    }

    /// The pair that it forms with its neighbour.
    pub fn pair(&self, next: &Token) -> String {
        let mut pair = String::with_capacity(self.text.len() + next.text.len());
        pair.push_str(&self.text);
        pair.push_str(&next.text);
        pair
    }
}

/// Cuts `text`; `simplify` maps a traditional Chinese character to its simplified one.
pub fn tokenize(text: &str, simplify: &dyn Fn(char) -> char) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut word: Option<Token> = None;
    // Index of the first token of the joined run that we are in.
    let mut run_start = 0;
    let mut joined = false;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match class(c) {
            Class::Mark => {
                if let Some(word) = word.as_mut() {
                    word.end = end;
                } else if let Some(last) = tokens.last_mut().filter(|last| last.end == at)
                    && let Some(whole) = last.text.chars().next().and_then(|kana| voiced(kana, c))
                {
                    last.text = whole.into();
                    last.end = end;
                }
            }
            Class::Apostrophe if word.is_some() => {}
            Class::Letter | Class::Digit => {
                if word.is_none() && !joined {
                    run_start = tokens.len();
                }
                joined = false;
                let token = word.get_or_insert_with(|| Token {
                    start: at,
                    end,
                    text: String::with_capacity(16),
                    kind: Kind::Word,
                });
                let (first, second) = fold(c);
                token.text.push(first);
                token.text.extend(second);
                token.end = end;
            }
            Class::Joiner if word.is_some() => {
                tokens.extend(word.take());
                joined = true;
            }
            Class::Ideograph => {
                close(&mut tokens, word.take(), run_start, text);
                joined = false;
                let text = simplify(fold(c).0).to_string();
                tokens.push(Token {
                    start: at,
                    end,
                    text,
                    kind: Kind::Ideograph,
                });
                run_start = tokens.len();
            }
            _ => {
                close(&mut tokens, word.take(), run_start, text);
                joined = false;
                run_start = tokens.len();
            }
        }
    }
    close(&mut tokens, word.take(), run_start, text);
    tokens
}

/// Ends a run of joined words; adds the whole if it is a code.
fn close(tokens: &mut Vec<Token>, word: Option<Token>, run_start: usize, source: &str) {
    tokens.extend(word);
    let Some(run) = tokens.get(run_start..) else {
        return;
    };
    if run.len() < 2
        || !run.iter().any(Token::has_digit)
        || run.iter().any(|t| t.kind != Kind::Word)
    {
        return;
    }
    let (start, end) = (run[0].start, run[run.len() - 1].end);
    let text: String = run.iter().map(|t| t.text.as_str()).collect();
    debug_assert!(end <= source.len());
    tokens.push(Token {
        start,
        end,
        text,
        kind: Kind::Code,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        tokenize(text, &|c| if c == '貨' { '货' } else { c })
            .into_iter()
            .map(|t| t.text)
            .collect()
    }

    #[test]
    fn mixed_text_is_cut_at_script_borders() {
        assert_eq!(texts("怎么下载App？"), ["怎", "么", "下", "载", "app"]);
        assert_eq!(texts("Don't  panic—now"), ["dont", "panic", "now"]);
        assert_eq!(texts("退貨"), ["退", "货"]);
    }

    #[test]
    fn a_code_gives_its_parts_and_the_whole() {
        assert_eq!(texts("order AB-12/3."), ["order", "ab", "12", "3", "ab123"]);
        assert_eq!(texts("well-known and/or"), ["well", "known", "and", "or"]);
    }

    #[test]
    fn a_voicing_mark_belongs_to_the_kana_before_it() {
        assert_eq!(texts("ｶﾞｽ ﾊﾟｽ"), ["が", "す", "ぱ", "す"]);
        assert_eq!(texts("ガス パス"), texts("ｶﾞｽ ﾊﾟｽ"));
        assert_eq!(texts("か\u{3099} ﾞ"), ["が"]);
    }

    #[test]
    fn spans_point_into_the_source() {
        let source = "Ｈｅｌｌｏ, cafe\u{301} 退款";
        let tokens = tokenize(source, &|c| c);
        let spans: Vec<&str> = tokens.iter().map(|t| &source[t.start..t.end]).collect();
        assert_eq!(spans, ["Ｈｅｌｌｏ", "cafe\u{301}", "退", "款"]);
        assert_eq!(tokens[1].text, "cafe");
    }
}
