//! What of a run has been done already, by its record: what a run that goes on leaves out.
//!
//! A run that begins has an empty record, for which all of this says: nothing.

use std::{collections::BTreeSet, time::Duration};

use super::block::REPEATS;
use harness_record::{
    bundle::{Block, Bundle},
    cell::Cell,
    plan::Group,
};

/// The complete blocks about a runtime.
fn blocks<'a>(bundle: &'a Bundle, runtime: &'a str) -> impl Iterator<Item = &'a Block> {
    let of_runtime = move |block: &&Block| block.complete && block.runtime == runtime;
    bundle.blocks.iter().filter(of_runtime)
}

/// The runtimes whose turn is not over: one is over when the next has begun.
pub(super) fn left(bundle: &Bundle, runtimes: Vec<String>) -> Vec<String> {
    let has_begun = |runtime: &String| blocks(bundle, runtime).next().is_some();
    let last = runtimes.iter().rposition(has_begun).unwrap_or(0);
    runtimes.into_iter().skip(last).collect()
}

/// How much of its budget a runtime has spent: what the blocks of its `claimed` scenarios took. What was spent between them,
/// and on a block that a kill cut short, nobody recorded.
pub(super) fn spent(bundle: &Bundle, runtime: &str, claimed: &BTreeSet<&str>) -> Duration {
    let blocks = blocks(bundle, runtime);
    let claimed = blocks.filter(|block| claimed.contains(block.scenario.as_str()));
    Duration::from_nanos(claimed.map(|block| block.took_ns).sum())
}

/// Whether a group has had its first block, with all its cells.
pub(super) fn has_begun(bundle: &Bundle, group: &Group) -> bool {
    blocks(bundle, &group.runtime).any(|block| block.scenario == group.scenario.name)
}

/// How many passes over a runtime have measured a cell. A pass ends with a block that nobody disturbed, or with as many
/// as it may try.
pub(super) fn passes(bundle: &Bundle, runtime: &str, cell: &Cell) -> usize {
    let (mut passes, mut tries) = (0, 0);
    let blocks = bundle.rounds(cell).map(|(block, _)| block);
    for block in blocks.filter(|block| block.complete && block.runtime == runtime) {
        tries += 1;
        if block.disturbed.is_none() || tries > REPEATS {
            passes += 1;
            tries = 0;
        }
    }
    passes
}

