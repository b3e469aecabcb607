//! A line that things leave in the order in which they came.

/// First in, first out, and back to the front where something must wait once more. Two lists, of which
/// one lies backwards: each thing is turned over once. `VecDeque` does more, in four times the bytes.
#[derive(Clone, Debug)]
pub(crate) struct Queue<T> {
    /// The head, backwards.
    leaving: Vec<T>,
    /// What came after it.
    coming: Vec<T>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            leaving: Vec::new(),
            coming: Vec::new(),
        }
    }
}

impl<T> Queue<T> {
    /// At the end of the line.
    pub fn push_back(&mut self, item: T) {
        self.coming.push(item);
    }

    /// At its head.
    pub fn push_front(&mut self, item: T) {
        self.leaving.push(item);
    }

    /// The head of the line.
    pub fn pop_front(&mut self) -> Option<T> {
        if self.leaving.is_empty() {
            self.leaving = std::mem::take(&mut self.coming);
            self.leaving.reverse();
        }
        self.leaving.pop()
    }

    /// The end of the line.
    pub fn back_mut(&mut self) -> Option<&mut T> {
        match self.coming.last_mut() {
            None => self.leaving.first_mut(),
            last => last,
        }
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.leaving.iter().rev().chain(&self.coming)
    }

    /// All, in order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.leaving.iter_mut().rev().chain(&mut self.coming)
    }

    /// Takes all, in order.
    pub fn take(&mut self) -> Vec<T> {
        let mut all = std::mem::take(&mut self.leaving);
        all.reverse();
        all.append(&mut self.coming);
        all
    }

    /// Leaves nothing.
    pub fn clear(&mut self) {
        self.take();
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    #[test]
    fn things_leave_in_the_order_in_which_they_came() {
        let mut queue = Queue::default();
        for number in 1..=3 {
            queue.push_back(number);
        }
        assert_eq!(queue.pop_front(), Some(1));
        queue.push_back(4);
        queue.push_front(0);
        assert_eq!(queue.back_mut(), Some(&mut 4));
        assert_eq!(queue.iter().copied().listed(), [0, 2, 3, 4]);
        assert_eq!(queue.take(), [0, 2, 3, 4]);
        assert_eq!(queue.pop_front(), None);
        assert_eq!(queue.back_mut(), None);
    }
    use crate::list::Gather;
}
