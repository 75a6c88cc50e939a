//! A name that is looked up in the caller's thread.

use std::{
    thread,
    time::{Duration, Instant},
};

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// The timeout is this part of what the look-up takes.
const LIMIT: u32 = 5;

/// Each branch looks a name up before it connects, and gives the whole of it a fifth of `env.wait`. The look-up is
/// the system's own, `getaddrinfo`, which holds its thread until the name server answers: after `env.wait`.
///
/// A branch reports how late after its limit it went on. The timer had no say: by the time that it is asked,
/// the future that it should have cut short is done.
#[derive(Clone, Copy, Debug)]
pub struct BlockingLookup;

impl Workload for BlockingLookup {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let limit = env.wait / LIMIT;
        let due = Instant::now() + limit;
        let _in_time = R::timeout(limit, async { look_up(env.wait) }).await;
        env.lateness
            .report(Instant::now().saturating_duration_since(due));
        mix(env.nonce, index as u64)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

/// Stands for `(host, port).to_socket_addrs()` and a name server that takes so long. A real one would make the case
/// depend on the network, and [`Runtime::resolve`] would be its cure.
fn look_up(takes: Duration) {
    thread::sleep(takes);
}

#[cfg(test)]
mod tests {
    use futures_lite::future;
    use workload_testing::{Answers, OneThread, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(BlockingLookup, &env()).are_expected_and_differ();
    }

    #[test]
    fn the_look_up_takes_one_poll_and_its_timeout_does_not_cut_it_short() {
        let env = env();
        let branch = BlockingLookup.branch::<OneThread>(env.clone(), 0);
        assert!(future::block_on(future::poll_once(branch)).is_some());
        let late = env.lateness.largest().unwrap();
        assert!(late >= env.wait - env.wait / LIMIT, "{late:?}");
    }
}
