//! Small programs as people write them, watched. They tried the shape of this library before it was settled.
//!
//! What they are diagnosed as is asserted as far as a busy machine allows: the right class, or that it is not decided.

#![cfg(not(feature = "off"))]
#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

mod handler;
mod loops;
mod threads;

use poll_witness::{Report, rules::Class};

#[track_caller]
fn is(report: &Report, class: Class) {
    let found = report.diagnosis.class;
    assert!(found == class || found == Class::NotDecided, "{report}");
}
