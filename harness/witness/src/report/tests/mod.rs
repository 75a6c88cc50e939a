//! Each diagnosis, with its nearest miss: the same branches, changed in the one thing that the diagnosis is about.

mod agree;
mod joined;
mod placed;
mod read;

use crate::{Report, rules::Class};

fn class(report: &Report) -> Class {
    report.diagnosis.class
}
