//! One round: a scenario's branches, put together with one primitive, some samples of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use harness_protocol::{Handed, Held, Measure, Poll, Primitive, Reply, Root, Sample};
use runtime_api::{Config, Runtime};
use workload_api::{Env, Lateness, Origin, Stretch, Workload, mix};
use workload_catalogue::{catalogue, scenario};

use crate::{
    answers,
    counted::{self, Counted},
    counting::Allocated,
    edges::{Between, Edge},
    files,
    repeated::{self, Repeats},
    send, set_environment, unwatched,
    witness::{self, Witnessed, analysis},
};

/// A warm-up does this fraction of a sample's waiting and work: enough to start every thread, touch
/// every page and open every file.
const WARMUP_FRACTION: u32 = 8;

/// Runs one cell, sends its samples, and returns the closing reply.
pub(crate) fn measure<R: Runtime>(config: &Config, request: &Measure) -> Reply {
    macro_rules! look_up {
        ($($name:literal => $workload:path, $facts:expr;)*) => {
            match request.scenario.as_str() {
                $($name => measure_workload::<R, _>(config, request, $workload),)*
                other => Reply::Unsupported { why: format!("this adapter knows no scenario {other}") },
            }
        };
    }
    catalogue!(look_up)
}

/// Runs one cell with the branches of this workload.
pub(crate) fn measure_workload<R: Runtime, W: Workload>(
    config: &Config,
    request: &Measure,
    workload: W,
) -> Reply {
    if let Some(why) = unsupported::<R, W>(config, request) {
        return Reply::Unsupported { why };
    }
    set_environment::<R>(config);
    // Calibrates the clock, which takes longer than a short sample.
    witness::clock();
    let env = env(request);
    if let Err(why) = workload.prepare(&env) {
        return Reply::Failed { why };
    }
    let request = request.clone();
    let samples = request.samples;
    let unwatched = request.unwatched;
    let start = move || R::start(config, move || samples_of::<R, W>(request, workload, env));
    let ended = if unwatched {
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(start)) {
            Ok(ended) => ended,
            Err(panic) => {
                return Reply::Failed {
                    why: words(&*panic),
                };
            }
        }
    } else {
        start()
    };
    match ended {
        Ok(()) => Reply::End { samples },
        Err(error) => Reply::Unavailable {
            why: format!("the runtime does not start: {error}"),
        },
    }
}

/// What a panic said: of so many branches, mostly which limit they met.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a word").to_owned()
}

fn unsupported<R: Runtime, W: Workload>(config: &Config, request: &Measure) -> Option<String> {
    let facts = scenario(&request.scenario)?;
    if request.primitive == Primitive::Dispatch && R::semantics(config).dispatch.is_none() {
        return Some(
            "the scheduler itself moves tasks between threads: dispatch is spawn".to_owned(),
        );
    }
    if request.primitive == Primitive::SpawnBlocking && !(facts.offloads && W::OFFLOADS) {
        return Some(format!("{} awaits, so it is no blocking code", facts.name));
    }
    if facts.needs_origin && request.origin.is_none() {
        return Some(format!(
            "{} needs an origin, and the request names none",
            facts.name
        ));
    }
    if request.repeats > 1 && !W::REPEATS {
        return Some("its branches are long enough to be timed one by one".to_owned());
    }
    if request.unwatched
        && facts.needs_origin
        && let Some(why) = files::too_few(request.branches)
    {
        return Some(why);
    }
    if request.unwatched && !W::UNWATCHED {
        return Some("its branches are few enough to be watched".to_owned());
    }
    let once_only = request.repeats > 1 || request.unwatched;
    if once_only && request.primitive == Primitive::SpawnBlocking {
        return Some("what a blocking pool costs is not measured by repeating it".to_owned());
    }
    if request.workers == 0 || request.repeats == 0 || request.branches == 0 {
        return Some("a cell needs at least one worker, one branch and one repeat".to_owned());
    }
    None
}

fn env(request: &Measure) -> Env {
    Env {
        branches: request.branches,
        wait: Duration::from_nanos(request.wait_ns),
        steps: request.steps,
        nonce: 0,
        start: Instant::now(),
        origin: request.origin.map(|origin| Origin {
            http: origin.http,
            delayed: origin.delayed,
            echo: origin.echo,
            held: origin.held,
        }),
        folder: Arc::from(request.folder.as_path()),
        lateness: Lateness::default(),
        stretch: Stretch::default(),
    }
}

