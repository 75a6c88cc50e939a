//! What the workloads' own tests share: a runtime of one thread, an [`Env`], and the questions that
//! are asked of every workload's answers.
//!
//! A dev-dependency only. Nothing that is measured links it.

mod answers;
mod runtime;
mod stream;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

pub use answers::Answers;
pub use runtime::OneThread;
pub use stream::Buffered;
use workload_api::{Env, Lateness, Shared, Stretch};

/// Two branches of 3 ms and 5 steps, with no origin and no folder.
#[must_use]
pub fn env() -> Env {
    Env {
        branches: 2,
        wait: Duration::from_millis(3),
        steps: 5,
        nonce: 42,
        start: Instant::now(),
        origin: None,
        folder: Arc::from(Path::new("no folder was given")),
        lateness: Lateness::default(),
        stretch: Stretch::default(),
        shared: Shared::default(),
    }
}
