//! What our control group allows, and what its CPU quota has held back. Versions 1 and 2; Linux only.

use std::{fs, path::PathBuf, time::Duration};

/// How long the quota has held us back so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Throttle {
    pub(crate) time: Duration,
}

impl Throttle {
    /// Reads it: of that group, ours or one around it, which was held back longest. `None` where there is no quota to
    /// speak of.
    pub(crate) fn now() -> Option<Self> {
        let of = |folder: &PathBuf| {
            let text = fs::read_to_string(folder.join("cpu.stat")).ok()?;
            throttle(&text)
        };
        folders("cpu").iter().filter_map(of).max()
    }
}

/// A limit of CPU time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quota {
    /// Cores' worth of it.
    pub(super) cores: f64,
    /// In how much time it is spent.
    pub(super) period_us: u64,
}

/// What the quota allows: the least that our group or a group around it sets.
pub(super) fn quota() -> Option<Quota> {
    tightest(folders("cpu").iter().map(|folder| {
        let read = |file| fs::read_to_string(folder.join(file)).ok();
        read("cpu.max")
            .as_deref()
            .and_then(quota_v2)
            .or_else(|| quota_v1(&read("cpu.cfs_quota_us")?, &read("cpu.cfs_period_us")?))
    }))
}

fn tightest(quotas: impl IntoIterator<Item = Option<Quota>>) -> Option<Quota> {
    let quotas = quotas.into_iter().flatten();
    quotas.min_by(|one, two| one.cores.total_cmp(&two.cores))
}

/// Our own group's share beside its siblings, as version 2 has it.
pub(super) fn weight() -> Option<u64> {
    let folders = folders("cpu");
    let text = fs::read_to_string(folders.first()?.join("cpu.weight")).ok()?;
    text.trim().parse().ok()
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

/// Where our group and those around it may be found, by `/proc/self/cgroup`, ours first. In a container that shows our
/// own group as the root, the path that is named there may not exist, hence the roots.
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
            let mut path = path.trim_end_matches('/');
            while !path.is_empty() {
                found.push(PathBuf::from(format!("{root}{path}")));
                path = path.rsplit_once('/').map_or("", |(around, _)| around);
            }
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

fn quota_v2(cpu_max: &str) -> Option<Quota> {
    let (quota, period) = cpu_max.trim().split_once(' ')?;
    quota_v1(quota, period)
}

/// `max` and `-1` are no quota.
fn quota_v1(quota: &str, period: &str) -> Option<Quota> {
    let quota: f64 = quota.trim().parse().ok()?;
    let period_us: u64 = period.trim().parse().ok()?;
    (quota > 0.0 && period_us > 0).then(|| Quota {
        cores: quota / period_us as f64,
        period_us,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_of_both_versions() {
        let quota = |cores, period_us| Some(Quota { cores, period_us });
        assert_eq!(quota_v2("150000 100000\n"), quota(1.5, 100_000));
        assert_eq!(quota_v2("50000 100000\n"), quota(0.5, 100_000));
        assert_eq!(quota_v2("max 100000\n"), None);
        assert_eq!(quota_v1("-1\n", "100000\n"), None);
        assert_eq!(quota_v1("5000\n", "10000\n"), quota(0.5, 10_000));
    }

    #[test]
    fn of_nested_groups_the_tightest_counts() {
        let of = |texts: &[&str]| {
            let quota = tightest(texts.iter().map(|text| quota_v2(text)));
            quota.map(|quota| quota.cores)
        };
        let nested = ["max 100000", "150000 100000", "400000 100000"];
        assert_eq!(of(&nested), Some(1.5));
        assert_eq!(
            of(&["50000 100000", "max 100000", "20000 100000"]),
            Some(0.2)
        );
        assert_eq!(of(&["max 100000"]), None);
        assert_eq!(of(&[]), None);
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
                "/sys/fs/cgroup/cpu/a",
                "/sys/fs/cgroup/cpu",
                "/sys/fs/cgroup/cpu,cpuacct/a/b",
                "/sys/fs/cgroup/cpu,cpuacct/a",
                "/sys/fs/cgroup/cpu,cpuacct",
                "/sys/fs/cgroup",
            ]
            .map(PathBuf::from)
        );
        assert_eq!(
            candidates("4:memory:/m\n2:cpu,cpuacct:/a/b\n", "memory"),
            ["/sys/fs/cgroup/memory/m", "/sys/fs/cgroup/memory"].map(PathBuf::from)
        );
        // Version 2 alone, in a slice of systemd's.
        let slice = candidates("0::/user.slice/run.scope\n", "cpu");
        let within = ["/user.slice/run.scope", "/user.slice", ""];
        assert_eq!(
            slice,
            within.map(|path| PathBuf::from(format!("/sys/fs/cgroup{path}")))
        );
    }
}
