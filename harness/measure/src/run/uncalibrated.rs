//! What could not be calibrated, and what becomes of the cells that wanted it: they are not run, and each is recorded
//! as a round that failed as the calibration did. Without steps a cell would be measured all the same, and show that
//! nothing is gained by what has nothing to do; without what a branch takes alone there is nothing to hold it against.

use std::collections::HashMap;

use workload_catalogue::scenario;

use super::worth::Failed;
use harness_record::{
    bundle::{Bundle, CellStatus},
    cell::Cell,
    plan::BASELINE,
};

/// What calibration could not do.
#[derive(Debug, Default)]
pub(super) struct Uncalibrated {
    /// Why the steps of a scenario are not known, by its name.
    steps: HashMap<String, Failed>,
    /// Why nothing could be predicted of a cell.
    cells: HashMap<Cell, Failed>,
}

/// Of a cell that the machine, or the command, leaves without what it needs.
pub(super) fn unavailable(reason: String) -> Failed {
    Failed {
        status: CellStatus::Unavailable,
        reason,
        stderr: String::new(),
    }
}

impl Uncalibrated {
    /// The steps of a scenario are not known, for this reason.
    pub(super) fn steps(&mut self, scenario: &str, why: Failed) {
        self.steps.insert(scenario.to_owned(), why);
    }

    /// Nothing is predicted of a cell, since what shows what it takes failed so.
    pub(super) fn cell(&mut self, cell: &Cell, why: Failed) {
        self.cells.insert(cell.clone(), why);
    }

    /// Why a cell is not run, if it is not.
    pub(super) fn of(&self, bundle: &Bundle, cell: &Cell) -> Option<Failed> {
        let first = Cell {
            again: false,
            ..cell.clone()
        };
        let known = self.cells.get(&first).cloned();
        known.or_else(|| self.without_steps(bundle, cell))
    }

    /// Its branches compute, and nobody knows how many steps.
    fn without_steps(&self, bundle: &Bundle, cell: &Cell) -> Option<Failed> {
        let facts = scenario(&cell.scenario).filter(|facts| facts.work_ms > 0.0)?;
        if bundle.steps.contains_key(&cell.scenario) {
            return None;
        }
        let Some(why) = self.steps.get(&cell.scenario) else {
            // Of a run that goes on: what came before the first block is not tried again.
            let mut failed = unavailable(format!(
                "the steps of {} were not calibrated when this run began",
                cell.scenario
            ));
            if could_calibrate(bundle) {
                failed.status = CellStatus::Crashed;
            }
            return Some(failed);
        };
        Some(match facts.is_own() {
            true => of_own(why),
            false => Failed {
                reason: format!(
                    "the steps of {} could not be calibrated: {}",
                    cell.scenario, why.reason
                ),
                ..why.clone()
            },
        })
    }
}

/// Whether there was a runtime to count steps on, so that it failed if there are none.
fn could_calibrate(bundle: &Bundle) -> bool {
    let mut entrants = bundle.header.entrants.iter();
    let is_there = entrants.any(|one| one.name == BASELINE && one.unavailable.is_none());
    let mut promises = bundle.promises.iter();
    is_there && !promises.any(|tried| tried.runtime == BASELINE && tried.disqualifies().is_some())
}

/// A branch of somebody's own may be one that comes to no end alone, and that is no failure.
fn of_own(why: &Failed) -> Failed {
    let said = "how many steps make the work that was asked for cannot be told: each branch alone must come to its \
                end, and one must take longer with more of `env.steps`; or leave --work and WORK out";
    match why.status {
        CellStatus::Crashed | CellStatus::Wrong => Failed {
            reason: format!("{said} ({})", why.reason),
            ..why.clone()
        },
        _ => unavailable(said.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness_record::{
        fabricated::{cell, smol_run},
        promise::Tried,
    };

    fn crashed() -> Failed {
        Failed {
            status: CellStatus::Crashed,
            reason: "exit code 139".to_owned(),
            stderr: "its last words".to_owned(),
        }
    }

    #[test]
    fn what_computes_waits_for_its_steps() {
        let mut bundle = smol_run();
        let digest = cell("smol:workers@2/digest/spawn@2");
        let mut unknown = Uncalibrated::default();
        assert_eq!(unknown.of(&bundle, &digest), None);
        bundle.steps.clear();
        unknown.steps("digest", crashed());
        let failed = unknown.of(&bundle, &digest).unwrap();
        assert_eq!(
            failed,
            Failed {
                reason: "the steps of digest could not be calibrated: exit code 139".to_owned(),
                ..crashed()
            }
        );
        let timers = cell("smol:workers@2/timers/spawn@3");
        assert_eq!(unknown.of(&bundle, &timers), None);
    }

    /// A run that goes on does not know how calibration failed; that it did is still no lack of the machine's.
    #[test]
    fn a_run_that_goes_on_without_steps_says_so() {
        let mut bundle = smol_run();
        bundle.steps.clear();
        let digest = cell("smol:workers@2/digest/spawn@2");
        let of = |bundle: &Bundle| Uncalibrated::default().of(bundle, &digest).unwrap();
        assert_eq!(
            of(&bundle).reason,
            "the steps of digest were not calibrated when this run began"
        );
        assert_eq!(of(&bundle).status, CellStatus::Crashed);
        bundle.promises.push(Tried {
            runtime: BASELINE.to_owned(),
            broken: Some("2 threads declared, 1 seen".to_owned()),
            ..Tried::default()
        });
        assert_eq!(of(&bundle).status, CellStatus::Unavailable);
        bundle.promises.clear();
        bundle.header.entrants[0].unavailable = Some("not here".to_owned());
        assert_eq!(of(&bundle).status, CellStatus::Unavailable);
    }

    #[test]
    fn what_failed_alone_is_not_run_nor_is_its_second_arm() {
        let bundle = smol_run();
        let one = cell("smol:workers@2/timers/compose@3");
        let mut unknown = Uncalibrated::default();
        unknown.cell(&one, crashed());
        assert_eq!(unknown.of(&bundle, &one), Some(crashed()));
        let again = Cell { again: true, ..one };
        assert_eq!(unknown.of(&bundle, &again), Some(crashed()));
        let other = cell("smol:default@1/timers/compose@3");
        assert_eq!(unknown.of(&bundle, &other), None);
    }
}
