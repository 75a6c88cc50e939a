//! What the harness and an adapter say to each other: JSON, one message a line.
//!
//! The harness starts the adapter, writes one [`Request`] line to its standard input and closes it.
//! The adapter answers on standard output, one [`Reply`] a line, and exits. Standard error is for
//! people: the harness shows its end when a cell fails. A program in any language that speaks this
//! is a runtime.
//!
//! - To [`Request::Hello`] it answers one [`Reply::Hello`].
//! - To [`Request::Check`] it answers one [`Reply::Checked`].
//! - To [`Request::Measure`] it answers one [`Reply::Sample`] for each sample, as it is measured, and
//!   then [`Reply::End`] with their number, so that half an answer is known for one. Instead of all
//!   that it may answer one [`Reply::Unsupported`], [`Reply::Unavailable`] or [`Reply::Failed`].
//!
//! All times are nanoseconds.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

pub use runtime_api::{Dispatched, Lack, OnDrop, OnPanic, Semantics, Sizes, Threads, Workers};

pub mod costs;
pub mod limit;

/// The version of these messages. An adapter that is asked in another version answers
/// [`Reply::Failed`].
pub const VERSION: u32 = 1;

/// What the harness asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Request {
    /// Who are you?
    Hello {
        /// [`VERSION`].
        v: u32,
    },
    /// Do you keep this promise?
    Check(Check),
    /// Run one cell and report its samples.
    Measure(Box<Measure>),
}

/// One promise of the trait's contract, to be tried on the real runtime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// [`VERSION`].
    pub v: u32,
    /// One of the flavours that the adapter named.
    pub flavour: String,
    /// Worker threads to start with.
    pub workers: usize,
    /// The name of one of [`Hello::checks`].
    pub check: String,
    /// The most threads of the blocking pool, where the flavour's [`Sizes`] say that they can be set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking_threads: Option<usize>,
}

/// One round of one cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// [`VERSION`].
    pub v: u32,
    /// One of the flavours that the adapter named.
    pub flavour: String,
    /// Worker threads to start with.
    pub workers: usize,
    /// Where the parent future runs.
    pub root: Root,
    /// A name from the catalogue of workloads.
    pub scenario: String,
    /// How the branches are put together.
    pub primitive: Primitive,
    /// n.
    pub branches: usize,
    /// Run only the branch of this index, of the `branches`: calibration does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<usize>,
    /// d, a branch.
    pub wait_ns: u64,
    /// Steps of the kernel, a branch.
    pub steps: u64,
    /// Samples to report.
    pub samples: usize,
    /// Samples to run first and not to report.
    pub warmups: usize,
    /// Sample `i` answers a nonce made of this and `i`.
    pub nonce: u64,
    /// Where the origin listens, for scenarios that need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// A folder for the scenario's files.
    pub folder: PathBuf,
    /// Send up to so many polls of each sample along, and as many hand-overs.
    #[serde(default)]
    pub trace: usize,
    /// How often the branches are put together within the timed region of one sample: more than once
    /// where once is too short for a clock. Then the branches are not witnessed.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub repeats: u32,
    /// Count what the region allocates, in a pass of its own after the clock has stopped. Only where
    /// `repeats` is more than 1.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub count: bool,
    /// Do not witness the branches, and say how far they made memory rise: they are so many that a witness
    /// would be most of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unwatched: bool,
    /// Leave the number of workers to the runtime, where the flavour's [`Sizes`] say that it has one of its own:
    /// `workers` is then no more than what one would expect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unasked: bool,
    /// The most threads of the blocking pool, where the flavour's [`Sizes`] say that they can be set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking_threads: Option<usize>,
}

const fn once() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
const fn is_once(repeats: &u32) -> bool {
    *repeats == once()
}

/// Where the origin listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// HTTP/1.1: `GET /answer`, `GET /account`, `PUT /account`.
    pub http: SocketAddr,
    /// Sixteen bytes in (a delay in nanoseconds, then a nonce, both little endian), eight bytes out
    /// after that delay: the two mixed.
    pub delayed: SocketAddr,
    /// Every byte comes back at once.
    pub echo: SocketAddr,
    /// Connections are held open in groups, and echo meanwhile; left out where the origin cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<SocketAddr>,
}

