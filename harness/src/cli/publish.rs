//! The options of `publish`.

use std::path::PathBuf;

use clap::Args;

/// What `harness publish --help` ends with.
pub(super) const AFTER_PUBLISH: &str = "\
Exit codes:
  0    published, or published before; with --check, every derived file is what it should be
  1    with --check, a derived file is not; or something else went wrong, and is said
  2    the record is not one to publish (its runtimes must pass `harness verify`, and more), or a marker in
       a text is not right; nothing has changed";

/// The options of `publish`.
#[derive(Args, Clone, Debug)]
pub struct PublishArgs {
    /// The folder of the run
    #[arg(value_name = "DIR", required_unless_present_any = ["rebuild", "check"])]
    pub folder: Option<PathBuf>,
    /// Publish a run of a checkout with changes, or of an unknown one, all the same
    #[arg(long, conflicts_with_all = ["rebuild", "check"])]
    pub dirty: bool,
    /// Publish a run whose command names absolute paths all the same
    #[arg(long, conflicts_with_all = ["rebuild", "check"])]
    pub paths: bool,
    /// Keep the runs that this one supersedes
    #[arg(long, conflicts_with_all = ["rebuild", "check"])]
    pub keep: bool,
    /// Publish nothing, and make the derived files again
    #[arg(long, conflicts_with = "folder")]
    pub rebuild: bool,
    /// Change nothing, and fail if a derived file is not what the published runs make of it
    #[arg(long, conflicts_with_all = ["folder", "rebuild"])]
    pub check: bool,
}
