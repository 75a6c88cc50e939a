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
    /// From first poll to last of the branch that was in flight longest. Where branches were awaited in turn it is
    /// what the longest takes alone: no overlap makes the whole shorter.
    pub longest_life_ns: Option<u64>,
    /// From the start of the clock to the first poll of the branch that was polled first last: by then all had begun.
    pub all_begun_ns: Option<u64>,
    /// How late past its requested deadline a branch went on, at worst, as the branch itself reports.
    pub late_ns: Option<u64>,
    /// Tasks that the branches themselves spawned.
    pub hidden_spawns: u64,
    /// Of these, unfinished ones at one instant, at most.
    pub hidden_peak: Option<u32>,
    /// Whether each branch was made only when the one before it had come to its end; and no, if so few of them ever went
    /// back to wait that there was nothing to overlap.
    pub made_in_turn: Option<bool>,
    /// From wakers: the longest that a branch had been woken and was not polled.
    pub ready_ns: Option<u64>,
    /// From wakers: whether that branch was woken only when a thread had ended a poll, since nobody told of what it waited
    /// for meanwhile: the driver was not polled.
    pub told_late: bool,
    /// From wakers: how much of that time a sibling's poll, in the same task, took.
    pub held_by_sibling_ns: Option<u64>,
    /// From wakers: time that branches waited for a wake which then came from a sibling (a lock let go, a message sent),
    /// summed over branches.
    pub waited_for_siblings_ns: Option<u64>,
    /// From wakers, of branches that were placed: the longest that a sibling's poll went on after a branch had been woken and
    /// was polled on another thread. In one task it would have been late by that.
    pub spared_ns: Option<u64>,
    /// From the thread's CPU clock around long polls: time in long polls that held their thread and did not use it.
    pub blocked_ns: Option<u64>,
    /// The same of closures on threads of the blocking pool, where it holds up nobody.
    pub offloaded_ns: Option<u64>,
}

impl Seen {
    /// CPU time over wall time.
    pub(super) fn cores(&self) -> f64 {
        self.cpu_ns as f64 / self.wall_ns.max(1) as f64
    }

    /// CPU time, and waiting for a core, over the time in polls: what holds a thread and computes always does one of the two.
    #[must_use]
    pub fn used_of_polls(&self) -> f64 {
        let used = self.cpu_ns + self.queued_ns.unwrap_or(0);
        used as f64 / self.polled_ns.max(1) as f64
    }

    /// How late a branch went on: as it says itself, or as its waker knows.
    pub(super) fn late(&self) -> Option<u64> {
        self.late_ns.max(self.ready_ns)
    }
}
