//! How the CPUs that may be used lie, and how they are shared out: in a line.

use serde::{Deserialize, Serialize};

use super::{Cpus, Host};
use crate::format::{counted, duration};

/// CPUs of one kind, where the machine has several: on such a one equal branches take unequal times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kind {
    /// As the kernel tells it: `core` and `atom`, or a capacity of at most 1024.
    pub kind: String,
    /// Those of them that this process may use, as a list such as `0,2-3`.
    pub cpus: String,
}

impl Host {
    /// Which CPUs may be used, how many cores and nodes they are, what the control group leaves of them, and how long the
    /// shortest sleep is. `None` of a record from before this was recorded, and where the system tells nothing of it.
    #[must_use]
    pub fn layout(&self) -> Option<String> {
        let mut parts = Vec::new();
        if let Some(cpus) = &self.cpus {
            let mut text = format!("CPUs {cpus}");
            if let Some(cores) = self.physical_cores {
                text.push_str(&format!(" on {}", counted(cores, "physical core")));
            }
            if let Some(nodes) = self.numa_nodes {
                text.push_str(&format!(", {}", counted(nodes, "NUMA node")));
            }
            parts.push(text);
        }
        let kinds = self.kinds.iter();
        let kinds: Vec<String> = kinds.map(|of| format!("{} {}", of.kind, of.cpus)).collect();
        if !kinds.is_empty() {
            parts.push(format!("kinds: {}", kinds.join(", ")));
        }
        // Older records have the quota as well, and it was not shown.
        if let (Some(quota), Some(period)) = (self.cpu_quota, self.cpu_quota_period_us) {
            let period = period as f64 / 1000.0;
            let spent = quota * period;
            let mut text = format!("quota {quota:.2} cores: {spent} ms in {period} ms");
            // So more cores may be in use for a moment than are allowed.
            if let Some(cpus) = self.cpus.as_deref().and_then(|cpus| cpus.parse().ok()) {
                let cpus: Cpus = cpus;
                text.push_str(&format!(
                    ", on up to {} at once",
                    counted(cpus.count(), "CPU")
                ));
            }
            parts.push(text);
        }
        if let Some(weight) = self.cpu_weight {
            parts.push(format!("weight {weight}"));
        }
        if let Some(grain) = self.timer_grain_ns {
            parts.push(format!("a sleep of 1 µs takes {}", duration(grain as f64)));
        }
        // Of a record that somebody made up, lines of which would stand among ours.
        (!parts.is_empty()).then(|| parts.join("; ").replace(['\n', '\t'], " "))
    }

    /// Its summary and its layout.
    #[must_use]
    pub fn in_full(&self, cores: usize) -> String {
        let parts = [Some(self.summary(cores)), self.layout()];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_has_none_of_it_has_no_line() {
        let host = Host {
            cores: 2,
            cpu_quota: Some(0.5),
            ..Host::default()
        };
        assert_eq!(host.layout(), None);
    }

    #[test]
    fn what_is_known_stands_in_one_line() {
        let kind = |kind: &str, cpus: &str| Kind {
            kind: kind.to_owned(),
            cpus: cpus.to_owned(),
        };
        let mut host = Host {
            cpus: Some("0-5".to_owned()),
            physical_cores: Some(4),
            numa_nodes: Some(1),
            kinds: vec![kind("core", "0-3"), kind("atom", "4-5")],
            cpu_quota: Some(1.5),
            cpu_quota_period_us: Some(100_000),
            cpu_weight: Some(100),
            timer_grain_ns: Some(56_200),
            ..Host::default()
        };
        assert_eq!(
            host.layout().unwrap(),
            "CPUs 0-5 on 4 physical cores, 1 NUMA node; kinds: core 0-3, atom 4-5; \
             quota 1.50 cores: 150 ms in 100 ms, on up to 6 CPUs at once; weight 100; a sleep of 1 µs takes 56.2 µs"
        );
        host.kinds[0].cpus = "0\n1".to_owned();
        assert!(!host.layout().unwrap().contains('\n'));
    }
}
