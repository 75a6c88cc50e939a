//! What scenarios there are.
//!
//! [`catalogue!`] holds one line a scenario: its name, the path of its workload, and the facts that
//! the harness plans and predicts with. The runner expands the paths; the harness only the facts, so
//! it links no workload.

/// Calls the macro `$each` with every scenario, as `"name" => path::of::Workload, facts;` lines. Those of a group,
/// `"group/name" in "group" => …`, are compiled into an adapter only where their group is asked for: the runner has a
/// feature of that name.
#[macro_export]
macro_rules! catalogue {
    ($each:ident) => {
        $each! {
            "timers" => workload_io::Timers, io("n sleeps").waits(5.0).branches(Branches::Of(3));
            "http" => workload_io::Http, io("n HTTP/1.1 requests, each answered after d").waits(5.0).needs_origin();
            "socket-and-timer" => workload_io::SocketAndTimer, io("a socket read beside a timer").waits(5.0).pair().needs_origin();
            "store-and-config" => workload_io::StoreAndConfig, io("a read from an embedded store beside a configuration file read and parsed").pair().in_pieces();
            "echo" => workload_io::Echo, io("n connections of many small round trips: all work and no wait").needs_origin();
            "digest" => workload_cpu::Digest, cpu("SHA-256 over a buffer: arithmetic bound").computes(4.0);
            "pieces" => workload_cpu::Pieces, cpu("the same work in ever more pieces").computes(4.0).branches(Branches::Pieces);
            "scan" => workload_cpu::Scan, cpu("a walk over memory larger than the caches: bandwidth bound").computes(5.0);
            "parse" => workload_cpu::Parse, cpu("JSON into structs: allocator bound").computes(5.0);
            "sync-account" => workload_mixed::SyncAccount, mixed("fetch over HTTP, compute, write back").waits(4.0).computes(6.0).needs_origin();
            "heartbeat" => workload_mixed::Heartbeat::HOG_FIRST, mixed("a ticking branch beside a CPU hog that is polled first").heartbeat(Kinds::LastTicks);
            "heartbeat-hog-last" => workload_mixed::Heartbeat::HOG_LAST, mixed("a ticking branch beside a CPU hog that is polled last").heartbeat(Kinds::FirstTicks);
            "heartbeat-all-hogs" => workload_mixed::Heartbeat::HOG_FIRST, mixed("a ticking branch beside as many hogs as executing threads").heartbeat(Kinds::LastTicks).branches(Branches::ThreadsAndOne);
            "heartbeat-woken" => workload_mixed::WokenHog, mixed("a sleeping branch beside a CPU hog that is woken alone before it").woken_hog();
            "turns" => workload_mixed::Turns, mixed("CPU work cut by yields").computes(5.0).in_pieces();
            "ready" => workload_mixed::Ready, mixed("two branches that are ready at once: what is left is what putting them together costs").bare();
            "blocking" => workload_mixed::Blocking, mixed("branches that block their thread").waits(5.0).branches(Branches::AboveThreads(4)).blocks();
            "field/wide-join" in "field" => workload_field::WideJoin, io("30 joined sleeps that end one after the other").waits(3.0).branches(Branches::Of(30)).unpredicted().seen_at("https://github.com/rust-lang/futures-rs/issues/1603");
            "field/starved-sibling" in "field" => workload_field::StarvedSibling, mixed("a ticking branch beside one whose every await is ready at once").heartbeat(Kinds::LastTicks).seen_at("https://github.com/tokio-rs/tokio/issues/4612");
            "field/buffered-stream" in "field" => workload_field::BufferedStream, mixed("a buffered stream that nobody polls while its item is handled").waits(60.0).branches(Branches::Of(2)).seen_at("https://github.com/rust-lang/wg-async/issues/131");
            "field/unpolled-lock" in "field" => workload_field::UnpolledLock, mixed("a lock held by a future that was set aside").waits(20.0).branches(Branches::Of(2)).seen_at("https://rfd.shared.oxide.computer/rfd/0609");
            "field/block-in-place" in "field" => workload_field::BlockInPlace, mixed("a ticking branch beside one that blocks its thread").waits(25.0).pair().unpredicted().seen_at("https://docs.rs/tokio/latest/tokio/task/fn.block_in_place.html");
            "field/hot-loop" in "field" => workload_field::HotLoop, mixed("a loop that spawns each piece of its work and awaits it at once").computes(10.0).branches(Branches::Exactly(1)).spawns().seen_at("https://github.com/tokio-rs/tokio/issues/4606");
            "field/stuck-child" in "field" => workload_field::StuckChild, mixed("a parent that spawns a child and then computes in the same poll").computes(25.0).branches(Branches::Exactly(1)).spawns().seen_at("https://github.com/tokio-rs/tokio/issues/4941");
            "field/shared-lock" in "field" => workload_field::SharedLock, io("waits under one lock that all of them want").waits(5.0).branches(Branches::Of(4)).unpredicted().seen_at("https://github.com/confidential-containers/guest-components/issues/1631");
            "field/shared-mutex" in "field" => workload_field::SharedMutex, cpu("work under one mutex that all of them want").computes(8.0).unpredicted().seen_at("https://github.com/alphaonedev/ai-memory-mcp/issues/1084");
            "field/unequal-pair" in "field" => workload_field::UnequalPair, cpu("a branch that computes, beside one of a twentieth of it").computes(10.0).pair().seen_at("https://github.com/istio/ztunnel/issues/1327");
            "field/woken-hog" in "field" => workload_mixed::WokenHog, mixed("a sleeping task beside one that is woken alone and then computes").woken_hog().seen_at("https://github.com/tokio-rs/tokio/issues/4730");
            "field/blocking-lookup" in "field" => workload_field::BlockingLookup, mixed("a name looked up in the caller's thread, within a timeout").waits(15.0).branches(Branches::Of(2)).unpredicted().seen_at("https://github.com/redis-rs/redis-rs/issues/379");
            "field/blocking-arm-first" in "field" => workload_field::BlockingArm::FIRST, mixed("an arm that blocks, and after it one that hands its blocking over").waits(10.0).pair().unpredicted().seen_at("https://github.com/lablup/all-smi/issues/287");
            "field/blocking-arm-last" in "field" => workload_field::BlockingArm::LAST, mixed("an arm that hands its blocking over, and after it one that blocks").waits(10.0).pair().unpredicted().seen_at("https://github.com/lablup/all-smi/issues/287");
            "field/one-connection" in "field" => workload_field::OneConnection, io("requests over the one connection that they share").waits(5.0).branches(Branches::Of(4)).unpredicted().needs_origin().seen_at("https://github.com/FiV0/triplox/issues/113");
            "field/fetch-then-compute" in "field" => workload_field::FetchThenCompute, mixed("a fetch and long work in one poll, beside short requests").waits(21.0).computes(25.0).branches(Branches::Exactly(2)).kinds(Kinds::LastTicks).unpredicted().needs_origin().seen_at("https://github.com/apache/datafusion/issues/13692");
            "field/small-reads" in "field" => workload_field::SmallReads, io("many small files, each read handed over by itself").in_pieces().seen_at("https://github.com/tokio-rs/tokio/issues/3664");
            "field/pool-of-one" in "field" => workload_field::PoolOfOne, mixed("a producer that keeps the only worker until its consumer, who wants it, makes room").waits(20.0).computes(2.0).branches(Branches::Exactly(2)).together().seen_at("https://github.com/lancedb/lancedb/issues/3568");
            "field/other-arm" in "field" => workload_field::OtherArm, mixed("a handler that waits for what only another arm of its loop does").waits(20.0).branches(Branches::Of(2)).unpredicted().seen_at("https://github.com/paritytech/polkadot-sdk/issues/12794");
            "field/select-budget" in "field" => workload_field::SelectBudget, mixed("a ticking branch beside a loop over two arms of which one is always ready").heartbeat(Kinds::LastTicks).needs_origin().seen_at("https://github.com/tokio-rs/tokio/pull/7164");
            "length/100ns" in "length" => workload_cpu::Length, length("branches that compute for 100 ns", 0.000_1);
            "length/300ns" in "length" => workload_cpu::Length, length("branches that compute for 300 ns", 0.000_3);
            "length/1us" in "length" => workload_cpu::Length, length("branches that compute for 1 µs", 0.001);
            "length/3us" in "length" => workload_cpu::Length, length("branches that compute for 3 µs", 0.003);
            "length/10us" in "length" => workload_cpu::Length, length("branches that compute for 10 µs", 0.01);
            "length/30us" in "length" => workload_cpu::Length, length("branches that compute for 30 µs", 0.03);
            "length/100us" in "length" => workload_cpu::Length, length("branches that compute for 100 µs", 0.1);
            "length/300us" in "length" => workload_cpu::Length, length("branches that compute for 300 µs", 0.3);
            "length/1ms" in "length" => workload_cpu::Length, length("branches that compute for 1 ms", 1.0);
            "length/3ms" in "length" => workload_cpu::Length, length("branches that compute for 3 ms", 3.0);
            "length/10ms" in "length" => workload_cpu::Length, length("branches that compute for 10 ms", 10.0);
            "connections/echo" in "connections" => workload_io::Connections, many("up to ten thousand connections, held open while each makes 20 round trips").needs_origin().up_to(10_000);
            "scale/timer" in "scale" => workload_io::ManyTimers, many("up to a million branches that wait for one instant").waits(50.0);
            "scale/buffer" in "scale" => workload_io::ManyBuffers, many("the same, each with a buffer of 1 KiB").waits(50.0);
            "scale/yield" in "scale" => workload_io::ManyYields, many("up to a million branches that give way once");
            "fork/fib" in "fork" => workload_fork::Fib::WHOLE, fork("a Fibonacci number by its definition, two calls each", Recursion::Fib { cut: 2 });
            "fork/fib-cut" in "fork" => workload_fork::Fib::CUT, fork("the same, and what is below 20 does not fork", Recursion::Fib { cut: 20 });
            "fork/fib-cuts" in "fork" => workload_fork::FibCuts, fork("the 30th, and what is below n does not fork", Recursion::FibCuts);
            "fork/skynet" in "fork" => workload_fork::Skynet, fork("the sum over the leaves of a tree, ten calls each", Recursion::Skynet);
            "fork/queens" in "fork" => workload_fork::Queens::WHOLE, fork("queens on a board, a call for each place in a row", Recursion::Queens { rows: usize::MAX });
            "fork/queens-cut" in "fork" => workload_fork::Queens::CUT, fork("the same, and what is below the third row does not fork", Recursion::Queens { rows: 3 });
            "fork/matmul" in "fork" => workload_fork::Matmul, fork("two matrices, twice four calls each, down to 32 by 32", Recursion::Matmul);
            "idioms/join" in "idioms" => workload_idioms::Join, idiom("`join!`, every branch written out").up_to_written_out();
            "idioms/join-all" in "idioms" => workload_idioms::JoinAll, idiom("`join_all`");
            "idioms/try-join-all" in "idioms" => workload_idioms::TryJoinAll, idiom("`try_join_all`");
            "idioms/futures-unordered" in "idioms" => workload_idioms::Unordered, idiom("`FuturesUnordered`, and `next().await` in a loop");
            "idioms/buffer-unordered" in "idioms" => workload_idioms::Buffered, idiom("`buffer_unordered(10)`, and `try_collect`");
            "idioms/futures-concurrency" in "idioms" => workload_idioms::Concurrency, idiom("`join` of the crate futures-concurrency, on a list");
            "idioms/try-futures-concurrency" in "idioms" => workload_idioms::TryConcurrency, idiom("its `try_join`");
            "idioms/select" in "idioms" => workload_idioms::Select, idiom("`select!` in a loop, every branch written out").up_to_written_out();
            "idioms/select-all" in "idioms" => workload_idioms::SelectAll, idiom("`select_all` in a loop");
            "idioms/spawn-await" in "idioms" => workload_idioms::SpawnAwait, idiom("spawn each, then await each").of_tasks();
            "idioms/join-set" in "idioms" => workload_idioms::Native, idiom("`JoinSet`, where the runtime has one").of_tasks();
            "idioms/task-tracker" in "idioms" => workload_idioms::Native, idiom("`TaskTracker`, where the runtime has one").of_tasks();
        }
    };
}

