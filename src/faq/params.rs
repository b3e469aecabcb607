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
/// The most corrections that take part.
pub const CORRECTIONS_MAX: usize = 6;
/// Unknown words of a query that are corrected or read as pinyin: each takes a walk through the dictionary, and who
/// writes more of them writes another language.
pub const GUESSES_MAX: usize = 12;
/// A correction this much likelier than all others together is worth a "did you mean".
pub const DID_YOU_MEAN_SHARE: f32 = 0.6;
/// A synonym against the word itself.
pub const SYNONYM_WEIGHT: f32 = 0.7;
/// What several known words may stand for as one, against one of them.
pub const PHRASE_WEIGHT: f32 = 1.5;
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

/// Candidates that are looked at closely, at least. With 32 a misspelled title is missed twice as often among
/// 10,000.
pub const CANDIDATES_MIN: usize = 64;
/// The same where the query has characters and pairs, of which a mistaken one takes most of what a short query
/// says: 64 miss another misspelled title in every hundred or two, 256 find no more.
pub const CANDIDATES_MIN_OF_PAIRS: usize = 128;
/// The most hits that a caller may ask for.
pub const HITS_MAX: usize = 100;

/// Confidence from which the assistant may answer.
pub const CONFIDENCE_ANSWER: f32 = 0.75;
/// Confidence from which articles are worth offering.
pub const CONFIDENCE_OFFER: f32 = 0.3;
/// The numbers of the calibration: an intercept and a slope for each feature.
pub const CALIBRATION_LEN: usize = 4;

/// Characters of a passage around its densest match.
pub const SNIPPET_CHARS: usize = 160;

/// Words are marked that tell at least so much of what the query's most telling word does: "how do I" next to
/// "refund" is not marked, alone it is.
pub const MARK_MIN: f32 = 0.45;

/// BM25's saturation: how soon more of a word says no more.
pub const K1: f32 = 1.2;
/// BM25's length normalisation for passages.
pub const BODY_B: f32 = 0.5;
/// A passage against titles and phrasings, where bodies have a passage for each phrasing ...
pub const BODY_WEIGHT: f32 = 1.5;
/// ... and how much more for the logarithm of how many they have for each.
pub const BODY_LENGTH_GAIN: f32 = 3.0;
/// What a body of several passages says as a whole, against its best passage: each word where it says most ...
pub const WHOLE_BODY_SHARE: f32 = 0.5;
/// ... and so much of what it says in the other passages.
pub const REPEATED_WORD_SHARE: f32 = 0.2;
/// A heading's word against a word of the text below it.
pub const HEADING_WEIGHT: f32 = 2.0;
/// Passages are at most so many characters, unless one block is longer.
pub const PASSAGE_CHARS: usize = 600;
/// The calibration: fitted on six sets of queries, Chinese and English, asked of indexes of 5 to 400 articles,
/// of which a third had no answer there and a third nothing to do with them, each set checked with what was
/// fitted on the others; then raised and sharpened, since most who ask do find an answer, until as many of
/// the answerable as before were offered one. Stored in every index, so that a reader follows its builder.
pub const CALIBRATION: [f32; CALIBRATION_LEN] = [-3.9, 1.3, 2.5, 2.25];
/// What a word that only asks ("how do I") counts of what else it would, where the question is whether there is an
/// answer at all ...
pub const FUNCTION_WORD_INFO: f32 = 0.2;
/// ... in titles and phrasings, whose learned weights know most of it ...
pub const ASKING_FRONT_WEIGHT: f32 = 0.7;
/// ... in bodies, where nothing was learned ...
pub const ASKING_BODY_WEIGHT: f32 = 0.4;
/// ... and of the query's length, and so of what covering it is worth.
pub const ASKING_LENGTH: f32 = 0.4;
/// Beyond this a margin says no more.
pub const MARGIN_MAX: f32 = 4.0;

/// A trigram against a word.
pub const GRAM_WEIGHT: f32 = 0.7;
/// A pair of words against a word.
pub const PAIR_WEIGHT: f32 = 0.5;
/// Pairs that stand in fewer phrasings say nothing that their words do not.
pub const PAIR_PHRASES_MIN: usize = 2;
/// Postings of titles and phrasings: a visitor loads them, so they have a budget, and beyond it the weakest
/// are dropped, trigrams and pairs of words first. Some three thousand entries keep all ...
pub const FRONT_POSTINGS: usize = 240_000;
/// ... and each entry of a larger index has at least so many.
pub const FRONT_POSTINGS_EACH: usize = 24;
/// So much of the postings of words always stays: a fifth less costs nothing that could be measured on real
/// questions, half of them half a point of MRR.
pub const WORDS_KEPT: f32 = 0.9;
/// The same of pairs of Chinese characters, which overlap.
pub const PAIRS_KEPT: f32 = 0.8;
/// A single Chinese character against a pair, where some must go: pairs say most of what it says.
pub const CHARACTER_WORTH: f32 = 0.3;
/// Postings of bodies, where each has a passage for each phrasing: most of them say what titles say already. Of longer
/// bodies nearly all stay, since dropping an eighth costs two points there.
pub const BODY_POSTINGS: usize = 150_000;
/// ... and each entry of a larger index has at least so many.
pub const BODY_POSTINGS_EACH: usize = 15;

