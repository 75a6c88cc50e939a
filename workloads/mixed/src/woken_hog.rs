//! A hog that is woken alone, beside a branch that sleeps on.

use std::time::Instant;

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_cpu::DigestKernel;

/// The hog sleeps for this part of `env.wait` before it computes.
const WOKEN_AFTER: (u32, u32) = (5, 12);

/// By turns a hog, which sleeps for five twelfths of `env.wait` and then computes `env.steps` steps in one poll, and a
/// branch that sleeps for `env.wait` and reports how late it went on.
///
/// When the hog is woken, nobody else is: the other deadline is some milliseconds later. Whoever polled the timers runs
/// the hog, and whether anybody polls them meanwhile is the runtime's affair. Deadlines that come close together (as
/// those of [`Heartbeat`](crate::Heartbeat) do) wake another thread, which hides it.
#[derive(Clone, Copy, Debug)]
pub struct WokenHog;

impl WokenHog {
    fn sleeps(index: usize) -> bool {
        !index.is_multiple_of(2)
    }
}

impl Workload for WokenHog {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        if Self::sleeps(index) {
            R::sleep(env.wait).await;
            // Counted from the start of the clock, as the heartbeat's: a branch that was first polled late is late.
            let deadline = env.start + env.wait;
            env.lateness
                .report(Instant::now().saturating_duration_since(deadline));
            return seed;
        }
        let (part, whole) = WOKEN_AFTER;
        R::sleep(env.wait * part / whole).await;
        DigestKernel::compute(seed, env.steps)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        if Self::sleeps(index) {
            seed
        } else {
            DigestKernel::compute(seed, env.steps)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{Future as _, poll_fn},
        pin::pin,
        time::Duration,
    };

    use futures_lite::future;
    use workload_testing::{Answers, OneThread, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(WokenHog, &env()).are_expected_and_differ();
        let mut more = env();
        more.steps += 1;
        assert_ne!(
            Answers::one(WokenHog, &more, 0),
            WokenHog.expected(&env(), 0)
        );
    }

    #[test]
    fn the_hog_sleeps_first_and_then_computes_in_one_poll() {
        let env = env();
        let mut hog = pin!(WokenHog.branch::<OneThread>(env.clone(), 0));
        let mut pending = 0;
        let counting = poll_fn(|context| {
            let polled = hog.as_mut().poll(context);
            pending += usize::from(polled.is_pending());
            polled
        });
        assert_eq!(future::block_on(counting), WokenHog.expected(&env, 0));
        assert_eq!(pending, 1, "before its sleep");
        assert_eq!(env.lateness.largest(), None, "it reports nothing");
    }

    #[test]
    fn the_other_reports_by_how_much_it_missed_its_deadline() {
        let mut env = env();
        // As if the clock had started 50 ms ago.
        env.start -= Duration::from_millis(50);
        let sleeper = WokenHog.branch::<OneThread>(env.clone(), 1);
        let _ = future::block_on(sleeper);
        assert!(env.lateness.largest() >= Some(Duration::from_millis(50)));
    }
}
