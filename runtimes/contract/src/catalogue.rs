//! The one list of checks, from which the tests of adapters and the answers of the protocol are made.

/// Every check: its function in `checks`, what it is about that a runtime may lack, and its promise.
///
/// Every run tries all of them before it measures, so none may take long: nearly all take some milliseconds, and
/// none more than some 100 ms (a thread for each of 129 tasks; glommio's end).
///
/// `catalogue!(tests RUNTIME)` makes a `#[test]` of each; `catalogue!(list)` is for this crate.
#[macro_export]
macro_rules! catalogue {
    ($what:ident $($runtime:ty)?) => {
        $crate::each_check! { $what $($runtime)?:
            root_is_polled_by_the_calling_thread "the root runs on the thread that called `start`, and its output comes back";
            roots_and_tasks_share_threads_or_not "both roots work; which threads poll them, and whether the root's thread polls tasks while it waits";
            compose_keeps_the_order_of_its_branches "outputs come in the order of the branches, whichever ends first";
            compose_polls_one_branch_at_a_time_in_its_own_task "branches of a join are polled inside its own poll, one at a time";
            compose_of_none_gives_none "a join of no branches gives no outputs";
            compose_is_as_wide_as_asked "1 to 10,000 branches, ready or pending once, give all answers in order; how often the join is polled";
            compose_of_finished_tasks_gives_all "128 and 129 finished tasks give all answers in order; how often the join is polled";
            compose_polls_in_its_own_order "every branch has its turns; whether each round of polls begins at the first branch";
            compose_starves_no_branch "a branch that is always ready does not starve its siblings";
            compose_drops_its_branches_with_itself "dropping a half-polled join drops its branches there and then, and none is polled again";
            race_ends_with_the_first_and_drops_both "a race gives what is done first, polls both inside its own poll, and drops both with its end";
            timeout_is_never_early_and_drops_what_is_late (Timers) "a timeout is never early, asks the future before the timer, and drops it with its end";
            spawn_gives_the_output "awaiting a handle gives the task's output";
            spawn_reaches_as_many_threads_as_declared "as many threads as declared poll spawned tasks, and no more";
            spawn_polls_at_once_if_declared "whether `spawn` itself polls the new task, before it returns";
            spawn_returns_at_its_tasks_first_await "`spawn` polls a new task at most once before it returns";
            spawned_task_needs_nobody_to_await_it "a spawned task makes progress before its handle is awaited";
            branches_can_spawn "a branch of a join can spawn, and so can what it spawns";
            blocking_code_spawns_or_panics (BlockingPool) "whether blocking code can spawn";
            dropping_a_handle_does_what_is_declared "dropping the handle of a task detaches or cancels it, as declared";
            dropping_a_parent_drops_what_it_joins "with a parent go the branches it joins; what it spawned is detached or cancelled, as declared";
            detached_task_finishes "a detached task finishes after the task that spawned it has ended";
            error_in_a_branch_is_its_output "an error reaches the awaiter, and siblings go on";
            panic_in_a_task_goes_where_declared "a panic in a task reaches its awaiter, or ends the executor, as declared";
            panic_in_a_branch_unwinds_through_its_join "a panic in a joined branch unwinds through the join, drops its siblings, and leaves the runtime usable";
            dispatch_reaches_as_many_threads_as_declared "dispatched branches are built and polled on as many other threads as declared";
            dispatch_carries_a_panic_to_the_awaiter "a panic in a dispatched branch goes where it is declared to go";
            dropping_what_dispatch_returned_does_what_is_declared "dropping what `dispatch` returned detaches or cancels the branch, as declared";
            spawn_blocking_leaves_the_calling_thread (BlockingPool) "blocking code does not run on the thread that asked for it";
            spawn_blocking_reaches_as_many_threads_as_declared (BlockingPool) "as many jobs block at once as declared, and no more";
            spawn_blocking_carries_a_panic_to_the_awaiter (BlockingPool) "a panic in blocking code reaches its awaiter, and the pool goes on";
            sleep_lasts_as_long_as_asked (Timers) "a timer is never early";
            yield_now_is_pending_once "a yield is pending once, and a sibling is polled meanwhile";
            streams_carry_bytes_both_ways (Sockets) "streams write, read, and see the other end hang up";
            cancelled_read_leaves_no_socket_open (Sockets) "a connection whose read is dropped half-way is closed";
            connect_reports_a_refusal (Sockets) "a refused connection is an error of that kind";
            resolve_finds_what_the_system_finds (BlockingPool) "a name has the addresses that the system's own look-up finds, and one without a port is an error";
            read_file_gives_the_whole_file (Files) "files come whole, whatever their size, and a missing one is an error";
            threads_outlive_the_root_as_declared "whether threads are left when the root has ended, as declared";
            task_pending_when_the_root_ends "what becomes of a task that is pending when the root ends";
        }
    };
}

/// What [`catalogue!`] makes of each check.
#[doc(hidden)]
#[macro_export]
macro_rules! each_check {
    (tests $runtime:ty: $($check:ident $(($lack:ident))? $promise:literal;)*) => {$(
        #[test]
        fn $check() {
            $crate::in_each_flavour::<$runtime>(stringify!($check));
        }
    )*};
    (list: $($check:ident $(($lack:ident))? $promise:literal;)*) => {
        vec![$($crate::Check {
            name: stringify!($check),
            promise: $promise,
            about: &[$(Lack::$lack)?],
            run: $crate::checks::$check,
        }),*]
    };
}

/// Makes a test of each check for the given runtime.
#[macro_export]
macro_rules! tests {
    ($runtime:ty) => {
        $crate::catalogue!(tests $runtime);
    };
}
