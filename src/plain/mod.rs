//! Plain data: the one tree through which everything crosses a boundary (the wire, the device's
//! store, JavaScript).
//!
//! serde's derive makes a visitor of its own for each type and each format; in the browser that was
//! half of the module (BENCHMARKS.md, "What the boundary costs"). Here serde knows one type, [`Value`],
//! and a record is read from it and written to it by a line of [`plain!`](crate::plain!) each. What is
//! unknown is ignored; names are camelCase outside, snake_case inside; enums are externally tagged.

mod kinds;
mod macros;
mod reading;
mod serial;
#[cfg(test)]
mod tests;
mod writing;

pub use reading::Reading;
use std::borrow::Cow;
pub use writing::Writing;

/// The names of a record's fields or of an enum's variants, in one text: a list of texts is larger in the
/// module. After each name stands what is to be known of it. Of a field: ` ` it must be there, `?` it may
/// be absent, `~` it is also left out where it says nothing (false, an empty list). Of a variant: ` ` it
/// stands alone, `=` it has content.
pub type Names = &'static str;

/// Takes the next name off, with its mark.
fn next_name(names: &mut Names) -> Option<(&'static str, u8)> {
    let end = names.bytes().position(|byte| b" ?~=".contains(&byte))?;
    let (name, rest) = names.split_at(end);
    *names = &rest[1..];
    Some((name, rest.as_bytes()[0]))
}

/// Any plain value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A number; whole ones are exact up to 2^53.
    Number(f64),
    /// A text.
    Text(Cow<'static, str>),
    /// A list.
    List(Vec<Value>),
    /// Names and values, in order. Where a name comes twice, the last counts, as in `JSON.parse`.
    Map(Vec<(Cow<'static, str>, Value)>),
}

/// The largest number up to which every whole one is exact: 2^53 - 1.
const WHOLE_MAX: f64 = 9_007_199_254_740_991.0;

/// A value of another shape than expected: the innermost field (or type) that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit(pub &'static str);

impl Misfit {
    /// What is wrong, and where.
    pub fn sentence(self) -> String {
        ["missing or malformed: ", &*camel(self.0)].concat()
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence())
    }
}

/// What can be read from a [`Value`], in place: a record is made blank and its fields are filled one
/// by one through this trait's objects.
pub trait Readable {
    /// What it is before it is read: the numbers 0, the texts and lists empty, of variants the first.
    fn blank() -> Self
    where
        Self: Sized;

    /// Takes what is being read; null is what a field finds that is absent. Where that fails, some of it
    /// may be taken already.
    fn take(&mut self, from: &mut Reading);

    /// Reads it in place. Where this fails, some of it may be read already.
    ///
    /// # Errors
    /// [`Misfit`] where the value has another shape.
    fn fill(&mut self, value: &Value) -> Result<(), Misfit>
    where
        Self: Sized,
    {
        fill(self, value)
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Misfit`] where the value has another shape.
    fn read(value: &Value) -> Result<Self, Misfit>
    where
        Self: Sized,
    {
        let mut read = Self::blank();
        read.fill(value)?;
        Ok(read)
    }
}

/// What can be written as a [`Value`].
pub trait Writable {
    /// Gives what is to be written.
    fn give(&self, to: &mut Writing);

    /// Writes it.
    fn write(&self) -> Value
    where
        Self: Sized,
    {
        write(self)
    }
}

/// [`Readable::fill`] for what is known by its trait alone.
///
/// # Errors
/// [`Misfit`] where the value has another shape.
pub fn fill(into: &mut dyn Readable, value: &Value) -> Result<(), Misfit> {
    let mut from = Reading::of(value);
    into.take(&mut from);
    from.misfit.map_or(Ok(()), Err)
}

/// [`Writable::write`] for what is known by its trait alone.
pub fn write(from: &dyn Writable) -> Value {
    let mut to = Writing::default();
    from.give(&mut to);
    match to.variant {
        "" => to.value,
        name => Value::Map(vec![(camel(name), to.value)]),
    }
}

impl Value {
    /// The field of a map, if it is there and not null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let Value::Map(fields) = self else {
            return None;
        };
        let mut named = fields.iter().rev();
        let (_, found) = named.find(|(key, _)| is_camel_of(key, name))?;
        (!found.is_null()).then_some(found)
    }

    fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// This map with one more field.
    pub fn with(mut self, name: &'static str, value: Value) -> Value {
        if let Value::Map(fields) = &mut self {
            fields.push((camel(name), value));
        }
        self
    }
}

/// `retry_after_ms` and `RetryAfterMs` as they are called outside: `retryAfterMs`.
fn camel(name: &'static str) -> Cow<'static, str> {
    if name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Cow::Borrowed(name);
    }
    let mut text = String::with_capacity(name.len());
    let mut upper = false;
    for (index, character) in name.chars().enumerate() {
        match character {
            '_' => upper = true,
            _ if index == 0 => text.push(character.to_ascii_lowercase()),
            _ => {
                text.push(if upper {
                    character.to_ascii_uppercase()
                } else {
                    character
                });
                upper = false;
            }
        }
    }
    Cow::Owned(text)
}

/// Whether `outside` is [`camel`] of `name`, without making it.
fn is_camel_of(outside: &str, name: &str) -> bool {
    let mut bytes = name.bytes();
    let mut first = true;
    let same = outside.bytes().all(|byte| {
        let expected = match bytes.next() {
            Some(b'_') => bytes.next().map(|byte| byte.to_ascii_uppercase()),
            Some(other) if first => Some(other.to_ascii_lowercase()),
            other => other,
        };
        first = false;
        expected == Some(byte)
    });
    same && bytes.next().is_none()
}

/// A whole number in decimal digits, without the formatting of the standard library.
#[cfg(any(feature = "chat", feature = "survey"))]
pub(crate) fn decimal(mut number: u32) -> String {
    let mut digits = String::new();
    loop {
        digits.insert(0, char::from(b'0' + (number % 10) as u8));
        number /= 10;
        if number == 0 {
            return digits;
        }
    }
}

/// How deep plain data may nest. Deeper is refused before it can exhaust the stack.
pub(crate) const DEPTH_MAX: u8 = 48;
