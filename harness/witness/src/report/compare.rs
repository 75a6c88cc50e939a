//! The same branches, put together in another way: did it come as it was foretold?

use super::Report;

/// How a call compares with one before it, of the same branches.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Comparison {
    /// The time that it takes now, over that before: 0.5 is twice as fast.
    pub ratio: f64,
    /// What was foretold of that, at best and at worst, if it was.
    pub foretold: Option<(f64, f64)>,
    /// The CPU time of the same branches now, over that before: above 1 they take longer side by side, as where they share memory.
    pub stretched: Option<f64>,
}

impl Comparison {
    /// Whether it came as it was foretold, give or take a part of the time before (0.05 is five hundredths of it): timers
    /// round, and threads take some time to wake. `None` if nothing was foretold.
    #[must_use]
    pub fn as_foretold(&self, slack: f64) -> Option<bool> {
        let (best, worst) = self.foretold?;
        Some((best - slack..=worst + slack).contains(&self.ratio))
    }
}

impl Report {
    /// Compares this call with one of the same branches that were put together differently, before.
    #[must_use]
    pub fn compared_with(&self, before: &Report) -> Comparison {
        let took = before.span_ns.max(1) as f64;
        let of = |ns: u64| ns as f64 / took;
        let pairs = self
            .branches
            .iter()
            .filter_map(|now| Some((now, before.branch(&now.name)?)));
        let (now, then) = pairs.fold((0, 0), |(now, then), (a, b)| {
            (now + a.computing_ns, then + b.computing_ns)
        });
        Comparison {
            ratio: of(self.span_ns),
            foretold: before
                .spawned
                .ok()
                .map(|spawned| (of(spawned.best_ns), of(spawned.worst_ns))),
            stretched: (then > 0).then(|| now as f64 / then as f64),
        }
    }
}
