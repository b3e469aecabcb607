//! Walks a definition along the table of terms and notes what is wrong with it: first what each field
//! holds, then, if all of that is in order, what the fields say to each other.

use super::answer;
use super::definition::ways;
use super::mistake::Mistake;
use super::structure::{at, count, list, text_of, whole, word};
use super::terms::{BLOCK_IDS, Class, DEFINITION, Field, Form, Kind, TEXT_CHARS_MAX};
use crate::plain::Value;

/// Mistakes that are told at once; who has more has enough to do.
const MISTAKES_MAX: usize = 50;
/// The longest name.
const ID_BYTES_MAX: usize = 64;

/// All that is wrong with a definition.
pub(super) fn mistakes(root: &Value) -> Vec<Mistake> {
    let mut checker = Checker {
        mistakes: Vec::new(),
        root,
        steps: Vec::new(),
        names: Vec::new(),
        meaning: false,
    };
    checker.walk(&DEFINITION, root);
    if checker.mistakes.is_empty() {
        checker.meaning = true;
        checker.walk(&DEFINITION, root);
    }
    checker.mistakes
}

/// A code of [`Mistake`], and the values of its sentence.
type Wrong = (&'static str, Vec<(&'static str, String)>);

/// A step on the way to a place in the definition.
enum Step<'d> {
    Field(&'d str),
    Item(usize),
}

struct Checker<'d> {
    mistakes: Vec<Mistake>,
    root: &'d Value,
    steps: Vec<Step<'d>>,
    /// Every name that was given, to what class, and to which record.
    names: Vec<(&'d str, Class, &'d Value)>,
    /// Whether this is the second walk.
    meaning: bool,
}

impl<'d> Checker<'d> {
    /// Notes that something is wrong here, or in a field of it.
    fn note(&mut self, field: &str, (code, values): Wrong) {
        if self.mistakes.len() >= MISTAKES_MAX {
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
        self.mistakes.push(Mistake { path, code, values });
    }

    fn says(&mut self, field: &str, code: &'static str) {
        self.note(field, (code, Vec::new()));
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
            Kind::Ref(class, code) if self.meaning => {
                return self.reference(text.unwrap_or_default(), *class, code);
            }
            Kind::New(class) if !self.meaning => {
                let name = text.unwrap_or_default();
                if self.find(name).is_some() {
                    self.says("", "taken");
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
            self.note("", expected(kind));
        }
    }

    fn items(&mut self, kind: &'static Kind, items: &'d [Value]) {
        for (index, item) in items.iter().enumerate() {
            self.steps.push(Step::Item(index));
            let id = word(item, "id");
            if !id.is_empty() && items[..index].iter().any(|before| word(before, "id") == id) {
                self.says("", "taken");
            }
            self.walk(kind, item);
            self.steps.pop();
        }
    }

    fn record(&mut self, form: &'static Form, value: &'d Value) {
        let Value::Map(fields) = value else {
            return self.says("", "object");
        };
        for (name, _) in fields {
            if !form.fields.iter().any(|field| field.0 == name) {
                self.says(name, "unknown_field");
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
                None if *required => self.says(name, "missing"),
                None if fields.iter().any(|(known, _)| known == name) => {
                    self.note(name, expected(kind));
                }
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
                self.note("", expected(&Kind::Plain));
            }
            return;
        };
        if texts.is_empty() {
            return self.note("", expected(&Kind::Texts));
        }
        let languages = list(self.root, "languages");
        let first = languages.first().and_then(text_of).unwrap_or_default();
        if at(value, first).is_none() {
            self.says("", "first_language");
        }
        for (name, text) in texts {
            if !is_text(text) {
                self.note(name, expected(&Kind::Texts));
            }
            let is_of = |language: &Value| text_of(language) == Some(name);
            if !languages.iter().any(is_of) {
                self.says(name, "language");
            }
        }
    }

    fn find(&self, name: &str) -> Option<(Class, &'d Value)> {
        let (_, class, value) = self.names.iter().find(|(known, ..)| *known == name)?;
        Some((*class, value))
    }

    /// What is referred to is there; and no jump leads to where one came from. Every cycle has a jump
    /// backwards, so only those are looked at.
    fn reference(&mut self, name: &str, class: Class, code: &'static str) {
        let Some((found, value)) = self.find(name).filter(|(found, _)| found & class != 0) else {
            return self.says("", code);
        };
        if let (Some(Step::Item(from)), BLOCK_IDS) = (self.steps.get(1), found) {
            let blocks = list(self.root, "blocks");
            let to = blocks
                .iter()
                .position(|block| std::ptr::eq(block, value))
                .unwrap_or(0);
            if to <= *from && leads(blocks, to, *from, &mut vec![false; blocks.len()]) {
                self.says("", "cycle");
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
                self.says("", "thumbs");
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
                    self.says("validation", "too_much");
                }
            }
            "TagsElement" => {
                let Some((low, high)) = element("rating").and_then(answer::points) else {
                    return self.says("rating", "no_rating");
                };
                for set in list(value, "sets") {
                    for rating in list(set, "ratings") {
                        if whole(rating).is_none_or(|rating| rating < low || rating > high) {
                            return self.says("sets", "off_scale");
                        }
                    }
                }
            }
            "CalculateAction" if at(value, "value").is_some() == at(value, "from").is_some() => {
                self.says("", "value_or_from");
            }
            "Comparison" => {
                let given = matches!(word(value, "operator"), "submitted" | "skipped");
                match (at(value, "value"), element("left")) {
                    (Some(_), _) if given => self.says("value", "not_compared"),
                    (None, _) if !given => self.says("", "nothing_compared"),
                    (Some(compared), Some(element)) if !answer::comparable(element, compared) => {
                        self.says("value", "no_answer");
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

/// What a kind wants.
fn expected(kind: &Kind) -> Wrong {
    let wanted = |all: Vec<String>| vec![("wanted", all.join(" "))];
    let from_to = |min: String, max: String| vec![("min", min), ("max", max)];
    match kind {
        Kind::Version(_) => ("schema_version", Vec::new()),
        Kind::Id | Kind::New(_) | Kind::Ref(..) => ("name", Vec::new()),
        Kind::Plain | Kind::Texts => ("text", Vec::new()),
        Kind::Flag => ("flag", Vec::new()),
        Kind::Literal => ("literal", Vec::new()),
        Kind::Names => ("literals", Vec::new()),
        Kind::Record(_) => ("object", Vec::new()),
        Kind::Exactly(word) => ("one_of", wanted(vec![(*word).to_owned()])),
        Kind::Word(words) => (
            "one_of",
            wanted(words.iter().map(|word| (*word).to_owned()).collect()),
        ),
        Kind::Points(points) => (
            "one_of",
            wanted(points.iter().map(u32::to_string).collect()),
        ),
        Kind::Forms(forms) => (
            "type",
            wanted(forms.iter().map(|form| type_of(form)).collect()),
        ),
        Kind::Whole(min, max) => ("whole", from_to(min.to_string(), max.to_string())),
        Kind::List(_, min, max) => ("list", from_to(min.to_string(), max.to_string())),
    }
}

/// What tells a form from others: its type, or the name of its first field.
fn type_of(form: &Form) -> String {
    let Field(name, kind, _) = &form.fields[0];
    if let Kind::Exactly(word) = kind {
        word
    } else {
        name
    }
    .to_string()
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
