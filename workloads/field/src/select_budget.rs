//! A loop over two arms of which one is always ready.

use std::future::ready;

use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _};
use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_cpu::DigestKernel;
use workload_mixed::Heartbeat;

use crate::origin;

const CASE: &str = "field/select-budget";

/// The last branch ticks, as in `heartbeat`. Every other makes `env.steps` steps, and before each of them waits for the
/// first of two: a byte from a socket that has one for each step, or a future that is ready.
///
/// The socket counts against the budget of a task where a runtime keeps one (tokio); the other arm does not.
/// Once the budget is spent the socket is never ready, and the other arm always is.
#[derive(Clone, Copy, Debug)]
pub struct SelectBudget;

impl Workload for SelectBudget {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        if Heartbeat::HOG_FIRST.ticks(&env, index) {
            return Heartbeat::HOG_FIRST.branch::<R>(env, index).await;
        }
        let mut stream = origin::connected::<R>(CASE, &env, |origin| origin.echo).await;
        let bytes = vec![0; usize::try_from(env.steps + 1).unwrap_or(usize::MAX)];
        let mut sent = stream.write_all(&bytes).await;
        if sent.is_ok() {
            sent = stream.flush().await;
        }
        if let Err(error) = sent {
            panic!("{CASE}: the origin: {error}");
        }
        let mut byte = [0];
        // The first to come back says that all have: there is nobody who could say so once the loop runs.
        let _ = stream.read(&mut byte).await;
        let mut kernel = DigestKernel::new(mix(env.nonce, index as u64));
        for _ in 0..env.steps {
            let arrived = async {
                // What has come to its end is ready as well.
                let _ = stream.read(&mut byte).await;
            };
            R::race(arrived, ready(())).await;
            kernel.run(1);
        }
        kernel.answer()
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        Heartbeat::HOG_FIRST.expected(env, index)
    }
}
