//! Times, by criterion.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode};

use crate::{Operation, names::What, started::Client};

/// Criterion's settings where the command line has none: some 50 seconds a configuration.
fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400))
        .configure_from_args()
}

/// Benchmarks every operation, trait and twin next to each other.
pub(crate) fn all(mut client: Client, title: &str, operations: &[Operation], twins: bool) {
    let mut criterion = criterion();
    let mut group = criterion.benchmark_group(title);
    for operation in operations {
        // Of what takes long, every sample has as many: ever more would take a minute.
        let long = operation
            .branches()
            .is_some_and(|branches| branches >= 1_000)
            || matches!(
                operation.what,
                What::Sleep | What::SpawnBlocking | What::WakeThread
            );
        group.sampling_mode(if long {
            SamplingMode::Flat
        } else {
            SamplingMode::Auto
        });
        for &side in operation.sides(twins) {
            let id = BenchmarkId::new(operation.to_string(), side.name());
            group.bench_function(id, |bench| {
                bench.iter_custom(|times| client.time(*operation, side, times));
            });
        }
    }
    group.finish();
    criterion.final_summary();
}
