//! Time of a host that has one clock only, and that one jumps.

use crate::input::Now;

/// Makes of a clock that people set one that never goes back.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    wall_ms: u64,
    mono_ms: u64,
}

impl Clock {
    /// `wall_ms` since 1970, as the host says. Set back, time stands still for this one look.
    pub fn at(&mut self, wall_ms: f64) -> Now {
        let wall_ms = wall_ms.max(0.0) as u64;
        if self.wall_ms > 0 {
            self.mono_ms += wall_ms.saturating_sub(self.wall_ms);
        }
        self.wall_ms = wall_ms;
        Now {
            mono_ms: self.mono_ms,
            wall_ms,
        }
    }
}
