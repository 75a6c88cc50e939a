//! Adapters that lie, each in one way, so that tests can show that each is found out.
//!
//! All are one program: a link to it that is called `runtime-NAME` tells the lie of that name, or none
//! where the name is `honest`. Around the lie they are tokio, by the code of its own adapter.
//!
//! Lies of a runtime are told through the trait ([`liar`]), lies of a workload in the place of the
//! catalogue's ([`workloads`]), and lies about what was measured in the adapter's replies ([`replies`]).

use std::process::ExitCode;

mod compose;
mod liar;
mod lie;
mod replies;
mod spawn;
mod workloads;

use liar::Liar;
use lie::Lie;

fn main() -> ExitCode {
    match Lie::told() {
        None => {
            eprintln!(
                "start this by a link called runtime-NAME, NAME one of {}",
                lie::names()
            );
            ExitCode::from(2)
        }
        Some(Lie::Skips) => harness_runner::run_with::<Liar, _>(workloads::Skips),
        Some(Lie::SameDeadline) => harness_runner::run_with::<Liar, _>(workloads::SameDeadline),
        Some(Lie::Early) => replies::early(),
        Some(Lie::Forges) => replies::forges(),
        Some(Lie::Shrinks) => replies::shrinks(),
        Some(Lie::TwoFaced) => replies::two_faced("inline"),
        Some(Lie::Lonely) => replies::two_faced("alone"),
        Some(_) => harness_runner::run::<Liar>(),
    }
}
