//! The predictions: the two ends by name, and what holds of any chains.

use proptest::prelude::*;

use super::*;
use crate::analysis::Poll;

fn polls(lengths: &[u64]) -> Chain {
    chain(
        &lengths
            .iter()
            .map(|length| (0, *length))
            .collect::<Vec<_>>(),
    )
}

/// Waits and polls.
fn chain(steps: &[(u64, u64)]) -> Chain {
    let step = |(wait_ns, poll_ns): &(u64, u64)| Step {
        wait_ns: *wait_ns,
        poll_ns: *poll_ns,
        ..Step::default()
    };
    Chain {
        steps: steps.iter().map(step).collect(),
        ..Chain::default()
    }
}

fn on(workers: usize, chains: &[Chain]) -> u64 {
    makespan(chains, Pool::new(workers, workers))
}

#[test]
fn equal_branches_are_dealt_out() {
    let four = vec![polls(&[10]); 4];
    assert_eq!([1, 2, 3, 4, 9].map(|k| on(k, &four)), [40, 20, 20, 10, 10]);
}

#[test]
fn a_long_branch_is_the_floor() {
    let unequal = [polls(&[100]), polls(&[5])];
    assert_eq!(on(2, &unequal), 100);
    assert_eq!(floor(&unequal, Pool::new(2, 2)), 100);
    assert_eq!(ceiling(&unequal, Pool::new(2, 2)), 53 + 50);
}

#[test]
fn waits_take_no_worker() {
    let three = vec![chain(&[(10, 0), (90, 5)]); 3];
    assert_eq!(on(1, &three), 115);
    assert_eq!(on(3, &three), 105);
}

#[test]
fn polls_that_block_want_a_worker_and_no_core() {
    let blocking = |chain: &mut Chain| chain.steps[0].blocks = true;
    let mut chains = vec![polls(&[10]); 4];
    let pool = Pool::new(4, 2);
    assert_eq!(makespan(&chains, pool), 20);
    chains.iter_mut().for_each(blocking);
    assert_eq!(makespan(&chains, pool), 10);
    // Two that compute have the cores; one that blocks is let past those that wait for a core.
    let mut mixed = vec![polls(&[10]); 4];
    blocking(&mut mixed[3]);
    assert_eq!(makespan(&mixed, pool), 20);
    assert_eq!(floor(&mixed, pool), 15);
}

#[test]
fn a_wait_that_a_sibling_ends_is_not_shortened_by_workers() {
    // Three take a lock in turn: each computes 10, and lets it go at its end.
    let mut chains = vec![polls(&[10]), polls(&[1, 10]), polls(&[1, 10])];
    for i in [1, 2] {
        let step = if i == 1 { 0 } else { 1 };
        chains[i].steps[1].after = Some(After {
            chain: i - 1,
            step,
            into_ns: 10,
        });
    }
    assert_eq!([1, 2, 3, 100].map(|k| on(k, &chains)), [32, 30, 30, 30]);
}

#[test]
fn a_wait_of_its_own_goes_on_beside_the_one_for_a_sibling() {
    // The sibling's poll begins at 20; its own wait ends at 50.
    let mut chains = vec![chain(&[(0, 1), (19, 10)]), chain(&[(0, 1), (49, 5)])];
    chains[1].steps[1].after = Some(After {
        chain: 0,
        step: 1,
        into_ns: 10,
    });
    assert_eq!(on(2, &chains), 55);
}

#[test]
fn who_was_made_later_comes_later() {
    let mut chains = vec![polls(&[10]), polls(&[20]), polls(&[5]), polls(&[5])];
    chains[2].released_by = vec![0, 1];
    chains[2].release_ns = 7;
    chains[3].released_by = vec![2];
    assert_eq!(on(4, &chains), 20 + 7 + 5 + 5);
    assert_eq!(on(1, &chains), 30 + 7 + 5 + 5);
}

#[test]
fn chains_that_wait_for_each_other_come_to_an_end_all_the_same() {
    let wait_for = |chain| {
        let mut this = polls(&[10]);
        this.steps[0].after = Some(After {
            chain,
            step: 0,
            into_ns: 0,
        });
        this
    };
    assert!(on(2, &[wait_for(1), wait_for(0)]) >= 10);
    let released_by = |by| Chain {
        released_by: vec![by],
        ..polls(&[10])
    };
    assert!(on(2, &[released_by(1), released_by(0)]) >= 10);
    assert_eq!(on(2, &[released_by(0), released_by(99)]), 10);
    assert_eq!(on(2, &[wait_for(7)]), 10, "there is no such chain");
    assert_eq!(on(1, &[]), 0);
}