/// Where the parent future runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Root {
    /// On the thread that called the runtime's `block_on`.
    BlockOn,
    /// In a spawned task.
    Worker,
}

/// How the branches of a scenario are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Primitive {
    /// Awaited one after the other in one task.
    Sequential,
    /// Joined in one task.
    Compose,
    /// Each handed to the scheduler.
    Spawn,
    /// Each placed on another core's executor.
    Dispatch,
    /// Each handed to the blocking pool.
    SpawnBlocking,
}

/// What the adapter answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Reply {
    /// Who it is.
    Hello(Hello),
    /// What came of a check.
    Checked(Checked),
    /// One measured sample.
    Sample(Box<Sample>),
    /// The last line of a whole answer.
    End {
        /// How many samples were sent.
        samples: usize,
    },
    /// The runtime has no such primitive or scenario.
    Unsupported {
        /// One line.
        why: String,
    },
    /// The runtime cannot run on this machine.
    Unavailable {
        /// One line: what is missing, and how to mend it.
        why: String,
    },
    /// The cell went wrong in a way that the adapter could tell.
    Failed {
        /// One line.
        why: String,
    },
}

/// An adapter's description of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`].
    pub v: u32,
    /// The runtime's name.
    pub runtime: String,
    /// The runtime's version, if the adapter knows it better than its manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Set when no flavour can run on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<String>,
    /// The ways to start it.
    pub flavours: Vec<Flavour>,
    /// The promises that it can be asked to show that it keeps; none for an adapter without such
    /// checks, which is then not verified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Promise>,
    /// What it says of the workload that it was built around, if it was: somebody's own, which is in no catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Own>,
}

/// What a workload says of itself that is in no catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// How many branches it has, unless the user says otherwise.
    pub branches: usize,
    /// d, a branch, likewise.
    pub wait_ns: u64,
    /// What the steps of a branch should compute, likewise.
    pub work_ns: u64,
    /// Whether a branch is blocking code with no await in it, which a blocking pool can take.
    pub offloads: bool,
    /// Whether its branches wait for each other, so that none comes to its end alone.
    #[serde(default)]
    pub together: bool,
}

/// A promise that an adapter can be asked to show that it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Promise {
    /// Unique within the adapter; what [`Check::check`] asks for.
    pub name: String,
    /// What is promised, or what is looked at, in a line.
    pub promise: String,
}

/// What came of one check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// What was observed: a word for each aspect, such as `first poll` and `queued, on a worker`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, String>,
    /// How the promise was broken, in a line, or in what the runtime does otherwise than it declares;
    /// `None` where it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
}

/// One way to start a runtime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Flavour {
    /// Unique within the runtime.
    pub name: String,
    /// One line: what the user writes to get it.
    pub summary: String,
    /// Its workers.
    pub workers: Workers,
    /// What it declares.
    pub semantics: Semantics,
    /// Why it cannot run on this machine, and how to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<String>,
    /// What it has no call of its own for: cells that need it are `unsupported`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Lack>,
    /// What of its size can be left to it, or set, besides the workers.
    #[serde(default, skip_serializing_if = "Sizes::are_fixed")]
    pub sizes: Sizes,
    /// How many workers it was seen to have where nobody asked for a number: the harness's word, not the adapter's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unasked_workers: Option<usize>,
    /// Promises that it breaks each time, by the names of their checks. It is measured all the same, and they are shown with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<String>,
}

