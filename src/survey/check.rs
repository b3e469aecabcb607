//! Walks a definition along the table of terms and notes what is wrong with it: first what each field
//! holds, then, if all of that is in order, what the fields say to each other.

use super::answer;
use super::definition::ways;
use super::safety::Problem;
use super::structure::{at, count, list, text_of, whole, word};
use super::terms::{BLOCK_IDS, Class, DEFINITION, Field, Form, Kind, TEXT_CHARS_MAX};
use crate::plain::Value;
use std::borrow::Cow;

/// Problems that are told at once; who has more has enough to do.
const PROBLEMS_MAX: usize = 50;
/// The longest name.
const ID_BYTES_MAX: usize = 64;

/// All that is wrong with a definition.
pub(super) fn problems(root: &Value) -> Vec<Problem> {
    let mut checker = Checker {
        problems: Vec::new(),
        root,
        steps: Vec::new(),
        names: Vec::new(),
        meaning: false,
    };
    checker.walk(&DEFINITION, root);
    if checker.problems.is_empty() {
        checker.meaning = true;
        checker.walk(&DEFINITION, root);
    }
    checker.problems
}

/// A step on the way to a place in the definition.
enum Step<'d> {
    Field(&'d str),
    Item(usize),
}

struct Checker<'d> {
    problems: Vec<Problem>,
    root: &'d Value,
    steps: Vec<Step<'d>>,
    /// Every name that was given, to what class, and to which record.
    names: Vec<(&'d str, Class, &'d Value)>,
    /// Whether this is the second walk.
    meaning: bool,
}

