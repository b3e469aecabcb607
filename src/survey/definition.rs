//! A survey as it was written: loaded, checked, and asked about.

use super::answer;
use super::check;
use super::mistake::Mistake;
use super::safety::{self, Problem};
use super::structure::{at, count, flag, list, localise, position, text_of, word};
use crate::plain::Value;
use crate::rng::Rng;
use crate::written::until;

/// A definition that was taken: what it leads to is there, it has no cycle, and every way through it
/// ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition(Value);

/// How long an invitation stands where the definition does not say.
const EXPIRES_AFTER_HOURS: u32 = 14 * 24;

impl Definition {
    /// Takes a definition as a visitor's device does: the desk checked it, so that here only what could
    /// stall the page is looked for.
    ///
    /// # Errors
    /// The first such problem with its place and a sentence.
    pub fn take(root: Value) -> Result<Self, Problem> {
        match safety::danger(&root) {
            Some(problem) => Err(problem),
            None => Ok(Self(root)),
        }
    }

    /// Takes a definition, or says all that is wrong with it.
    ///
    /// # Errors
    /// Each mistake with its place, a code and a sentence.
    pub fn load(root: Value) -> Result<Self, Vec<Mistake>> {
        let mistakes = check::mistakes(&root);
        if mistakes.is_empty() {
            Ok(Self(root))
        } else {
            Err(mistakes)
        }
    }

    /// As it was written.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The survey's id.
    pub fn id(&self) -> &str {
        word(&self.0, "id")
    }

    /// The definition's version.
    pub fn version(&self) -> u32 {
        count(&self.0, "version").unwrap_or(0)
    }

    /// Its blocks, in order.
    pub fn blocks(&self) -> &[Value] {
        list(&self.0, "blocks")
    }

    /// What may start it.
    pub fn triggers(&self) -> &[Value] {
        list(&self.0, "triggers")
    }

    /// What takes it back before it is answered.
    pub fn cancel_on(&self) -> &[Value] {
        list(&self.0, "cancelOn")
    }

    /// Whether this takes it back, as in `conversationReopened`.
    pub fn cancels_on(&self, kind: &str) -> bool {
        self.cancel_on()
            .iter()
            .any(|cancel| word(cancel, "type") == kind)
    }

    /// The seconds on a page, more than so many, after which it comes up next.
    pub fn next_dwell(&self, after: u32) -> Option<u32> {
        let mut next = None;
        for trigger in self.triggers() {
            if let Some(seconds) = count(trigger, "seconds")
                && seconds > after
                && next.is_none_or(|next| seconds < next)
            {
                next = Some(seconds);
            }
        }
        next
    }

    /// The minutes of silence after which it comes up.
    pub fn silence_minutes(&self) -> Option<u32> {
        for trigger in self.triggers() {
            if let Some(minutes) = count(trigger, "minutes") {
                return Some(minutes);
            }
        }
        None
    }

    /// Whether it has such a trigger, as in `conversationResolved`.
    pub fn starts_on(&self, kind: &str) -> bool {
        self.triggers()
            .iter()
            .any(|trigger| word(trigger, "type") == kind)
    }

    /// How long it waits after its trigger.
    pub fn delay_ms(&self) -> u64 {
        u64::from(count(&self.0, "delaySeconds").unwrap_or(0)) * 1_000
    }

    /// How long it may be answered, and edited.
    pub fn expires_after_ms(&self) -> u64 {
        u64::from(count(&self.0, "expiresAfterHours").unwrap_or(EXPIRES_AFTER_HOURS)) * 3_600_000
    }

    /// How often it may be shown.
    pub fn display(&self) -> &Value {
        at(&self.0, "display").unwrap_or(&Value::Null)
    }

    /// Whether a finished response may be changed until it expires.
    pub fn allows_edit(&self) -> bool {
        flag(&self.0, "allowEdit")
    }

    /// Variables as they are before anything was answered.
    pub(super) fn variables(&self) -> &[Value] {
        list(&self.0, "variables")
    }

    /// Whether the page may fill this field in.
    pub fn has_hidden_field(&self, name: &str) -> bool {
        list(&self.0, "hiddenFields")
            .iter()
            .any(|field| text_of(field) == Some(name))
    }

    /// A block's place by its id.
    pub(super) fn block_at(&self, id: &str) -> Option<usize> {
        position(self.blocks(), id)
    }

    /// An element by its id.
    pub fn element(&self, id: &str) -> Option<&Value> {
        self.elements().find(|element| word(element, "id") == id)
    }

