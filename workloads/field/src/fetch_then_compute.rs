//! A fetch and the work on what it brought, in one poll, beside short requests.

use std::time::{Duration, Instant};

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_cpu::DigestKernel;
use workload_wire::Delayed;

use crate::origin;

const CASE: &str = "field/fetch-then-compute";
/// The fetch takes this part of `env.wait`.
const FETCH: u32 = 10;
/// Short requests, one after the other, which take `env.wait` together.
const ASKS: u32 = 3;

/// The last branch makes three short requests, one after the other, and reports how late past the time that the
/// origin takes for one it had the answer. Every other fetches something first, and computes `env.steps` steps of
/// the digest kernel in the poll that brought it.
///
/// No answer of one is due with one of the other, so nothing else is to be done when the fetch is answered:
/// whoever looked for answers goes off to compute.
#[derive(Clone, Copy, Debug)]
pub struct FetchThenCompute;

impl Workload for FetchThenCompute {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let mut stream = origin::connected::<R>(CASE, &env, |origin| origin.delayed).await;
        if computes(&env, index) {
            let fetched = origin::reply(CASE, &mut stream, fetch(&env, index)).await;
            return DigestKernel::compute(fetched, env.steps);
        }
        let mut answer = mix(env.nonce, index as u64);
        for ask in 0..ASKS {
            let request = short(&env, ask);
            let due = Instant::now() + request.delay;
            answer = mix(answer, origin::reply(CASE, &mut stream, request).await);
            env.lateness
                .report(Instant::now().saturating_duration_since(due));
        }
        answer
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        if computes(env, index) {
            return DigestKernel::compute(fetch(env, index).reply(), env.steps);
        }
        let seed = mix(env.nonce, index as u64);
        (0..ASKS).fold(seed, |answer, ask| mix(answer, short(env, ask).reply()))
    }
}

fn computes(env: &Env, index: usize) -> bool {
    index + 1 < env.branches
}

fn fetch(env: &Env, index: usize) -> Delayed {
    request(env.wait / FETCH, mix(env.nonce, index as u64))
}

fn short(env: &Env, ask: u32) -> Delayed {
    request(env.wait / ASKS, mix(env.nonce, u64::from(ask)))
}

fn request(delay: Duration, nonce: u64) -> Delayed {
    Delayed { delay, nonce }
}