/// The root: warm-ups, then samples, each sent as soon as it is checked.
async fn samples_of<R: Runtime, W: Workload>(request: Measure, workload: W, env: Env) {
    for sample in 0..request.warmups + request.samples {
        let warm_up = sample < request.warmups;
        let mut env = Env {
            nonce: mix(request.nonce, sample as u64),
            ..env.clone()
        };
        env.lateness = Lateness::default();
        env.stretch = Stretch::default();
        let mut request = request.clone();
        if warm_up {
            request.repeats = request.repeats.div_ceil(WARMUP_FRACTION);
            if request.unwatched {
                request.branches = unwatched::few(request.branches);
                env.branches = request.branches;
            }
            env.wait /= WARMUP_FRACTION;
            env.steps = env
                .steps
                .div_ceil(u64::from(WARMUP_FRACTION))
                .min(env.steps);
        }
        let sample = sample_of::<R, W>(&request, workload, env).await;
        // The harness has gone if nobody reads this; the closing reply then says so.
        if !warm_up && send(&Reply::Sample(Box::new(sample))).is_err() {
            return;
        }
    }
}

async fn sample_of<R: Runtime, W: Workload>(request: &Measure, workload: W, env: Env) -> Sample {
    witness::reset();
    counted::take();
    let indices: Vec<usize> = match request.only {
        Some(index) => vec![index],
        None => (0..request.branches).collect(),
    };
    if W::REPEATS && request.repeats > 1 {
        return repeated_sample::<R, W>(request, workload, &env, indices).await;
    }
    if W::UNWATCHED && request.unwatched {
        return unwatched_sample::<R, W>(request, workload, &env, indices).await;
    }
    let (primitive, trace) = (request.primitive, request.trace);
    let parent = region::<R, W>(workload, env.clone(), indices.clone(), primitive, trace);
    let (given, region) = match request.root {
        Root::BlockOn => parent.await,
        Root::Worker => R::spawn(parent).await,
    };
    let wrong = answers::wrong(&request.scenario, workload, &env, &indices, &given);
    report(request, &env, &region, wrong)
}

async fn repeated_sample<R: Runtime, W: Workload>(
    request: &Measure,
    workload: W,
    env: &Env,
    indices: Vec<usize>,
) -> Sample {
    let repeats = Repeats {
        times: request.repeats,
        count: request.count,
    };
    let (of, primitive) = (indices.clone(), request.primitive);
    let parent = repeated::region::<R, W>(workload, env.clone(), of, primitive, repeats);
    let (given, region, allocated) = match request.root {
        Root::BlockOn => parent.await,
        Root::Worker => R::spawn(parent).await,
    };
    let wrong = indices.iter().zip(&given).find_map(|(&index, &answer)| {
        let expected = repeated::expected(workload, env, index, request.repeats);
        (answer != expected).then(|| {
            format!(
                "branch {index} came to {answer:#x} over {} repeats, expected {expected:#x}",
                request.repeats
            )
        })
    });
    Sample {
        repeats: Some(request.repeats),
        allocations: allocated.map(|Allocated { allocations, .. }| allocations),
        allocated_bytes: allocated.map(|Allocated { bytes, .. }| bytes),
        ..report(request, env, &region, wrong)
    }
}

async fn unwatched_sample<R: Runtime, W: Workload>(
    request: &Measure,
    workload: W,
    env: &Env,
    indices: Vec<usize>,
) -> Sample {
    let (of, primitive) = (indices.clone(), request.primitive);
    let parent = unwatched::region::<R, W>(workload, env.clone(), of, primitive);
    let (given, region, peak_bytes) = match request.root {
        Root::BlockOn => parent.await,
        Root::Worker => R::spawn(parent).await,
    };
    let wrong = answers::wrong(&request.scenario, workload, env, &indices, &given);
    Sample {
        peak_bytes,
        held: env.stretch.took().map(|took| Held {
            wall_ns: nanos(took.wall),
            cpu_ns: nanos(took.cpu),
            origin_ns: nanos(took.other),
            trips: took.trips,
        }),
        ..report(request, env, &region, wrong)
    }
}

/// The edges of the timed region, in the units in which they were read, and what was handed over between.
pub(crate) struct Region {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) between: Between,
    pub(crate) handed: Vec<witness::Interval>,
}