mod fork;
mod own;
pub use fork::{CUT_FIB, Recursion, TILE};
pub use own::{OWN, Own, own, short};

/// What sort of work a scenario's branches do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Waiting, mostly.
    Io,
    /// Computing in one piece, with no await in it.
    Cpu,
    /// Both, or neither as it should be.
    Mixed,
}

/// How many branches a scenario has when the user does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branches {
    /// So many; `--branches` changes it.
    Of(usize),
    /// One for each core that the process may use, at least 2; `--branches` changes it.
    PerCore,
    /// So many, because the scenario is about just these.
    Exactly(usize),
    /// One for each executing thread, and one more.
    ThreadsAndOne,
    /// One for each executing thread that has a core, and 10, 100 and 1000: a cell each, and the same
    /// work in all. `work_ms` is then a thread's share of it.
    Pieces,
    /// Twice the executing threads, but so many at least, and no more than a run has time for;
    /// `--branches` changes it.
    AboveThreads(usize),
    /// Few, some and many, a cell each: [`SWEPT`]; `--branches` asks for one number in their place.
    Swept,
    /// 1, 10, 100 and so on up to so many, a cell each; `--branches` asks for one number in their place.
    Decades(usize),
    /// One, which forks by itself, and n is its size: a cell for each of its sizes. `--branches` asks for another size.
    Sizes(Recursion),
    /// Those of [`WIDTHS`] up to so many, a cell each; `--branches` asks for one number in their place.
    Widths(usize),
}

