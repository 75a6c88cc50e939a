//! Lies about what was measured: an adapter that speaks the protocol itself, as a program in another
//! language would, or edits what an honest one says.

use std::{
    env,
    io::{self, BufRead, BufReader, Write},
    process::{Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use cpu_time::ProcessTime;
use harness_protocol::{Measure, Primitive, Reply, Request, Sample, write_line};
use workload_api::mix;
use workload_cpu::DigestKernel;

use crate::lie::INSTEAD;

/// Says that the CPU time was used which [`Skips`](crate::workloads::Skips) slept away.
pub(crate) fn forges() -> ExitCode {
    ended(relay(&request(), "skips", |sample| {
        sample.cpu_ns = sample.wall_ns * u64::from(sample.peak_concurrency.max(1));
    }))
}

/// Says that it took half the time that all CPUs together would have needed for its CPU time.
pub(crate) fn shrinks() -> ExitCode {
    let cpus = thread::available_parallelism().map_or(1, usize::from) as u64;
    ended(relay(&request(), "honest", |sample| {
        sample.wall_ns = sample.cpu_ns / (2 * cpus);
    }))
}

/// Tells this lie when it is measured, and none when it is asked who it is and what it keeps.
pub(crate) fn two_faced(lie: &str) -> ExitCode {
    let line = request();
    let face = match serde_json::from_str(&line) {
        Ok(Request::Measure(_)) => lie,
        _ => "honest",
    };
    ended(relay(&line, face, |_| {}))
}

/// Spawned branches of `timers` and `digest` get a head start; all else is honest.
pub(crate) fn early() -> ExitCode {
    let line = request();
    match serde_json::from_str(&line) {
        Ok(Request::Measure(request))
            if request.primitive == Primitive::Spawn
                && matches!(request.scenario.as_str(), "timers" | "digest") =>
        {
            ended(
                (0..request.samples)
                    .try_for_each(|sample| {
                        say(&Reply::Sample(Box::new(head_start(&request, sample))))
                    })
                    .and_then(|()| {
                        say(&Reply::End {
                            samples: request.samples,
                        })
                    }),
            )
        }
        _ => ended(relay(&line, "honest", |_| {})),
    }
}

/// One sample: a thread a branch, and a clock that starts when they are done. Both clocks are read as
/// they should be, only late.
fn head_start(request: &Measure, sample: usize) -> Sample {
    let nonce = mix(request.nonce, (request.warmups + sample) as u64);
    let (wait, steps) = (Duration::from_nanos(request.wait_ns), request.steps);
    let branches: Vec<_> = (0..request.branches)
        .map(|index| {
            thread::spawn(move || {
                thread::sleep(wait);
                DigestKernel::compute(mix(nonce, index as u64), steps)
            })
        })
        .collect();
    for branch in branches {
        let _ = branch.join();
    }
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    Sample {
        wall_ns: nanos(wall.elapsed()),
        cpu_ns: nanos(cpu.elapsed()),
        ..Sample::default()
    }
}

fn request() -> String {
    let mut line = String::new();
    // What cannot be read is no request, and whoever gets it says so.
    let _ = io::stdin().lock().read_line(&mut line);
    line
}

fn say(reply: &Reply) -> io::Result<()> {
    write_line(&mut io::stdout().lock(), reply)
}

/// Asks this same program, telling another lie or none, and passes on what it says with each sample edited.
fn relay(line: &str, lie: &str, edit: impl Fn(&mut Sample)) -> io::Result<()> {
    let mut command = Command::new(env::current_exe()?);
    #[cfg(unix)]
    if let Some(name) = env::args_os().next() {
        std::os::unix::process::CommandExt::arg0(&mut command, name);
    }
    command
        .env(INSTEAD, lie)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(line.as_bytes())?;
    }
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|out| BufReader::new(out).lines())
    {
        let mut reply: Reply = serde_json::from_str(&line?)?;
        if let Reply::Sample(sample) = &mut reply {
            edit(sample);
        }
        say(&reply)?;
    }
    // Waited for, so that the kernel counts what it used as ours.
    child.wait().map(|_| ())
}

fn ended(outcome: io::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
