//! A recorded run, read from its folder, with the report that is made of it: where everything begins that
//! looks at runs afterwards.

use std::path::Path;

use workload_catalogue::scenario;

use crate::Report;
use harness_record::bundle::Bundle;

/// A recorded run.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The name of its folder.
    pub name: String,
    /// What was recorded.
    pub bundle: Bundle,
    /// What it says.
    pub report: Report,
}

impl Recorded {
    /// Reads the record in a folder and judges it.
    ///
    /// # Errors
    ///
    /// As [`Bundle::read`].
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let bundle = Bundle::read(folder)?;
        Ok(Self::of(name(folder), bundle))
    }

    /// Judges a record that was read already, or joined.
    #[must_use]
    pub fn of(name: String, bundle: Bundle) -> Self {
        Self {
            name,
            report: Report::of(&bundle),
            bundle,
        }
    }

    /// How much of the whole it measured: scenarios that claims rest on, then configurations. A run of one
    /// scenario with many numbers of workers has many configurations, and is no full run.
    #[must_use]
    pub fn breadth(&self) -> (usize, usize) {
        let of_claims = |name: &&String| {
            scenario(name)
                .is_some_and(|scenario| scenario.source.is_none() && !scenario.branches.is_sweep())
        };
        let scenarios = &self.bundle.header.options.scenarios;
        (
            scenarios.iter().filter(of_claims).count(),
            self.bundle.plan.usable().count(),
        )
    }
}

/// The name of a folder; `.` and `results/..` have one too.
#[must_use]
pub fn name(folder: &Path) -> String {
    let whole = folder
        .canonicalize()
        .unwrap_or_else(|_| folder.to_path_buf());
    let name = whole.file_name().unwrap_or(whole.as_os_str());
    name.to_string_lossy().into_owned()
}
