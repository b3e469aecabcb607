//! The plain kinds of which records are made: truth, numbers, texts, options and lists of them.

use super::{Readable, Reading, Value, WHOLE_MAX, Writable, Writing};
use std::borrow::Cow;
use std::rc::Rc;

impl Readable for bool {
    fn blank() -> Self {
        false
    }

    fn take(&mut self, from: &mut Reading) {
        match from.value {
            Value::Bool(yes) => *self = *yes,
            _ => from.fail(""),
        }
    }
}

impl Writable for bool {
    fn give(&self, to: &mut Writing) {
        to.value = Value::Bool(*self);
    }
}

impl Readable for String {
    fn blank() -> Self {
        String::new()
    }

    fn take(&mut self, from: &mut Reading) {
        match from.value {
            Value::Text(text) => *self = text.clone().into_owned(),
            _ => from.fail(""),
        }
    }
}

impl Writable for String {
    fn give(&self, to: &mut Writing) {
        to.value = Value::Text(Cow::Owned(self.clone()));
    }
}

/// The number, if there is one and it is whole and within bounds; else 0.
fn whole(from: &mut Reading, max: f64) -> f64 {
    match from.value {
        Value::Number(number) if *number >= 0.0 && *number <= max && number.trunc() == *number => {
            *number
        }
        _ => {
            from.fail("");
            0.0
        }
    }
}

macro_rules! whole_number {
    ($($type:ty: $max:expr),*) => {$(
        impl Readable for $type {
            fn blank() -> Self {
                0
            }

            fn take(&mut self, from: &mut Reading) {
                *self = whole(from, $max) as $type;
            }
        }

        impl Writable for $type {
            fn give(&self, to: &mut Writing) {
                to.value = Value::Number(*self as f64);
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

            fn take(&mut self, from: &mut Reading) {
                match from.value {
                    Value::Number(number) => *self = *number as $type,
                    _ => from.fail(""),
                }
            }
        }

        impl Writable for $type {
            fn give(&self, to: &mut Writing) {
                to.value = Value::Number(f64::from(*self));
            }
        }
    )*};
}
any_number!(f32, f64);

impl<T: Readable> Readable for Option<T> {
    fn blank() -> Self {
        None
    }

    fn take(&mut self, from: &mut Reading) {
        *self = None;
        if !from.value.is_null() {
            self.insert(T::blank()).take(from);
        }
    }
}

impl<T: Writable> Writable for Option<T> {
    fn give(&self, to: &mut Writing) {
        if let Some(some) = self {
            some.give(to);
        }
    }
}

impl<T: Readable> Readable for Vec<T> {
    fn blank() -> Self {
        Vec::new()
    }

    fn take(&mut self, from: &mut Reading) {
        self.clear();
        for value in from.items() {
            let mut item = T::blank();
            from.item(&mut item, value);
            self.push(item);
        }
    }
}

impl<T: Writable> Writable for Vec<T> {
    fn give(&self, to: &mut Writing) {
        to.list();
        for item in self {
            to.item(item);
        }
    }
}

impl<T: Readable> Readable for Rc<T> {
    fn blank() -> Self {
        Rc::new(T::blank())
    }

    fn take(&mut self, from: &mut Reading) {
        let mut read = T::blank();
        read.take(from);
        *self = Rc::new(read);
    }
}

impl<T: Writable> Writable for Rc<T> {
    fn give(&self, to: &mut Writing) {
        T::give(self, to);
    }
}

impl Readable for (String, String) {
    fn blank() -> Self {
        Default::default()
    }

    fn take(&mut self, from: &mut Reading) {
        if let [first, second] = from.items() {
            from.item(&mut self.0, first);
            from.item(&mut self.1, second);
        } else {
            from.fail("");
        }
    }
}

impl Writable for (String, String) {
    fn give(&self, to: &mut Writing) {
        to.list();
        to.item(&self.0);
        to.item(&self.1);
    }
}

impl Readable for Value {
    fn blank() -> Self {
        Value::Null
    }

    fn take(&mut self, from: &mut Reading) {
        *self = from.value.clone();
    }
}

impl Writable for Value {
    fn give(&self, to: &mut Writing) {
        to.value = self.clone();
    }
}
