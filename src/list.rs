//! Lists made of iterators, in fewer bytes than `collect`.

/// For every iterator.
pub(crate) trait Gather: Iterator + Sized {
    /// `collect` into a list by the plainest loop. What the standard library writes for each kind of
    /// iterator, two functions that guess the length, is a tenth of the browser's module.
    fn listed(self) -> Vec<Self::Item> {
        let mut list = Vec::new();
        for item in self {
            list.push(item);
        }
        list
    }
}

impl<I: Iterator> Gather for I {}
