//! NAME: what your program does at once, as branches.
//!
//!     harness try FILE --runtime tokio
//!
//! compiles this file, runs its branches one after the other, joined (as by `join!`) and spawned, and says which of these
//! you want. It runs as it is; then put your own code into `branch`.
//!
//! Crates that your code needs go to the very top, above this, in a manifest between two lines of dashes:
//!
//!     ---
//!     [dependencies]
//!     my-crate = { path = "../my-crate" }
//!     ---

use std::time::Duration;

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

#[derive(Clone, Copy)]
pub struct TYPE;

impl Workload for TYPE {
    // How many branches there are. `--branches 8` tries another number.
    const BRANCHES: usize = 2;

    // How long `env.wait` is, and for how long `env.steps` steps compute: `--wait 20ms --work 500us` tries others.
    const WAIT: Duration = Duration::from_millis(5);
    const WORK: Duration = Duration::from_millis(4);

    // Say so if one of them only blocks or computes, with no await in it. Then the blocking pool is tried too.
    // const OFFLOADS: bool = true;

    // Say so if branches wait for each other, such as the two ends of a channel. Then none is run alone.
    // const TOGETHER: bool = true;

    /// One branch: `index` is 0, 1 and so on, so that `match index` gives each its own code.
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        // It waits: for a query, a request, a lock. `R::sleep` is the timer of whichever runtime it runs on; if you
        // only ask about tokio, call tokio here, and give `--runtime tokio`. Make it in here: whatever begins to wait
        // before the branch is polled would be waiting all along, one after the other or not.
        R::sleep(env.wait).await;
        // Then it computes, without an await: it parses, renders, hashes.
        work(&env, index)
    }

    /// What `branch` must answer, so that no branch is fast because it did nothing. Outside what is timed.
    fn expected(self, env: &Env, index: usize) -> u64 {
        work(env, index)
    }
}

/// Some work that nobody can foresee the outcome of: it depends on `env.nonce`, another number each time.
fn work(env: &Env, index: usize) -> u64 {
    (0..env.steps).fold(mix(env.nonce, index as u64), mix)
}
