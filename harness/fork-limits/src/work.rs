//! Which recursion, of what size, and what it took.

use std::time::{Duration, Instant};

use harness_protocol::{Measure, Sample};
use harness_runner::memory::Memory;
use workload_api::mix;
use workload_catalogue::{Recursion, Scenario, scenario};
use workload_fork::plain::{self, Calls};

/// One recursion of one size.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    recursion: Recursion,
    size: usize,
}

impl Work {
    pub(crate) fn of(request: &Measure) -> Option<Self> {
        let recursion = scenario(&request.scenario).and_then(Scenario::recursion)?;
        Some(Self {
            recursion,
            size: request.branches,
        })
    }

    /// The same of the smallest size, as runtimes warm up.
    pub(crate) fn warm_up(self) -> Self {
        let least = self.recursion.sizes().first();
        let size = least.map_or(self.size, |&least| least.min(self.size));
        Self { size, ..self }
    }

    /// One sample, timed at its edges.
    pub(crate) fn sample<C: Calls>(self, nonce: u64) -> Sample {
        let memory = Memory::now();
        let (start, cpu) = (Instant::now(), cpu_time::ProcessTime::now());
        let answer = plain::run::<C>(self.recursion, self.size, nonce);
        let (wall, cpu) = (start.elapsed(), cpu.elapsed());
        let peak_bytes = memory.and_then(Memory::risen);
        let expected = plain::expected(self.recursion, self.size, nonce);
        Sample {
            wall_ns: nanos(wall),
            cpu_ns: nanos(cpu),
            wrong: (answer != expected)
                .then(|| format!("it came to {answer:#x}, expected {expected:#x}")),
            peak_bytes,
            ..Sample::default()
        }
    }
}

/// The nonce that an adapter of a runtime would use.
pub(crate) fn nonce(request: &Measure, number: usize) -> u64 {
    mix(request.nonce, number as u64)
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
