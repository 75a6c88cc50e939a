//! tokio-unstable as the harness runs it.

use std::process::ExitCode;

#[cfg(tokio_unstable)]
fn main() -> ExitCode {
    harness_runner::run::<runtime_tokio_unstable::TokioUnstable>()
}

#[cfg(not(tokio_unstable))]
fn main() -> ExitCode {
    harness_runner::unavailable(
        "tokio-unstable",
        "it was built without `--cfg tokio_unstable`: the harness builds it so, and by hand RUSTFLAGS does",
    )
}
