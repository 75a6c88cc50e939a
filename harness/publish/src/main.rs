//! The second program: the whole command line, with what wants heavy libraries.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness::main(harness_publish::commands::run)
}
