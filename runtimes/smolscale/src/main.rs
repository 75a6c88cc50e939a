//! smolscale as the harness runs it.

use std::process::ExitCode;

fn main() -> ExitCode {
    harness_runner::run::<runtime_smolscale::Smolscale>()
}
