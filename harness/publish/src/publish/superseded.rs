//! The runs that were published once and have left the tree since: git has them, and `results/superseded.json` says where.

use std::{fs, io, path::Path, process::Command};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::links::revision;
use harness::commands::Usage;
use harness_record::{
    bundle::{HEADER, flush_folder},
    replace::replace,
};
use harness_report::recorded::Recorded;

/// The file's name, in the folder of the results.
pub(super) const LIST: &str = "superseded.json";
/// What a folder is called on its way out, before its name. Nobody reads it.
const LEAVING: &str = ".superseded-";

/// A run that has left the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Superseded {
    /// As what it was published.
    pub name: String,
    /// When it began, in UTC.
    pub started: String,
    /// Where it was measured.
    pub machine: String,
    /// By which command.
    pub command: String,
    /// Of which revision.
    pub revision: String,
    /// The run that has its place.
    pub by: String,
    /// A commit that has it.
    pub commit: String,
}

impl Superseded {
    /// A published run that another one supersedes, if git has all of it; else what git lacks.
    pub(super) fn new(results: &Path, gone: &Recorded, by: &str) -> Result<Self, &'static str> {
        let report = &gone.report;
        Ok(Self {
            name: gone.name.clone(),
            started: report.started.clone(),
            machine: report.host.summary(report.cores),
            command: report.command.join(" "),
            revision: revision(gone),
            by: by.to_owned(),
            commit: commit(results, &gone.name)?,
        })
    }
}

/// The last commit that changed a run in a folder, if what lies there is what was committed.
fn commit(results: &Path, name: &str) -> Result<String, &'static str> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(results).args(arguments);
        let output = command.args(["--", name]).output().ok()?;
        output.status.success().then_some(())?;
        String::from_utf8(output.stdout).ok()
    };
    let changes =
        git(&["status", "--porcelain", "--ignored"]).ok_or("this is no checkout of git")?;
    let tracked = git(&["ls-files"]).unwrap_or_default();
    let has_head = tracked.lines().any(|file| file.ends_with(HEADER));
    if !changes.is_empty() || !has_head {
        return Err("not all of it is committed");
    }
    let last = git(&["log", "-1", "--format=%h", "--abbrev=12"]).unwrap_or_default();
    match last.trim() {
        "" => Err("no commit has it"),
        commit => Ok(commit.to_owned()),
    }
}

/// The list, the oldest first; a run that is in the tree, since somebody has brought it back, is not on it.
pub(super) fn read(results: &Path) -> anyhow::Result<Vec<Superseded>> {
    let path = results.join(LIST);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut listed: Vec<Superseded> = serde_json::from_slice(&text).map_err(|error| {
        let path = path.display();
        Usage(format!(
            "{path}: this is no list of superseded runs: {error}"
        ))
    })?;
    listed.retain(|gone| !results.join(&gone.name).exists());
    Ok(listed)
}

/// The list with these on it.
pub(super) fn with(mut listed: Vec<Superseded>, more: &[Superseded]) -> Vec<Superseded> {
    listed.retain(|known| more.iter().all(|gone| gone.name != known.name));
    listed.extend_from_slice(more);
    listed.sort_by(|a, b| (&a.started, &a.name).cmp(&(&b.started, &b.name)));
    listed
}

/// Takes runs out of the tree. First they are put on the list; and a folder that goes has another name before the first of its
/// files goes: whoever is killed on the way leaves each run whole, or gone and on the list.
pub(super) fn remove(
    results: &Path,
    listed: &[Superseded],
    gone: &[Superseded],
) -> anyhow::Result<()> {
    if !gone.is_empty() {
        let path = results.join(LIST);
        let mut text = serde_json::to_vec_pretty(listed)?;
        text.push(b'\n');
        replace(&path, &text)
            .and_then(|()| flush_folder(results))
            .with_context(|| format!("cannot write {}", path.display()))?;
        for Superseded { name, .. } in gone {
            let folder = results.join(name);
            let leaving = results.join(format!("{LEAVING}{name}"));
            fs::rename(&folder, &leaving)
                .and_then(|()| flush_folder(results))
                .with_context(|| format!("cannot remove {}", folder.display()))?;
        }
    }
    sweep(results)
}

/// Removes what was on its way out, now or when somebody was killed.
pub(super) fn sweep(results: &Path) -> anyhow::Result<()> {
    for name in super::files::names(results)? {
        if name.starts_with(LEAVING) {
            let folder = results.join(name);
            fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot remove {}", folder.display()))?;
        }
    }
    Ok(())
}
