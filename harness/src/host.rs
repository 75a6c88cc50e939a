//! The machine that a run was measured on, for its record. Nothing here names a person or a host.

pub(crate) mod cgroup;
mod class;
mod linux;

use std::{process::Command, thread};

use serde::{Deserialize, Serialize};

use crate::adapters::toolchain;

/// What may matter to the figures. Absent is what the system does not tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Host {
    /// As Rust calls it.
    pub os: String,
    /// As Rust calls it.
    pub arch: String,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// What the CPU calls itself.
    pub cpu: Option<String>,
    /// CPUs of the machine, threads of one core counted apart.
    pub logical_cpus: Option<usize>,
    /// Cores that this process may use: the affinity mask and the control group's quota are
    /// respected, and the smaller counts. All laws and claims mean these.
    pub cores: usize,
    /// The quota, in cores.
    pub cpu_quota: Option<f64>,
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Bytes of memory that the control group allows; `None` where it sets no limit.
    #[serde(default)]
    pub memory_limit: Option<u64>,
    /// What it runs in, if that is known.
    pub virtualisation: Option<String>,
    /// What chooses the clock frequency.
    pub governor: Option<String>,
    /// Bytes of memory that a process may lock: glommio needs 512 KiB an executor. `None` where
    /// there is no limit, or no way to tell.
    pub memlock: Option<u64>,
    /// The kernel's switch: 0 allows io_uring, 1 to some, 2 to nobody.
    pub io_uring_disabled: Option<u8>,
    /// The harness's version.
    pub harness: String,
    /// The compiler here, if there is one. Prebuilt adapters may have been built by another.
    pub rustc: Option<String>,
    /// What else it says of itself, a line each: its commit, what it builds for, its LLVM.
    #[serde(default)]
    pub toolchain: Vec<String>,
    /// The revision of the checkout around the current directory.
    pub revision: Option<String>,
    /// Whether that checkout has changes that were not committed.
    #[serde(default)]
    pub dirty: Option<bool>,
}

impl Host {
    /// Looks around.
    #[must_use]
    pub fn describe() -> Self {
        let mut toolchain = toolchain().into_iter();
        let revision = revision();
        let mut host = Self {
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            cores: thread::available_parallelism().map_or(1, usize::from),
            cpu_quota: cgroup::quota(),
            memory_limit: cgroup::memory_limit(),
            harness: env!("CARGO_PKG_VERSION").to_owned(),
            rustc: toolchain.next(),
            toolchain: toolchain.collect(),
            dirty: revision.as_ref().map(|(_, dirty)| *dirty),
            revision: revision.map(|(revision, _)| revision),
            ..Self::default()
        };
        host.ask_the_kernel();
        host
    }

    /// Processor, cores and kernel, for people, where `cores` may be used.
    #[must_use]
    pub fn summary(&self, cores: usize) -> String {
        format!(
            "{}, {cores} cores allowed, {} {}",
            self.cpu.as_deref().unwrap_or("unknown processor"),
            self.os,
            self.kernel.as_deref().unwrap_or("")
        )
    }

    /// The revision for people, with `+` behind it where the checkout had changes.
    #[must_use]
    pub fn checkout(&self) -> Option<String> {
        let mark = if self.dirty == Some(true) { "+" } else { "" };
        Some(format!("{}{mark}", self.revision.as_deref()?))
    }

    fn ask_the_kernel(&mut self) {
        #[cfg(unix)]
        {
            let names = nix::sys::utsname::uname().ok();
            self.kernel = names.and_then(|names| Some(names.release().to_str()?.to_owned()));
        }
        #[cfg(target_os = "linux")]
        {
            use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
            let limit = getrlimit(Resource::RLIMIT_MEMLOCK).ok();
            self.memlock = limit
                .map(|(soft, _)| soft)
                .filter(|soft| *soft != RLIM_INFINITY);
        }
        if cfg!(target_os = "linux") {
            linux::fill(self);
        }
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
        let output = Command::new("git").args(args).output().ok()?;
        output.status.success().then_some(())?;
        String::from_utf8(output.stdout).ok()
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
        let host = Host::describe();
        assert!(host.cores >= 1 && !host.os.is_empty());
        let text = serde_json::to_string(&host).unwrap();
        assert_eq!(serde_json::from_str::<Host>(&text).unwrap(), host);
        if cfg!(target_os = "linux") {
            assert!(host.kernel.is_some() && host.memory.is_some(), "{host:?}");
            assert!(host.logical_cpus.unwrap() >= host.cores);
        }
    }
}
