//! What the examples share: work that always costs the same, runtimes, and what holds each to its diagnosis.

mod hold;
mod work;

pub use hold::{Run, hold, show};
pub use work::{compute, http_get, millis, tokio_on_one_thread, tokio_workers};

/// The end of every example: `main` runs these and prints their reports, and its test holds them to what they must be
/// diagnosed as.
#[macro_export]
macro_rules! example {
    ($($run:expr),+ $(,)?) => {
        const RUNS: &[$crate::Run] = &[$($run),+];

        fn main() {
            $crate::show(RUNS);
        }

        #[test]
        fn each_gets_its_diagnosis() {
            $crate::hold(RUNS);
        }
    };
}
