//! Writing a record field by field.

use super::{Names, Value, Writable, camel, next_name, write};

/// A value that something is being written to.
#[derive(Default)]
pub struct Writing {
    /// What is written.
    pub value: Value,
    names: Names,
    /// Null is written too.
    nulls: bool,
    /// The variant whose content this is.
    pub(super) variant: &'static str,
}

impl Writing {
    /// A record with these fields comes next. What is null is left out.
    #[inline(never)]
    pub fn record(&mut self, names: Names) -> &mut Self {
        self.value = Value::Map(Vec::new());
        self.names = names;
        self
    }

    /// As [`Writing::record`], but null is written.
    #[inline(never)]
    pub fn view(&mut self, names: Names) -> &mut Self {
        self.nulls = true;
        self.record(names)
    }

    /// The next field of the record.
    pub fn field(&mut self, field: &dyn Writable) -> &mut Self {
        let value = write(field);
        if let Value::Map(fields) = &mut self.value
            && let Some((name, mark)) = next_name(&mut self.names)
        {
            let empty = match &value {
                Value::Null => !self.nulls,
                Value::List(items) => mark == b'~' && items.is_empty(),
                Value::Bool(yes) => mark == b'~' && !yes,
                _ => false,
            };
            if !empty {
                fields.push((camel(name), value));
            }
        }
        self
    }

    /// A list comes next.
    #[inline(never)]
    pub fn list(&mut self) {
        self.value = Value::List(Vec::new());
    }

    /// The next item of the list.
    #[inline(never)]
    pub fn item(&mut self, item: &dyn Writable) {
        if let Value::List(items) = &mut self.value {
            items.push(write(item));
        }
    }

    /// The variant of this number; where it has content, that comes next.
    pub fn variant(&mut self, mut names: Names, index: usize) -> &mut Self {
        for _ in 0..index {
            next_name(&mut names);
        }
        match next_name(&mut names) {
            Some((name, b'=')) => self.variant = name,
            Some((name, _)) => self.value = Value::Text(camel(name)),
            None => {}
        }
        self
    }

    /// The content of the variant.
    #[inline(never)]
    pub fn content(&mut self, content: &dyn Writable) {
        self.value = write(content);
    }
}
