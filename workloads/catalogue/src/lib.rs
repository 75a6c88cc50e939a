//! What scenarios there are.
//!
//! [`catalogue!`] holds one line a scenario: the path of its workload, and the facts that the
//! harness plans and predicts with. The runner expands the paths; the harness only the facts, so it
//! links no workload.

/// Calls the macro `$each` with every scenario, as `path::of::Workload => facts;` lines.
#[macro_export]
macro_rules! catalogue {
    ($each:ident) => {
        $each! {
            workload_io::Timers => Scenario::io("timers", "n sleeps").waits(5.0).branches(Branches::Of(4));
            workload_io::Http => Scenario::io("http", "n HTTP/1.1 requests, each answered after d").waits(5.0).needs_origin();
            workload_io::SocketAndTimer => Scenario::io("socket-and-timer", "a socket read beside a timer").waits(5.0).pair().needs_origin();
            workload_io::StoreAndConfig => Scenario::io("store-and-config", "a read from an embedded store beside a configuration file read and parsed").pair();
            workload_io::Echo => Scenario::io("echo", "n connections of many small round trips: all work and no wait").needs_origin();
            workload_cpu::Digest => Scenario::cpu("digest", "SHA-256 over a buffer: arithmetic bound").computes(5.0);
            workload_cpu::Scan => Scenario::cpu("scan", "a walk over memory larger than the caches: bandwidth bound").computes(5.0);
            workload_cpu::Parse => Scenario::cpu("parse", "JSON into structs: allocator bound").computes(5.0);
            workload_mixed::SyncAccount => Scenario::mixed("sync-account", "fetch over HTTP, compute, write back").waits(4.0).computes(6.0).needs_origin();
            workload_mixed::Heartbeat::HOG_FIRST => Scenario::mixed("heartbeat", "a ticking branch beside a CPU hog that is polled first").heartbeat(Branches::Exactly(2));
            workload_mixed::Heartbeat::HOG_LAST => Scenario::mixed("heartbeat-hog-last", "a ticking branch beside a CPU hog that is polled last").heartbeat(Branches::Exactly(2));
            workload_mixed::Heartbeat::HOG_FIRST => Scenario::mixed("heartbeat-all-hogs", "a ticking branch beside as many hogs as executing threads").heartbeat(Branches::ThreadsAndOne);
            workload_mixed::Turns => Scenario::mixed("turns", "CPU work cut by yields").computes(5.0);
            workload_mixed::Blocking => Scenario::mixed("blocking", "branches that block their thread").waits(5.0).branches(Branches::Of(4)).blocks();
        }
    };
}

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
    /// How many different branches there are: branch `i` is like branch `i % distinct`.
    pub distinct: usize,
    /// What predicts its times.
    pub law: Law,
    /// Whether it talks to the origin.
    pub needs_origin: bool,
    /// Whether a branch is blocking code with no await in it, which `spawn_blocking` can take.
    pub offloads: bool,
}

impl Scenario {
    const fn new(
        name: &'static str,
        kind: Kind,
        summary: &'static str,
        branches: Branches,
    ) -> Self {
        Self {
            name,
            kind,
            summary,
            wait_ms: 0.0,
            work_ms: 0.0,
            branches,
            distinct: 1,
            law: Law::WaitsAndWork,
            needs_origin: false,
            offloads: matches!(kind, Kind::Cpu),
        }
    }

    const fn io(name: &'static str, summary: &'static str) -> Self {
        Self::new(name, Kind::Io, summary, Branches::Of(2))
    }

    const fn cpu(name: &'static str, summary: &'static str) -> Self {
        Self::new(name, Kind::Cpu, summary, Branches::PerCore)
    }

    const fn mixed(name: &'static str, summary: &'static str) -> Self {
        Self::new(name, Kind::Mixed, summary, Branches::PerCore)
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
        self.distinct = 2;
        self
    }

    const fn needs_origin(mut self) -> Self {
        self.needs_origin = true;
        self
    }

    const fn blocks(mut self) -> Self {
        self.law = Law::BlockingWaits;
        self.offloads = true;
        self
    }

    /// A hog of 25 ms and a ticker that ticks through it: shorter hogs drown in the timers' grain.
    const fn heartbeat(mut self, branches: Branches) -> Self {
        self.branches = branches;
        self.law = Law::OneSchedule;
        self.work_ms = 25.0;
        self.wait_ms = 25.0;
        self
    }
}

/// Every scenario, in the order of the catalogue.
pub const SCENARIOS: &[Scenario] = {
    macro_rules! facts {
        ($($workload:path => $facts:expr;)*) => { &[$($facts),*] };
    }
    catalogue!(facts)
};

/// The scenario of this name.
#[must_use]
pub fn scenario(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|scenario| scenario.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_plain() {
        for (i, a) in SCENARIOS.iter().enumerate() {
            assert!(
                a.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                "{}",
                a.name
            );
            assert!(
                SCENARIOS[i + 1..].iter().all(|b| a.name != b.name),
                "{} twice",
                a.name
            );
        }
    }

    #[test]
    fn every_scenario_waits_works_or_talks() {
        for s in SCENARIOS {
            assert!(
                s.wait_ms > 0.0 || s.work_ms > 0.0 || s.kind == Kind::Io,
                "{}",
                s.name
            );
        }
    }
}
