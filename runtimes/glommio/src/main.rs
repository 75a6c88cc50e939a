//! glommio as the harness runs it.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    harness_runner::run::<runtime_glommio::Glommio>()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    harness_runner::unavailable(
        "glommio",
        "glommio is built on io_uring, which only Linux has",
    )
}
