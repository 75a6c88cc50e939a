//! The trait that a workload implements, and what a branch is given.
//!
//! A workload is n branches. A branch is one future, written once against
//! [`runtime_api::Runtime`]; how the branches are put together is the runner's affair, and a
//! branch never spawns another unless spawning is what its workload is about.

use std::{
    future::Future,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use runtime_api::Runtime;

mod shared;
mod stretch;
pub use shared::Shared;
pub use stretch::{Stretch, Took};

/// One scenario's branches.
pub trait Workload: Copy + Send + Sync + 'static {
    /// Whether its branches are so short that they are put together many times in one timed region. What
    /// that takes is compiled for such workloads only: for all of them it would be a third of an adapter.
    const REPEATS: bool = false;

    /// Whether there may be so many of its branches that nobody watches them: the witness would take more time
    /// and memory than they do. Compiled for such workloads only, as well.
    const UNWATCHED: bool = false;

    /// Whether its branches are blocking code with no await in them, which a blocking pool can take. What that
    /// takes is compiled for such workloads only, too.
    const OFFLOADS: bool = false;

    /// Whether its branches wait for each other, so that none comes to its end alone; a line of the catalogue says
    /// `.together()` as well. Then they are not run one after the other, and it is recorded who wakes whom, which is compiled
    /// for such workloads only.
    const TOGETHER: bool = false;

    /// Whether it is a recursion that forks by itself: it has one branch, whose size is [`Env::branches`], and how that forks it is
    /// told ([`forked`](Workload::forked)). Compiled for such workloads only, as well.
    const FORKS: bool = false;

    /// How many branches there are, where no line of the catalogue says so: in a file of your own, which
    /// `harness try` runs. `--branches` says otherwise.
    const BRANCHES: usize = 2;

    /// What [`Env::wait`] is in a file of your own; `--wait` says otherwise.
    const WAIT: Duration = Duration::ZERO;

    /// How long [`Env::steps`] should compute in a file of your own, each branch; `--work` says otherwise. How many
    /// steps that takes is measured.
    const WORK: Duration = Duration::ZERO;

    /// Makes what the branches need and what takes no part in the measurement: files, a store, a
    /// large buffer. Runs once in a process, before the runtime starts.
    ///
    /// # Errors
    ///
    /// One line that says what could not be made.
    fn prepare(self, _env: &Env) -> Result<(), String> {
        Ok(())
    }

    /// Makes the value that all branches of one sample share, such as a lock or a channel: anew for each
    /// sample, before its clock starts. A branch reaches it by [`Env::shared`].
    ///
    /// It lives until the sample is over, so a receiver that waits for its channel to close waits for ever
    /// while a sender is in here.
    fn share(self, _env: &Env) -> Shared {
        Shared::default()
    }

    /// Branch `index` of `env.branches`. The answer must depend on `env.nonce` and on the work done.
    ///
    /// Deadlines and `!Send` values are made inside the future, at or after its first poll.
    fn branch<R: Runtime>(
        self,
        env: Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + 'static;

    /// The same branch, for a workload that keeps little of `env` and would rather not have it cloned:
    /// where a branch does next to nothing, the clone would be most of what it costs.
    fn branch_of<R: Runtime>(
        self,
        env: &Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + use<Self, R> + 'static {
        self.branch::<R>(env.clone(), index)
    }

    /// The branch of a workload that [forks](Workload::FORKS), which puts its calls together so at every depth.
    fn forked<R: Runtime>(
        self,
        env: &Env,
        _way: Way,
    ) -> impl Future<Output = u64> + Send + use<Self, R> + 'static {
        self.branch_of::<R>(env, 0)
    }

    /// The answer that branch `index` must give. Called outside the timed region.
    fn expected(self, env: &Env, index: usize) -> u64;
}

/// How a recursion puts the calls together that it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Each awaited before the next is begun.
    InTurn,
    /// Joined in the calling task.
    Compose,
    /// Handed to the scheduler.
    Spawn,
    /// Placed on another core's executor.
    Dispatch,
}

/// What a branch is given. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Env {
    /// How many branches the cell has.
    pub branches: usize,
    /// d: how long a branch waits, in all.
    pub wait: Duration,
    /// How many steps of its kernel a branch computes, in all. How long a step takes is calibrated.
    pub steps: u64,
    /// Differs from sample to sample; every answer depends on it.
    pub nonce: u64,
    /// When this sample's clock started. Requested deadlines count from here.
    pub start: Instant,
    /// Where the origin listens; set for scenarios that need it.
    pub origin: Option<Origin>,
    /// A folder for the scenario's files, the same for every process of one run.
    pub folder: Arc<Path>,
    /// The largest lateness that a branch has reported in this sample.
    pub lateness: Lateness,
    /// The part of this sample in which all branches hold what they came for, if they report it.
    pub stretch: Stretch,
    /// What [`Workload::share`] made for this sample; [`Env::shared`] reads it.
    pub shared: Shared,
}

impl Env {
    /// The value that the branches of this sample share, of the type that [`Workload::share`] made.
    ///
    /// # Panics
    ///
    /// When it made none, or one of another type.
    #[must_use]
    #[track_caller]
    pub fn shared<T: Send + Sync + 'static>(&self) -> &T {
        self.shared.get()
    }
}

/// Where the origin, a separate process, listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// HTTP/1.1.
    pub http: SocketAddr,
    /// Sixteen bytes in (a delay in nanoseconds, then a nonce, both little endian), eight bytes out
    /// after that delay: the two mixed.
    pub delayed: SocketAddr,
    /// Every byte comes back at once.
    pub echo: SocketAddr,
    /// Connections are held open in groups; `None` where the origin cannot.
    pub held: Option<SocketAddr>,
}

/// How late past its requested deadline a branch went on: the largest over the sample.
#[derive(Clone, Debug, Default)]
pub struct Lateness(Arc<AtomicU64>);

impl Lateness {
    /// Reports that a branch went on `late` after the deadline that it had asked for. A lateness of
    /// zero counts as a report too.
    pub fn report(&self, late: Duration) {
        // Kept one above the value, so that zero can mean "never reported".
        let value = u64::try_from(late.as_nanos()).unwrap_or(u64::MAX - 1);
        self.0.fetch_max(value + 1, Ordering::Relaxed);
    }

    /// The largest lateness reported, if any was.
    #[must_use]
    pub fn largest(&self) -> Option<Duration> {
        self.0
            .load(Ordering::Relaxed)
            .checked_sub(1)
            .map(Duration::from_nanos)
    }
}

/// Mixes two numbers into one that looks random: the finaliser of SplitMix64 (Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", OOPSLA 2014).
#[must_use]
pub const fn mix(a: u64, b: u64) -> u64 {
    let mut z = a ^ b
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_keeps_the_largest_and_knows_silence_from_zero() {
        let lateness = Lateness::default();
        assert_eq!(lateness.largest(), None);
        lateness.report(Duration::ZERO);
        assert_eq!(lateness.largest(), Some(Duration::ZERO));
        lateness.report(Duration::from_nanos(7));
        lateness.report(Duration::from_nanos(3));
        assert_eq!(lateness.largest(), Some(Duration::from_nanos(7)));
    }

    #[test]
    fn mix_tells_its_arguments_apart() {
        assert_ne!(mix(1, 2), mix(2, 1));
        assert_ne!(mix(0, 0), mix(0, 1));
    }
}