impl<'d> Checker<'d> {
    /// Notes that something is wrong here, or in a field of it.
    fn note(&mut self, field: &str, sentence: Cow<'static, str>) {
        if self.problems.len() >= PROBLEMS_MAX {
            return;
        }
        let mut path = String::from("$");
        for step in &self.steps {
            match step {
                Step::Field(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                Step::Item(index) => {
                    path.push('[');
                    path.push_str(&index.to_string());
                    path.push(']');
                }
            }
        }
        if !field.is_empty() {
            path.push('.');
            path.push_str(field);
        }
        self.problems.push(Problem { path, sentence });
    }

    fn says(&mut self, field: &str, sentence: &'static str) {
        self.note(field, Cow::Borrowed(sentence));
    }

    fn walk(&mut self, kind: &'static Kind, value: &'d Value) {
        let text = text_of(value);
        let number = whole(value);
        let fits = match kind {
            Kind::Record(form) => return self.record(form, value),
            Kind::Forms(forms) => match form_of(forms, value) {
                Some(form) => return self.record(form, value),
                None => false,
            },
            Kind::List(kind, min, max) => match value {
                Value::List(items) if items.len() >= *min && items.len() <= *max => {
                    return self.items(kind, items);
                }
                _ => false,
            },
            Kind::Texts => return self.texts(value),
            Kind::Ref(class, sentence) if self.meaning => {
                return self.reference(text.unwrap_or_default(), *class, sentence);
            }
            Kind::New(class) if !self.meaning => {
                let name = text.unwrap_or_default();
                if self.find(name).is_some() {
                    self.says("", "has a name that something else has already");
                }
                self.names.push((name, *class, value));
                is_id(name)
            }
            Kind::Id | Kind::New(_) | Kind::Ref(..) => text.is_some_and(is_id),
            Kind::Plain => is_text(value),
            Kind::Exactly(word) => text == Some(word),
            Kind::Word(words) => text.is_some_and(|text| words.contains(&text)),
            Kind::Flag => matches!(value, Value::Bool(_)),
            Kind::Version(version) => number == Some(*version),
            Kind::Whole(min, max) => number.is_some_and(|n| n >= *min && n <= *max),
            Kind::Points(points) => number.is_some_and(|n| points.contains(&n)),
            Kind::Literal => is_literal(value),
            Kind::Names => match value {
                Value::Map(fields) => fields.iter().all(|(_, value)| is_literal(value)),
                _ => false,
            },
        };
        if !fits {
            self.note("", Cow::Owned(expected(kind)));
        }
    }

    fn items(&mut self, kind: &'static Kind, items: &'d [Value]) {
        for (index, item) in items.iter().enumerate() {
            self.steps.push(Step::Item(index));
            let id = word(item, "id");
            if !id.is_empty() && items[..index].iter().any(|before| word(before, "id") == id) {
                self.says("", "has a name that something else has already");
            }
            self.walk(kind, item);
            self.steps.pop();
        }
    }

    fn record(&mut self, form: &'static Form, value: &'d Value) {
        let Value::Map(fields) = value else {
            return self.says("", "must be an object");
        };
        for (name, _) in fields {
            if !form.fields.iter().any(|field| field.0 == name) {
                self.says(name, "is not a field that is known here");
            }
        }
        for Field(name, kind, required) in form.fields {
            match at(value, name) {
                Some(found) => {
                    self.steps.push(Step::Field(name));
                    self.walk(kind, found);
                    self.steps.pop();
                    // What was named is the record, not its name.
                    if let Kind::New(_) = kind
                        && let Some((.., named)) = self.names.last_mut()
                        && !self.meaning
                    {
                        *named = value;
                    }
                }
                None if *required => self.says(name, "is missing"),
                None => {}
            }
        }
        if self.meaning {
            self.meaning_of(form, value);
        }
    }

    /// A text for people: in each language that is given, one of the survey's; in the first, always.
    fn texts(&mut self, value: &'d Value) {
        let Value::Map(texts) = value else {
            if !is_text(value) {
                self.note("", Cow::Owned(expected(&Kind::Plain)));
            }
            return;
        };
        let languages = list(self.root, "languages");
        let first = languages.first().and_then(text_of).unwrap_or_default();
        if at(value, first).is_none() {
            self.says(
                "",
                "has no text in the first language, which stands in for the others",
            );
        }
        for (name, text) in texts {
            let known = languages
                .iter()
                .any(|language| text_of(language) == Some(name));
            if !known || !is_text(text) {
                self.says(
                    name,
                    "must be a text of 1 to 2000 characters in one of the survey's languages",
                );
            }
        }
    }

    fn find(&self, name: &str) -> Option<(Class, &'d Value)> {
        let (_, class, value) = self.names.iter().find(|(known, ..)| *known == name)?;
        Some((*class, value))
    }

    /// What is referred to is there; and no jump leads to where one came from. Every cycle has a jump
    /// backwards, so only those are looked at.
    fn reference(&mut self, name: &str, class: Class, sentence: &'static str) {
        let Some((found, value)) = self.find(name).filter(|(found, _)| found & class != 0) else {
            return self.says("", sentence);
        };
        if let (Some(Step::Item(from)), BLOCK_IDS) = (self.steps.get(1), found) {
            let blocks = list(self.root, "blocks");
            let to = blocks
                .iter()
                .position(|block| std::ptr::eq(block, value))
                .unwrap_or(0);
            if to <= *from && leads(blocks, to, *from, &mut vec![false; blocks.len()]) {
                self.says("", "leads back to itself: a survey must come to an end");
            }
        }
    }

    /// What a record's fields say to each other, and to what they refer to.
    fn meaning_of(&mut self, form: &Form, value: &'d Value) {
        let element = |name: &str| {
            self.find(word(value, name))
                .filter(|(class, _)| *class == 1)
                .map(|(_, element)| element)
        };
        match form.name {
            "CsatElement"
                if word(value, "scale") == "thumbs" && count(value, "range") != Some(2) =>
            {
                self.says("", "thumbs have a range of 2");
            }
            "MultipleChoiceElement" | "OpenTextElement" => {
                let rule = at(value, "validation").unwrap_or(&Value::Null);
                let most =
                    list(value, "choices").len() as u32 + u32::from(at(value, "other").is_some());
                let above = |low: &str, high: Option<u32>| {
                    count(rule, low).is_some_and(|low| high.is_some_and(|high| low > high))
                };
                let choices = form.name == "MultipleChoiceElement";
                if above("min", count(rule, "max"))
                    || above("minLength", count(rule, "maxLength"))
                    || (choices && above("min", Some(most)))
                {
                    self.says("validation", "asks for more than can be given");
                }
            }
            "TagsElement" => {
                let Some((low, high)) = element("rating").and_then(answer::points) else {
                    return self.says("rating", "is not a rating");
                };
                for set in list(value, "sets") {
                    for rating in list(set, "ratings") {
                        if whole(rating).is_none_or(|rating| rating < low || rating > high) {
                            return self.says("sets", "have a rating that is not on the scale");
                        }
                    }
                }
            }
            "CalculateAction" if at(value, "value").is_some() == at(value, "from").is_some() => {
                self.says("", "needs either a value or a from");
            }
            "Comparison" => {
                let given = matches!(word(value, "operator"), "submitted" | "skipped");
                match (at(value, "value"), element("left")) {
                    (Some(_), _) if given => self.says("value", "is not compared by this operator"),
                    (None, _) if !given => self.says("", "needs a value to compare with"),
                    (Some(compared), Some(element)) if !answer::comparable(element, compared) => {
                        self.says("value", "is nothing that can be answered there");
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Which form a value has.
fn form_of(forms: &[&'static Form], value: &Value) -> Option<&'static Form> {
    let has = |form: &&&'static Form| {
        let Field(name, kind, _) = &form.fields[0];
        match (at(value, name), kind) {
            (Some(found), Kind::Exactly(word)) => text_of(found) == Some(word),
            (found, _) => found.is_some(),
        }
    };
    forms.iter().find(has).copied()
}

/// Whether one block can lead to another.
fn leads(blocks: &[Value], from: usize, to: usize, seen: &mut [bool]) -> bool {
    if from == to {
        return true;
    }
    if std::mem::replace(&mut seen[from], true) {
        return false;
    }
    for next in ways(blocks, from) {
        if leads(blocks, next, to, seen) {
            return true;
        }
    }
    false
}

/// What a kind wants, in words.
fn expected(kind: &Kind) -> String {
    let mut said = String::from("must be ");
    let mut say = |word: &str, after: &str| {
        said.push_str(word);
        said.push_str(after);
    };
    match kind {
        Kind::Exactly(word) => say(word, ""),
        Kind::Version(_) => say("1, the version of definitions that is known here", ""),
        Kind::Id | Kind::New(_) | Kind::Ref(..) => {
            say("a name of 1 to 64 letters, digits, - or _", "")
        }
        Kind::Plain | Kind::Texts => say("a text of 1 to 2000 characters", ""),
        Kind::Flag => say("true or false", ""),
        Kind::Literal => say("a text, a number, true or false", ""),
        Kind::Names => say("an object of texts, numbers, true or false", ""),
        Kind::Record(_) => say("an object", ""),
        Kind::Word(words) => {
            say("one of", "");
            for word in *words {
                say(" ", word);
            }
        }
        Kind::Points(points) => {
            say("one of", "");
            for point in *points {
                say(" ", &point.to_string());
            }
        }
        Kind::Forms(forms) => {
            say("an object of one of the types", "");
            for form in *forms {
                let Field(name, kind, _) = &form.fields[0];
                say(
                    " ",
                    if let Kind::Exactly(word) = kind {
                        word
                    } else {
                        name
                    },
                );
            }
        }
        Kind::Whole(min, max) => {
            say("a whole number from ", &min.to_string());
            say(" to ", &max.to_string());
        }
        Kind::List(_, min, max) => {
            say("a list of ", &min.to_string());
            say(" to ", &max.to_string());
        }
    }
    said
}

fn is_text(value: &Value) -> bool {
    text_of(value).is_some_and(|text| !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX)
}

fn is_literal(value: &Value) -> bool {
    matches!(value, Value::Number(_) | Value::Bool(_)) || is_text(value)
}

fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}
