//! The best of many: a heap of the few that are kept, the least of them in front.

/// An article in the running.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Where it stands, as [`order`] has it: no two are equal.
    pub order: u64,
    /// Its first passage.
    pub passage: u32,
}

/// The greatest entries of those that were offered.
pub struct Best {
    limit: usize,
    heap: Vec<Entry>,
}

impl Best {
    /// Keeps `limit` entries.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            heap: Vec::new(),
        }
    }

    /// Offers an entry. Returns the least that is kept once there are enough: nothing below has a chance.
    pub fn offer(&mut self, entry: Entry) -> Option<u64> {
        if self.heap.len() < self.limit {
            self.heap.push(entry);
            if self.heap.len() == self.limit {
                arrange(&mut self.heap, &|a, b| a.order < b.order);
            }
        } else if self
            .heap
            .first()
            .is_some_and(|least| least.order < entry.order)
        {
            self.heap[0] = entry;
            self.sink();
        }
        let least = self.heap.first().filter(|_| self.heap.len() == self.limit);
        least.map(|least| least.order)
    }

    /// Brings the first entry to its place.
    fn sink(&mut self) {
        let heap = self.heap.as_mut_slice();
        let mut at = 0;
        loop {
            let mut child = 2 * at + 1;
            if child + 1 < heap.len() && heap[child + 1].order < heap[child].order {
                child += 1;
            }
            if child >= heap.len() || heap[at].order < heap[child].order {
                return;
            }
            heap.swap(at, child);
            at = child;
        }
    }

    /// What was kept, greatest first.
    pub fn sorted(mut self) -> Vec<Entry> {
        arrange(&mut self.heap, &|a, b| a.order > b.order);
        self.heap
    }
}

/// Sorts by `before`; equals keep their order. Lists here are short and nearly sorted, and the standard
/// library's sorts weigh more than all that ranks.
pub fn arrange<T>(list: &mut [T], before: &dyn Fn(&T, &T) -> bool) {
    for end in 1..list.len() {
        let mut at = end;
        while at > 0 && before(&list[at], &list[at - 1]) {
            list.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// The bits that number an article.
const NUMBER: u64 = (1 << 31) - 1;

/// Whether every word is there, then the score, then the place in the index: as one number.
pub fn order(is_whole: bool, score: f32, doc: usize) -> u64 {
    let bits = score.to_bits();
    let ascending = bits ^ ((bits as i32 >> 31) as u32 | 1 << 31);
    u64::from(is_whole) << 63 | u64::from(ascending) << 31 | (!(doc as u64) & NUMBER)
}

/// The article of an order.
pub fn doc_of(order: u64) -> usize {
    (!order & NUMBER) as usize
}

/// The score of an order.
pub fn score_of(order: u64) -> f32 {
    let ascending = (order >> 31) as u32;
    f32::from_bits(ascending ^ ((!ascending as i32 >> 31) as u32 | 1 << 31))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_kept_and_equals_stay_in_the_order_of_the_index() {
        let scores = [3.0, -1.5, 7.25, 0.0, 7.25, -0.25, 2.0, 9.5, 1e-9, 3.0];
        for limit in 0..=scores.len() + 1 {
            let mut best = Best::new(limit);
            let mut least = None;
            for (doc, &score) in scores.iter().enumerate() {
                let order = order(doc == 6, score, doc);
                assert_eq!((doc_of(order), score_of(order)), (doc, score));
                least = best.offer(Entry { order, passage: 0 });
            }
            let kept = best.sorted();
            let wanted = [6, 7, 2, 4, 0, 9, 8, 3, 5, 1];
            let docs: Vec<usize> = kept.iter().map(|entry| doc_of(entry.order)).collect();
            assert_eq!(docs, wanted[..limit.min(scores.len())]);
            let full = limit <= scores.len();
            assert_eq!(least, kept.last().map(|last| last.order).filter(|_| full));
        }
    }
}
