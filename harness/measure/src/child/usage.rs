//! CPU time, user and system together.

use std::time::Duration;

#[cfg(unix)]
mod unix {
    use super::Duration;
    use nix::{
        sys::{
            resource::{UsageWho, getrusage},
            time::TimeVal,
        },
        unistd::Pid,
    };

    pub(super) fn usage(who: UsageWho) -> Option<Duration> {
        let usage = getrusage(who).ok()?;
        let time = |t: TimeVal| {
            let micros = u64::try_from(t.tv_usec()).ok()?;
            Some(Duration::from_secs(t.tv_sec().try_into().ok()?) + Duration::from_micros(micros))
        };
        Some(time(usage.user_time())? + time(usage.system_time())?)
    }

    pub(super) fn of_process(id: u32) -> Option<Duration> {
        let pid = Pid::from_raw(id.try_into().ok()?);
        #[cfg(target_os = "linux")]
        {
            let clock = nix::time::clock_getcpuclockid(pid).ok()?;
            Some(nix::time::clock_gettime(clock).ok()?.into())
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = pid;
            None
        }
    }
}

/// Of all children that have ended and been waited for, with theirs. `None` where unknown.
pub(crate) fn of_children() -> Option<Duration> {
    #[cfg(unix)]
    return unix::usage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN);
    #[cfg(not(unix))]
    None
}

/// Of this process.
pub(crate) fn of_us() -> Option<Duration> {
    #[cfg(unix)]
    return unix::usage(nix::sys::resource::UsageWho::RUSAGE_SELF);
    #[cfg(not(unix))]
    None
}

/// Of a process that lives.
pub(crate) fn of_process(id: u32) -> Option<Duration> {
    #[cfg(unix)]
    return unix::of_process(id);
    #[cfg(not(unix))]
    {
        let _ = id;
        None
    }
}
