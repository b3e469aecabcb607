//! Every number that tunes the engine, in one place, with its reason.

/// Query tokens beyond this are ignored: a question of more words says nothing new, and the time of a
/// search stays bounded.
pub const QUERY_TOKENS_MAX: usize = 64;
/// Query bytes beyond this are not read.
pub const QUERY_BYTES_MAX: usize = 4096;

/// One step of a term's stored information (natural logarithm units).
pub const INFO_STEP: f32 = 1.0 / 16.0;

/// A query word met by its stem only: nearly as good as itself.
pub const STEM_WEIGHT: f32 = 0.95;
/// All completions of an unfinished word together. Below 1, because some of them are wrong.
pub const PREFIX_WEIGHT: f32 = 0.8;
/// The same where the unfinished word is a word by itself ("car" while typing "card").
pub const PREFIX_BESIDE_EXACT_WEIGHT: f32 = 0.25;
/// The most completions that take part.
pub const COMPLETIONS_MAX: usize = 24;
/// All corrections of an unknown word together.
pub const FUZZY_WEIGHT: f32 = 0.85;
/// What each further edit costs a correction against its rivals.
pub const EDIT_PENALTY: f32 = 0.1;
/// The most corrections that take part.
pub const CORRECTIONS_MAX: usize = 6;
/// A correction this much likelier than all others together is worth a "did you mean".
pub const DID_YOU_MEAN_SHARE: f32 = 0.6;
/// A synonym against the word itself.
pub const SYNONYM_WEIGHT: f32 = 0.7;
/// Pairs of Chinese characters that a pinyin word stands for, together.
pub const PINYIN_WEIGHT: f32 = 0.8;
/// The same by initials only, which are far more ambiguous.
pub const INITIALS_WEIGHT: f32 = 0.6;

/// How many edits a word of so many characters may hold: in short words an edit makes another word.
pub fn edits_max(chars: usize) -> usize {
    match chars {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Candidates that are looked at closely, at least.
pub const CANDIDATES_MIN: usize = 32;
/// The most hits that a caller may ask for.
pub const HITS_MAX: usize = 100;

/// Confidence from which the assistant may answer.
pub const CONFIDENCE_ANSWER: f32 = 0.75;
/// Confidence from which articles are worth offering.
pub const CONFIDENCE_OFFER: f32 = 0.3;
/// The numbers of the calibration: an intercept and a slope for each feature.
pub const CALIBRATION_LEN: usize = 5;

/// Characters of a passage around its densest match.
pub const SNIPPET_CHARS: usize = 160;

/// BM25's saturation: how soon more of a word says no more.
pub const K1: f32 = 1.2;
/// BM25's length normalisation for titles and phrasings.
pub const B: f32 = 0.5;
/// The same for passages.
pub const BODY_B: f32 = 0.5;
/// A word of the title against a word of an alternative phrasing.
pub const TITLE_WEIGHT: f32 = 2.0;
/// A passage against titles and phrasings.
pub const BODY_WEIGHT: f32 = 0.5;
/// A heading's word against a word of the text below it.
pub const HEADING_WEIGHT: f32 = 2.0;
/// Passages are at most so many characters, unless one block is longer.
pub const PASSAGE_CHARS: usize = 600;
/// The calibration of an index that is too small to fit its own.
pub const CALIBRATION_DEFAULT: [f32; CALIBRATION_LEN] = [-4.0, 2.0, 0.2, 1.0, 3.0];