impl Branches {
    /// Whether the scenario shows what something costs as a length or a number grows. No law and no claim
    /// is about it.
    #[must_use]
    pub const fn is_sweep(self) -> bool {
        matches!(
            self,
            Branches::Swept | Branches::Decades(_) | Branches::Sizes(_) | Branches::Widths(_)
        )
    }
}

/// The numbers of branches of a scenario that is a step of a sweep.
pub const SWEPT: [usize; 3] = [2, 8, 64];

/// The numbers of branches under each idiom. 30 is the most that `join_all` polls one by one.
pub const WIDTHS: [usize; 4] = [10, 30, 1_000, 100_000];

/// Which of a scenario's branches are alike. Calibration runs one of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// All.
    Alike,
    /// The even ones, and the odd ones.
    Alternating,
    /// All compute but the last, which ticks.
    LastTicks,
    /// All compute but the first, which ticks.
    FirstTicks,
    /// None, as far as anybody knows; so that calibration comes to an end, one of many is taken for the one
    /// [`UNLIKE`] before it.
    Each,
}

/// Branches of [`Kinds::Each`] that are measured one by one.
pub const UNLIKE: usize = 16;

impl Kinds {
    /// The first branch, of `branches`, that is like branch `index`.
    #[must_use]
    pub fn like(self, index: usize, branches: usize) -> usize {
        match self {
            Kinds::Alike => 0,
            Kinds::Alternating => index % 2,
            Kinds::LastTicks if index + 1 == branches => index,
            Kinds::LastTicks => 0,
            Kinds::FirstTicks => index.min(1),
            Kinds::Each => index % UNLIKE,
        }
    }

