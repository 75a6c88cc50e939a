//! The one list of checks, from which the tests of adapters and the answers of the protocol are made.

/// Every check: its function in `checks`, whether it is quick, and its promise.
///
/// `catalogue!(tests RUNTIME)` makes a `#[test]` of each; `catalogue!(list RUNTIME)` is for this crate.
#[macro_export]
macro_rules! catalogue {
    ($what:ident $runtime:ty) => {
        $crate::each_check! { $what $runtime:
            root_is_polled_by_the_calling_thread quick "the root runs on the thread that called `start`, and its output comes back";
            compose_keeps_the_order_of_its_branches quick "outputs come in the order of the branches, whichever ends first";
            compose_polls_one_branch_at_a_time_in_its_own_task quick "branches of a join are polled inside its own poll, one at a time";
            compose_drops_its_branches_with_itself quick "dropping a half-polled join drops its branches there and then";
            spawn_gives_the_output quick "awaiting a handle gives the task's output";
            spawn_reaches_as_many_threads_as_declared quick "as many threads as declared poll spawned tasks, and no more";
            spawn_polls_at_once_if_declared quick "whether `spawn` itself polls the new task, before it returns";
            dropping_a_handle_does_what_is_declared quick "dropping the handle of a task detaches or cancels it, as declared";
            detached_task_finishes quick "a detached task finishes after the task that spawned it has ended";
            panic_in_a_task_goes_where_declared quick "a panic in a task reaches its awaiter, or ends the executor, as declared";
            dispatch_reaches_as_many_threads_as_declared quick "dispatched branches are built and polled on as many other threads as declared";
            dispatch_carries_a_panic_to_the_awaiter quick "a dispatched branch's panic reaches its awaiter, and its executor lives";
            spawn_blocking_leaves_the_calling_thread quick "blocking code does not run on the thread that asked for it";
            spawn_blocking_reaches_as_many_threads_as_declared quick "as many jobs block at once as declared, and no more";
            spawn_blocking_carries_a_panic_to_the_awaiter quick "a panic in blocking code reaches its awaiter, and the pool goes on";
            sleep_lasts_as_long_as_asked quick "a timer is never early";
            yield_now_is_pending_once quick "a yield is pending once, and a sibling is polled meanwhile";
            streams_carry_bytes_both_ways quick "streams write, read, and see the other end hang up";
            connect_reports_a_refusal quick "a refused connection is an error of that kind";
            read_file_gives_the_whole_file quick "files come whole, whatever their size, and a missing one is an error";
        }
    };
}

/// What [`catalogue!`] makes of each check.
#[doc(hidden)]
#[macro_export]
macro_rules! each_check {
    (tests $runtime:ty: $($check:ident $quick:ident $promise:literal;)*) => {$(
        #[test]
        fn $check() {
            $crate::in_each_flavour::<$runtime>(stringify!($check));
        }
    )*};
    (list $runtime:ty: $($check:ident $quick:ident $promise:literal;)*) => {
        vec![$($crate::Check {
            name: stringify!($check),
            promise: $promise,
            quick: $crate::each_check!(is_quick $quick),
            run: $crate::checks::$check::<$runtime>,
        }),*]
    };
    (is_quick quick) => { true };
    (is_quick slow) => { false };
}

/// Makes a test of each check for the given runtime.
#[macro_export]
macro_rules! tests {
    ($runtime:ty) => {
        $crate::catalogue!(tests $runtime);
    };
}
