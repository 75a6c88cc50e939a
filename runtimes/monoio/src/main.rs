//! monoio as the harness runs it.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    harness_runner::run::<runtime_monoio::Monoio>()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    harness_runner::unavailable(
        "monoio",
        "monoio is measured on io_uring, which only Linux has",
    )
}
