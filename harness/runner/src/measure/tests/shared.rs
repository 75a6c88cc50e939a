//! A value that the branches of one sample share.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use super::*;

/// Each branch counts itself in the value that they share, and logs how many had done so before it.
#[derive(Clone, Copy)]
struct Counts;

struct Counted {
    made: Instant,
    branches: AtomicUsize,
}

impl Workload for Counts {
    const OFFLOADS: bool = true;

    fn share(self, env: &Env) -> Shared {
        log("shared", env.branches);
        Shared::new(Counted {
            made: Instant::now(),
            branches: AtomicUsize::new(0),
        })
    }

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let counted = env.shared::<Counted>();
        assert!(counted.made <= env.start, "made while the clock ran");
        log("counts", counted.branches.fetch_add(1, Ordering::SeqCst));
        mix(env.nonce, index as u64)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

#[test]
fn a_value_is_made_once_for_each_sample_before_its_clock_starts() {
    let _alone = alone();
    for primitive in [
        Primitive::Sequential,
        Primitive::Compose,
        Primitive::Spawn,
        Primitive::Dispatch,
        Primitive::SpawnBlocking,
    ] {
        for root in [Root::BlockOn, Root::Worker] {
            let request = Measure {
                root,
                ..request(primitive, 3)
            };
            let env = env(&request);
            for _ in 0..2 {
                let workload = on(Counts);
                let sample = sample_of::<ThreadEach>(&request, &*workload, env.clone());
                let sample = future::block_on(sample);
                assert_eq!(sample.wrong, None);
                // A task's thread may come before the one that was started before it.
                let mut words = words();
                words.retain(|(what, _)| *what != "compose");
                assert_eq!(words.remove(0), ("shared", 3), "{primitive:?}");
                words.sort_unstable();
                assert_eq!(words, [("counts", 0), ("counts", 1), ("counts", 2)]);
            }
        }
    }
}
