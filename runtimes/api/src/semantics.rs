//! What a runtime declares of itself. The witness checks the thread counts in every sample.
//!
//! The protocol sends these types as they are (feature `serde`), so that what a declaration means is said here alone.

/// A runtime's name and the ways in which it can be started.
#[derive(Clone, Debug)]
pub struct About {
    /// As `--runtime` takes it.
    pub name: &'static str,
    /// The flavours; the first is the runtime as its users get it.
    pub flavours: Vec<Flavour>,
}

/// One way to start a runtime.
#[derive(Clone, Debug)]
pub struct Flavour {
    /// Short name, unique within the runtime.
    pub name: &'static str,
    /// One line: what the user writes to get it.
    pub summary: &'static str,
    /// How many workers it can be asked for.
    pub workers: Workers,
}

/// How many workers a flavour has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Workers {
    /// Always so many, whatever the machine.
    Fixed(usize),
    /// As many as asked for; by default one for each core that the process may use.
    PerCore,
}

/// What of a flavour's size its users can leave to it, or set, besides the workers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(default))]
pub struct Sizes {
    /// It starts a number of workers of its own where nobody asks for one: [`Config::unasked`](crate::Config::unasked).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub own_workers: bool,
    /// The most threads of its blocking pool can be set: [`Config::blocking_threads`](crate::Config::blocking_threads).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "std::ops::Not::not"))]
    pub blocking_threads: bool,
}

impl Sizes {
    /// Whether nothing can.
    #[must_use]
    pub fn are_fixed(&self) -> bool {
        *self == Self::default()
    }
}

/// How many threads can do a thing at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Threads {
    /// Always so many.
    Fixed(usize),
    /// As many as [`Config::workers`](crate::Config::workers).
    Workers,
    /// No more than [`Config::workers`](crate::Config::workers), and not always as many: how many take part is left to
    /// chance, such as to which thread comes first to a queue that all share. What was seen is the finding.
    UpToWorkers,
    /// One for each branch.
    Branches,
}

impl Threads {
    /// So many, with so many workers and branches; of those that are not always as many, the most.
    #[must_use]
    pub fn count(self, workers: usize, branches: usize) -> usize {
        match self {
            Threads::Fixed(n) => n,
            Threads::Workers | Threads::UpToWorkers => workers,
            Threads::Branches => branches,
        }
    }

    /// Whether that number is only the most that there can be.
    #[must_use]
    pub fn is_only_the_most(self) -> bool {
        self == Threads::UpToWorkers
    }
}

/// What dropping the handle of a spawned task does to the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum OnDrop {
    /// The task runs on.
    Detaches,
    /// The task is dropped at its next await point.
    Cancels,
}

/// Where a panic in a spawned task goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum OnPanic {
    /// The task dies alone; whoever awaits its handle panics with what the task panicked with.
    ReachesAwaiter,
    /// The task dies alone; whoever awaits its handle panics too, but not with what the task panicked with: that is
    /// lost, where the runtime has no more to tell than that there is no output.
    ReachesAwaiterWithoutPayload,
    /// It unwinds through the executor that polled the task.
    KillsExecutor,
}

/// What a runtime declares of [`dispatch`](crate::Runtime::dispatch), which is another call than `spawn`, and may do
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dispatched {
    /// What becomes of the branch when what `dispatch` returned is dropped.
    pub on_drop: OnDrop,
    /// Where a panic in the branch goes.
    pub on_panic: OnPanic,
}

/// What a runtime has no call of its own for, so that its adapter leaves that out. Whatever needs it is not measured
/// there, and says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Lack {
    /// [`spawn_blocking`](crate::Runtime::spawn_blocking): no pool for code that blocks.
    BlockingPool,
    /// [`sleep`](crate::Runtime::sleep) and [`timeout`](crate::Runtime::timeout): no timers.
    Timers,
    /// [`connect`](crate::Runtime::connect): no sockets.
    Sockets,
    /// [`read_file`](crate::Runtime::read_file): no files.
    Files,
}

impl Lack {
    /// As people read it, after "has no" or "has none of its own:".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Lack::BlockingPool => "blocking pool",
            Lack::Timers => "timers",
            Lack::Sockets => "sockets",
            Lack::Files => "files",
        }
    }
}

/// What a runtime declares of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Semantics {
    /// k of [`spawn`](crate::Runtime::spawn): threads that can poll spawned tasks at once.
    pub spawn: Threads,
    /// k of [`dispatch`](crate::Runtime::dispatch), where that is another primitive than `spawn`.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub dispatch: Option<Threads>,
    /// What `dispatch` does besides, where there is one; left out of records from before it was asked.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub dispatched: Option<Dispatched>,
    /// b: threads that can run blocking code at once.
    pub blocking: Threads,
    /// What a dropped handle does.
    pub on_drop: OnDrop,
    /// Where a panic in a spawned task goes.
    pub on_panic: OnPanic,
    /// Whether the call of `spawn` itself polls the new task, before it returns. Elsewhere another
    /// thread may poll it as early, but the spawner does not wait for that.
    pub polls_at_once: bool,
    /// Whether a task can be interrupted between two await points (operating system threads can).
    pub preemptive: bool,
    /// Whether threads of the runtime are left when [`start`](crate::Runtime::start) has returned, and
    /// stay until the process ends.
    #[cfg_attr(feature = "serde", serde(default))]
    pub threads_outlive_root: bool,
}
