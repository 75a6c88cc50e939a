//! What a wide join of timers takes on tokio, and what tokio's cooperative budget has to do with it. It prints the table of
//! docs/SCALE.md:
//!
//!     cargo run --release -p runtime-tokio --example wide_join
//!
//! All timers are for one instant; what is told is how long after it the join is done, over their number.

#![allow(clippy::unwrap_used, reason = "an experiment")]

use std::time::Duration;

use futures_util::future::join_all;
use tokio::{
    runtime::{Builder, Runtime},
    task::unconstrained,
    time::{Instant, sleep_until},
};

/// How many are joined.
const MANY: [u32; 4] = [1_000, 10_000, 30_000, 100_000];

fn main() {
    let current = || Builder::new_current_thread().enable_time().build().unwrap();
    let multi = || {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2).enable_time().build().unwrap()
    };
    println!(
        "| the join is in | budget | {} |",
        MANY.map(|n| n.to_string()).join(" | ")
    );
    println!("| --- | --- |{}", " --- |".repeat(MANY.len()));
    for (place, runtime, in_a_task) in [
        (
            "`block_on`, current-thread",
            &current as &dyn Fn() -> Runtime,
            false,
        ),
        ("`block_on`, multi-thread", &multi, false),
        ("a task, multi-thread", &multi, true),
    ] {
        for budget in [true, false] {
            let each = MANY.map(|n| {
                let late = late(&runtime(), n, budget, in_a_task);
                format!("{:.2} µs", late.as_secs_f64() * 1e6 / f64::from(n))
            });
            let budget = if budget { "as it is" } else { "none" };
            println!("| {place} | {budget} | {} |", each.join(" | "));
        }
    }
}

/// How long after the instant so many timers are joined.
fn late(runtime: &Runtime, n: u32, budget: bool, in_a_task: bool) -> Duration {
    let joined = async move {
        // Time to make them all.
        let at = Instant::now() + Duration::from_millis(400) + n * Duration::from_micros(3);
        let join = join_all((0..n).map(|_| sleep_until(at)));
        if budget {
            join.await;
        } else {
            unconstrained(join).await;
        }
        at.elapsed()
    };
    if in_a_task {
        runtime.block_on(async { tokio::spawn(joined).await.unwrap() })
    } else {
        runtime.block_on(joined)
    }
}
