//! What the rules are told: of one sample of a scenario, or of one call of a program.

/// What was seen of some branches, put together once in one way. `None` is "not told", never zero. All times are
/// nanoseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// From the first branch's hand-over to the last branch's end.
    pub wall_ns: u64,
    /// CPU time: the whole process's in the harness, that of the branches' polls in the library.
    pub cpu_ns: u64,
    /// Time that threads were ready to run and had no core.
    pub queued_ns: Option<u64>,
    /// Polls of branches.
    pub polls: u64,
    /// Polls that were not recorded; then nothing is decided.
    pub lost_polls: u64,
    /// Distinct threads that polled a branch.
    pub threads: u32,
    /// Time in polls, summed over branches.
    pub polled_ns: u64,
    /// Branches being polled at one instant, at most.
    pub peak_overlap: u32,
    /// Branches between their first poll and their last at one instant, at most.
    pub peak_concurrency: u32,
    /// The longest poll.
    pub longest_poll_ns: u64,
    /// Time in polls of the branch that has most of it: no number of threads makes the whole shorter.
    pub longest_branch_ns: Option<u64>,
    /// How late past its requested deadline a branch went on, at worst, as the branch itself reports.
    pub late_ns: Option<u64>,
    /// Tasks that the branches themselves spawned.
    pub hidden_spawns: u64,
    /// From wakers: the longest that a branch had been woken and was not polled.
    pub ready_ns: Option<u64>,
    /// From wakers: how much of that time a sibling's poll, in the same task, took.
    pub held_by_sibling_ns: Option<u64>,
    /// From wakers: time that branches waited for a wake which then came from a sibling (a lock let go, a message sent),
    /// summed over branches.
    pub waited_for_siblings_ns: Option<u64>,
    /// From the thread's CPU clock around long polls: time in long polls that held their thread and did not use it.
    pub blocked_ns: Option<u64>,
}
