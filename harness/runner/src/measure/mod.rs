//! One round: a scenario's branches, put together with one primitive, some samples of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use harness_protocol::{Handed, Held, Measure, Poll, Primitive, Reply, Root, Sample};
use runtime_api::{Config, Lack, Runtime};
use workload_api::{Env, Lateness, Origin, Shared, Stretch, mix};
use workload_catalogue::{Scenario, catalogue, scenario};

use crate::{
    answers,
    any_workload::{AnyWorkload, Beside, Repeats},
    counted, files,
    region::Region,
    repeated, send, set_environment, unwatched, waking,
    witness::{self, analysis},
};

/// A warm-up does this fraction of a sample's waiting and work: enough to start every thread, touch
/// every page and open every file.
const WARMUP_FRACTION: u32 = 8;

/// A line of the catalogue, on a runtime.
macro_rules! made {
    // Those of this group are ways to put branches together.
    ($runtime:ty, ["idioms"] $name:literal, $way:path) => {
        crate::idioms::on::<$runtime>($name, $way)
    };
    ($runtime:ty, [$($group:tt)?] $name:literal, $workload:path) => {
        crate::on::on::<$runtime>($workload)
    };
}

/// Runs one cell, sends its samples, and returns the closing reply.
pub(crate) fn measure<R: Runtime>(config: &Config, request: &Measure) -> Reply {
    macro_rules! look_up {
        ($($name:literal $(in $group:tt)? => $workload:path, $facts:expr;)*) => {
            match request.scenario.as_str() {
                $($(#[cfg(feature = $group)])? $name => made!(R, [$($group)?] $name, $workload),)*
                other => return Reply::Unsupported { why: unknown(other) },
            }
        };
    }
    measure_workload::<R>(config, request, catalogue!(look_up))
}

/// Why a scenario is none of those that this adapter was built with.
fn unknown(name: &str) -> String {
    match scenario(name).and_then(Scenario::group) {
        Some(group) => format!(
            "this adapter was built without the scenarios of the group {group}: build it with \
             `--features harness-runner/{group}`, as the harness does when it builds for them"
        ),
        None => format!("this adapter knows no scenario {name}"),
    }
}

/// Runs one cell with the branches of this workload.
pub(crate) fn measure_workload<R: Runtime>(
    config: &Config,
    request: &Measure,
    workload: Box<dyn AnyWorkload>,
) -> Reply {
    if let Some(why) = unsupported::<R>(config, request, &*workload) {
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
    let start = move || R::start(config, move || samples_of::<R>(request, workload, env));
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

fn unsupported<R: Runtime>(
    config: &Config,
    request: &Measure,
    workload: &dyn AnyWorkload,
) -> Option<String> {
    let facts = scenario(&request.scenario)?;
    if request.primitive == Primitive::Dispatch && R::semantics(config).dispatch.is_none() {
        return Some(
            "the scheduler itself moves tasks between threads: dispatch is spawn".to_owned(),
        );
    }
    if request.primitive == Primitive::SpawnBlocking && !(facts.offloads && workload.offloads()) {
        return Some(format!("{} awaits, so it is no blocking code", facts.name));
    }
    if request.primitive == Primitive::SpawnBlocking && R::LACKS.contains(&Lack::BlockingPool) {
        let (name, what) = (R::about().name, Lack::BlockingPool.name());
        return Some(format!("{name} has no {what} of its own"));
    }
    if let Some(why) = workload.refuses(request) {
        return Some(why);
    }
    if workload.together() && (request.primitive == Primitive::Sequential || request.only.is_some())
    {
        return Some(format!(
            "the branches of {} wait for each other: without the others, one would wait for ever",
            facts.name
        ));
    }
    if facts.needs_origin && request.origin.is_none() {
        return Some(format!(
            "{} needs an origin, and the request names none",
            facts.name
        ));
    }
    if request.repeats > 1 && !workload.repeats() {
        return Some("its branches are long enough to be timed one by one".to_owned());
    }
    if request.unwatched
        && facts.needs_origin
        && let Some(why) = files::too_few(request.branches)
    {
        return Some(why);
    }
    if workload.forks() && !request.unwatched {
        return Some("it forks too many for a witness, and is run without one".to_owned());
    }
    if request.unwatched && !workload.unwatched() {
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
        shared: Shared::default(),
    }
}

/// The root: warm-ups, then samples, each sent as soon as it is checked.
async fn samples_of<R: Runtime>(request: Measure, workload: Box<dyn AnyWorkload>, env: Env) {
    let warmups = if workload.warms_up() {
        request.warmups
    } else {
        0
    };
    for sample in 0..warmups + request.samples {
        let warm_up = sample < warmups;
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
                request.branches = few(&request);
                env.branches = request.branches;
            }
            env.wait /= WARMUP_FRACTION;
            env.steps = env
                .steps
                .div_ceil(u64::from(WARMUP_FRACTION))
                .min(env.steps);
        }
        let sample = sample_of::<R>(&request, &*workload, env).await;
        // The harness has gone if nobody reads this; the closing reply then says so.
        if !warm_up && send(&Reply::Sample(Box::new(sample))).is_err() {
            return;
        }
    }
}

/// How many branches a warm-up has, or of what size its one is.
fn few(request: &Measure) -> usize {
    let recursion = scenario(&request.scenario).and_then(Scenario::recursion);
    match recursion.and_then(|recursion| recursion.sizes().first()) {
        Some(&least) => least.min(request.branches),
        None => unwatched::few(request.branches),
    }
}

async fn sample_of<R: Runtime>(
    request: &Measure,
    workload: &dyn AnyWorkload,
    mut env: Env,
) -> Sample {
    env.shared = workload.share(&env);
    witness::reset();
    counted::take();
    waking::take();
    let indices: Vec<usize> = match request.only {
        Some(index) => vec![index],
        None if workload.forks() => vec![0],
        None => (0..request.branches).collect(),
    };
    let beside = match beside(request) {
        Beside::Nobody if workload.forks() => Beside::Forks,
        beside => beside,
    };
    let parent = workload.parent(env.clone(), indices.clone(), request.primitive, beside);
    let region = match request.root {
        Root::BlockOn => parent.await,
        Root::Worker => R::spawn(parent).await,
    };
    let wrong = match beside {
        Beside::Loop(repeats) => {
            repeated::wrong(workload, &env, &indices, &region.answers, repeats)
        }
        // Stopped before all had answered.
        Beside::Nobody if region.idiom.is_some_and(|idiom| idiom.stopped) => None,
        Beside::Witness { .. } | Beside::Nobody | Beside::Forks => {
            let expected = |index| workload.expected(&env, index);
            answers::wrong(
                &request.scenario,
                &expected,
                &env,
                &indices,
                &region.answers,
            )
        }
    };
    let told = waking::take();
    let sample = Sample {
        ready_ns: workload.together().then_some(told.ready_ns),
        waited_for_siblings_ns: workload.together().then_some(told.waited_ns),
        ..report(request, &env, &region, wrong)
    };
    match beside {
        Beside::Witness { .. } => sample,
        Beside::Loop(repeats) => Sample {
            repeats: Some(repeats.times),
            allocations: region.allocated.map(|allocated| allocated.allocations),
            allocated_bytes: region.allocated.map(|allocated| allocated.bytes),
            ..sample
        },
        Beside::Nobody | Beside::Forks => Sample {
            peak_bytes: region.peak_bytes,
            idiom: region.idiom,
            held: env.stretch.took().map(|took| Held {
                wall_ns: nanos(took.wall),
                cpu_ns: nanos(took.cpu),
                origin_ns: nanos(took.other),
                trips: took.trips,
            }),
            ..sample
        },
    }
}

fn beside(request: &Measure) -> Beside {
    if request.repeats > 1 {
        Beside::Loop(Repeats {
            times: request.repeats,
            count: request.count,
        })
    } else if request.unwatched {
        Beside::Nobody
    } else {
        Beside::Witness {
            trace: request.trace,
        }
    }
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
    let told = |ns| (found.polls > 0).then_some(ns);
    let spawned = counted::take();
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
        longest_branch_ns: told(found.longest_branch_ns),
        longest_life_ns: told(found.longest_life_ns),
        all_begun_ns: told(found.all_begun_ns),
        stall_ns: env.lateness.largest().map(nanos),
        hidden_spawns: spawned.tasks,
        hidden_peak: (spawned.tasks > 0).then_some(spawned.peak),
        trace,
        handed: region.handed.iter().map(of_handed).collect(),
        ..Sample::default()
    }
}

pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
