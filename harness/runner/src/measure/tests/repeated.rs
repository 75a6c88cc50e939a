//! Branches that are put together again and again in one sample.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// Allocates one block of 40 bytes a branch, and counts the turns.
#[derive(Clone, Copy)]
struct Boxes {
    /// Answers in this turn what it answered in the one before.
    remembers: Option<u64>,
}

const BOXES: Boxes = Boxes { remembers: None };

static TURNS: AtomicU64 = AtomicU64::new(0);

impl Workload for Boxes {
    const OFFLOADS: bool = true;
    const REPEATS: bool = true;

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        std::hint::black_box(Box::new([0_u8; 40]));
        let turn = TURNS.fetch_add(1, Ordering::SeqCst) / 2;
        let stale = u64::from(self.remembers == Some(turn));
        mix(env.nonce.wrapping_sub(stale), index as u64)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

fn repeated(primitive: Primitive, repeats: u32, count: bool) -> Measure {
    Measure {
        repeats,
        count,
        ..request(primitive, 2)
    }
}

fn sampled_boxes(request: &Measure, workload: Boxes) -> Sample {
    TURNS.store(0, Ordering::SeqCst);
    let env = env(request);
    future::block_on(sample_of::<ThreadEach>(request, &*on(workload), env))
}

#[test]
fn a_pair_is_put_together_as_often_as_asked_and_not_watched() {
    let _alone = alone();
    for primitive in [
        Primitive::Sequential,
        Primitive::Compose,
        Primitive::Spawn,
        Primitive::Dispatch,
    ] {
        for root in [Root::BlockOn, Root::Worker] {
            let request = Measure {
                root,
                ..repeated(primitive, 7, false)
            };
            let sample = sampled_boxes(&request, BOXES);
            assert_eq!(TURNS.load(Ordering::SeqCst), 2 * 7, "{primitive:?}");
            assert_eq!((sample.wrong, sample.repeats), (None, Some(7)));
            assert_eq!((sample.polls, sample.hidden_spawns), (0, 0));
            assert_eq!((sample.allocations, sample.allocated_bytes), (None, None));
            assert!(sample.wall_ns > 0);
        }
    }
}

#[test]
fn a_pair_is_joined_as_a_pair_and_more_as_a_list() {
    let _alone = alone();
    sampled_boxes(&repeated(Primitive::Compose, 3, false), BOXES);
    assert_eq!(words(), [("compose2", 2); 3]);
    let three = Measure {
        branches: 3,
        ..repeated(Primitive::Compose, 2, false)
    };
    assert_eq!(sampled_boxes(&three, BOXES).wrong, None);
    assert_eq!(words(), [("compose", 3); 2]);
    let spawned = Measure {
        branches: 3,
        ..repeated(Primitive::Spawn, 2, false)
    };
    assert_eq!(sampled_boxes(&spawned, BOXES).wrong, None);
}

#[test]
fn every_turn_is_checked() {
    let _alone = alone();
    for turn in [0, 3, 6] {
        let stale = Boxes {
            remembers: Some(turn),
        };
        let sample = sampled_boxes(&repeated(Primitive::Sequential, 7, false), stale);
        let wrong = sample.wrong.unwrap();
        assert!(wrong.starts_with("branch 0 came to "), "{wrong}");
        assert!(wrong.contains("over 7 repeats"), "{wrong}");
    }
    // In the pass that counts as well: its turns come after the 7 that are timed.
    let stale = Boxes { remembers: Some(9) };
    let sample = sampled_boxes(&repeated(Primitive::Sequential, 7, true), stale);
    assert!(sample.wrong.is_some());
}

#[test]
fn allocations_are_those_of_the_branches_counted_by_hand() {
    let _alone = alone();
    // Other tests allocate on other threads meanwhile, which counts as well: until nobody did.
    let counted = |primitive| {
        let all: Vec<_> = (0..1_000)
            .map(|_| {
                let sample = sampled_boxes(&repeated(primitive, 5, true), BOXES);
                assert_eq!(sample.wrong, None);
                assert_eq!(TURNS.load(Ordering::SeqCst), 2 * (5 + 5));
                (sample.allocations.unwrap(), sample.allocated_bytes.unwrap())
            })
            .collect();
        all.into_iter().min().unwrap()
    };
    // Two blocks a turn; and nothing of the runner's loop.
    assert_eq!(counted(Primitive::Sequential), (2 * 5, 2 * 5 * 40));
}

#[test]
fn a_blocking_pool_is_not_repeated_and_nothing_is_not_run() {
    let config = Config::new("default", 2);
    let why = |request: &Measure| unsupported::<ThreadEach>(&config, request, &*on(BOXES));
    assert!(
        why(&repeated(Primitive::SpawnBlocking, 2, false))
            .unwrap()
            .contains("blocking pool")
    );
    assert_eq!(why(&repeated(Primitive::Spawn, 2, false)), None);
    assert!(
        why(&repeated(Primitive::Spawn, 0, false))
            .unwrap()
            .contains("one repeat")
    );
    // What repeating takes is not compiled for other workloads.
    let of_others =
        unsupported::<ThreadEach>(&config, &repeated(Primitive::Spawn, 2, false), &*on(LOGS));
    assert!(of_others.unwrap().contains("one by one"));
}