    /// Whether branch `index`, of `branches`, ticks while the others compute.
    #[must_use]
    pub fn ticks(self, index: usize, branches: usize) -> bool {
        match self {
            Kinds::Alike | Kinds::Alternating | Kinds::Each => false,
            Kinds::LastTicks => index + 1 == branches,
            Kinds::FirstTicks => index == 0,
        }
    }

    /// One branch of each kind.
    #[must_use]
    pub fn representatives(self, branches: usize) -> Vec<usize> {
        let mut representatives: Vec<usize> = (0..branches)
            .map(|index| self.like(index, branches))
            .collect();
        representatives.sort_unstable();
        representatives.dedup();
        representatives
    }
}

/// Which law predicts the times of a scenario (ARCHITECTURE.md states them).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// Waits overlap in one task; pieces of CPU work need threads.
    WaitsAndWork,
    /// A wait holds its thread, so that only threads overlap it.
    BlockingWaits,
    /// All branches keep one schedule that starts with the clock, so they overlap in any primitive.
    OneSchedule,
}

/// The facts of one scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scenario {
    /// As `--scenario` takes it.
    pub name: &'static str,
    /// What sort of work.
    pub kind: Kind,
    /// One line.
    pub summary: &'static str,
    /// d to ask for, in milliseconds, a branch.
    pub wait_ms: f64,
    /// c to aim at, in milliseconds, a computing branch; the steps for it are calibrated.
    pub work_ms: f64,
    /// How many branches.
    pub branches: Branches,
    /// Which branches are alike.
    pub kinds: Kinds,
    /// What predicts its times.
    /// `None` where no law states them: its cells then have no predictions.
    pub law: Option<Law>,
    /// Whether a branch works between awaits rather than in one piece: work of one can then run while
    /// another waits, and what the law states is an upper bound.
    pub in_pieces: bool,
    /// Whether it talks to the origin.
    pub needs_origin: bool,
    /// Whether a branch is blocking code with no await in it, which `spawn_blocking` can take.
    pub offloads: bool,
    /// How often the branches are put together in a sample, at most ([`Scenario::repeats_of`]). More than once: they are too short for a
    /// clock, and for the witness as well, so nobody watches their polls.
    pub repeats: u32,
    /// Whether it is measured with the parent in `block_on` and in a task, whatever the run's root.
    pub both_roots: bool,
    /// Whether its branches spawn, because that is what it is about. Its compose cell then says nothing
    /// of composing alone.
    pub spawns: bool,
    /// Whether its branches wait for each other, so that one alone would wait for ever, and so would they one after the
    /// other. They have no sequential cell, and are calibrated joined.
    pub together: bool,
    /// Where people met it, as a link; set for field cases and for nothing else.
    pub source: Option<&'static str>,
}

