//! Time and randomness of a browser.

use crate::error::Error;
use crate::input::Now;

/// Both clocks. Where there is no `performance`, the wall clock drives the delays too.
pub(super) fn now() -> Now {
    let wall_ms = js_sys::Date::now();
    let mono_ms = web_sys::window()
        .and_then(|window| window.performance())
        .map_or(wall_ms, |p| p.now());
    Now {
        mono_ms: mono_ms.max(0.0) as u64,
        wall_ms: wall_ms.max(0.0) as u64,
    }
}

/// 32 unpredictable bytes, or a refusal: ids must not be made from anything less.
pub(super) fn random_seed() -> Result<[u8; 32], Error> {
    let mut seed = [0; 32];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    match crypto.map(|crypto| crypto.get_random_values_with_u8_array(&mut seed)) {
        Some(Ok(_)) => Ok(seed),
        _ => Err(Error::new(
            "no_random",
            "this browser has no secure random generator",
        )),
    }
}
