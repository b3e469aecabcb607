//! An entry as it lies on the device: with a checksum, so that one that was damaged is never sent.

use crate::output::Entry;
use crate::plain::{Readable, Reading, Value, Writable, Writing};

const SUM: &str = "sum";

/// A journal entry with its checksum. One without is older than the checksums, and is taken as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed(pub Entry);

impl Readable for Sealed {
    fn blank() -> Self {
        Self(Entry::blank())
    }

    fn take(&mut self, from: &mut Reading) {
        if let Some(sum) = from.value.get(SUM)
            && *sum != Value::Number(f64::from(checksum(from.value)))
        {
            return from.fail(SUM);
        }
        self.0.take(from);
    }
}

impl Writable for Sealed {
    fn give(&self, to: &mut Writing) {
        let value = self.0.write();
        let sum = f64::from(checksum(&value));
        to.value = value.with(SUM, Value::Number(sum));
    }
}

/// FNV-1a over all of it but the checksum itself.
fn checksum(value: &Value) -> u32 {
    let mut sum = 0x811C_9DC5;
    add(&mut sum, value, SUM);
    sum
}

fn add(sum: &mut u32, value: &Value, but: &str) {
    let mut bytes = |kind: u8, bytes: &[u8]| {
        for byte in [kind].iter().chain(bytes) {
            *sum = (*sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    };
    match value {
        Value::Null => bytes(0, &[]),
        Value::Bool(yes) => bytes(1, &[u8::from(*yes)]),
        Value::Number(number) => bytes(2, &number.to_le_bytes()),
        Value::Text(text) => bytes(3, text.as_bytes()),
        Value::List(values) => {
            bytes(4, &[]);
            for value in values {
                add(sum, value, "");
            }
        }
        Value::Map(fields) => {
            bytes(5, &[]);
            for (name, value) in fields.iter().filter(|(name, _)| name != but) {
                add(sum, &Value::Text(name.clone()), "");
                add(sum, value, "");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Durable;
    use crate::plain::Misfit;
    use crate::protocol::command::Feedback;

    fn entry() -> Entry {
        Entry {
            local_seq: 7,
            made_at: 1_700_000_000_000,
            visitor: "v1".into(),
            command: Durable::Feedback(Feedback {
                cmid: "c".into(),
                article: "returns".into(),
                helpful: true,
                query: "包裹".into(),
            }),
            failed: None,
        }
    }

    #[test]
    fn an_entry_comes_back_as_it_was() {
        let stored = Sealed(entry()).write();
        assert_eq!(Sealed::read(&stored), Ok(Sealed(entry())));
    }

    #[test]
    fn a_damaged_entry_is_refused_wherever_the_damage_is() {
        let Value::Map(fields) = Sealed(entry()).write() else {
            panic!("a record is a map");
        };
        for at in 0..fields.len() {
            let mut damaged = fields.clone();
            damaged[at].1 = Value::Number(8.0);
            assert_eq!(Sealed::read(&Value::Map(damaged)), Err(Misfit(SUM)));
        }
    }

    #[test]
    fn an_entry_from_before_the_checksums_is_taken_as_it_is() {
        assert_eq!(Sealed::read(&entry().write()), Ok(Sealed(entry())));
    }
}
