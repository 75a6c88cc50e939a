//! The sections of `results/README.md`: which runs are published, and what they say together.

use crate::merge::{Counts, Merged, print};
use harness_report::{
    md::{self, code},
    recorded::Recorded,
    unpadded,
};

use super::{
    Superseded,
    links::{claim_page, revision},
};

/// What stands there while nothing is published.
pub(super) const NOTHING: &str = "Nothing is published yet. `harness run --rounds auto` records a run on a \
     quiet machine, and `harness publish results/NAME` puts it here and makes the tables.";

/// A line a run: where it was measured, by what, and what came of it.
pub(super) fn runs(published: &[Recorded]) -> String {
    if published.is_empty() {
        return NOTHING.to_owned();
    }
    let header = [
        "run",
        "machine",
        "command",
        "revision",
        "blocks",
        "disturbed",
        "holds",
        "refuted",
        "by design",
        "inconclusive",
        "not testable",
    ];
    let rows = published.iter().map(|recorded| {
        let report = &recorded.report;
        let counts = Counts::of_report(report);
        let (blocks, disturbed) = match &report.costs {
            None => (report.blocks.to_string(), report.disturbed_blocks),
            Some(costs) => {
                let (pairs, timings) = (costs.operations.len(), costs.timed_rounds);
                (
                    format!("{timings} timings of {pairs} costs"),
                    costs.disturbed_rounds,
                )
            }
        };
        vec![
            format!("[{name}]({name})", name = recorded.name),
            md::text(&report.host.summary(report.cores)),
            code(&report.command.join(" ")),
            code(&revision(recorded)),
            blocks,
            disturbed.to_string(),
            counts.holds.to_string(),
            counts.refuted.to_string(),
            counts.refuted_by_design.to_string(),
            counts.inconclusive.to_string(),
            counts.not_testable.to_string(),
        ]
    });
    unpadded::table(&header, rows.collect())
}

/// A line for each run that has left the tree: what it was, which has its place, and which commit has it.
pub(super) fn superseded(gone: &[Superseded]) -> String {
    if gone.is_empty() {
        return "None yet.".to_owned();
    }
    let header = [
        "run",
        "superseded by",
        "machine",
        "command",
        "revision",
        "commit",
    ];
    let rows = gone.iter().map(|gone| {
        vec![
            gone.name.clone(),
            gone.by.clone(),
            md::text(&gone.machine),
            code(&gone.command),
            code(&gone.revision),
            code(&gone.commit),
        ]
    });
    unpadded::table(&header, rows.collect())
}

/// What all of them say together.
pub(super) fn merged(published: &[Recorded]) -> String {
    if published.is_empty() {
        return NOTHING.to_owned();
    }
    if published.iter().all(|run| run.report.costs.is_some()) {
        return "No published run judges claims.".to_owned();
    }
    print::markdown(&Merged::of(published), &|claim| claim_page(claim, "../"))
}