/// One measured sample: the two edges of the timed region, and what the witness saw between them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Sample {
    /// Wall time.
    pub wall_ns: u64,
    /// CPU time of the whole process: the independent witness.
    pub cpu_ns: u64,
    /// Time that threads of the process were ready and had no core, where the kernel tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_ns: Option<u64>,
    /// What was wrong with the answers; `None` when all were right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong: Option<String>,
    /// Polls of branches.
    pub polls: u64,
    /// Polls that the witness had no room for. Not zero: the figures below are not whole.
    pub lost_polls: u64,
    /// Distinct threads that polled a branch.
    pub threads: u32,
    /// Distinct threads that have polled a branch in this process so far, in warm-ups and earlier
    /// samples too; 0 where it is not known.
    #[serde(skip_serializing_if = "is_zero")]
    pub threads_so_far: u32,
    /// Time in polls, summed over branches.
    pub polled_ns: u64,
    /// Branches polled at one instant, at most.
    pub peak_overlap: u32,
    /// Branches being polled, averaged over the wall time.
    pub mean_overlap: f64,
    /// Branches in flight (between first poll and last) at one instant, at most.
    pub peak_concurrency: u32,
    /// Branches in flight, averaged over the wall time.
    pub mean_concurrency: f64,
    /// The longest poll.
    pub longest_poll_ns: u64,
    /// The longest time between two polls of one branch.
    pub longest_gap_ns: u64,
    /// From the start of the clock to the first poll.
    pub first_poll_ns: u64,
    /// Polls of one branch in a row while another had not come to its end, at most; 0 is not known.
    pub longest_run: u32,
    /// Time in polls of the branch that has most of it: no number of threads makes the whole shorter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_branch_ns: Option<u64>,
    /// From first poll to last of the branch that was in flight longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_life_ns: Option<u64>,
    /// From the start of the clock to the first poll of the branch that was polled first last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all_begun_ns: Option<u64>,
    /// How late past its requested deadline a ticking branch went on, at worst.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_ns: Option<u64>,
    /// Tasks that the branches themselves spawned: none, unless their workload says so.
    pub hidden_spawns: u64,
    /// Of these, unfinished ones at one instant, at most; left out where there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_peak: Option<u32>,
    /// Of branches that wait for each other: the longest that one had been woken and was not polled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_ns: Option<u64>,
    /// Of branches that wait for each other: time that they waited for wakes which came from a sibling's poll (a lock
    /// let go, a message sent), summed over branches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_for_siblings_ns: Option<u64>,
    /// The first polls, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<Poll>,
    /// The first branches that were handed to the primitive, if polls were asked for. None where nothing is
    /// handed over: branches in turn, or joined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handed: Vec<Handed>,
    /// How often the branches were put together, where that was more than once: all times and counts
    /// of the sample are of so many together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<u32>,
    /// Allocations of all threads, in as many repeats again, if they were to be counted. A block that
    /// grows in place or moves is one more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocations: Option<u64>,
    /// What these asked for, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocated_bytes: Option<u64>,
    /// How far the process's resident memory rose in the timed region, at most, in bytes; where branches are
    /// not watched and the system tells. What the process had freed before and not given back is not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_bytes: Option<u64>,
    /// The part of the sample in which all branches held what they came for, such as a connection, if they
    /// say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// What became of branches that count for themselves, of a scenario that is a way to put branches together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idiom: Option<Idiom>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The part of a sample in which all branches held what they came for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Held {
    /// Wall time.
    pub wall_ns: u64,
    /// CPU time of the process.
    pub cpu_ns: u64,
    /// CPU time of the origin.
    pub origin_ns: u64,
    /// Round trips that all branches made in it.
    pub trips: u64,
}

/// What a way to put branches together does to them: counts, and no times. The branches were woken one by one, each when nothing
/// else was to be done, unless it says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Idiom {
    /// Branches that were woken.
    pub wakes: u64,
    /// Polls of branches, the first of each among them.
    pub polls: u64,
    /// Branches that were polled at all.
    pub begun: u64,
    /// Polls of what they were put together in.
    pub parent_polls: u64,
    /// Branches that had begun and not ended, at most.
    pub waiting: u64,
    /// Branches that were in a poll at one instant, at most: also where all were ready, and the first stayed in its poll
    /// for a while to see whether another came beside it.
    pub inside: u32,
    /// Whether it was stopped before all were woken, since the polls were too many: what it says is of those that were.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
    /// Allocations, of all threads.
    pub allocations: u64,
    /// What was allocated and not freed, in bytes, at most. The list of branches was there before.
    pub peak_bytes: u64,
    /// The size of a branch in that list, in bytes.
    pub branch_bytes: u64,
    /// What became of the others when the first failed; left out where nobody saw that it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_fails: Option<Others>,
    /// The same when the last of those that waited failed, before any other had ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_fails: Option<Others>,
}