/// The length of the centroid that learning starts from, in units of the softmax.
pub const PRIOR_WEIGHT: f32 = 10.0;
/// Passes over the phrasings.
pub const LEARN_PASSES: usize = 8;
/// The first pass's step.
pub const LEARN_RATE: f32 = 2.5;
/// How fast the steps shrink from pass to pass.
pub const LEARN_RATE_DECAY: f32 = 0.5;
/// The bias is one number for every query, so it moves more slowly than weights.
pub const BIAS_RATE: f32 = 0.1;
/// Errors below this teach nothing.
pub const ERROR_MIN: f32 = 1e-3;
/// Rivals of all phrasings together, so that learning stays linear in the text ...
pub const RIVALS: usize = 240_000;
/// ... but for each at least ...
pub const RIVALS_MIN: usize = 5;
/// ... and at most.
pub const RIVALS_MAX: usize = 96;
/// Postings looked at to find the rivals of all phrasings together ...
pub const RIVALS_WORK: usize = 30_000_000;
/// ... but for each at least ...
pub const RIVALS_WORK_MIN: usize = 500;
/// ... and at most.
pub const RIVALS_WORK_MAX: usize = 20_000;

/// What the commonest word still tells.
pub const INFO_FLOOR: f32 = 1.0;

/// A word that no article has is as rare as in so many articles more: that five articles do not have it says less
/// about them than about the word.
pub const UNKNOWN_ARTICLES: usize = 10;

/// What a word that every body has still tells.
pub const BODY_INFO_FLOOR: f32 = 0.1;

/// Known pairs that an unknown pair of characters may have been meant to be, together.
pub const MISTAKEN_PAIR_WEIGHT: f32 = 0.9;
/// A pair with one character too many between its own, against one with a character mistaken or swapped: two
/// unknown pairs in a row say so.
pub const PARTED_PAIR_WORTH: f32 = 3.0;

/// Pairs that the last character of unfinished Chinese text may begin, together.
pub const AHEAD_WEIGHT: f32 = 0.8;

/// The presence of a word in titles and phrasings by itself, in units of the softmax. Not for characters
/// and their pairs, which overlap and would count three times.
pub const PRESENCE_WEIGHT: f32 = 0.8;

/// Below 1 a feature that an article's phrasings repeat counts less than so many times.
pub const PRIOR_POWER: f32 = 1.0;

/// Covering all of a query's words, by title, phrasings and best passage together, in units of the softmax,
/// where bodies have a passage for each phrasing; nothing where there are none.
pub const COVER_WEIGHT: f32 = 3.0;
/// ... and how much more for the logarithm of how many they have for each.
pub const COVER_LENGTH_GAIN: f32 = 1.2;

/// Covering them by title and phrasings alone, of what covering them is worth anywhere.
pub const TITLE_COVER_SHARE: f32 = 0.2;

/// Words that stand near each other in the query and in the best passage, all together, in units of the softmax.
pub const NEIGHBOURS_WEIGHT: f32 = 3.0;
/// Words at most so far apart are neighbours.
pub const NEIGHBOURS_APART: usize = 2;
/// Passages that are read for them: those of the best articles.
pub const NEIGHBOURS_READ: usize = 5;

/// A title that holds the query as it was typed, letter by letter, in units of the softmax: what tells apart
/// titles of the same words, and of words cut short. Keeping the order of words instead brought less, and
/// nothing beside it.
pub const CLOSENESS_WEIGHT: f32 = 4.0;
/// Of titles that hold it alike, one that says little else comes first.
pub const CLOSENESS_LENGTH_WEIGHT: f32 = 2.5;
/// A smaller share of the query's letters in a row is chance.
pub const CLOSENESS_MIN: f32 = 0.65;

/// Queries of at most so many tokens are keywords: articles that have every one of them come first. Whole
/// questions are left to the weights, which know better which of their words matter.
pub const KEYWORDS_MAX: usize = 3;

/// Levels of a stored weight: fewer compress better, more tell finer.
pub const WEIGHT_LEVELS: f32 = 24.0;
