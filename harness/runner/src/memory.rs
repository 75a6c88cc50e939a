//! How far resident memory rises.
//!
//! Linux keeps the peak of a process's resident set as `VmHWM` in `/proc/self/status`, and forgets it when a
//! `5` is written to `/proc/self/clear_refs` (`proc_pid_status(5)`, `proc_pid_clear_refs(5)`; since 4.0). The
//! kernel counts pages thread by thread and adds them up in batches, so that either figure may be off by some
//! dozen pages a thread: that is little beside ten thousand branches, and too much beside a hundred.
//!
//! Resident are the pages that the process has touched: of a thread's stack what it used, and none of what the
//! kernel keeps for it.

/// The resident set when a region begins, from which its peak is counted.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    #[cfg(target_os = "linux")]
    resident: u64,
}

#[cfg(target_os = "linux")]
impl Memory {
    /// Forgets the peak so far. `None` where the kernel does not do it.
    #[must_use]
    pub fn now() -> Option<Self> {
        std::fs::write("/proc/self/clear_refs", "5").ok()?;
        let status = status()?;
        Some(Self {
            resident: bytes(&status, "VmRSS:")?,
        })
    }

    /// How far the peak since then is above what was resident, in bytes.
    #[must_use]
    pub fn risen(self) -> Option<u64> {
        Some(bytes(&status()?, "VmHWM:")?.saturating_sub(self.resident))
    }
}

#[cfg(not(target_os = "linux"))]
impl Memory {
    /// Nobody tells.
    #[must_use]
    pub fn now() -> Option<Self> {
        None
    }

    /// Nobody tells.
    #[must_use]
    pub fn risen(self) -> Option<u64> {
        None
    }
}

#[cfg(target_os = "linux")]
fn status() -> Option<String> {
    std::fs::read_to_string("/proc/self/status").ok()
}

/// A line such as `VmHWM:      1764 kB`, in bytes.
#[cfg(target_os = "linux")]
fn bytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn a_line_of_the_status_is_in_kibibytes() {
        let status = "Name:\tx\nVmHWM:\t    1764 kB\nVmRSS:\t    1200 kB\n";
        assert_eq!(bytes(status, "VmHWM:"), Some(1764 * 1024));
        assert_eq!(bytes(status, "VmSwap:"), None);
    }

    /// 64 MiB that are touched and given back again are in the peak, and what was given back before it began
    /// is not. Other tests of this process take some memory meanwhile, but no such block.
    #[test]
    fn what_was_touched_meanwhile_is_in_the_peak_and_what_was_before_is_not() {
        const BLOCK: u64 = 64 << 20;
        let touched = || drop(black_box(vec![1_u8; BLOCK as usize]));
        touched();
        let Some(memory) = Memory::now() else {
            assert!(
                std::env::var_os("CI").is_none(),
                "the kernel does not reset the peak"
            );
            eprintln!("skipped: this kernel does not reset the peak");
            return;
        };
        let before = memory.risen().unwrap();
        touched();
        let after = memory.risen().unwrap();
        assert!(before < BLOCK / 4, "{before}");
        // Other tests give some back meanwhile.
        assert!((BLOCK / 2..2 * BLOCK).contains(&after), "{after}");
    }
}