/// What became of the others when one branch failed: each was in one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Others {
    /// Had ended before the failure was seen.
    pub finished: u64,
    /// Ended after it.
    pub ran_on: u64,
    /// Were dropped.
    pub dropped: u64,
    /// Were neither, a while later.
    pub left: u64,
}

/// One poll of one branch. Times count from the start of the sample's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Poll {
    /// Which branch.
    pub branch: u32,
    /// Which thread, numbered from 0 within the process.
    pub thread: u32,
    /// When the poll began.
    pub start_ns: u64,
    /// When it ended.
    pub end_ns: u64,
}

/// One branch on its way to the scheduler. Times count from the start of the sample's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Handed {
    /// Which branch.
    pub branch: u32,
    /// On which thread, of the numbers that polls have; one that never polls a branch has a number too.
    pub thread: u32,
    /// When the parent turned to the branch.
    pub start_ns: u64,
    /// When it had the branch's handle.
    pub end_ns: u64,
}

// Neither is generic: what reads and writes JSON would be compiled again with whatever calls it.
impl Request {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// Why it is no request.
    pub fn parse(line: &str) -> serde_json::Result<Self> {
        serde_json::from_str(line)
    }
}

impl Reply {
    /// Writes it as one line.
    ///
    /// # Errors
    ///
    /// As the writer reports them.
    pub fn write(&self, mut out: &mut dyn std::io::Write) -> std::io::Result<()> {
        write_line(&mut out, self)
    }
}

/// Writes one message as one line.
///
/// # Errors
///
/// As the writer reports them.
pub fn write_line<T: Serialize>(out: &mut impl std::io::Write, message: &T) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(reply: &Reply) -> String {
        serde_json::to_string(reply).unwrap()
    }

    #[test]
    fn messages_are_told_apart_by_a_tag() {
        assert_eq!(
            serde_json::to_string(&Request::Hello { v: 1 }).unwrap(),
            r#"{"do":"hello","v":1}"#
        );
        assert_eq!(
            line(&Reply::End { samples: 3 }),
            r#"{"is":"end","samples":3}"#
        );
    }

    #[test]
    fn a_sample_from_another_language_may_leave_out_what_it_cannot_know() {
        let reply: Reply =
            serde_json::from_str(r#"{"is":"sample","wall_ns":5,"cpu_ns":4}"#).unwrap();
        let Reply::Sample(sample) = reply else {
            panic!("not a sample")
        };
        assert_eq!(
            (sample.wall_ns, sample.cpu_ns, sample.stall_ns),
            (5, 4, None)
        );
    }

    #[test]
    fn a_request_from_before_repeats_and_counts_asks_for_neither() {
        let check = r#"{"do":"measure","v":1,"flavour":"f","workers":1,"root":"worker","scenario":"s",
            "primitive":"spawn","branches":2,"wait_ns":0,"steps":0,"samples":1,"warmups":0,"nonce":1,"folder":"x"}"#;
        let Request::Measure(request) = serde_json::from_str(check).unwrap() else {
            panic!("no measure")
        };
        assert_eq!((request.repeats, request.count), (1, false));
        let again = serde_json::to_string(&request).unwrap();
        assert!(
            !again.contains("repeats") && !again.contains("count"),
            "{again}"
        );
    }

    #[test]
    fn threads_count_by_workers_or_branches() {
        assert_eq!(Threads::Fixed(1).count(8, 4), 1);
        assert_eq!(Threads::Workers.count(8, 4), 8);
        assert_eq!(Threads::UpToWorkers.count(8, 4), 8);
        assert_eq!(Threads::Branches.count(8, 4), 4);
    }
}
