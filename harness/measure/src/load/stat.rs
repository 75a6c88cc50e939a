//! The per-CPU lines of `/proc/stat`, of the CPUs that we may use.

use std::time::Duration;

use crate::affinity::allowed;

/// One tick. The kernel shows all its columns in hundredths of a second, whatever it ticks at.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Ticks since boot, summed over CPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticks {
    /// CPUs that were summed over.
    pub(super) cpus: usize,
    /// Idle, or idle with disk I/O outstanding.
    pub(super) idle: u64,
    /// Taken by the hypervisor.
    pub(super) steal: u64,
    /// All, these included.
    pub(super) total: u64,
}

impl Ticks {
    /// The difference. `None` if the CPUs are not the same: one was taken from us, or given.
    pub(super) fn since(&self, then: &Ticks) -> Option<Ticks> {
        (self.cpus == then.cpus).then(|| Ticks {
            cpus: self.cpus,
            // The idle column is known to step back a little now and then.
            idle: self.idle.saturating_sub(then.idle),
            steal: self.steal.saturating_sub(then.steal),
            total: self.total.saturating_sub(then.total),
        })
    }
}

/// Reads them.
pub(super) fn now() -> Option<Ticks> {
    let allowed = allowed()?;
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    parse(&text, |cpu| allowed.has(cpu))
}

/// Columns: user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice. The last two
/// are counted in the first two already.
fn parse(text: &str, allowed: impl Fn(usize) -> bool) -> Option<Ticks> {
    let mut sum = Ticks {
        cpus: 0,
        idle: 0,
        steal: 0,
        total: 0,
    };
    for line in text.lines() {
        let Some((cpu, columns)) = line.strip_prefix("cpu").and_then(|l| l.split_once(' ')) else {
            continue;
        };
        // The line `cpu ` is the sum over all.
        if !cpu.parse().is_ok_and(&allowed) {
            continue;
        }
        let columns: Vec<u64> = columns
            .split_whitespace()
            .take(8)
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        let [_, _, _, idle, iowait, _, _, steal] = columns[..] else {
            return None;
        };
        sum.cpus += 1;
        sum.idle += idle + iowait;
        sum.steal += steal;
        sum.total += columns.iter().sum::<u64>();
    }
    (sum.cpus > 0).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded on a virtual machine with four CPUs; the `intr` line is cut.
    const RECORDED: &str = "\
cpu  2557 0 2061 192105 235 0 26 159 0 0
cpu0 1164 0 963 96306 23 0 3 92 7 0
cpu1 1392 0 1097 95799 211 0 23 66 0 0
cpu10 1 2 3 4 5 6 7 8 9 10
cpu2 1 1 1 1 1 1 1 1 0 0
intr 99509 0 0 0
ctxt 202667
";

    #[test]
    fn only_allowed_cpus_count() {
        assert_eq!(
            parse(RECORDED, |cpu| cpu < 2),
            Some(Ticks {
                cpus: 2,
                idle: 96306 + 23 + 95799 + 211,
                steal: 92 + 66,
                total: 1164 + 963 + 96306 + 23 + 3 + 92 + 1392 + 1097 + 95799 + 211 + 23 + 66,
            })
        );
        assert_eq!(
            parse(RECORDED, |cpu| cpu == 10),
            Some(Ticks {
                cpus: 1,
                idle: 9,
                steal: 8,
                total: 36
            })
        );
        assert_eq!(parse(RECORDED, |_| false), None);
    }

    #[test]
    fn what_is_no_such_file_is_not_measured() {
        assert_eq!(parse("", |_| true), None);
        assert_eq!(parse("cpu0 1 2 3", |_| true), None);
        assert_eq!(parse("cpu0 1 2 3 x 5 6 7 8", |_| true), None);
    }

    #[test]
    fn a_cpu_that_came_or_went_makes_no_difference_to_speak_of() {
        let two = parse(RECORDED, |cpu| cpu < 2).unwrap();
        let one = parse(RECORDED, |cpu| cpu < 1).unwrap();
        assert_eq!(two.since(&one), None);
        assert_eq!(two.since(&two).unwrap().total, 0);
    }
}
