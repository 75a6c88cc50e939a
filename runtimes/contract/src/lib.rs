//! The contract of [`Runtime`] as tests, for any adapter.
//!
//! An adapter's `tests/contract.rs` is one line, `runtime_contract::tests!(itself);`, which makes a
//! test of each function in [`checks`]. Each test runs its check once for each flavour, in a fresh
//! process with the flavour's environment, since a runtime starts once in a process. A flavour that
//! this machine cannot run is skipped, and the test says why.
//!
//! Nothing here waits for a length of time and hopes. A check waits for what must happen, and one
//! that hangs is ended.

use std::{
    env,
    process::{Command, exit},
    thread,
    time::Duration,
};

use runtime_api::{Config, Flavour, Runtime, Workers};

pub mod checks;

/// Set in the process that runs a check: the flavour to run it for.
const FLAVOUR: &str = "RUNTIME_CONTRACT_FLAVOUR";

/// Workers of a flavour that takes any number. Two tell sharing from none on any machine.
const WORKERS: usize = 2;

/// How long a check may take. Far longer than any needs, for machines that are busy with other work.
const LIMIT: Duration = Duration::from_secs(60);

/// Makes a test of each check for the given runtime.
#[macro_export]
macro_rules! tests {
    ($runtime:ty) => {
        $crate::tests! { $runtime:
            root_is_polled_by_the_calling_thread
            compose_keeps_the_order_of_its_branches
            compose_polls_one_branch_at_a_time_in_its_own_task
            compose_drops_its_branches_with_itself
            spawn_gives_the_output
            spawn_reaches_as_many_threads_as_declared
            spawn_polls_at_once_if_declared
            dropping_a_handle_does_what_is_declared
            detached_task_finishes
            panic_in_a_task_goes_where_declared
            dispatch_reaches_as_many_threads_as_declared
            dispatch_carries_a_panic_to_the_awaiter
            spawn_blocking_leaves_the_calling_thread
            spawn_blocking_reaches_as_many_threads_as_declared
            spawn_blocking_carries_a_panic_to_the_awaiter
            sleep_lasts_as_long_as_asked
            yield_now_is_pending_once
            streams_carry_bytes_both_ways
            connect_reports_a_refusal
            read_file_gives_the_whole_file
        }
    };
    ($runtime:ty: $($check:ident)*) => {$(
        #[test]
        fn $check() {
            $crate::in_each_flavour::<$runtime>(
                stringify!($check),
                $crate::checks::$check::<$runtime>,
            );
        }
    )*};
}

/// Runs `check`, by re-executing the test of that name once for each flavour.
///
/// # Panics
///
/// If the check fails for a flavour.
pub fn in_each_flavour<R: Runtime>(name: &str, check: fn(&Config)) {
    let chosen = env::var(FLAVOUR).ok();
    for flavour in R::about().flavours {
        let config = config(&flavour);
        if chosen.as_deref() == Some(flavour.name) {
            thread::spawn(end_if_it_hangs);
            check(&config);
        } else if chosen.is_none() {
            match R::unavailable(&config) {
                Some(why) => println!("{} skipped: {why}", flavour.name),
                None => in_fresh_process::<R>(name, &config),
            }
        }
    }
}

fn config(flavour: &Flavour) -> Config {
    Config {
        flavour: flavour.name.to_owned(),
        workers: match flavour.workers {
            Workers::Fixed(workers) => workers,
            Workers::PerCore => WORKERS,
        },
    }
}

fn in_fresh_process<R: Runtime>(name: &str, config: &Config) {
    let this = env::current_exe().expect("a test knows where it is");
    let output = Command::new(this)
        .args([name, "--exact", "--nocapture"])
        .env(FLAVOUR, &config.flavour)
        .envs(R::environment(config))
        .output()
        .expect("a test can start itself");
    let said = String::from_utf8_lossy(&output.stdout);
    // A name that matches no test passes, too.
    assert!(
        output.status.success() && said.contains("1 passed"),
        "flavour {}: {}\n{said}{}",
        config.flavour,
        output.status,
        String::from_utf8_lossy(&output.stderr),
    );
}

fn end_if_it_hangs() {
    thread::sleep(LIMIT);
    eprintln!("still waiting after {LIMIT:?}");
    exit(1);
}
