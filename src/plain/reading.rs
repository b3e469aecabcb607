//! Reading a record field by field: one loop does so for every record, which is a third of the code that
//! a reader of its own for each would be. None of it is worth repeating at each of some hundred callers.

use super::{Misfit, Names, Readable, Value, is_camel_of, next_name};

/// A value that something is being read from.
pub struct Reading<'v> {
    /// What is being read.
    pub value: &'v Value,
    /// What does not fit, once something did not; nothing is read from then on.
    pub misfit: Option<Misfit>,
    names: Names,
}

impl<'v> Reading<'v> {
    pub(super) fn of(value: &'v Value) -> Self {
        Self {
            value,
            misfit: None,
            names: "",
        }
    }

    /// This has another shape than expected.
    #[inline(never)]
    pub fn fail(&mut self, what: &'static str) {
        self.misfit = Some(Misfit(what));
    }

    /// A record with these fields comes next.
    #[inline(never)]
    pub fn record(&mut self, names: Names) -> &mut Self {
        self.names = names;
        if !matches!(self.value, Value::Map(_)) {
            self.fail("");
        }
        self
    }

    /// The next field of the record; one that may be absent stays as it is where it is.
    pub fn field(&mut self, field: &mut dyn Readable) -> &mut Self {
        if let Some((name, mark)) = next_name(&mut self.names)
            && self.misfit.is_none()
        {
            let value = match self.value.get(name) {
                Some(value) => value,
                None if mark == b' ' => &Value::Null,
                None => return self,
            };
            let mut inner = Reading::of(value);
            field.take(&mut inner);
            self.misfit = inner.misfit.map(|misfit| match misfit.0 {
                "" => Misfit(name),
                _ => misfit,
            });
        }
        self
    }

    /// The items of a list; none where there is null.
    #[inline(never)]
    pub fn items(&mut self) -> &'v [Value] {
        match self.value {
            Value::List(items) => items,
            Value::Null => &[],
            _ => {
                self.fail("");
                &[]
            }
        }
    }

    /// The next item of a list.
    #[inline(never)]
    pub fn item(&mut self, item: &mut dyn Readable, value: &'v Value) {
        if self.misfit.is_none() {
            self.value = value;
            item.take(self);
        }
    }

    /// Which of these variants this is; its content is what is read from here on. Of several, the first.
    pub fn variant(&mut self, mut names: Names, whole: &'static str) -> Option<usize> {
        let mut index = 0;
        while let Some((name, mark)) = next_name(&mut names) {
            let content = match self.value {
                Value::Text(text) => is_camel_of(text, name).then_some((self.value, b' ')),
                value => value.get(name).map(|content| (content, b'=')),
            };
            if let Some((content, found)) = content {
                if found != mark {
                    break;
                }
                self.value = content;
                return Some(index);
            }
            index += 1;
        }
        self.fail(whole);
        None
    }
}
