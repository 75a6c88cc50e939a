//! What a child's outcome is worth: its own status, unless its samples say that they are wrong, or cannot be true.
//!
//! What cannot be true is what `harness check` would refuse, by the same rules, and what [`impossible`] holds against
//! what was asked for: whatever goes into a record is heard by these first.

use std::time::Duration;

use harness_judge::check::wrong_with_sample;
use harness_record::{
    bundle::{Bundle, CellStatus},
    cell::Cell,
    text::one_line,
};

use super::impossible::{self, impossible};
use crate::child::{Outcome, Status};

/// Longer reasons are cut: some figures have three hundred digits.
const LONGEST: usize = 160;

/// Why an outcome is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    /// How it went.
    pub(super) status: CellStatus,
    /// One line.
    pub(super) reason: String,
    /// The end of its standard error.
    pub(super) stderr: String,
}

/// Why a round of a cell is worth nothing, if it is not; `start_up` is what starting its adapter takes.
pub(super) fn failed(
    bundle: &Bundle,
    cell: &Cell,
    outcome: &Outcome,
    start_up: Option<Duration>,
) -> Option<Failed> {
    of(bundle, cell, outcome, || {
        impossible(bundle, cell, outcome, start_up)
    })
}

/// The same of what is measured before any block, some of it of one branch alone: what a cell's branches take together
/// is not asked of it.
pub(super) fn failed_alone(
    bundle: &Bundle,
    cell: &Cell,
    outcome: &Outcome,
    start_up: Option<Duration>,
) -> Option<Failed> {
    of(bundle, cell, outcome, || {
        impossible::of_the_process(bundle, outcome, start_up)
    })
}

fn of(
    bundle: &Bundle,
    cell: &Cell,
    outcome: &Outcome,
    impossible: impl FnOnce() -> Option<String>,
) -> Option<Failed> {
    let own = || outcome.reason.clone();
    let (status, reason) = match outcome.status {
        Status::Ok => {
            let said = outcome.samples.iter().find_map(|s| s.wrong.clone());
            let wrong = said.or_else(impossible);
            let wrong = wrong.or_else(|| recorded(bundle, cell, outcome));
            (CellStatus::Wrong, Some(wrong?))
        }
        Status::Unsupported => (CellStatus::Unsupported, own()),
        Status::Unavailable => (CellStatus::Unavailable, own()),
        Status::Timeout => (CellStatus::Timeout, own()),
        Status::Failed | Status::Crashed | Status::Interrupted => (CellStatus::Crashed, own()),
    };
    Some(Failed {
        status,
        reason: reason.unwrap_or_else(|| "it did not say why".to_owned()),
        stderr: outcome.stderr.clone(),
    })
}

/// What no record may hold.
fn recorded(bundle: &Bundle, cell: &Cell, outcome: &Outcome) -> Option<String> {
    let host = &bundle.header.host;
    let mut samples = outcome.samples.iter().enumerate();
    samples.find_map(|(index, sample)| {
        let why = wrong_with_sample(sample, cell, host)?;
        let which = match outcome.samples.len() {
            1 => "its sample".to_owned(),
            all => format!("sample {} of {all}", index + 1),
        };
        Some(format!(
            "{which} cannot be true: {}",
            one_line(&why, LONGEST)
        ))
    })
}

#[cfg(test)]
mod tests {
    use harness_protocol::Sample;

    use super::*;
    use crate::fabricated;
    use harness_record::fabricated::{cell, sample, smol_run};

    const SPAWN: &str = "smol:workers@2/digest/spawn@2";

    fn outcome(status: Status, samples: Vec<Sample>) -> Outcome {
        Outcome {
            status,
            reason: (status != Status::Ok).then(|| "why".to_owned()),
            stderr: "its last words".to_owned(),
            ..fabricated::outcome(samples)
        }
    }

    fn of(status: Status, samples: Vec<Sample>) -> Option<(CellStatus, String)> {
        let outcome = outcome(status, samples);
        let failed = failed(&smol_run(), &cell(SPAWN), &outcome, None)?;
        assert_eq!(failed.stderr, "its last words");
        Some((failed.status, failed.reason))
    }

    #[test]
    fn a_wrong_answer_is_wrong_in_whichever_sample() {
        let bundle = smol_run();
        let wrong = Sample {
            wrong: Some("branch 1 answered 0x0".to_owned()),
            ..sample(4.0, 1.0)
        };
        // Of the baseline as well, which is no configuration of the plan.
        for name in [SPAWN, "threads:threads@2/digest/spawn@2"] {
            let outcome = outcome(Status::Ok, vec![sample(4.0, 1.0), wrong.clone()]);
            for failed in [failed, failed_alone] {
                let failed = failed(&bundle, &cell(name), &outcome, None).unwrap();
                assert_eq!(failed.status, CellStatus::Wrong);
                assert_eq!(failed.reason, "branch 1 answered 0x0");
            }
        }
    }

    #[test]
    fn how_a_child_ended_is_how_its_cell_went() {
        assert_eq!(of(Status::Ok, vec![sample(4.0, 1.0)]), None);
        for (ended, expected) in [
            (Status::Unsupported, CellStatus::Unsupported),
            (Status::Unavailable, CellStatus::Unavailable),
            (Status::Timeout, CellStatus::Timeout),
            (Status::Failed, CellStatus::Crashed),
            (Status::Crashed, CellStatus::Crashed),
        ] {
            // What it had said before does not mend it.
            let found = of(ended, vec![sample(4.0, 1.0)]);
            assert_eq!(found, Some((expected, "why".to_owned())));
        }
    }

    /// What `harness check` would refuse of the record.
    #[test]
    fn what_no_record_may_hold_is_wrong() {
        let good = || sample(4.0, 1.0);
        let says = |second: Sample| {
            let (status, why) = of(Status::Ok, vec![good(), second]).unwrap();
            assert_eq!(status, CellStatus::Wrong);
            why
        };
        let overlap = says(Sample {
            mean_overlap: 1e300,
            ..good()
        });
        assert!(
            overlap.starts_with("sample 2 of 2 cannot be true: mean_overlap: 1"),
            "{overlap}"
        );
        assert_eq!(
            says(Sample {
                longest_poll_ns: 4_140_000,
                ..good()
            }),
            "sample 2 of 2 cannot be true: longest_poll_ns: 4140000 is more than wall_ns, 4000000"
        );
        let alone = Sample {
            wall_ns: u64::MAX,
            ..good()
        };
        let alone = of(Status::Ok, vec![alone]).unwrap().1;
        assert!(
            alone.starts_with("its sample cannot be true: wall_ns: "),
            "{alone}"
        );
    }
}
