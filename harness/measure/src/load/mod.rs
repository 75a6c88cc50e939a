//! What others took of the machine during a block.
//!
//! Other load turns a parallel cell into a sequential one, so every block is measured, and a
//! disturbed one is repeated whole. We ask three witnesses:
//!
//! - The CPUs that we may use: the time that they were not idle, less our own CPU time (ours, our
//!   ended children's and the live origin's), is what others took of them. Not-idle time is used
//!   and not the sum of the busy columns, because the kernel adds up idle time exactly where it
//!   only samples busy time, and a block holds many short bursts.
//! - Steal: what the hypervisor took.
//! - Throttling: what our control group's quota took.
//!
//! The columns of `/proc/stat` count ticks of 10 ms, cut off, so what a short block says is coarse.
//! Hence a block is disturbed only beyond *both* an absolute time and a share of the cores; see
//! [`DISTURBED_TIME`], [`DISTURBED_SHARE`] and [`DISTURBED_CORES`]. Only Linux tells all this.

mod stat;

use std::time::{Duration, Instant};

use crate::{
    child::{of_children, of_process, of_us},
    host::cgroup::Throttle,
};
use harness_record::load::{HELD_BACK, Load};
use stat::Ticks;

/// Less than this, summed over the cores, is no disturbance however short the block: six ticks.
pub const DISTURBED_TIME: Duration = Duration::from_millis(60);

/// Less than this share of the cores that we may use is no disturbance however long the block. At
/// this share spawned branches on all cores take about a tenth longer, which is the margin of the
/// claims that compare equals.
pub const DISTURBED_SHARE: f64 = 0.10;

/// More cores than this are a disturbance on any machine: with every core in use, one branch beside
/// a busy other holds up the whole cell.
pub const DISTURBED_CORES: f64 = 0.5;

/// Measures a block, from [`Meter::start`] to [`Meter::stop`].
#[derive(Debug)]
pub struct Meter {
    known: Vec<u32>,
    began: Reading,
}

impl Meter {
    /// Starts. `known` are live processes of ours that will not have ended by the end: the origin.
    #[must_use]
    pub fn start(known: &[u32]) -> Self {
        Self {
            known: known.to_vec(),
            began: Reading::take(known),
        }
    }

    /// What others took since, judged as for a block that could use every core. `None`: not
    /// measured, on this system.
    #[must_use]
    pub fn stop(self) -> Option<Load> {
        self.stop_wanting(usize::MAX)
    }

    /// As [`Meter::stop`], for a block that never kept more than so many threads busy: half of each
    /// core to spare may be taken by others.
    #[must_use]
    pub fn stop_wanting(self, threads: usize) -> Option<Load> {
        Reading::take(&self.known)
            .since(&self.began)?
            .judged(threads)
    }
}

/// What was read at one time.
#[derive(Clone, Debug)]
struct Reading {
    at: Instant,
    ticks: Option<Ticks>,
    ours: Option<Duration>,
    throttle: Option<Throttle>,
}

impl Reading {
    fn take(known: &[u32]) -> Self {
        // One that has ended since is among our children now, so nothing is lost or counted twice.
        let known = known.iter().filter_map(|id| of_process(*id));
        Self {
            at: Instant::now(),
            ticks: stat::now(),
            ours: of_us()
                .zip(of_children())
                .map(|(us, children)| us + children + known.sum()),
            throttle: Throttle::now(),
        }
    }

    fn since(&self, began: &Reading) -> Option<Difference> {
        let (now, then) = (self.ticks.as_ref()?, began.ticks.as_ref()?);
        Some(Difference {
            wall: self.at.saturating_duration_since(began.at),
            cpus: now.cpus,
            ticks: now.since(then)?,
            ours: self.ours?.saturating_sub(began.ours?),
            throttled: self
                .throttle
                .zip(began.throttle)
                .map(|(now, then)| now.time.saturating_sub(then.time)),
        })
    }
}

/// What happened between two readings.
#[derive(Clone, Debug)]
struct Difference {
    wall: Duration,
    cpus: usize,
    ticks: Ticks,
    ours: Duration,
    throttled: Option<Duration>,
}

impl Difference {
    /// `None` when the columns do not add up to the time that passed: some containers show made-up
    /// ones.
    fn judged(&self, wanted: usize) -> Option<Load> {
        let wall = self.wall.as_secs_f64();
        let cpus = self.cpus as f64;
        let seconds = |ticks: u64| ticks as f64 * stat::TICK.as_secs_f64();
        let resolution = seconds(2 * self.cpus as u64);
        let whole = wall * cpus;
        if wall <= 0.0 || (seconds(self.ticks.total) - whole).abs() > 0.5 * whole + resolution {
            return None;
        }
        let steal = seconds(self.ticks.steal);
        let busy = whole - seconds(self.ticks.idle) - steal;
        let others = (busy - self.ours.as_secs_f64()).max(0.0);
        let mut load = Load {
            wall: self.wall,
            cpus: self.cpus,
            others_cores: others / wall,
            steal_cores: steal / wall,
            resolution_cores: resolution / wall,
            throttled: self.throttled,
            disturbed: None,
        };
        let spare = self.cpus.saturating_sub(wanted) as f64;
        let allowed = spare / 2.0 + (DISTURBED_SHARE * cpus).min(DISTURBED_CORES);
        let least = DISTURBED_TIME.as_secs_f64().max(resolution);
        let lost = load.others_cores + load.steal_cores;
        if lost > allowed && others + steal > least {
            load.disturbed = Some(format!(
                "others used {:.2} of {} cores{}",
                load.others_cores,
                self.cpus,
                if load.steal_cores > load.others_cores / 10.0 {
                    format!(", the hypervisor took {:.2}", load.steal_cores)
                } else {
                    String::new()
                }
            ));
        } else if let Some(throttled) = self.throttled
            && throttled.as_secs_f64() > DISTURBED_SHARE * wall
        {
            load.disturbed = Some(format!(
                "{HELD_BACK} for {throttled:.0?} of {:.0?}",
                self.wall
            ));
        }
        Some(load)
    }
}

#[cfg(test)]
mod tests;
