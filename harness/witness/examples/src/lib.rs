//! What the examples share: work that always costs the same, runtimes, and what holds each to its diagnosis.

mod hold;
mod work;

pub use hold::{Run, hold, show};
pub use work::{compute, http_get, millis, tokio_on_one_thread, tokio_workers};
