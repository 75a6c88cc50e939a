//! What was recorded, and what the rules read off it.

use harness_protocol::Sample;

/// What was recorded of one cell.
#[derive(Clone, Debug, Default)]
pub struct Arm<'a> {
    /// Its samples, of undisturbed blocks where there are any.
    pub samples: Vec<&'a Sample>,
    /// Whether they are of disturbed blocks, for want of others.
    pub disturbed: bool,
    /// What the laws predict of its wall time, in nanoseconds.
    pub predicted_ns: Option<u64>,
}

/// What was recorded of one scenario on one configuration.
#[derive(Clone, Debug, Default)]
pub struct Recorded<'a> {
    /// n.
    pub branches: usize,
    /// Cores that the process may use.
    pub cores: usize,
    /// k of the primitive that places branches on other threads.
    pub placing: usize,
    /// k of `spawn`, which is what branches call.
    pub spawning: usize,
    /// The branches joined.
    pub compose: Arm<'a>,
    /// The branches placed on other threads.
    pub placed: Arm<'a>,
}

impl Recorded<'_> {
    /// Spawned over joined, of the fastest samples.
    pub(super) fn ratio(&self) -> f64 {
        self.placed.fastest() as f64 / self.compose.fastest().max(1) as f64
    }

    pub(super) fn predicted_ratio(&self) -> Option<f64> {
        let (spawned, joined) = (self.placed.predicted_ns?, self.compose.predicted_ns?);
        Some(spawned as f64 / joined.max(1) as f64)
    }
}

impl Arm<'_> {
    pub(super) fn all(&self, read: impl Fn(&Sample) -> u64) -> Vec<u64> {
        let mut all: Vec<u64> = self.samples.iter().map(|sample| read(sample)).collect();
        all.sort_unstable();
        all
    }

    pub(super) fn least(&self, read: impl Fn(&Sample) -> u64) -> u64 {
        self.all(read).first().copied().unwrap_or(0)
    }

    pub(super) fn most(&self, read: impl Fn(&Sample) -> u64) -> u64 {
        self.all(read).last().copied().unwrap_or(0)
    }

    /// The upper one, where two are in the middle.
    pub(super) fn median(&self, read: impl Fn(&Sample) -> u64) -> u64 {
        let all = self.all(read);
        all.get(all.len() / 2).copied().unwrap_or(0)
    }

    pub(super) fn largest(&self, read: impl Fn(&Sample) -> f64) -> f64 {
        let all = self.samples.iter().map(|sample| read(sample));
        all.fold(0.0, f64::max)
    }

    pub(super) fn fastest(&self) -> u64 {
        self.least(|sample| sample.wall_ns)
    }

    /// Cores used, in the median sample.
    pub(super) fn cores(&self) -> f64 {
        let all: Vec<f64> = self.samples.iter().map(|sample| cores(sample)).collect();
        crate::stats::median(&all).unwrap_or(0.0)
    }
}

pub(super) fn cores(sample: &Sample) -> f64 {
    sample.cpu_ns as f64 / sample.wall_ns.max(1) as f64
}
