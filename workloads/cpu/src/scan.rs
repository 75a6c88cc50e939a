//! A walk over memory larger than the caches: bound by bandwidth.

use std::sync::OnceLock;

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// A step's share of the buffer: 64 KiB, whole pages, and a few microseconds to read.
const SLICE: usize = 64 * 1024 / 8;

/// 64 MiB in all. A processor whose last cache is larger than that serves the walk from it; it is
/// still far beyond what one core keeps to itself.
const SLICES: usize = 1024;

/// n branches, each reading `env.steps` slices of one buffer in a row, from an offset of its own.
///
/// Every branch reads the same memory, so what they share is the way to it. The answer folds the sum
/// of each slice, so that no slice can be left out or read twice.
#[derive(Clone, Copy, Debug)]
pub struct Scan;

impl Workload for Scan {
    const OFFLOADS: bool = true;

    fn prepare(self, _env: &Env) -> Result<(), String> {
        MEMORY.get_or_init(Memory::new);
        Ok(())
    }

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let memory = memory();
        fold(&env, index, |slice| memory.sum(slice))
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let memory = memory();
        fold(env, index, |slice| memory.sums[slice])
    }
}

/// The buffer, and the sums that a right walk comes to.
struct Memory {
    words: Vec<u64>,
    sums: Vec<u64>,
}

static MEMORY: OnceLock<Memory> = OnceLock::new();

fn memory() -> &'static Memory {
    MEMORY
        .get()
        .expect("`prepare` runs before any branch and makes the buffer")
}

impl Memory {
    /// On all cores: every process of a round makes it anew, and nobody is timing that.
    fn new() -> Self {
        let mut words = vec![0; SLICES * SLICE];
        let mut sums = vec![0; SLICES];
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let share = SLICES.div_ceil(cores);
        std::thread::scope(|scope| {
            let shares = words.chunks_mut(share * SLICE).zip(sums.chunks_mut(share));
            for (number, (words, sums)) in shares.enumerate() {
                scope.spawn(move || {
                    let slices = words.chunks_mut(SLICE).zip(sums);
                    for (slice, (words, sum)) in (number * share..).zip(slices) {
                        let first = (slice * SLICE) as u64;
                        for (position, slot) in (first..).zip(words) {
                            let word = word(position);
                            *slot = word;
                            // From the words' rule and not from the buffer, so that the two can
                            // disagree.
                            *sum = u64::wrapping_add(*sum, word);
                        }
                    }
                });
            }
        });
        Self { words, sums }
    }

    fn sum(&self, slice: usize) -> u64 {
        let first = slice * SLICE;
        self.words[first..first + SLICE]
            .iter()
            .fold(0, |sum, word| sum.wrapping_add(*word))
    }
}

/// Cheap, since every process that scans fills the buffer anew.
const fn word(index: u64) -> u64 {
    index.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (index >> 7)
}

/// The first slice of a branch: the branches spread evenly, from a place that the nonce gives.
fn first_slice(env: &Env, index: usize) -> usize {
    let spread = SLICES / env.branches.max(1) * index;
    let turn = mix(env.nonce, 0) % SLICES as u64;
    (spread + turn as usize) % SLICES
}

/// Walks the slices of a branch, and folds what `sum` gives for each.
fn fold(env: &Env, index: usize, sum: impl Fn(usize) -> u64) -> u64 {
    let mut answer = mix(env.nonce, index as u64);
    let mut slice = first_slice(env, index);
    for _ in 0..env.steps {
        answer = mix(answer, sum(slice));
        slice = (slice + 1) % SLICES;
    }
    answer
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::HashSet};

    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(Scan, &env()).are_expected_and_differ();
        Answers::of(Scan, &env()).differ_by_steps();
    }

    #[test]
    fn a_walk_past_the_end_wraps_round_and_is_still_right() {
        let mut env = env();
        env.steps = SLICES as u64 + 3;
        Answers::of(Scan, &env).are_expected_and_differ();
    }

    #[test]
    fn a_walk_goes_all_round_before_it_comes_to_a_slice_again() {
        let mut env = env();
        env.steps = SLICES as u64;
        let seen = RefCell::new(HashSet::new());
        fold(&env, 1, |slice| seen.borrow_mut().insert(slice).into());
        assert_eq!(seen.into_inner().len(), SLICES);
    }

    #[test]
    fn every_thread_reads_the_same() {
        Scan.prepare(&env()).unwrap();
        let sums = || (0..8).map(|slice| memory().sum(slice)).collect::<Vec<_>>();
        assert_eq!(std::thread::spawn(sums).join().unwrap(), sums());
    }

    #[test]
    fn branches_start_apart() {
        let mut env = env();
        env.branches = 4;
        let first = first_slice(&env, 0);
        for index in 1..4 {
            assert_eq!(first_slice(&env, index), (first + index * 256) % SLICES);
        }
    }
}
