//! How much is allocated at once, while it is asked for: compiled for ways to put branches together only, since without it
//! what frees memory need not ask anything.

use std::sync::atomic::{AtomicI64, Ordering};

static LIVE: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

/// Begins anew.
pub(crate) fn reset() {
    LIVE.store(0, Ordering::SeqCst);
    PEAK.store(0, Ordering::SeqCst);
}

/// At most so much more was there than when it began, in bytes.
pub(crate) fn peak() -> u64 {
    u64::try_from(PEAK.load(Ordering::SeqCst)).unwrap_or(0)
}

#[cold]
pub(crate) fn allocated(bytes: usize) {
    let bytes = bytes as i64;
    let live = LIVE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(live, Ordering::Relaxed);
}

#[cold]
pub(crate) fn freed(bytes: usize) {
    LIVE.fetch_sub(bytes as i64, Ordering::Relaxed);
}