/// Everything between the two edges is timed: the spawns too, since an eager runtime would
/// otherwise start ahead of the clock.
async fn region<R: Runtime, W: Workload>(
    workload: W,
    mut env: Env,
    indices: Vec<usize>,
    primitive: Primitive,
    trace: usize,
) -> (Vec<u64>, Region) {
    let clock = witness::clock();
    let mut handed = Vec::with_capacity(trace.min(indices.len()));
    let edge = Edge::now();
    env.start = Instant::now();
    let branch = move |index: usize| {
        Witnessed::new(name(index), workload.branch_of::<Counted<R>>(&env, index))
    };
    let start = clock.raw();
    let answers = match primitive {
        Primitive::Sequential => {
            let mut answers = Vec::with_capacity(indices.len());
            for index in indices {
                answers.push(branch(index).await);
            }
            answers
        }
        Primitive::Compose => match indices[..] {
            [a, b] => {
                let (a, b) = R::compose2(branch(a), branch(b)).await;
                vec![a, b]
            }
            _ => R::compose(indices.into_iter().map(branch).collect()).await,
        },
        Primitive::Spawn => {
            let spawn = |index| R::spawn(branch(index));
            all(hand_over(indices, spawn, trace, &mut handed)).await
        }
        Primitive::Dispatch => {
            let place = |index| {
                let branch = branch.clone();
                R::dispatch(move || branch(index))
            };
            all(hand_over(indices, place, trace, &mut handed)).await
        }
        Primitive::SpawnBlocking if W::OFFLOADS => {
            let offload = |index| {
                let branch = branch(index);
                R::spawn_blocking(move || futures_lite::future::block_on(branch))
            };
            all(hand_over(indices, offload, trace, &mut handed)).await
        }
        // Refused before anything was started.
        Primitive::SpawnBlocking => Vec::new(),
    };
    let end = clock.raw();
    (
        answers,
        Region {
            start,
            end,
            between: edge.until_now(),
            handed,
        },
    )
}

/// What the witness calls a branch.
fn name(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Hands the branches to a primitive, one after the other, and returns their handles.
///
/// Where polls are to be traced, so are the first `trace` hand-overs: two reads of the clock each, some
/// 35 ns, for the first round of a cell alone, whose branches take milliseconds. Any other sample asks once, here,
/// and then runs the loop that stood here without traces.
fn hand_over<H>(
    indices: Vec<usize>,
    mut to: impl FnMut(usize) -> H,
    trace: usize,
    handed: &mut Vec<witness::Interval>,
) -> Vec<H> {
    if trace == 0 {
        return indices.into_iter().map(to).collect();
    }
    let clock = witness::clock();
    let thread = witness::thread();
    let traced = |index| {
        if handed.len() == trace {
            return to(index);
        }
        let start = clock.raw();
        let handle = to(index);
        handed.push(witness::Interval {
            branch: name(index),
            thread,
            start,
            end: clock.raw(),
        });
        handle
    };
    indices.into_iter().map(traced).collect()
}

/// Awaits handles of running tasks one after the other, as `a.await; b.await` would.
async fn all<F: Future>(handles: Vec<F>) -> Vec<F::Output> {
    let mut outputs = Vec::with_capacity(handles.len());
    for handle in handles {
        outputs.push(handle.await);
    }
    outputs
}

fn report(request: &Measure, env: &Env, region: &Region, wrong: Option<String>) -> Sample {
    let clock = witness::clock();
    let since_start = |raw| clock.delta_as_nanos(region.start, raw);
    let recording = witness::collect();
    let mut polls: Vec<_> = recording
        .polls
        .iter()
        .map(|poll| analysis::Poll {
            branch: poll.branch,
            thread: poll.thread,
            start: since_start(poll.start),
            end: since_start(poll.end),
        })
        .collect();
    let wall_ns = since_start(region.end);
    let found = analysis::analyse(&polls, wall_ns);
    let trace = if request.trace == 0 {
        Vec::new()
    } else {
        polls.sort_unstable_by_key(|poll| poll.start);
        polls.truncate(request.trace);
        polls
            .iter()
            .map(|poll| Poll {
                branch: poll.branch,
                thread: poll.thread,
                start_ns: poll.start,
                end_ns: poll.end,
            })
            .collect()
    };
    let of_handed = |handed: &witness::Interval| Handed {
        branch: handed.branch,
        thread: handed.thread,
        start_ns: since_start(handed.start),
        end_ns: since_start(handed.end),
    };
    Sample {
        wall_ns,
        cpu_ns: nanos(region.between.cpu),
        queued_ns: region.between.queued.map(nanos),
        wrong,
        polls: found.polls,
        lost_polls: recording.lost,
        threads: found.threads,
        threads_so_far: recording.threads_so_far,
        polled_ns: found.polled_ns,
        peak_overlap: found.peak_overlap,
        mean_overlap: found.mean_overlap,
        peak_concurrency: found.peak_concurrency,
        mean_concurrency: found.mean_concurrency,
        longest_poll_ns: found.longest_poll_ns,
        longest_gap_ns: found.longest_gap_ns,
        first_poll_ns: found.first_poll_ns,
        longest_run: found.longest_run,
        stall_ns: env.lateness.largest().map(nanos),
        hidden_spawns: counted::take(),
        trace,
        handed: region.handed.iter().map(of_handed).collect(),
        ..Sample::default()
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
