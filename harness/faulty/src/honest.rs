//! What an honest adapter would answer: of a runtime with a flavour of one thread and one of a thread for each worker.

use std::{
    env,
    hint::black_box,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// What the server of I/O scenarios is called.
pub(crate) const ORIGIN: &str = "origin";

/// CPU time that a branch is said to take which only waits: far below what starting a process takes, which the kernel counts.
const WORK_NS: u64 = 20_000;
/// Turns of the loop that is a step of computing.
const STEP: u64 = 200;

/// The name that it was started under.
pub(crate) fn name() -> Option<String> {
    let program = env::args_os().next()?;
    let name = Path::new(&program).file_stem()?.to_str()?;
    let runtime = name.strip_prefix("runtime-");
    runtime
        .or((name == ORIGIN).then_some(ORIGIN))
        .map(str::to_owned)
}

/// A question.
pub(crate) struct Asked(Value);

impl Asked {
    pub(crate) fn of(line: &str) -> Option<Self> {
        let request: Value = serde_json::from_str(line).ok()?;
        request["do"].is_string().then_some(Self(request))
    }

    /// At which stage of a run it is asked, where what calibrates has this nonce.
    pub(crate) fn stage(&self, calibrates: Option<u64>) -> &str {
        let nonce = self.0["nonce"].as_u64();
        match self.0["do"].as_str() {
            Some("measure") if nonce.is_some() && nonce == calibrates => "calibrate",
            Some(stage) => stage,
            None => "",
        }
    }

    fn number(&self, key: &str) -> u64 {
        self.0[key].as_u64().unwrap_or(0)
    }

    fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }
}

fn line(value: &Value) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

/// The answer that says that it went wrong.
pub(crate) fn failed(why: &str) -> Vec<u8> {
    line(&json!({"is": "failed", "why": why}))
}

/// The origin's line.
pub(crate) fn addresses() -> Vec<u8> {
    line(&json!({"http": "127.0.0.1:9", "delayed": "127.0.0.1:9", "echo": "127.0.0.1:9"}))
}

/// All lines of its answer.
pub(crate) fn answer(name: &str, asked: &Asked) -> Vec<Vec<u8>> {
    match asked.text("do") {
        "hello" => vec![line(&hello(name))],
        "check" => vec![line(
            &json!({"is": "checked", "seen": {"first poll": "queued"}}),
        )],
        _ if asked.text("primitive") == "dispatch" => {
            vec![line(
                &json!({"is": "unsupported", "why": "no other executor"}),
            )]
        }
        _ => {
            let samples = asked.number("samples");
            let all = (0..samples).map(|_| line(&sample(asked)));
            all.chain([line(&json!({"is": "end", "samples": samples}))])
                .collect()
        }
    }
}

fn hello(name: &str) -> Value {
    let semantics = |spawn: Value| {
        json!({"spawn": spawn, "blocking": {"fixed": 500}, "on_drop": "detaches", "on_panic": "reaches_awaiter",
            "polls_at_once": false, "preemptive": false, "threads_outlive_root": false})
    };
    let flavour = |name: &str, workers: Value, spawn: Value| {
        json!({"name": name, "summary": "made up, for the fault campaign", "workers": workers,
            "semantics": semantics(spawn)})
    };
    json!({"is": "hello", "v": 1, "runtime": name,
        "flavours": [flavour("one", json!({"fixed": 1}), json!({"fixed": 1})), flavour("pool", json!("per_core"), json!("workers"))],
        "checks": [{"name": "spawn_queues", "promise": "a spawned task is queued"},
            {"name": "drop_detaches", "promise": "a dropped handle leaves its task alone"}]})
}