#[test]
fn short_polls_are_refused_and_negligible_ones_are_not() {
    let pool = Pool::new(2, 2);
    let foretell = |chains: &[Chain]| spawned(chains, chains, pool, 5_000);
    assert_eq!(
        foretell(&[polls(&[1_000]), polls(&[1_000])]),
        Err(Refused::TooShort)
    );
    let waits = chain(&[(0, 1_000), (10_000_000, 1_000)]);
    let waits = foretell(&[waits.clone(), waits]).unwrap();
    assert!(
        waits.best_ns >= 10_002_000 && waits.worst_ns < 10_100_000,
        "{waits:?}"
    );
    assert_eq!(foretell(&[polls(&[10_000_000])]), Err(Refused::NoSibling));
    let two = foretell(&[polls(&[10_000_000]), polls(&[10_000_000])]).unwrap();
    assert_eq!((two.best_ns, two.worst_ns), (10_010_000, 15_010_000));
    assert_eq!(
        (two.work_ns, two.longest_chain_ns),
        (20_000_000, 10_000_000)
    );
}

#[test]
fn gaps_without_wakes_are_read_in_two_ways() {
    let poll = |branch, start, end| Poll {
        branch,
        thread: 0,
        start,
        end,
    };
    // The first waits while the second computes; was it ready before?
    let recorded = [poll(0, 0, 1), poll(1, 1, 41), poll(0, 51, 52)];
    let waits = |gaps| from_polls(&recorded, gaps)[0].steps[1].wait_ns;
    assert_eq!(waits(Gaps::AllWaits), 50);
    assert_eq!(waits(Gaps::OnlyUncovered), 10);
    assert_eq!(from_polls(&recorded, Gaps::AllWaits)[1], polls(&[40]));
}

/// Some chains, with waits, sibling's wakes and late hand-overs.
fn some_chains() -> impl Strategy<Value = Vec<Chain>> {
    let step = (
        0_u64..50,
        0_u64..100,
        prop::option::of((0_usize..6, 0_usize..4, 0_u64..100)),
    );
    let chain = (
        0_u64..30,
        prop::collection::vec(0_usize..6, 0..2),
        prop::collection::vec(step, 1..5),
    );
    prop::collection::vec(chain, 1..7).prop_map(|chains| {
        let mut made: Vec<Chain> = Vec::new();
        for (i, (release_ns, released_by, steps)) in chains.into_iter().enumerate() {
            // Only what came before: recorded dependencies have no circles.
            let earlier = |chain: usize| (i > 0).then(|| chain % i.max(1));
            let step = |(wait_ns, poll_ns, after): (u64, u64, Option<(usize, usize, u64)>)| {
                let after = after.and_then(|(chain, step, into)| {
                    let chain = earlier(chain)?;
                    let steps: &[Step] = &made[chain].steps;
                    let step = step % steps.len();
                    Some(After {
                        chain,
                        step,
                        into_ns: into.min(steps[step].poll_ns),
                    })
                });
                Step {
                    wait_ns,
                    poll_ns,
                    after,
                    blocks: false,
                }
            };
            let steps = steps.into_iter().map(step).collect();
            let released_by = released_by.into_iter().filter_map(earlier).collect();
            made.push(Chain {
                release_ns,
                released_by,
                steps,
            });
        }
        made
    })
}

proptest! {
    /// One worker takes the work, where nothing waits; and never less.
    #[test]
    fn one_worker_takes_the_work(chains in some_chains()) {
        let without_waits: Vec<Chain> = chains
            .iter()
            .map(|chain| Chain {
                release_ns: 0,
                released_by: chain.released_by.clone(),
                steps: chain.steps.iter().map(|step| Step { wait_ns: 0, after: None, ..*step }).collect(),
            })
            .collect();
        prop_assert_eq!(on(1, &without_waits), work(&chains));
        prop_assert!(on(1, &chains) >= work(&chains));
    }

    /// Workers without end take the longest chain: no fewer than there are branches differ from that.
    #[test]
    fn as_many_workers_as_branches_take_the_longest_chain(chains in some_chains()) {
        let longest = makespan(&chains, Pool::UNBOUNDED);
        prop_assert_eq!(on(chains.len(), &chains), longest);
        if chains.len() == 1 {
            let chain = &chains[0];
            let alone: u64 = chain.steps.iter().map(|step| step.wait_ns + step.poll_ns).sum();
            prop_assert_eq!(longest, chain.release_ns + alone);
        }
    }

    #[test]
    fn every_schedule_is_within_grahams_bounds(chains in some_chains(), k in 1_usize..6) {
        let pool = Pool::new(k, k);
        let took = makespan(&chains, pool);
        prop_assert!(took >= floor(&chains, pool), "{} < {}", took, floor(&chains, pool));
        prop_assert!(took <= ceiling(&chains, pool), "{} > {}", took, ceiling(&chains, pool));
    }
}
