//! The machine that a run was measured on, for its record. Nothing here names a person or a host.

mod class;

use serde::{Deserialize, Serialize};

/// What may matter to the figures. Absent is what the system does not tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    pub toolchain: Vec<String>,
    /// The revision of what is measured: of the checkout that the adapters are built in, or the one that their folder
    /// names; `None` where it names none.
    pub revision: Option<String>,
    /// Whether that checkout has changes that were not committed.
    pub dirty: Option<bool>,
}

impl Host {
    /// Processor, cores and kernel, for people, where `cores` may be used.
    #[must_use]
    pub fn summary(&self, cores: usize) -> String {
        let text = format!(
            "{}, {cores} cores allowed, {} {}",
            self.cpu.as_deref().unwrap_or("unknown processor"),
            self.os,
            self.kernel.as_deref().unwrap_or("")
        );
        // Of a record that somebody made up, lines of which would stand among ours.
        text.replace(['\n', '\t'], " ")
    }

    /// The revision for people, with `+` behind it where the checkout had changes.
    #[must_use]
    pub fn checkout(&self) -> Option<String> {
        let mark = if self.dirty == Some(true) { "+" } else { "" };
        Some(format!("{}{mark}", self.revision.as_deref()?))
    }
}