/// One sample: its branches wait or compute as they were asked to, which the harness could tell if they did not.
fn sample(asked: &Asked) -> Value {
    let repeats = asked.number("repeats").max(1);
    let is_alone = asked.0.get("only").is_some();
    let branches = if is_alone {
        1
    } else {
        asked.number("branches").max(1)
    };
    let threads = match asked.text("primitive") {
        "spawn" if asked.text("flavour") == "pool" => asked.number("workers").clamp(1, branches),
        "spawn_blocking" => branches,
        _ => 1,
    };
    let in_turn = asked.text("primitive") == "sequential";
    let steps = asked.number("steps");
    if steps > 0 && repeats == 1 {
        return computed(&Computed::of(branches, threads, steps), in_turn);
    }
    let wait = asked.number("wait_ns");
    let waits = if in_turn { wait * branches } else { wait };
    let work = WORK_NS * branches.div_ceil(threads);
    let began = Instant::now();
    thread::sleep(Duration::from_nanos(waits + work));
    let wall = nanos(began.elapsed());
    if repeats > 1 {
        return json!({"is": "sample", "wall_ns": wall, "cpu_ns": WORK_NS, "repeats": repeats});
    }
    let polled = WORK_NS * branches;
    let life = wait + WORK_NS;
    let concurrency = (life * branches) as f64 / wall as f64;
    let peak = if in_turn { 1 } else { branches };
    let overlap = polled as f64 / wall as f64;
    let all_begun = if in_turn { life * (branches - 1) } else { 200 };
    json!({"is": "sample", "wall_ns": wall, "cpu_ns": polled, "polls": 2 * branches, "threads": threads,
        "threads_so_far": threads, "polled_ns": polled, "peak_overlap": threads.min(peak),
        "mean_overlap": overlap, "peak_concurrency": peak,
        "mean_concurrency": concurrency.min(peak as f64).max(overlap), "longest_poll_ns": WORK_NS,
        "longest_gap_ns": wait.min(wall), "first_poll_ns": 100, "longest_run": 1, "longest_branch_ns": WORK_NS,
        "longest_life_ns": life.min(wall), "all_begun_ns": all_begun.max(200).min(wall)})
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Branches that computed: when each began and ended, in nanoseconds since the first could.
struct Computed {
    branches: Vec<(u64, u64)>,
    threads: u64,
    wall: u64,
    cpu: u64,
}

impl Computed {
    /// So many branches on so many threads, each of so many steps.
    fn of(branches: u64, threads: u64, steps: u64) -> Self {
        let cpu = cpu_time();
        let began = Instant::now();
        let share = |thread: u64| -> Vec<(u64, u64)> {
            let of_thread = (thread..branches).step_by(threads as usize);
            let one = |_| {
                let start = nanos(began.elapsed());
                let sum = (0..steps * STEP).fold(0_u64, |sum, i| black_box(sum.rotate_left(5) ^ i));
                black_box(sum);
                (start, nanos(began.elapsed()))
            };
            of_thread.map(one).collect()
        };
        let all = thread::scope(|scope| {
            let others: Vec<_> = (1..threads)
                .map(|n| scope.spawn(move || share(n)))
                .collect();
            let mut all = share(0);
            all.extend(
                others
                    .into_iter()
                    .flat_map(|other| other.join().unwrap_or_default()),
            );
            all
        });
        Self {
            branches: all,
            threads,
            wall: nanos(began.elapsed()),
            cpu: nanos(cpu_time().saturating_sub(cpu)),
        }
    }
}

fn computed(told: &Computed, in_turn: bool) -> Value {
    let each = || told.branches.iter();
    let lengths = || each().map(|(start, end)| end - start);
    let (polled, longest) = (lengths().sum::<u64>(), lengths().max().unwrap_or(0));
    // Branches that were being polled when one began, itself among them.
    let at = |moment: u64| {
        each()
            .filter(|(start, end)| (*start..*end).contains(&moment))
            .count()
    };
    let peak = each()
        .map(|(start, _)| at(*start))
        .max()
        .unwrap_or(1)
        .max(1);
    let overlap = polled as f64 / told.wall as f64;
    let (first, last) = (each().map(|one| one.0).min(), each().map(|one| one.0).max());
    let n = told.branches.len();
    // Nothing is in flight before its first poll, and each has one poll.
    let concurrency = if in_turn { 1 } else { peak };
    json!({"is": "sample", "wall_ns": told.wall, "cpu_ns": told.cpu, "polls": n, "threads": told.threads,
        "threads_so_far": told.threads, "polled_ns": polled, "peak_overlap": peak, "mean_overlap": overlap,
        "peak_concurrency": concurrency, "mean_concurrency": overlap, "longest_poll_ns": longest,
        "longest_gap_ns": 0, "first_poll_ns": first, "longest_run": 1, "longest_branch_ns": longest,
        "longest_life_ns": longest, "all_begun_ns": last})
}

/// CPU time of this process so far.
#[cfg(unix)]
fn cpu_time() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    Duration::ZERO
}