    /// A block's id by its place.
    pub fn block_id(&self, at: usize) -> Option<&str> {
        self.blocks().get(at).map(|block| word(block, "id"))
    }

    /// The elements of a block, by its place.
    pub fn elements_of(&self, at: usize) -> &[Value] {
        self.blocks()
            .get(at)
            .map_or(&[], |block| list(block, "elements"))
    }

    /// Every element, in order.
    pub fn elements(&self) -> impl Iterator<Item = &Value> {
        self.blocks()
            .iter()
            .flat_map(|block| list(block, "elements"))
    }

    /// The first question that gives a score.
    pub fn rating(&self) -> Option<&Value> {
        self.first(&|element| answer::points(element).is_some())
    }

    /// The first element that is as wanted.
    pub(super) fn first(&self, wanted: &dyn Fn(&Value) -> bool) -> Option<&Value> {
        for block in self.blocks() {
            for element in list(block, "elements") {
                if wanted(element) {
                    return Some(element);
                }
            }
        }
        None
    }

    /// The language in which to ask: the visitor's, else one of its kind, else the first.
    pub fn language(&self, locale: &str) -> &str {
        let mut best = (0, "");
        for language in list(&self.0, "languages") {
            let language = text_of(language).unwrap_or_default();
            let rank = if language.eq_ignore_ascii_case(locale) {
                3
            } else if until(language, b"-").eq_ignore_ascii_case(until(locale, b"-")) {
                2
            } else {
                1
            };
            if rank > best.0 {
                best = (rank, language);
            }
        }
        best.1
    }

    /// An element in a language, its choices shuffled for this response where it says so.
    pub fn element_in(&self, element: &Value, language: &str, response_id: &str) -> Value {
        let mut element = element.clone();
        localise(&mut element, &[language, self.language("")]);
        if flag(&element, "shuffle")
            && let Value::Map(fields) = &mut element
            && let Some((_, Value::List(choices))) =
                fields.iter_mut().find(|(name, _)| name == "choices")
        {
            shuffle(choices, response_id);
        }
        element
    }

    /// An ending in a language; the first one where none is named.
    pub fn ending_in(&self, id: Option<&str>, language: &str) -> Option<Value> {
        let endings = list(&self.0, "endings");
        let place = id.map_or(Some(0), |id| position(endings, id));
        let mut ending = endings.get(place?)?.clone();
        localise(&mut ending, &[language, self.language("")]);
        Some(ending)
    }

    /// How many blocks there are at most from this one to the end, this one counted.
    pub fn longest_way(&self, from: usize) -> u32 {
        let blocks = self.blocks();
        let mut depths = vec![0; blocks.len()];
        depth(blocks, from, &mut depths).unwrap_or_default()
    }
}

/// The same order for the same response, another for the next (Fisher and Yates).
fn shuffle(choices: &mut [Value], response_id: &str) {
    let mut seed = [0; 32];
    for (index, byte) in response_id.bytes().enumerate() {
        seed[index % 32] ^= byte;
    }
    let mut rng = Rng::new(seed);
    for last in (1..choices.len()).rev() {
        choices.swap(last, rng.up_to(last as u32) as usize);
    }
}

/// The ids that a block's rules lead to.
pub(super) fn targets(block: &Value) -> Vec<&str> {
    let mut targets = Vec::new();
    for rule in list(block, "logic") {
        for action in list(rule, "actions") {
            if let Some(id) = at(action, "target").and_then(text_of) {
                targets.push(id);
            }
        }
    }
    if let Some(id) = at(block, "logicFallback").and_then(text_of) {
        targets.push(id);
    }
    targets
}

/// The blocks to which one may lead.
pub(super) fn ways(blocks: &[Value], from: usize) -> Vec<usize> {
    let mut ways = Vec::new();
    for id in targets(&blocks[from]) {
        if let Some(place) = position(blocks, id) {
            ways.push(place);
        }
    }
    if at(&blocks[from], "logicFallback").is_none() && from + 1 < blocks.len() {
        ways.push(from + 1);
    }
    ways
}

/// The depth of a block whose own way is being followed.
const UNDER_WAY: u32 = u32::MAX;

/// The longest way to the end; `None` where one leads back. What is known already is in `depths`.
pub(super) fn depth(blocks: &[Value], from: usize, depths: &mut [u32]) -> Option<u32> {
    if depths[from] == 0 {
        depths[from] = UNDER_WAY;
        let mut longest = 0;
        for to in ways(blocks, from) {
            longest = longest.max(depth(blocks, to, depths)?);
        }
        depths[from] = longest + 1;
    }
    (depths[from] != UNDER_WAY).then_some(depths[from])
}
