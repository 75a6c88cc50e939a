//! Processes that escaped their group: a daemon made with `setsid` does.
//!
//! On Linux a process may ask to become the parent of its orphaned descendants, and so be able to
//! find them. A stray is then a child of ours that has left our process group and that we did not
//! start. What was there before the child whose round we clean up is let be: a compiler cache's
//! daemon, for example, which cargo has left.

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::{adopt, sweep};
#[cfg(target_os = "linux")]
pub(super) use linux::{adopt, sweep};

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        collections::BTreeSet,
        fs,
        sync::Once,
        thread,
        time::{Duration, Instant},
    };

    use nix::{
        sys::{
            prctl,
            signal::{Signal, kill},
            wait::{WaitPidFlag, WaitStatus, waitpid},
        },
        unistd::{Pid, getpgrp, getpid},
    };

    /// How long killed strays may take to be gone.
    const GONE_WITHIN: Duration = Duration::from_secs(2);

    /// Makes us the parent of our descendants' orphans, from now on.
    pub(in crate::child) fn adopt() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // An old kernel: then strays go to init, as elsewhere.
            let _ = prctl::set_child_subreaper(true);
        });
    }

    /// Kills and reaps every stray that began after the process `since`, if that is given.
    ///
    /// A killed stray's own children become ours, so this repeats until there are none.
    pub(in crate::child) fn sweep(known: &BTreeSet<u32>, since: Option<u32>) {
        let deadline = Instant::now() + GONE_WITHIN;
        loop {
            let strays = strays(known, since);
            if strays.is_empty() || Instant::now() > deadline {
                return;
            }
            for stray in &strays {
                let _ = kill(*stray, Signal::SIGKILL);
            }
            for stray in strays {
                while let Ok(WaitStatus::StillAlive) = waitpid(stray, Some(WaitPidFlag::WNOHANG)) {
                    if Instant::now() > deadline {
                        return;
                    }
                    thread::sleep(Duration::from_micros(100));
                }
            }
        }
    }

    fn strays(known: &BTreeSet<u32>, since: Option<u32>) -> Vec<Pid> {
        let (us, our_group) = (getpid().as_raw(), getpgrp().as_raw());
        // Ids are given out upwards, so unless they have begun anew since, the younger is the
        // greater. It spares us reading about every process of the machine after each round.
        let oldest = since.filter(|since| last_id().is_some_and(|last| last >= *since));
        let Ok(processes) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        processes
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
            .filter(|id| oldest.is_none_or(|oldest| *id > oldest) && !known.contains(id))
            .filter_map(|id| {
                let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
                let (parent, group) = parent_and_group(&stat)?;
                (parent == us && group != our_group).then_some(Pid::from_raw(id.try_into().ok()?))
            })
            .collect()
    }

    /// The last process id that was given out: the last word of `/proc/loadavg`.
    fn last_id() -> Option<u32> {
        let text = fs::read_to_string("/proc/loadavg").ok()?;
        text.split_whitespace().last()?.parse().ok()
    }

    /// Fields 4 and 5 of `/proc/PID/stat`. The name before them, in brackets, may hold anything.
    fn parent_and_group(stat: &str) -> Option<(i32, i32)> {
        let (_, rest) = stat.rsplit_once(')')?;
        let mut fields = rest.split_whitespace().skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_name_with_brackets_and_blanks_is_no_trouble() {
            let stat = "812 (a) 1 (b c) S 1 812 812 0 -1 4194560 131";
            assert_eq!(parent_and_group(stat), Some((1, 812)));
            assert_eq!(parent_and_group(""), None);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::collections::BTreeSet;

    /// There is no such thing here.
    pub(in crate::child) fn adopt() {}

    /// Strays cannot be found here; they live on, and only a deadline frees us of their pipes.
    pub(in crate::child) fn sweep(_known: &BTreeSet<u32>, _since: Option<u32>) {}
}
