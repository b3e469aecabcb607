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

/// A value of another shape than expected: the innermost field (or type) that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit(pub &'static str);

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("missing or malformed: ")?;
        f.write_str(&camel(self.0))
    }
}

/// What can be read from, and written to, a [`Value`].
pub trait Plain: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`Misfit`] where the value has another shape.
    fn read(value: &Value) -> Result<Self, Misfit>;
    /// Writes it.
    fn write(&self) -> Value;
    /// What a field of this type is where it is absent or null.
    fn absent() -> Option<Self> {
        None
    }
}

impl Value {
    /// The field of a map, if it is there and not null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let Value::Map(fields) = self else {
            return None;
        };
        let found = fields
            .iter()
            .rev()
            .find(|(key, _)| is_camel_of(key, name))
            .map(|(_, value)| value);
        found.filter(|value| **value != Value::Null)
    }

    /// # Errors
    /// A nameless [`Misfit`] where this is no map.
    pub fn must_be_map(&self) -> Result<(), Misfit> {
        if matches!(self, Value::Map(_)) {
            Ok(())
        } else {
            Err(Misfit(""))
        }
    }

    /// Reads the field of a map.
    ///
    /// # Errors
    /// [`Misfit`] where it is missing or of another shape.
    pub fn field<T: Plain>(&self, name: &'static str) -> Result<T, Misfit> {
        match self.get(name) {
            Some(value) => T::read(value).map_err(|misfit| {
                if misfit.0.is_empty() {
                    Misfit(name)
                } else {
                    misfit
                }
            }),
            None => T::absent().ok_or(Misfit(name)),
        }
    }

    /// Reads the field of a map; its default where it is absent.
    ///
    /// # Errors
    /// [`Misfit`] where it is of another shape.
    pub fn field_or_default<T: Plain + Default>(&self, name: &'static str) -> Result<T, Misfit> {
        if self.get(name).is_some() {
            self.field(name)
        } else {
            Ok(T::default())
        }
    }

    /// Whether this is the enum's variant of that name without content.
    pub fn is_variant(&self, name: &str) -> bool {
        matches!(self, Value::Text(text) if is_camel_of(text, name))
    }

    /// A map of fields; those that are null are left out unless `nulls`.
    pub fn map<const N: usize>(nulls: bool, fields: [(&'static str, Value); N]) -> Value {
        let kept = fields
            .into_iter()
            .filter(|(_, value)| nulls || *value != Value::Null);
        Value::Map(kept.map(|(name, value)| (camel(name), value)).collect())
    }

    /// This map with one more field.
    pub fn with(self, name: &'static str, value: Value) -> Value {
        let Value::Map(mut fields) = self else {
            return self;
        };
        fields.push((camel(name), value));
        Value::Map(fields)
    }

    /// A variant with content.
    pub fn variant(name: &'static str, content: Value) -> Value {
        Value::Map(vec![(camel(name), content)])
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

impl Plain for bool {
    fn read(value: &Value) -> Result<Self, Misfit> {
        if let Value::Bool(yes) = value {
            Ok(*yes)
        } else {
            Err(Misfit(""))
        }
    }

    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Plain for String {
    fn read(value: &Value) -> Result<Self, Misfit> {
        if let Value::Text(text) = value {
            Ok(text.clone().into_owned())
        } else {
            Err(Misfit(""))
        }
    }

    fn write(&self) -> Value {
        Value::Text(Cow::Owned(self.clone()))
    }
}

macro_rules! whole_number {
    ($($type:ty),*) => {$(
        impl Plain for $type {
            fn read(value: &Value) -> Result<Self, Misfit> {
                match value {
                    Value::Number(number) if *number >= 0.0 && *number <= (<$type>::MAX as f64).min(9_007_199_254_740_991.0)
                        && *number % 1.0 == 0.0 => Ok(*number as $type),
                    _ => Err(Misfit("")),
                }
            }

            fn write(&self) -> Value {
                Value::Number(*self as f64)
            }
        }
    )*};
}
whole_number!(u8, u16, u32, u64);

macro_rules! any_number {
    ($($type:ty),*) => {$(
        impl Plain for $type {
            fn read(value: &Value) -> Result<Self, Misfit> {
                if let Value::Number(number) = value { Ok(*number as $type) } else { Err(Misfit("")) }
            }

            fn write(&self) -> Value {
                Value::Number(f64::from(*self))
            }
        }
    )*};
}
any_number!(f32, f64);

impl<T: Plain> Plain for Option<T> {
    fn read(value: &Value) -> Result<Self, Misfit> {
        if *value == Value::Null {
            Ok(None)
        } else {
            T::read(value).map(Some)
        }
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Plain> Plain for Vec<T> {
    fn read(value: &Value) -> Result<Self, Misfit> {
        if let Value::List(values) = value {
            values.iter().map(T::read).collect()
        } else {
            Err(Misfit(""))
        }
    }

    fn write(&self) -> Value {
        Value::List(self.iter().map(T::write).collect())
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
}

impl Plain for (String, String) {
    fn read(value: &Value) -> Result<Self, Misfit> {
        match value {
            Value::List(pair) if pair.len() == 2 => {
                Ok((String::read(&pair[0])?, String::read(&pair[1])?))
            }
            _ => Err(Misfit("")),
        }
    }

    fn write(&self) -> Value {
        Value::List(vec![self.0.write(), self.1.write()])
    }
}

/// Makes types [`Plain`], and through it `Serialize` and `Deserialize`.
///
/// `struct Name { required, fields; optional, ones }` omits what is null; `view Name { fields }` keeps
/// it; `enum Name { Unit, Newtype(_), Struct { fields } }` is externally tagged.
#[macro_export]
macro_rules! plain {
    (struct $name:ident { $($field:ident),* $(,)? $(; $($optional:ident),+ $(,)?)? }) => {
        impl $crate::plain::Plain for $name {
            fn read(value: &$crate::plain::Value) -> Result<Self, $crate::plain::Misfit> {
                value.must_be_map()?;
                Ok(Self {
                    $($field: value.field(stringify!($field))?,)*
                    $($($optional: value.field_or_default(stringify!($optional))?,)+)?
                })
            }

            fn write(&self) -> $crate::plain::Value {
                $crate::plain::Value::map(false, [
                    $((stringify!($field), $crate::plain::Plain::write(&self.$field)),)*
                    $($((stringify!($optional), $crate::plain::Plain::write(&self.$optional)),)+)?
                ])
            }
        }
        $crate::plain!(@serde $name);
    };
    (view $name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::plain::Plain for $name {
            fn read(value: &$crate::plain::Value) -> Result<Self, $crate::plain::Misfit> {
                Ok(Self { $($field: value.field(stringify!($field))?,)* })
            }

            fn write(&self) -> $crate::plain::Value {
                $crate::plain::Value::map(true, [
                    $((stringify!($field), $crate::plain::Plain::write(&self.$field)),)*
                ])
            }
        }
        $crate::plain!(@serde $name);
    };
    (enum $name:ident { $($variant:ident $(($inner:ident))? $({ $($field:ident),* $(; $($optional:ident),+)? })?),* $(,)? }) => {
        impl $crate::plain::Plain for $name {
            fn read(value: &$crate::plain::Value) -> Result<Self, $crate::plain::Misfit> {
                $($crate::plain!(@read value, $variant $(($inner))? $({ $($field),* $(; $($optional),+)? })?);)*
                Err($crate::plain::Misfit(stringify!($name)))
            }

            fn write(&self) -> $crate::plain::Value {
                match self {
                    $(Self::$variant $(($inner))? $({ $($field),* $(, $($optional),+)? })? => {
                        $crate::plain!(@write $variant $(($inner))? $({ $($field),* $(, $($optional),+)? })?)
                    })*
                }
            }
        }
        $crate::plain!(@serde $name);
    };
    (@read $value:ident, $variant:ident) => {
        if $value.is_variant(stringify!($variant)) {
            return Ok(Self::$variant);
        }
    };
    (@read $value:ident, $variant:ident ($inner:ident)) => {
        if let Some(content) = $value.get(stringify!($variant)) {
            return Ok(Self::$variant($crate::plain::Plain::read(content)?));
        }
    };
    (@read $value:ident, $variant:ident { $($field:ident),* $(; $($optional:ident),+)? }) => {
        if let Some(_content) = $value.get(stringify!($variant)) {
            return Ok(Self::$variant {
                $($field: _content.field(stringify!($field))?,)*
                $($($optional: _content.field_or_default(stringify!($optional))?,)+)?
            });
        }
    };
    (@write $variant:ident) => {
        $crate::plain::Value::unit(stringify!($variant))
    };
    (@write $variant:ident ($inner:ident)) => {
        $crate::plain::Value::variant(stringify!($variant), $crate::plain::Plain::write($inner))
    };
    (@write $variant:ident { $($field:ident),* }) => {
        $crate::plain::Value::variant(
            stringify!($variant),
            $crate::plain::Value::map(true, [$((stringify!($field), $crate::plain::Plain::write($field)),)*]),
        )
    };
    (@serde $name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&$crate::plain::Plain::write(self), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <$crate::plain::Value as serde::Deserialize>::deserialize(deserializer)?;
                $crate::plain::Plain::read(&value).map_err(serde::de::Error::custom)
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
            Value::Number(number)
                if *number % 1.0 == 0.0 && number.abs() <= 9_007_199_254_740_991.0 =>
            {
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
const DEPTH_MAX: u8 = 48;

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