/// What shuffles the blocks from here on. It follows from the seed and the number of blocks that there
/// are, so the order of a run can be made out from its record however often it was killed.
pub(super) fn random(bundle: &Bundle) -> fastrand::Rng {
    // An odd number near 2⁶⁴ over the golden ratio, so that neighbouring seeds lie far apart.
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let blocks = bundle.blocks.len() as u64;
    let options = &bundle.header.options;
    // The shares of a plan have its seed, and none the order and the answers of another.
    let share = options.partition.map_or(0, |partition| partition.share()) as u64;
    let seed = options.seed.wrapping_add(share << 32);
    fastrand::Rng::with_seed(seed.wrapping_add(blocks.wrapping_mul(STEP)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness_record::fabricated::{
        MS, block, cell, disturbed_block, header, options, rounds, sample, smol, smol_run, threads,
        tokio, unasked,
    };

    const C: &str = "smol:workers@2/digest/compose@2";
    const TIMERS: &str = "smol:workers@2/timers/compose@3";

    fn spent_by_smol(bundle: &Bundle) -> Duration {
        spent(bundle, "smol", &BTreeSet::from(["digest"]))
    }

    #[test]
    fn a_run_that_begins_has_done_nothing() {
        let bundle = smol_run();
        let runtimes = vec!["smol".to_owned(), "tokio".to_owned()];
        assert_eq!(left(&bundle, runtimes.clone()), runtimes);
        assert_eq!(spent_by_smol(&bundle), Duration::ZERO);
        assert_eq!(passes(&bundle, "smol", &cell(C)), 0);
        assert!(
            bundle
                .plan
                .groups
                .iter()
                .all(|group| !has_begun(&bundle, group))
        );
        let seed = bundle.header.options.seed;
        assert_eq!(
            random(&bundle).u64(..),
            fastrand::Rng::with_seed(seed).u64(..)
        );
    }

    /// Shares of one plan have one seed: what is drawn for one is drawn for it again, and not for another.
    #[test]
    fn each_share_draws_an_order_of_its_own() {
        let of = |share: &str| {
            let mut bundle = smol_run();
            bundle.header.options.partition = share.parse().ok();
            random(&bundle).u64(..)
        };
        let all = BTreeSet::from(["", "1/3", "2/3", "3/3"].map(of));
        assert_eq!(all.len(), 4);
        assert_eq!(of("2/3"), of("2/3"));
    }

    #[test]
    fn a_turn_is_over_when_the_next_has_begun() {
        let runtimes = vec!["smol".to_owned(), "tokio".to_owned()];
        let entrants = vec![unasked(threads()), smol(), tokio()];
        let mut bundle = Bundle::new(header(entrants, options(), 2));
        block(&mut bundle, &[(C, sample(8.0, 1.0))]);
        assert_eq!(left(&bundle, runtimes.clone()), runtimes);
        block(
            &mut bundle,
            &[("tokio:multi-thread@2/digest/compose@2", sample(8.0, 1.0))],
        );
        assert_eq!(left(&bundle, runtimes), ["tokio"]);
        // The fabricated blocks take 100 ms each.
        assert_eq!(spent_by_smol(&bundle), Duration::from_nanos(100 * MS));
    }

    #[test]
    fn what_no_claim_rests_on_takes_nothing_of_the_budget() {
        let mut bundle = smol_run();
        block(&mut bundle, &[(C, sample(8.0, 1.0))]);
        block(&mut bundle, &[(TIMERS, sample(8.0, 1.0))]);
        assert_eq!(spent_by_smol(&bundle), Duration::from_nanos(100 * MS));
    }

    #[test]
    fn half_a_block_is_none() {
        let mut bundle = smol_run();
        rounds(&mut bundle, &[(C, vec![sample(8.0, 1.0)])]);
        let digest = bundle.plan.group("smol", "digest").unwrap().clone();
        assert!(!has_begun(&bundle, &digest));
        assert_eq!(
            (passes(&bundle, "smol", &cell(C)), spent_by_smol(&bundle)),
            (0, Duration::ZERO)
        );
        // But it moves the order on, or the next would be the same block again.
        assert_ne!(random(&bundle).u64(..), random(&smol_run()).u64(..));
        block(&mut bundle, &[(C, sample(8.0, 1.0))]);
        assert!(has_begun(&bundle, &digest));
        let timers = bundle.plan.group("smol", "timers").unwrap();
        assert!(!has_begun(&bundle, timers));
    }

    #[test]
    fn a_block_that_was_disturbed_is_tried_again_within_its_pass() {
        let mut bundle = smol_run();
        let undisturbed = |bundle: &mut Bundle| block(bundle, &[(C, sample(8.0, 1.0))]);
        let disturbed = |bundle: &mut Bundle| disturbed_block(bundle, &[(C, sample(8.0, 1.0))]);
        undisturbed(&mut bundle);
        assert_eq!(passes(&bundle, "smol", &cell(C)), 1);
        disturbed(&mut bundle);
        assert_eq!(passes(&bundle, "smol", &cell(C)), 1);
        undisturbed(&mut bundle);
        assert_eq!(passes(&bundle, "smol", &cell(C)), 2);
        for _ in 0..=REPEATS {
            disturbed(&mut bundle);
        }
        assert_eq!(passes(&bundle, "smol", &cell(C)), 3);
        assert_eq!(passes(&bundle, "smol", &cell(TIMERS)), 0);
    }
}
