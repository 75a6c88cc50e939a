//! The executors of futures as the harness runs them.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness_runner::run::<runtime_futures::Futures>()
}