impl Scenario {
    const fn new(kind: Kind, summary: &'static str, branches: Branches) -> Self {
        Self {
            name: "",
            kind,
            summary,
            wait_ms: 0.0,
            work_ms: 0.0,
            branches,
            kinds: Kinds::Alike,
            law: Some(Law::WaitsAndWork),
            in_pieces: false,
            needs_origin: false,
            offloads: matches!(kind, Kind::Cpu),
            repeats: 1,
            both_roots: false,
            spawns: false,
            together: false,
            source: None,
        }
    }

    const fn waits(mut self, milliseconds: f64) -> Self {
        self.wait_ms = milliseconds;
        self
    }

    const fn computes(mut self, milliseconds: f64) -> Self {
        self.work_ms = milliseconds;
        self
    }

    const fn branches(mut self, branches: Branches) -> Self {
        self.branches = branches;
        self
    }

    const fn pair(mut self) -> Self {
        self.branches = Branches::Exactly(2);
        self.kinds = Kinds::Alternating;
        self
    }

    const fn kinds(mut self, kinds: Kinds) -> Self {
        self.kinds = kinds;
        self
    }

    const fn in_pieces(mut self) -> Self {
        self.in_pieces = true;
        self
    }

    const fn up_to(mut self, most: usize) -> Self {
        self.branches = Branches::Decades(most);
        self
    }

    /// Of an idiom whose branches stand in the source, each by itself: nobody writes more of them.
    const fn up_to_written_out(mut self) -> Self {
        self.branches = Branches::Widths(WIDTHS[1]);
        self
    }

    /// Of an idiom that hands its branches to the scheduler: from both roots.
    const fn of_tasks(mut self) -> Self {
        self.spawns = true;
        self.both_roots = true;
        self
    }

