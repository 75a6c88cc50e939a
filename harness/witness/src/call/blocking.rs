//! A closure that is a branch of a call.

use std::sync::Arc;

use super::{Name, track::Polled, watched::Watched};
use crate::recorded::Ending;

pub(super) fn wrap<T, F: FnOnce() -> T>(
    watched: Option<&Arc<Watched>>,
    name: Name,
    closure: F,
) -> impl FnOnce() -> T + use<T, F> {
    let track = watched.and_then(|watched| watched.branch(name, true));
    let mut running = track.map(|track| Running(Polled::new(track)));
    move || {
        let polling = running.as_mut().map(|running| running.0.poll());
        let output = closure();
        drop(polling);
        if let Some(running) = running {
            running.0.track.end(Ending::Done);
        }
        output
    }
}

/// A closure that has not come back yet.
struct Running(Polled);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.track.end(Ending::Dropped);
    }
}
