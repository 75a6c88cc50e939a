//! The cell `smol:default@1/digest/compose@2` under criterion, as its users would measure it: the same two
//! branches, the same kernel and steps, joined by the same call. `harness/examples/against_criterion.rs`
//! runs it and says the steps; docs/STATISTICS.md shows what came of it.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use criterion::Criterion;
use runtime_api::{Config, Runtime as _};
use runtime_smol::Smol;
use workload_api::{Env, Lateness, Shared, Stretch, Workload as _};
use workload_cpu::Digest;

/// Steps of a branch where nobody says how many: some 4 ms.
const STEPS: u64 = 400;

fn main() {
    let steps = std::env::var("DIGEST_STEPS")
        .ok()
        .and_then(|steps| steps.parse().ok());
    let config = Config::new("default", 1);
    let mut nonce = 0;
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("digest", |bench| {
        bench.iter(|| {
            nonce += 1;
            let env = Env {
                branches: 2,
                wait: Duration::ZERO,
                steps: steps.unwrap_or(STEPS),
                nonce,
                start: Instant::now(),
                origin: None,
                folder: Arc::from(Path::new("")),
                lateness: Lateness::default(),
                stretch: Stretch::default(),
                shared: Shared::default(),
            };
            Smol::start(&config, || async move {
                let branch = |index| Digest.branch::<Smol>(env.clone(), index);
                Smol::compose2(branch(0), branch(1)).await
            })
        });
    });
    criterion.final_summary();
}