    /// Whoever talks over a socket connects, writes and reads, and works a little between.
    const fn needs_origin(mut self) -> Self {
        self.needs_origin = true;
        self.in_pieces = true;
        self
    }

    const fn blocks(mut self) -> Self {
        self.law = Some(Law::BlockingWaits);
        self.offloads = true;
        self
    }

    /// A pair without wait or work, so often that the clock can tell, and from both roots: where the
    /// parent runs decides most of what a spawn costs.
    ///
    /// 496 is 16 times 31. Executors that queue their tasks in blocks of 31 slots (crate
    /// `concurrent-queue`) then fill whole blocks, and allocate the same number in every sample.
    const fn bare(mut self) -> Self {
        self.branches = Branches::Exactly(2);
        self.repeats = 496;
        self.both_roots = true;
        self
    }

    const fn unpredicted(mut self) -> Self {
        self.law = None;
        self
    }

    const fn spawns(mut self) -> Self {
        self.spawns = true;
        self
    }

    /// No law says how much of what one does is waited for by another.
    const fn together(mut self) -> Self {
        self.together = true;
        self.law = None;
        self
    }

    const fn seen_at(mut self, source: &'static str) -> Self {
        self.source = Some(source);
        self
    }

    /// d, in milliseconds, of so many branches: where there may be a million of them, long enough that all are
    /// made before it is over.
    #[must_use]
    pub fn wait_ms_of(&self, branches: usize) -> f64 {
        match self.branches {
            Branches::Decades(_) if self.wait_ms > 0.0 => {
                let threads = if branches >= MANY { THREADS_MS } else { 0.0 };
                self.wait_ms + threads + MAKING_MS * branches as f64
            }
            _ => self.wait_ms,
        }
    }

    /// Whether its branches, or what they fork, are too many to be watched.
    #[must_use]
    pub const fn is_unwatched(&self) -> bool {
        matches!(self.branches, Branches::Decades(_) | Branches::Widths(_))
            || self.recursion().is_some()
    }

    /// What forks in it, if it is about that.
    #[must_use]
    pub const fn recursion(&self) -> Option<Recursion> {
        match self.branches {
            Branches::Sizes(recursion) => Some(recursion),
            _ => None,
        }
    }

    /// What a cell of n takes grows with: how often its recursion forks, or else its branches.
    #[must_use]
    pub fn grows_with(&self, n: usize) -> u64 {
        self.recursion()
            .map_or(n as u64, |recursion| recursion.forks(n))
    }

    /// Whether it is about a way to put branches together, and not about the branches: they are the same in all such scenarios,
    /// and count for themselves.
    #[must_use]
    pub const fn is_idiom(&self) -> bool {
        matches!(self.branches, Branches::Widths(_))
    }

    /// Whether it is no line of the catalogue, but a file of somebody's own.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.name.starts_with(OWN)
    }

    /// What the name begins with, before a slash: the group that is run when it is asked for, by the
    /// group's name or the scenario's, and not with `all`.
    #[must_use]
    pub fn group(&self) -> Option<&'static str> {
        self.name.split_once('/').map(|(group, _)| group)
    }

    /// How often so many branches are put together in a sample: for some milliseconds of work, where they
    /// are a step of a sweep.
    #[must_use]
    pub fn repeats_of(&self, branches: usize) -> u32 {
        const WORK_MS: f64 = 4.0;
        match self.branches {
            Branches::Swept => {
                let together = self.work_ms * branches as f64;
                // At least two, so that steps of all lengths are measured alike.
                ((WORK_MS / together) as u32).clamp(2, self.repeats)
            }
            _ => self.repeats,
        }
    }

    /// A hog that computes for 25 ms when 5 ms are over, and a sleeper whose deadline falls into that. 7 ms lie between the
    /// two, so that no timer fires both at once.
    const fn woken_hog(self) -> Self {
        self.waits(12.0).computes(25.0).pair().in_pieces()
    }

    /// A hog of 25 ms and a ticker that ticks through it: shorter hogs drown in the timers' grain.
    const fn heartbeat(mut self, kinds: Kinds) -> Self {
        self.branches = Branches::Exactly(2);
        self.kinds = kinds;
        self.law = Some(Law::OneSchedule);
        self.in_pieces = true;
        self.work_ms = 25.0;
        self.wait_ms = 25.0;
        self
    }
}

