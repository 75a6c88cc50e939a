//! The command: what it does lies in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness::main(|_| harness::commands::second::hand_over())
}
