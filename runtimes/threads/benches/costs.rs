//! What the baseline's primitives cost. They are ours, so there is no other way to write them.

use std::process::ExitCode;

use runtime_costs::Through;
use runtime_threads::OsThreads;

fn main() -> ExitCode {
    runtime_costs::run::<OsThreads, Through<OsThreads>>(false)
}
