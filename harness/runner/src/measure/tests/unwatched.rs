//! Branches of which there are too many to be watched.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Counts its branches, and answers wrong or panics at one of them.
#[derive(Clone, Copy, Default)]
struct Many {
    wrong_at: Option<usize>,
    panics_at: Option<usize>,
}

static RUN: AtomicUsize = AtomicUsize::new(0);

impl Workload for Many {
    const UNWATCHED: bool = true;
    const OFFLOADS: bool = true;

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        RUN.fetch_add(1, Ordering::SeqCst);
        assert_ne!(self.panics_at, Some(index), "no more than {index}");
        mix(env.nonce, index as u64) ^ u64::from(self.wrong_at == Some(index))
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

fn unwatched(primitive: Primitive, branches: usize) -> Measure {
    Measure {
        unwatched: true,
        ..request(primitive, branches)
    }
}

fn sampled_many(request: &Measure, workload: Many) -> Sample {
    RUN.store(0, Ordering::SeqCst);
    let env = env(request);
    future::block_on(sample_of::<ThreadEach>(request, &*on(workload), env))
}

#[test]
fn each_branch_runs_once_and_nobody_watches() {
    let _alone = alone();
    for primitive in [Primitive::Compose, Primitive::Spawn, Primitive::Dispatch] {
        for root in [Root::BlockOn, Root::Worker] {
            let request = Measure {
                root,
                ..unwatched(primitive, 20)
            };
            let sample = sampled_many(&request, Many::default());
            assert_eq!(RUN.load(Ordering::SeqCst), 20, "{primitive:?}");
            assert_eq!((sample.wrong, sample.polls), (None, 0));
            assert!(sample.wall_ns > 0);
            assert_eq!(sample.peak_bytes.is_some(), cfg!(target_os = "linux"));
        }
    }
    // And where they are watched, nothing is said of memory.
    let watched = Measure {
        unwatched: false,
        ..unwatched(Primitive::Spawn, 20)
    };
    let sample = sampled_many(&watched, Many::default());
    assert_eq!((sample.polls, sample.peak_bytes), (20, None));
}

#[test]
fn the_answers_are_checked_all_the_same() {
    let _alone = alone();
    let wrong = Many {
        wrong_at: Some(17),
        ..Many::default()
    };
    for primitive in [Primitive::Compose, Primitive::Spawn] {
        let sample = sampled_many(&unwatched(primitive, 20), wrong);
        let why = sample.wrong.unwrap();
        assert!(why.contains("branch 17"), "{why}");
    }
}

/// What thread was refused, or which file, and not that a process ended.
#[test]
fn what_gives_out_is_said_in_the_words_of_the_panic() {
    let _alone = alone();
    let config = Config::new("default", 2);
    let panics = Many {
        panics_at: Some(12),
        ..Many::default()
    };
    let request = Measure {
        warmups: 1,
        ..unwatched(Primitive::Compose, 20)
    };
    RUN.store(0, Ordering::SeqCst);
    let reply = measure_workload::<ThreadEach>(&config, &request, on(panics));
    let Reply::Failed { why } = reply else {
        panic!("{reply:?}")
    };
    assert!(why.contains("no more than 12"), "{why}");
    // Eight of the warm-up, and those up to the one that panics.
    assert_eq!(RUN.load(Ordering::SeqCst), 8 + 13);
}

#[test]
fn only_what_is_made_for_it_is_unwatched() {
    let config = Config::new("default", 2);
    let request = unwatched(Primitive::Spawn, 2);
    let why = unsupported::<ThreadEach>(&config, &request, &*on(LOGS)).unwrap();
    assert!(why.contains("few enough"), "{why}");
    assert_eq!(
        unsupported::<ThreadEach>(&config, &request, &*on(Many::default())),
        None
    );
    let offloaded = unwatched(Primitive::SpawnBlocking, 2);
    let why = unsupported::<ThreadEach>(&config, &offloaded, &*on(Many::default())).unwrap();
    assert!(why.contains("blocking pool"), "{why}");
}
