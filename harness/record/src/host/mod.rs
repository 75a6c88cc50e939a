//! The machine that a run was measured on, for its record. Nothing here names a person or a host.

mod class;
mod cpus;
mod layout;

use serde::{Deserialize, Serialize};

use crate::format::counted;
pub use cpus::Cpus;
pub use layout::Kind;

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
    /// Which CPUs, as a list such as `0,2-3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<String>,
    /// Physical cores that they belong to: threads of one core share what computes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physical_cores: Option<usize>,
    /// NUMA nodes that they belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numa_nodes: Option<usize>,
    /// Which of them are of which kind, where there are several kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// The quota, in cores: the least that the control group or a group around it sets.
    pub cpu_quota: Option<f64>,
    /// In how much time that is spent, in microseconds: what is used up early is waited for to the end of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_quota_period_us: Option<u64>,
    /// The control group's share beside its siblings where CPUs are short; 100 where nobody has set it. Version 2 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_weight: Option<u64>,
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Bytes of memory that the control group allows; `None` where it sets no limit.
    pub memory_limit: Option<u64>,
    /// What it runs in, if that is known.
    pub virtualisation: Option<String>,
    /// What chooses the clock frequency.
    pub governor: Option<String>,
    /// What a sleep of a microsecond takes, the median of some: no timer is finer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer_grain_ns: Option<u64>,
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
            "{}, {} allowed, {} {}",
            self.cpu.as_deref().unwrap_or("unknown processor"),
            counted(cores, "core"),
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
