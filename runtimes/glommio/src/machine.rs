//! What glommio needs of the machine: Linux 5.8, io_uring, and locked memory.
//!
//! glommio itself panics or ends the process where the kernel is too old, so the likely reasons are
//! looked for first, and then executors are made to see.

use std::{fs, panic, thread};

use glommio::{LocalExecutor, LocalExecutorBuilder};
use rustix::process::{Resource, getrlimit};

/// What a ring's bookkeeping may lock, as glommio asks for it.
const LOCKED_KIB: u64 = 512;

const OLDEST: (u32, u32) = (5, 8);

/// Why this machine cannot run so many executors, and how to mend it.
pub(crate) fn refuses(executors: usize) -> Option<String> {
    let release = read("/proc/sys/kernel/osrelease");
    let disabled = read("/proc/sys/kernel/io_uring_disabled");
    let locked_kib = getrlimit(Resource::Memlock)
        .current
        .map(|bytes| bytes / 1024);
    known_reason(&release, &disabled, locked_kib).or_else(|| {
        trial(executors)
            .err()
            .map(|error| explain(&error, &disabled))
    })
}

fn read(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// A reason that can be told without trying. What cannot be read is no reason.
fn known_reason(release: &str, disabled: &str, locked_kib: Option<u64>) -> Option<String> {
    if version(release).is_some_and(|version| version < OLDEST) {
        return Some(format!(
            "Linux {release} is too old: glommio needs 5.8 or later; run it on a newer kernel"
        ));
    }
    if disabled == "2" {
        return Some(
            "io_uring is switched off: `sysctl kernel.io_uring_disabled=0` as root switches it on"
                .to_owned(),
        );
    }
    locked_kib.filter(|&kib| kib < LOCKED_KIB).map(|kib| {
        format!(
            "only {kib} KiB of memory may be locked and glommio needs {LOCKED_KIB}: raise it with \
             `ulimit -l {LOCKED_KIB}`, or by a memlock line in /etc/security/limits.conf"
        )
    })
}

fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Makes so many executors at once. Where the kernel allows no ring glommio panics, and says that it
/// is too old; so on a thread of their own, and without a word from the panic.
fn trial(executors: usize) -> Result<(), String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let made = thread::spawn(move || {
        (0..executors)
            .map(|_| LocalExecutorBuilder::default().io_memory(0).make())
            .collect::<Result<Vec<LocalExecutor>, _>>()
            .map(drop)
            .map_err(|error| error.to_string())
    })
    .join();
    panic::set_hook(hook);
    made.unwrap_or_else(|_| Err("no ring could be made".to_owned()))
}

fn explain(error: &str, disabled: &str) -> String {
    let mend = if disabled == "1" {
        "io_uring is for privileged processes only: `sysctl kernel.io_uring_disabled=0` as root \
         opens it"
    } else {
        "in a container, its seccomp profile must allow io_uring_setup; else raise the limit that \
         the error speaks of (`ulimit -l` for memory, `ulimit -n` for files)"
    };
    format!("the kernel refused io_uring ({error}): {mend}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_reason_says_what_is_missing() {
        let plenty = Some(8192);
        assert_eq!(known_reason("6.18.44-generic", "0", plenty), None);
        assert_eq!(known_reason("5.8.0", "", None), None);
        assert_eq!(known_reason("", "1", plenty), None);
        let said = |release, disabled, locked| known_reason(release, disabled, locked).unwrap();
        assert!(said("5.7.19-arch1", "0", plenty).contains("5.8 or later"));
        assert!(said("4.19", "0", plenty).contains("Linux 4.19"));
        assert!(said("6.6.1", "2", plenty).contains("io_uring_disabled=0"));
        assert!(said("6.6.1", "0", Some(64)).contains("ulimit -l 512"));
    }

    #[test]
    fn a_refusal_by_the_kernel_says_how_to_mend_it() {
        assert!(explain("EPERM", "1").contains("privileged"));
        assert!(explain("EPERM", "0").contains("seccomp"));
    }
}
