//! A branch that ticks, beside branches that hog their thread.

use std::time::{Duration, Instant};

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_cpu::DigestKernel;

/// The time from one requested deadline to the next.
const TICK: Duration = Duration::from_millis(1);

/// One ticker; every other branch is a hog.
///
/// The ticker asks to be woken every millisecond, `env.wait` long, and reports how late past each
/// requested deadline it went on. A hog computes `env.steps` steps of the digest kernel in one poll.
///
/// The deadlines count from the start of the sample's clock, not from the ticker's first poll: a
/// ticker that is first polled after the hog has been stalled like any other.
#[derive(Clone, Copy, Debug)]
pub struct Heartbeat {
    hog_first: bool,
}

impl Heartbeat {
    /// The hogs are the first branches and the ticker is the last.
    pub const HOG_FIRST: Self = Self { hog_first: true };
    /// The ticker is branch 0 and the hogs come after it.
    pub const HOG_LAST: Self = Self { hog_first: false };

    /// Whether this branch ticks.
    #[must_use]
    pub fn ticks(self, env: &Env, index: usize) -> bool {
        let ticker = if self.hog_first {
            env.branches.saturating_sub(1)
        } else {
            0
        };
        index == ticker
    }
}

impl Workload for Heartbeat {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        if self.ticks(&env, index) {
            tick::<R>(&env).await
        } else {
            DigestKernel::compute(mix(env.nonce, index as u64), env.steps)
        }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        if self.ticks(env, index) {
            mix(env.nonce, ticks(env).into())
        } else {
            DigestKernel::compute(mix(env.nonce, index as u64), env.steps)
        }
    }
}

/// How many deadlines the ticker asks for: one for each whole millisecond.
fn ticks(env: &Env) -> u32 {
    u32::try_from(env.wait.as_nanos() / TICK.as_nanos()).unwrap_or(u32::MAX)
}

async fn tick<R: Runtime>(env: &Env) -> u64 {
    let mut ticked: u64 = 0;
    for tick in 1..=ticks(env) {
        let deadline = env.start + TICK * tick;
        let rest = deadline.saturating_duration_since(Instant::now());
        // A deadline that has passed is not slept for: the lateness of the ticks that a hog swallowed
        // is the hog's, and a timer's grain on top of each would drown it.
        if !rest.is_zero() {
            R::sleep(rest).await;
        }
        env.lateness
            .report(Instant::now().saturating_duration_since(deadline));
        ticked += 1;
    }
    mix(env.nonce, ticked)
}

#[cfg(test)]
mod tests {
    use futures_lite::future;
    use workload_testing::{Answers, OneThread, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(Heartbeat::HOG_FIRST, &env()).are_expected_and_differ();
        Answers::of(Heartbeat::HOG_LAST, &env()).are_expected_and_differ();
    }

    #[test]
    fn one_branch_ticks_and_the_others_hog() {
        let mut env = env();
        env.branches = 4;
        let who = |heartbeat: Heartbeat| (0..4).filter(|&i| heartbeat.ticks(&env, i)).collect();
        let (first, last): (Vec<_>, Vec<_>) = (who(Heartbeat::HOG_FIRST), who(Heartbeat::HOG_LAST));
        assert_eq!((first, last), (vec![3], vec![0]));
    }

    #[test]
    fn a_hog_never_lets_go_and_reports_nothing() {
        let env = env();
        let hog = Heartbeat::HOG_FIRST.branch::<OneThread>(env.clone(), 0);
        assert!(future::block_on(future::poll_once(hog)).is_some());
        assert_eq!(env.lateness.largest(), None);
    }

    #[test]
    fn the_ticker_ticks_to_its_last_deadline() {
        let env = env();
        let ticker = Heartbeat::HOG_FIRST.branch::<OneThread>(env.clone(), 1);
        assert_eq!(future::block_on(ticker), mix(env.nonce, 3));
        assert!(env.start.elapsed() >= Duration::from_millis(3));
        assert!(env.lateness.largest().is_some());
    }

    #[test]
    fn a_ticker_polled_late_is_late_from_the_first_deadline() {
        let mut env = env();
        // As if a hog had held the thread for 50 ms from the start of the clock.
        env.start -= Duration::from_millis(50);
        let ticker = Heartbeat::HOG_FIRST.branch::<OneThread>(env.clone(), 1);
        assert!(future::block_on(future::poll_once(ticker)).is_some());
        assert!(env.lateness.largest() >= Some(Duration::from_millis(49)));
    }
}