const fn io(summary: &'static str) -> Scenario {
    Scenario::new(Kind::Io, summary, Branches::Of(2))
}

const fn cpu(summary: &'static str) -> Scenario {
    Scenario::new(Kind::Cpu, summary, Branches::PerCore)
}

const fn mixed(summary: &'static str) -> Scenario {
    Scenario::new(Kind::Mixed, summary, Branches::PerCore)
}

/// A step of the sweep over what a branch computes: from both roots, since where the parent runs decides
/// most of what a spawn costs, and without a law, since what it shows is the costs that laws leave out.
const fn length(summary: &'static str, milliseconds: f64) -> Scenario {
    let mut step = mixed(summary).computes(milliseconds).unpredicted();
    step.branches = Branches::Swept;
    // Half of what `ready` has: eight blocks of 31.
    step.repeats = 248;
    step.both_roots = true;
    step
}

/// A scenario of as many branches as there can be: without a law, since what it shows is how costs grow.
const fn many(summary: &'static str) -> Scenario {
    let mut many = Scenario::new(Kind::Mixed, summary, Branches::Decades(1_000_000)).unpredicted();
    many.offloads = false;
    many
}

/// A recursion that forks, with nothing known beforehand of what that takes.
const fn fork(summary: &'static str, recursion: Recursion) -> Scenario {
    let mut fork = Scenario::new(Kind::Mixed, summary, Branches::Sizes(recursion));
    fork.offloads = false;
    fork.unpredicted().spawns()
}

/// A way to put branches together, which are the same whatever the way.
const fn idiom(summary: &'static str) -> Scenario {
    let most = WIDTHS[WIDTHS.len() - 1];
    let mut idiom = many(summary);
    idiom.branches = Branches::Widths(most);
    idiom
}

/// What making one of many branches may take, in milliseconds: some times what it does take.
const MAKING_MS: f64 = 0.003;

/// From so many on there is time for that many threads as well, which take ten times as long.
const MANY: usize = 10_000;
const THREADS_MS: f64 = 350.0;

/// Every scenario, in the order of the catalogue.
pub const SCENARIOS: &[Scenario] = {
    macro_rules! facts {
        ($($name:literal $(in $group:literal)? => $workload:path, $facts:expr;)*) => {
            &[$(Scenario { name: $name, ..$facts }),*]
        };
    }
    catalogue!(facts)
};

/// Those groups that these names ask for, each a group's or a scenario's.
#[must_use]
pub fn groups_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'static str> {
    let mut asked: Vec<&str> = Vec::new();
    for name in names {
        let group = name.split('/').next().unwrap_or(name);
        let known = SCENARIOS.iter().filter_map(Scenario::group);
        asked.extend(known.filter(|known| *known == group).take(1));
    }
    asked.sort_unstable();
    asked.dedup();
    asked
}

/// What the names of field cases begin with: situations that people met, each with a source.
pub const FIELD: &str = "field/";

/// What the names of the steps of the sweep over the length of branches begin with.
pub const LENGTH: &str = "length/";

/// What the names of the scenarios of ever more connections begin with.
pub const CONNECTIONS: &str = "connections/";

/// What the names of recursions that fork begin with.
pub const FORK: &str = "fork/";
/// What the names of the ways to put branches together begin with.
pub const IDIOMS: &str = "idioms/";

/// What the names of the scenarios of ever more branches begin with.
pub const SCALE: &str = "scale/";

/// The scenario of this name: of the catalogue, or somebody's own.
#[must_use]
pub fn scenario(name: &str) -> Option<&'static Scenario> {
    let known = SCENARIOS.iter().find(|scenario| scenario.name == name);
    known.or_else(|| own(name))
}

#[cfg(test)]
mod tests;
