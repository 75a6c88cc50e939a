//! What our control group allows, and what its CPU quota has held back. Versions 1 and 2; Linux only.

use std::{fs, path::PathBuf, time::Duration};

/// How long the quota has held us back so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Throttle {
    pub(crate) time: Duration,
}

impl Throttle {
    /// Reads it; `None` where there is no quota to speak of.
    pub(crate) fn now() -> Option<Self> {
        folders("cpu").iter().find_map(|folder| {
            let text = fs::read_to_string(folder.join("cpu.stat")).ok()?;
            throttle(&text)
        })
    }
}

/// Cores' worth of CPU time that the quota allows.
pub(super) fn quota() -> Option<f64> {
    folders("cpu").iter().find_map(|folder| {
        let read = |file| fs::read_to_string(folder.join(file)).ok();
        read("cpu.max")
            .as_deref()
            .and_then(quota_v2)
            .or_else(|| quota_v1(&read("cpu.cfs_quota_us")?, &read("cpu.cfs_period_us")?))
    })
}

/// Bytes of memory that our group allows: the least that it or a group around it sets.
pub(super) fn memory_limit() -> Option<u64> {
    let of = |folder: &PathBuf| {
        let read = |file| fs::read_to_string(folder.join(file)).ok();
        memory(&read("memory.max").or_else(|| read("memory.limit_in_bytes"))?)
    };
    folders("memory").iter().filter_map(of).min()
}

/// `max` is no limit; nor is the number that version 1 has for it, the largest of its pages.
fn memory(text: &str) -> Option<u64> {
    let limit = text.trim().parse::<u64>().ok()?;
    (limit < u64::MAX / 4).then_some(limit)
}

/// Where our group may be found, by `/proc/self/cgroup`. In a container that shows our own group as
/// the root, the path that is named there may not exist, hence the roots.
fn folders(controller: &str) -> Vec<PathBuf> {
    let text = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    candidates(&text, controller)
}

fn candidates(text: &str, controller: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let roots = if controllers.is_empty() {
            vec!["/sys/fs/cgroup".to_owned()]
        } else if controllers.split(',').any(|name| name == controller) {
            // The usual mounts are named after one controller, or after those that share one.
            let mut names = vec![controller, controllers];
            names.dedup();
            names
                .iter()
                .map(|name| format!("/sys/fs/cgroup/{name}"))
                .collect()
        } else {
            continue;
        };
        for root in roots {
            found.push(PathBuf::from(format!(
                "{root}{}",
                path.trim_end_matches('/')
            )));
            found.push(PathBuf::from(&root));
        }
    }
    found
}

fn throttle(cpu_stat: &str) -> Option<Throttle> {
    let value = |wanted: &str| {
        cpu_stat.lines().find_map(|line| {
            let (name, value) = line.split_once(' ')?;
            (name == wanted).then(|| value.trim().parse::<u64>().ok())?
        })
    };
    let time = match value("throttled_usec") {
        Some(micros) => Duration::from_micros(micros),
        None => Duration::from_nanos(value("throttled_time")?),
    };
    Some(Throttle { time })
}

fn quota_v2(cpu_max: &str) -> Option<f64> {
    let (quota, period) = cpu_max.trim().split_once(' ')?;
    quota_v1(quota, period)
}

/// `max` and `-1` are no quota.
fn quota_v1(quota: &str, period: &str) -> Option<f64> {
    let quota: f64 = quota.trim().parse().ok()?;
    let period: f64 = period.trim().parse().ok()?;
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_of_both_versions() {
        assert_eq!(quota_v2("150000 100000\n"), Some(1.5));
        assert_eq!(quota_v2("max 100000\n"), None);
        assert_eq!(quota_v1("-1\n", "100000\n"), None);
        assert_eq!(quota_v1("50000\n", "100000\n"), Some(0.5));
    }

    #[test]
    fn memory_limits_of_both_versions() {
        assert_eq!(memory("2147483648\n"), Some(2_147_483_648));
        assert_eq!(memory("max\n"), None);
        assert_eq!(memory("9223372036854771712\n"), None);
    }

    #[test]
    fn throttling_of_both_versions() {
        let v2 = "usage_usec 9\nuser_usec 1\nnr_periods 0\nnr_throttled 3\nthrottled_usec 1500\n";
        assert_eq!(throttle(v2).unwrap().time, Duration::from_micros(1500));
        let v1 = "nr_periods 5\nnr_throttled 1\nthrottled_time 2000\n";
        assert_eq!(throttle(v1).unwrap().time, Duration::from_micros(2));
        assert_eq!(throttle("usage_usec 9\n"), None);
    }

    #[test]
    fn the_groups_of_both_versions() {
        assert_eq!(
            candidates("4:memory:/m\n2:cpu,cpuacct:/a/b\n0::/\n", "cpu"),
            [
                "/sys/fs/cgroup/cpu/a/b",
                "/sys/fs/cgroup/cpu",
                "/sys/fs/cgroup/cpu,cpuacct/a/b",
                "/sys/fs/cgroup/cpu,cpuacct",
                "/sys/fs/cgroup",
                "/sys/fs/cgroup",
            ]
            .map(PathBuf::from)
        );
        assert_eq!(
            candidates("4:memory:/m\n2:cpu,cpuacct:/a/b\n", "memory"),
            ["/sys/fs/cgroup/memory/m", "/sys/fs/cgroup/memory"].map(PathBuf::from)
        );
    }
}
