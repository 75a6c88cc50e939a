//! Stub.
use std::process::ExitCode;
/// Answers one request of the harness on standard input and output.
#[must_use]
pub fn run<R: runtime_api::Runtime>() -> ExitCode {
    let _ = R::about();
    ExitCode::SUCCESS
}
/// As [`run`], for a runtime that does not exist on this operating system.
#[must_use]
pub fn unavailable(_runtime: &str, _why: &str) -> ExitCode {
    ExitCode::SUCCESS
}
