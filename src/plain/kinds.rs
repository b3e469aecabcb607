//! The plain kinds of which records are made: truth, numbers, texts, options and lists of them.

use super::{Misfit, Readable, Value, WHOLE_MAX, Writable};
use std::borrow::Cow;

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

impl Readable for Value {
    fn blank() -> Self {
        Value::Null
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        *self = value.clone();
        Ok(())
    }
}

impl Writable for Value {
    fn write(&self) -> Value {
        self.clone()
    }
}
