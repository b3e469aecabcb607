//! Plain data: the one tree through which everything crosses a boundary (the wire, the device's
//! store, JavaScript).
//!
//! serde's derive makes a visitor of its own for each type and each format; in the browser that was
//! half of the module (BENCHMARKS.md, "What the boundary costs"). Here serde knows one type, [`Value`],
//! and a record is read from it and written to it by a line of [`plain!`](crate::plain!) each. What is
//! unknown is ignored; names are camelCase outside, snake_case inside; enums are externally tagged.

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;

/// Any plain value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
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
/// by one through this trait's objects. One loop does so for every record, which is a third of the code
/// that a reader of its own for each would be.
pub trait Readable {
    /// What it is before it is read: the numbers 0, the texts and lists empty, of variants the first.
    fn blank() -> Self
    where
        Self: Sized;

    /// Reads it in place; null is what a field finds that is absent. Where this fails, some of it may
    /// be read already.
    ///
    /// # Errors
    /// [`Misfit`] where the value has another shape.
    fn fill(&mut self, value: &Value) -> Result<(), Misfit>;

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
    /// Writes it.
    fn write(&self) -> Value;
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

    /// Reads the fields of a map. The first `required` of them must be there; the others stay as they
    /// are where they are not.
    ///
    /// # Errors
    /// A nameless [`Misfit`] where this is no map, else one with the field's name.
    pub fn fill_fields(
        &self,
        names: &[&'static str],
        required: usize,
        fields: &mut [&mut dyn Readable],
    ) -> Result<(), Misfit> {
        if !matches!(self, Value::Map(_)) {
            return Err(Misfit(""));
        }
        for (index, (name, field)) in names.iter().zip(fields).enumerate() {
            let value = match self.get(name) {
                Some(value) => value,
                None if index < required => &Value::Null,
                None => continue,
            };
            if let Err(misfit) = field.fill(value) {
                let nameless = misfit.0.is_empty();
                return Err(if nameless { Misfit(name) } else { misfit });
            }
        }
        Ok(())
    }

    /// Which variant of an enum this is, and its content if it has any.
    pub fn variant_of(&self, names: &[&str]) -> Option<(usize, Option<&Value>)> {
        let mut found = None;
        for (index, name) in names.iter().enumerate().rev() {
            match self {
                Value::Text(text) if is_camel_of(text, name) => found = Some((index, None)),
                _ => {
                    if let Some(content) = self.get(name) {
                        found = Some((index, Some(content)));
                    }
                }
            }
        }
        found
    }

    /// A map of fields; those that are null are left out unless `nulls`.
    pub fn map(nulls: bool, names: &[&'static str], fields: &[&dyn Writable]) -> Value {
        let mut written = Vec::with_capacity(names.len());
        for (name, field) in names.iter().zip(fields) {
            let value = field.write();
            if nulls || !value.is_null() {
                written.push((camel(name), value));
            }
        }
        Value::Map(written)
    }

    /// This map with one more field.
    pub fn with(mut self, name: &'static str, value: Value) -> Value {
        if let Value::Map(fields) = &mut self {
            fields.push((camel(name), value));
        }
        self
    }

    /// A variant with content.
    pub fn variant(name: &'static str, content: Value) -> Value {
        Value::Map(Vec::new()).with(name, content)
    }

    /// A variant without content.
    pub fn unit(name: &'static str) -> Value {
        Value::Text(camel(name))
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

impl Readable for bool {
    fn blank() -> Self {
        false
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        let Value::Bool(yes) = value else {
            return Err(Misfit(""));
        };
        *self = *yes;
        Ok(())
    }
}

impl Writable for bool {
    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Readable for String {
    fn blank() -> Self {
        String::new()
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        let Value::Text(text) = value else {
            return Err(Misfit(""));
        };
        *self = text.clone().into_owned();
        Ok(())
    }
}

impl Writable for String {
    fn write(&self) -> Value {
        Value::Text(Cow::Owned(self.clone()))
    }
}

/// The number, if there is one and it is whole and within bounds.
fn whole(value: &Value, max: f64) -> Result<f64, Misfit> {
    match value {
        Value::Number(number) if *number >= 0.0 && *number <= max && number.trunc() == *number => {
            Ok(*number)
        }
        _ => Err(Misfit("")),
    }
}

macro_rules! whole_number {
    ($($type:ty: $max:expr),*) => {$(
        impl Readable for $type {
            fn blank() -> Self {
                0
            }

            fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
                *self = whole(value, $max)? as $type;
                Ok(())
            }
        }

        impl Writable for $type {
            fn write(&self) -> Value {
                Value::Number(*self as f64)
            }
        }
    )*};
}
whole_number!(u8: 255.0, u16: 65_535.0, u32: 4_294_967_295.0, u64: WHOLE_MAX);

macro_rules! any_number {
    ($($type:ty),*) => {$(
        impl Readable for $type {
            fn blank() -> Self {
                0.0
            }

            fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
                let Value::Number(number) = value else {
                    return Err(Misfit(""));
                };
                *self = *number as $type;
                Ok(())
            }
        }

        impl Writable for $type {
            fn write(&self) -> Value {
                Value::Number(f64::from(*self))
            }
        }
    )*};
}
any_number!(f32, f64);

impl<T: Readable> Readable for Option<T> {
    fn blank() -> Self {
        None
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        *self = None;
        if value.is_null() {
            return Ok(());
        }
        self.insert(T::blank()).fill(value)
    }
}

impl<T: Writable> Writable for Option<T> {
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }
}

impl<T: Readable> Readable for Vec<T> {
    fn blank() -> Self {
        Vec::new()
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        let items = match value {
            Value::List(items) => items.as_slice(),
            Value::Null => &[],
            _ => return Err(Misfit("")),
        };
        self.clear();
        for item in items {
            self.push(T::read(item)?);
        }
        Ok(())
    }
}

impl<T: Writable> Writable for Vec<T> {
    fn write(&self) -> Value {
        let mut items = Vec::with_capacity(self.len());
        for item in self {
            items.push(item.write());
        }
        Value::List(items)
    }
}

impl Readable for (String, String) {
    fn blank() -> Self {
        Default::default()
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        let Value::List(pair) = value else {
            return Err(Misfit(""));
        };
        let [first, second] = pair.as_slice() else {
            return Err(Misfit(""));
        };
        self.0.fill(first)?;
        self.1.fill(second)
    }
}

impl Writable for (String, String) {
    fn write(&self) -> Value {
        Value::List(vec![self.0.write(), self.1.write()])
    }
}

/// Makes types [`Readable`] and [`Writable`], and through them `Serialize` and `Deserialize`.
///
/// `struct Name { required, fields; optional, ones }` omits what is null; `view Name { fields }` keeps
/// it; `enum Name { Unit, Newtype(_), Struct { fields } }` is externally tagged.
#[macro_export]
macro_rules! plain {
    (struct $name:ident { $($field:ident),* $(,)? $(; $($optional:ident),+ $(,)?)? }) => {
        $crate::plain!(@record false, $name { $($field),* } { $($($optional),+)? });
        $crate::plain!(@serde $name);
    };
    (view $name:ident { $($field:ident),* $(,)? }) => {
        $crate::plain!(@record true, $name { $($field),* } {});
        $crate::plain!(@serde $name);
    };
    (@record $nulls:literal, $name:ident { $($field:ident),* } { $($optional:ident),* }) => {
        impl $crate::plain::Readable for $name {
            fn blank() -> Self {
                Self {
                    $($field: $crate::plain::Readable::blank(),)*
                    $($optional: $crate::plain::Readable::blank(),)*
                }
            }

            fn fill(&mut self, value: &$crate::plain::Value) -> Result<(), $crate::plain::Misfit> {
                const REQUIRED: &[&str] = &[$(stringify!($field)),*];
                value.fill_fields(
                    &[$(stringify!($field),)* $(stringify!($optional),)*],
                    REQUIRED.len(),
                    &mut [$(&mut self.$field,)* $(&mut self.$optional,)*],
                )
            }
        }

        impl $crate::plain::Writable for $name {
            fn write(&self) -> $crate::plain::Value {
                $crate::plain::Value::map(
                    $nulls,
                    &[$(stringify!($field),)* $(stringify!($optional),)*],
                    &[$(&self.$field,)* $(&self.$optional,)*],
                )
            }
        }
    };
    (enum $name:ident { $($variant:ident $(($inner:ident))? $({ $($field:ident),* })?),* $(,)? }) => {
        impl $crate::plain::Readable for $name {
            $crate::plain!(@blank $($variant $(($inner))? $({ $($field),* })?),*);

            fn fill(&mut self, value: &$crate::plain::Value) -> Result<(), $crate::plain::Misfit> {
                let Some((_found, _content)) = value.variant_of(&[$(stringify!($variant)),*]) else {
                    return Err($crate::plain::Misfit(stringify!($name)));
                };
                let _at = 0;
                $($crate::plain!(@fill self, _at, _found, _content, $variant $(($inner))? $({ $($field),* })?);
                let _at = _at + 1;)*
                Err($crate::plain::Misfit(stringify!($name)))
            }
        }

        impl $crate::plain::Writable for $name {
            fn write(&self) -> $crate::plain::Value {
                match self {
                    $(Self::$variant $(($inner))? $({ $($field),* })? => {
                        $crate::plain!(@write $variant $(($inner))? $({ $($field),* })?)
                    })*
                }
            }
        }
        $crate::plain!(@serde $name);
    };
    (@blank $variant:ident $(($inner:ident))? $({ $($field:ident),* })? $(, $($others:tt)*)?) => {
        fn blank() -> Self {
            $crate::plain!(@made $variant $(($inner))? $({ $($field),* })?)
        }
    };
    (@made $variant:ident) => {
        Self::$variant
    };
    (@made $variant:ident ($inner:ident)) => {
        Self::$variant($crate::plain::Readable::blank())
    };
    (@made $variant:ident { $($field:ident),* }) => {
        Self::$variant { $($field: $crate::plain::Readable::blank()),* }
    };
    (@fill $self:ident, $at:ident, $found:ident, $content:ident, $variant:ident) => {
        if $found == $at && $content.is_none() {
            *$self = Self::$variant;
            return Ok(());
        }
    };
    (@fill $self:ident, $at:ident, $found:ident, $content:ident, $variant:ident ($inner:ident)) => {
        if let (true, Some(content)) = ($found == $at, $content) {
            *$self = $crate::plain!(@made $variant ($inner));
            if let Self::$variant($inner) = $self {
                return $crate::plain::Readable::fill($inner, content);
            }
        }
    };
    (@fill $self:ident, $at:ident, $found:ident, $content:ident, $variant:ident { $($field:ident),* }) => {
        if let (true, Some(content)) = ($found == $at, $content) {
            *$self = $crate::plain!(@made $variant { $($field),* });
            if let Self::$variant { $($field),* } = $self {
                const NAMES: &[&str] = &[$(stringify!($field)),*];
                return content.fill_fields(NAMES, NAMES.len(), &mut [$($field),*]);
            }
        }
    };
    (@write $variant:ident) => {
        $crate::plain::Value::unit(stringify!($variant))
    };
    (@write $variant:ident ($inner:ident)) => {
        $crate::plain::Value::variant(stringify!($variant), $crate::plain::Writable::write($inner))
    };
    (@write $variant:ident { $($field:ident),* }) => {
        $crate::plain::Value::variant(
            stringify!($variant),
            $crate::plain::Value::map(true, &[$(stringify!($field)),*], &[$($field),*]),
        )
    };
    (@serde $name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&$crate::plain::Writable::write(self), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <$crate::plain::Value as serde::Deserialize>::deserialize(deserializer)?;
                $crate::plain::Readable::read(&value).map_err(serde::de::Error::custom)
            }
        }
    };
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(yes) => serializer.serialize_bool(*yes),
            // A whole number is written as one: `5`, not `5.0`.
            Value::Number(number) if number.trunc() == *number && number.abs() <= WHOLE_MAX => {
                serializer.serialize_i64(*number as i64)
            }
            Value::Number(number) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(values) => serializer.collect_seq(values),
            Value::Map(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// How deep plain data may nest. Deeper is refused before it can exhaust the stack.
pub(crate) const DEPTH_MAX: u8 = 48;

/// Reads a [`Value`] so many levels down.
struct AnyValue {
    depth: u8,
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        AnyValue { depth: 0 }.deserialize(deserializer)
    }
}

impl<'de> DeserializeSeed<'de> for AnyValue {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl AnyValue {
    fn deeper<E: Error>(&self) -> Result<Self, E> {
        if self.depth == DEPTH_MAX {
            return Err(E::custom("nested too deep"));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("plain data")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Value, E> {
        Ok(Value::Bool(yes))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(Cow::Owned(text)))
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(self.deeper()?)? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            fields.push((Cow::Owned(name), entries.next_value_seed(self.deeper()?)?));
        }
        Ok(Value::Map(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Parcel {
        order_no: String,
        weight_g: u32,
        note: Option<String>,
        tags: Vec<String>,
        fragile: bool,
    }
    plain!(struct Parcel { order_no, weight_g, note, tags; fragile });

    #[derive(Clone, Debug, PartialEq)]
    enum Step {
        Packed,
        Handed(Parcel),
        Delivered { at_door: bool, to: Option<String> },
    }
    plain!(enum Step { Packed, Handed(content), Delivered { at_door, to } });

    fn parcel() -> Parcel {
        Parcel {
            order_no: "A-1".into(),
            weight_g: 250,
            note: None,
            tags: vec![],
            fragile: false,
        }
    }

    #[test]
    fn names_are_camel_case_outside_and_what_is_none_is_left_out() {
        let json = serde_json::to_string(&parcel()).unwrap();
        assert_eq!(
            json,
            r#"{"orderNo":"A-1","weightG":250,"tags":[],"fragile":false}"#
        );
    }

    #[test]
    fn unknown_fields_are_ignored_and_absent_ones_take_their_default() {
        let json = r#"{"orderNo":"A-1","weightG":250,"colour":"red","deep":{"er":[1]}}"#;
        assert_eq!(serde_json::from_str::<Parcel>(json).unwrap(), parcel());
    }

    #[test]
    fn a_missing_or_malformed_field_is_named() {
        for json in [
            r#"{"orderNo":"A-1"}"#,
            r#"{"orderNo":"A-1","weightG":-1}"#,
            r#"{"orderNo":"A-1","weightG":1.5}"#,
        ] {
            let problem = serde_json::from_str::<Parcel>(json)
                .unwrap_err()
                .to_string();
            assert!(problem.contains("weightG"), "{problem}");
        }
    }

    #[test]
    fn enums_are_externally_tagged_and_come_back_as_they_were() {
        let steps = [
            (Step::Packed, r#""packed""#),
            (
                Step::Delivered {
                    at_door: true,
                    to: None,
                },
                r#"{"delivered":{"atDoor":true,"to":null}}"#,
            ),
        ];
        for (step, json) in steps {
            assert_eq!(serde_json::to_string(&step).unwrap(), json);
            assert_eq!(serde_json::from_str::<Step>(json).unwrap(), step);
        }
        let handed = Step::Handed(parcel());
        assert_eq!(Step::read(&handed.write()), Ok(handed));
    }

    #[test]
    fn data_that_nests_too_deep_is_refused_before_the_stack_ends() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(serde_json::from_str::<Value>(&deep(40)).is_ok());
        assert!(serde_json::from_str::<Value>(&deep(100)).is_err());
    }
}
