//! The machine that a run was measured on, for its record. Nothing here names a person or a host.

pub(crate) mod cgroup;
mod linux;

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use harness_record::host::Host;

pub use crate::affinity::confine;
use crate::{
    affinity,
    toolchain::{AT_MOST, asked, toolchain},
    topology,
};

/// How often a sleep is timed.
const SLEEPS: usize = 15;

/// Looks around.
#[must_use]
pub fn describe() -> Host {
    let mut toolchain = toolchain().into_iter();
    let revision = revision();
    let quota = cgroup::quota();
    let mut host = Host {
        os: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        cores: thread::available_parallelism().map_or(1, usize::from),
        cpu_quota: quota.map(|quota| quota.cores),
        cpu_quota_period_us: quota.map(|quota| quota.period_us),
        cpu_weight: cgroup::weight(),
        timer_grain_ns: Some(timer_grain()),
        memory_limit: cgroup::memory_limit(),
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        rustc: toolchain.next(),
        toolchain: toolchain.collect(),
        dirty: revision.as_ref().map(|(_, dirty)| *dirty),
        revision: revision.map(|(revision, _)| revision),
        ..Host::default()
    };
    ask_the_kernel(&mut host);
    host
}

/// What a sleep of a microsecond takes: the timers of all runtimes rest on such.
fn timer_grain() -> u64 {
    let mut took: Vec<Duration> = (0..SLEEPS)
        .map(|_| {
            let began = Instant::now();
            thread::sleep(Duration::from_micros(1));
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[SLEEPS / 2].as_nanos().try_into().unwrap_or(u64::MAX)
}

fn ask_the_kernel(host: &mut Host) {
    #[cfg(unix)]
    {
        let names = nix::sys::utsname::uname().ok();
        host.kernel = names.and_then(|names| Some(names.release().to_str()?.to_owned()));
    }
    #[cfg(target_os = "linux")]
    {
        use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
        let limit = getrlimit(Resource::RLIMIT_MEMLOCK).ok();
        host.memlock = limit
            .map(|(soft, _)| soft)
            .filter(|soft| *soft != RLIM_INFINITY);
    }
    if cfg!(target_os = "linux") {
        linux::fill(host);
    }
    if let Some(cpus) = affinity::allowed() {
        topology::fill(host, &cpus);
    }
}

/// The revision of the checkout around the current directory, with `+` behind it if it has changes.
pub(crate) fn checkout() -> Option<String> {
    let (revision, dirty) = revision()?;
    let host = Host {
        revision: Some(revision),
        dirty: Some(dirty),
        ..Host::default()
    };
    host.checkout()
}

/// The revision by git and whether there are changes, if there is git and this is a checkout.
fn revision() -> Option<(String, bool)> {
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.args(args);
        asked(command, AT_MOST)
    };
    let revision = git(&["rev-parse", "--short=12", "HEAD"])?;
    let is_dirty = git(&["status", "--porcelain"]).is_none_or(|text| !text.trim().is_empty());
    Some((revision.trim().to_owned(), is_dirty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_can_be_described_and_written_down() {
        let host = describe();
        assert!(host.cores >= 1 && !host.os.is_empty());
        let text = serde_json::to_string(&host).unwrap();
        assert_eq!(serde_json::from_str::<Host>(&text).unwrap(), host);
        if cfg!(target_os = "linux") {
            assert!(host.kernel.is_some() && host.memory.is_some(), "{host:?}");
            assert!(host.logical_cpus.unwrap() >= host.cores);
            let cpus: harness_record::host::Cpus = host.cpus.unwrap().parse().unwrap();
            assert!(cpus.count() >= host.cores && cpus.count() >= host.physical_cores.unwrap_or(1));
            assert!(host.timer_grain_ns.unwrap() >= 1000);
        }
    }
}
