//! Lies of a workload, whatever the scenario is called that it is run in the place of.

use std::{sync::OnceLock, time::Instant};

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_cpu::DigestKernel;

/// The first sample of a process works; in the others a branch sleeps for as long as its work would have
/// taken, so that branches seem to compute side by side on one core.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Skips;

/// The nonce of the first sample.
static FIRST: OnceLock<u64> = OnceLock::new();
/// How long a step took in it, in seconds.
static STEP: OnceLock<f64> = OnceLock::new();

impl Workload for Skips {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        match STEP.get() {
            Some(step) if *FIRST.get_or_init(|| env.nonce) != env.nonce => {
                let time = std::time::Duration::from_secs_f64(step * env.steps as f64);
                R::sleep(time).await;
            }
            _ => {
                FIRST.get_or_init(|| env.nonce);
                let began = Instant::now();
                std::hint::black_box(DigestKernel::compute(env.nonce, env.steps));
                STEP.get_or_init(|| began.elapsed().as_secs_f64() / env.steps.max(1) as f64);
            }
        }
        mix(env.nonce, index as u64)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

/// Each branch sleeps to the same instant, which is fixed when the clock starts: the first wait is a
/// wait, and the others are over when they begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SameDeadline;

impl Workload for SameDeadline {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let deadline = env.start + env.wait;
        R::sleep(deadline.saturating_duration_since(Instant::now())).await;
        mix(env.nonce, index as u64)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}
