//! What is read at the two edges of the timed region, and never inside it.

use std::time::Duration;

use cpu_time::ProcessTime;

/// One edge. The wall clock is read last on the way in and first on the way out, so that the other
/// reads fall outside the region.
pub(crate) struct Edge {
    cpu: ProcessTime,
    queued: Option<Duration>,
}

/// What lay between two edges.
pub(crate) struct Between {
    /// CPU time of the process.
    pub(crate) cpu: Duration,
    /// Time for which threads of the process were ready to run and had no core.
    pub(crate) queued: Option<Duration>,
}

impl Edge {
    pub(crate) fn now() -> Self {
        // The process clock second: reading /proc costs CPU time, which the region did not use.
        let queued = queued();
        Self {
            cpu: ProcessTime::now(),
            queued,
        }
    }

    pub(crate) fn until_now(&self) -> Between {
        let cpu = self.cpu.elapsed();
        Between {
            cpu,
            // A thread that exits takes its count along; what is left is a lower bound.
            queued: self
                .queued
                .zip(queued())
                .map(|(before, after)| after.saturating_sub(before)),
        }
    }
}

/// Run-queue wait summed over the threads that live now: the second field of `schedstat`, in
/// nanoseconds (kernel documentation, `Documentation/scheduler/sched-stats.rst`).
#[cfg(target_os = "linux")]
fn queued() -> Option<Duration> {
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        // A thread may end between the listing and the reading.
        let Ok(text) = std::fs::read_to_string(task.ok()?.path().join("schedstat")) else {
            continue;
        };
        sum += text.split_ascii_whitespace().nth(1)?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(sum))
}

#[cfg(not(target_os = "linux"))]
fn queued() -> Option<Duration> {
    None
}

/// Asks the kernel to end this process when the thread that started it ends, so that no adapter
/// outlives a harness that was killed.
#[cfg(target_os = "linux")]
pub(crate) fn die_with_parent() {
    // A kernel that refuses leaves the harness's own clean-up, so there is nothing to do about it.
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn die_with_parent() {}
