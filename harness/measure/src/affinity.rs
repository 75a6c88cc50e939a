//! The CPUs that this process may use, and how it is confined to some of them.
//!
//! What it starts inherits that: the origin and the adapters run where it does. Builds do not: how long they take is
//! nobody's question, and they want every CPU.

use std::sync::OnceLock;

use harness_record::host::Cpus;

use crate::topology::one_of_each_core;

/// The CPUs from before this process confined itself.
static BEFORE: OnceLock<Cpus> = OnceLock::new();

/// Confines this process to these CPUs of those that it may use, or to one CPU of each physical core of theirs, and says
/// which they are. To be called by its first thread, before it starts others: those keep what they have.
///
/// # Errors
///
/// Why that cannot be, in a line.
pub fn confine(asked: Option<&Cpus>, one_a_core: bool) -> Result<Cpus, String> {
    let allowed = allowed().ok_or("which CPUs this process may use can be chosen on Linux only")?;
    let mut chosen = asked.unwrap_or(&allowed).clone();
    if let Some(absent) = chosen.without(&allowed) {
        return Err(format!(
            "this process may use CPUs {allowed}, and {absent} is not among them"
        ));
    }
    if one_a_core {
        let first = one_of_each_core(&chosen);
        chosen = first.ok_or("the system does not tell which CPUs are of one physical core")?;
    }
    let _ = BEFORE.set(allowed);
    set(&chosen)?;
    Ok(chosen)
}

/// Calls `start` with the CPUs from before [`confine`], for what it starts.
pub(crate) fn unconfined<T>(start: impl FnOnce() -> T) -> T {
    let now = BEFORE.get().and_then(|before| {
        let now = allowed()?;
        set(before).ok()?;
        Some(now)
    });
    let started = start();
    if let Some(now) = now {
        let _ = set(&now);
    }
    started
}

/// Those that this thread may use.
#[cfg(target_os = "linux")]
pub(crate) fn allowed() -> Option<Cpus> {
    use nix::{
        sched::{CpuSet, sched_getaffinity},
        unistd::Pid,
    };
    let set = sched_getaffinity(Pid::from_raw(0)).ok()?;
    Cpus::of((0..CpuSet::count()).filter(|&cpu| set.is_set(cpu).unwrap_or(false)))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn allowed() -> Option<Cpus> {
    None
}

/// Keeps this thread, and what it starts, on these.
#[cfg(target_os = "linux")]
pub(crate) fn set(cpus: &Cpus) -> Result<(), String> {
    use nix::{
        sched::{CpuSet, sched_setaffinity},
        unistd::Pid,
    };
    let mut set = CpuSet::new();
    let all = cpus.iter().try_for_each(|cpu| set.set(cpu));
    all.and_then(|()| sched_setaffinity(Pid::from_raw(0), &set))
        .map_err(|error| {
            format!("the system does not confine this process to CPUs {cpus}: {error}")
        })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn set(_cpus: &Cpus) -> Result<(), String> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// On a thread of its own, since others test beside it: an affinity is a thread's.
    #[test]
    fn what_is_started_meanwhile_may_use_what_there_was() {
        let test = || {
            let before = allowed().unwrap();
            let one = Cpus::of(before.iter().take(1)).unwrap();
            assert_eq!(confine(Some(&one), false).unwrap(), one);
            assert_eq!(allowed().unwrap(), one);
            assert_eq!(unconfined(|| allowed().unwrap()), before);
            assert_eq!(allowed().unwrap(), one);
            let why = confine(Some(&"8191".parse().unwrap()), false).unwrap_err();
            assert_eq!(
                why,
                format!("this process may use CPUs {one}, and 8191 is not among them")
            );
        };
        std::thread::scope(|scope| scope.spawn(test).join().unwrap());
    }
}
