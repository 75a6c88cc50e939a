//! Each lie is caught by a check, with the reason; and an honest twin passes that check.

use std::sync::{Mutex, PoisonError};

use runtime_api::Config;

use super::liar::{self, Liar, Lie};
use crate::{Outcome, Seen, checks, subject};

/// One at a time: some checks count what the whole process has open.
static ALONE: Mutex<()> = Mutex::new(());

fn outcome(lie: Lie, name: &str, seen: &Seen) -> Outcome {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    liar::tells(lie);
    let config = Config::new("liar", 2);
    subject::is::<Liar>();
    let checks = checks();
    let check = checks.iter().find(|check| check.name == name).unwrap();
    (check.run)(&config, seen)
}

macro_rules! caught {
    ($($test:ident: $lie:ident $(beside $honest:ident)? by $check:ident: $why:literal;)*) => {$(
        #[test]
        fn $test() {
            let honest = [liar::NONE $(, liar::$honest)?];
            for honest in honest {
                let kept = outcome(honest, stringify!($check), &Seen::default());
                assert_eq!(kept, Ok(()), "the honest twin");
            }
            let why = outcome(liar::$lie, stringify!($check), &Seen::default()).unwrap_err();
            assert!(why.contains($why), "{why}");
        }
    )*};
}

caught! {
    a_spawn_that_composes: SPAWN_COMPOSES by spawned_task_needs_nobody_to_await_it:
        "in vain until a task has finished that nobody awaits yet";
    a_spawn_that_runs_its_task_to_the_end: SPAWN_RUNS_TO_THE_END by spawn_returns_at_its_tasks_first_await:
        "runs its task on through its awaits";
    a_spawn_with_too_few_threads: ONE_TASK_AT_A_TIME by spawn_reaches_as_many_threads_as_declared:
        "2 threads declared for spawn, 1 seen";
    a_spawn_with_too_many_threads: MORE_THREADS by spawn_reaches_as_many_threads_as_declared:
        "1 threads declared for spawn, 13 seen";
    a_spawn_with_more_threads_than_the_most: MORE_THAN_THE_MOST by spawn_reaches_as_many_threads_as_declared:
        "up to 2 threads declared for spawn, 16 seen";
    a_first_poll_in_spawn: POLLS_AT_ONCE by spawn_polls_at_once_if_declared:
        "declared false, and the first poll was in spawn";
    a_drop_that_detaches: DECLARES_CANCELS by dropping_a_handle_does_what_is_declared:
        "declared Cancels, and the task ran on";
    a_dropped_parent_that_detaches: DECLARES_CANCELS by dropping_a_parent_drops_what_it_joins:
        "declared Cancels, and with a dropped parent the task runs on";
    a_swallowed_panic: SWALLOWS_PANICS by panic_in_a_task_goes_where_declared:
        "in vain until a task that panicked has ended";
    a_swallowed_panic_in_blocking_code: SWALLOWS_PANICS by spawn_blocking_carries_a_panic_to_the_awaiter:
        "in vain until blocking code that panicked has ended";
    a_compose_that_spawns: COMPOSE_SPAWNS by compose_polls_one_branch_at_a_time_in_its_own_task:
        "of a join";
    a_compose_in_another_order: COMPOSE_REVERSES by compose_keeps_the_order_of_its_branches:
        "5 branches gave [4, 3, 2, 1, 0]";
    a_compose_that_awaits_in_turn: COMPOSE_AWAITS_IN_TURN by compose_starves_no_branch:
        "had 10000 turns before its sibling had 10";
    a_compose_that_drops_nothing: COMPOSE_FORGETS by compose_drops_its_branches_with_itself:
        "1 of 4 branches were dropped with their join";
    a_parent_that_drops_nothing: COMPOSE_FORGETS by dropping_a_parent_drops_what_it_joins:
        "0 of 2 joined branches were dropped with their parent";
    a_panic_that_drops_nothing: COMPOSE_FORGETS by panic_in_a_branch_unwinds_through_its_join:
        "a list: 1 of 3 branches were dropped";
    a_compose_too_narrow: COMPOSE_LOSES_ONE by compose_is_as_wide_as_asked:
        "129 ready branches";
    a_race_that_awaits_the_first: RACE_AWAITS_THE_FIRST by race_ends_with_the_first_and_drops_both:
        "in vain until a race has ended";
    a_race_that_drops_nothing: RACE_FORGETS by race_ends_with_the_first_and_drops_both:
        "1 of 2 futures were dropped when their race had ended";
    a_race_that_spawns: RACE_SPAWNS by race_ends_with_the_first_and_drops_both:
        "polled outside the poll of the race";
    an_early_timeout: EARLY_TIMEOUT by timeout_is_never_early_and_drops_what_is_late:
        "was over after";
    a_timeout_that_asks_the_timer_first: TIMER_BEFORE_FUTURE by timeout_is_never_early_and_drops_what_is_late:
        "too late for a timeout of 0";
    a_timeout_that_drops_nothing: RACE_FORGETS by timeout_is_never_early_and_drops_what_is_late:
        "was not dropped when its timeout was over";
    blocking_code_on_the_caller: BLOCKS_THE_CALLER by spawn_blocking_leaves_the_calling_thread:
        "ran on the thread that asked for it";
    too_few_blocking_threads: ONE_JOB_AT_A_TIME by spawn_blocking_reaches_as_many_threads_as_declared:
        "3 threads declared for blocking code, 1 seen";
    too_many_blocking_threads: MORE_THREADS by spawn_blocking_reaches_as_many_threads_as_declared:
        "2 threads declared for blocking code, 3 seen";
    an_early_timer: EARLY_TIMER by sleep_lasts_as_long_as_asked:
        "fired after";
    a_yield_of_two_turns: YIELDS_TWICE by yield_now_is_pending_once:
        "a yield was pending 2 times";
    a_socket_that_stays_connected: KEEPS_SOCKETS by cancelled_read_leaves_no_socket_open:
        "in vain until the other end sees a cancelled read close its socket";
    a_socket_that_is_never_closed: SHUTS_SOCKETS_AND_KEEPS_THEM by cancelled_read_leaves_no_socket_open:
        "in vain until no more sockets are open than before";
    an_address_without_its_port: FORGETS_PORTS by resolve_finds_what_the_system_finds:
        "127.0.0.1:65535 was found at [127.0.0.1:0]";
    a_file_cut_short: CUTS_FILES by read_file_gives_the_whole_file:
        "a file of 1000003 bytes came otherwise";
    a_root_on_another_thread: CARRIES_THE_ROOT_AWAY by root_is_polled_by_the_calling_thread:
        "polled on another thread";
    a_dispatch_with_too_few_threads: DISPATCHES_ONE_AT_A_TIME beside DISPATCHES by dispatch_reaches_as_many_threads_as_declared:
        "2 threads declared for dispatch, 1 seen";
    a_dispatch_with_more_threads_than_the_most: DISPATCHES_TO_MORE_THAN_THE_MOST beside DISPATCHES by dispatch_reaches_as_many_threads_as_declared:
        "up to 2 threads declared for dispatch, 16 seen";
    a_dispatch_that_builds_here: DISPATCH_BUILDS_HERE beside DISPATCHES by dispatch_reaches_as_many_threads_as_declared:
        "built on another thread than it was polled on";
    a_dispatch_that_says_nothing_of_itself: DISPATCHES_WITHOUT_A_WORD beside DISPATCHES by dropping_what_dispatch_returned_does_what_is_declared:
        "it declares a dispatch, and not what that does";
    a_dispatch_that_loses_a_payload: DISPATCH_LOSES_PAYLOADS beside DISPATCHES by dispatch_carries_a_panic_to_the_awaiter:
        "declared ReachesAwaiter, and of one that panics after 0 yields it reaches the awaiter, its payload lost";
    a_dispatch_that_detaches: DISPATCH_IS_SAID_TO_CANCEL beside DISPATCHES by dropping_what_dispatch_returned_does_what_is_declared:
        "declared Cancels, and the branch ran on";
}

/// What differs from time to time is told, and breaks nothing.
#[test]
fn of_up_to_so_many_threads_one_will_do() {
    let seen = Seen::default();
    let name = "spawn_reaches_as_many_threads_as_declared";
    assert_eq!(outcome(liar::UP_TO_AND_ONE, name, &seen), Ok(()));
    assert_eq!(seen.words()["threads that poll tasks"], "1 of up to 2");
}
