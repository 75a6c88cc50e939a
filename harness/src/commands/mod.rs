//! The subcommands, a file each, and what they share.

use anyhow::Context as _;
use harness_measure::{
    adapters::{Adapter, Adapters, Build, Entry, Error},
    child::{Interrupt, Limits, Status},
};
use harness_protocol::{Hello, Own};
use harness_record::{bundle::Bundle, plan::Entrant, replace::replace};
use std::{fmt, path::Path, process::ExitCode};

pub mod build;
pub mod check;
pub mod costs;
pub mod crossing;
pub mod describe;
pub mod list;
pub mod new;
mod nothing;
pub mod own;
pub mod part;
pub mod partition;
pub mod report;
pub mod resume;
pub mod run;
pub mod second;
pub mod timeline;
pub mod verify;

/// Exit code of a run with a failed cell, and of everything else that went wrong.
pub const FAILED: u8 = 1;
/// Exit code when the command line, or a file that it names, is not right.
pub const USAGE: u8 = 2;
/// Exit code of `--fail-on`.
pub const VERDICT: u8 = 3;
/// Exit code after Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// Something that the user can mend: one line, and exit code 2.
#[derive(Debug)]
pub struct Usage(pub String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// The exit code of an error.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let usage = error.is::<Usage>()
        || matches!(
            error.downcast_ref::<Error>(),
            Some(
                Error::NoWorkspace { .. }
                    | Error::NoneInWorkspace { .. }
                    | Error::Manifest { .. }
                    | Error::Duplicate { .. }
                    | Error::Prebuilt { .. }
            )
        );
    let interrupted = matches!(error.downcast_ref::<Error>(), Some(Error::Interrupted));
    ExitCode::from(if usage {
        USAGE
    } else if interrupted {
        INTERRUPTED
    } else {
        FAILED
    })
}

/// Writes a file that the user named.
pub fn whole(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    replace(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

/// How a user calls this program, for the commands that are named to them.
fn called() -> &'static str {
    // Set by cargo, for what it runs.
    match std::env::var_os("CARGO") {
        Some(_) => "cargo run -p harness --",
        None => "harness",
    }
}

/// Refuses a record that has no cells, since its run counted what primitives cost.
pub fn want_cells(folder: &Path, bundle: &Bundle) -> Result<(), Usage> {
    match bundle.header.options.costs {
        None => Ok(()),
        Some(_) => Err(Usage(format!(
            "{folder} counted what primitives cost, and has no cells: `harness report {folder}` shows what it has",
            folder = folder.display()
        ))),
    }
}

/// What a command that wants adapters begins with.
pub struct Workbench {
    /// Ctrl-C.
    pub interrupt: Interrupt,
    /// The adapters.
    pub adapters: Adapters,
    /// How they are built.
    pub how: Build,
}

/// Listens to Ctrl-C, and finds the adapters: those of a folder, or of the workspace.
pub fn open(prebuilt: Option<&Path>, quiet: bool) -> anyhow::Result<Workbench> {
    let interrupt = Interrupt::install()?;
    Ok(Workbench {
        adapters: Adapters::open(prebuilt)?,
        how: Build {
            quiet,
            interrupt: interrupt.clone(),
            ..Build::default()
        },
        interrupt,
    })
}

/// The entries that these names choose, in the order of the names; all that are listed, if there are
/// no names.
pub fn chosen<'a>(adapters: &'a Adapters, names: &[String]) -> anyhow::Result<Vec<&'a Entry>> {
    if names.is_empty() {
        return Ok(adapters.listed().collect());
    }
    let mut chosen: Vec<&Entry> = Vec::new();
    for name in names {
        let Some(entry) = adapters.get(name) else {
            let names = adapters.listed().map(|entry| entry.name.as_str());
            let why = match adapters.without_table(name) {
                Some(manifest) => without_table(name, manifest),
                None => unknown("runtime", name, names),
            };
            return Err(Usage(why).into());
        };
        if chosen.iter().all(|known| known.name != entry.name) {
            chosen.push(entry);
        }
    }
    Ok(chosen)
}

/// What is to be written where.
fn without_table(name: &str, manifest: &Path) -> String {
    format!(
        "no runtime is called `{name}`: {} is there, and has no table [package.metadata.runtime] with name = \"{name}\"; \
         docs/ADDING_A_RUNTIME.md says what else stands in it",
        manifest.display()
    )
}

/// Numbers of workers, each once.
fn workers(asked: &[u32]) -> Vec<usize> {
    let mut numbers: Vec<usize> = Vec::new();
    for &number in asked {
        if !numbers.contains(&(number as usize)) {
            numbers.push(number as usize);
        }
    }
    numbers
}

/// `no runtime is called "smoll"; did you mean "smol"?`
fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, nearest)) if likeness > 0.7 => {
            format!("no {what} is called `{name}`; did you mean `{nearest}`?")
        }
        _ => format!(
            "no {what} is called `{name}`; there are {}",
            known.join(", ")
        ),
    }
}

/// An adapter that was built and asked who it is.
struct Introduced {
    adapter: Option<Adapter>,
    entrant: Entrant,
}

/// Builds an adapter and asks it who it is. A runtime that cannot be built or started, or that does not answer,
/// becomes an entrant that takes no part for that reason, which is a failure: the others go on.
fn introduce(
    adapters: &Adapters,
    entry: &Entry,
    how: &Build,
    limits: &Limits,
    interrupt: &Interrupt,
    asked: bool,
) -> anyhow::Result<Introduced> {
    let adapter = match adapters.make(entry, how) {
        Ok(adapter) => adapter,
        Err(error @ (Error::Build { .. } | Error::Prebuilt { .. })) => {
            return Ok(absent(entry, asked, error.to_string()));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(meet(entry, adapter, limits, interrupt, asked)?.0)
}

/// Asks an adapter who it is, and what it says of somebody's own workload.
fn meet(
    entry: &Entry,
    mut adapter: Adapter,
    limits: &Limits,
    interrupt: &Interrupt,
    asked: bool,
) -> anyhow::Result<(Introduced, Option<Own>)> {
    match adapter.hello(limits, interrupt) {
        Ok(mut hello) => {
            let own = hello.own.take();
            let entrant = entrant(entry, hello, asked);
            let adapter = Some(adapter);
            Ok((Introduced { entrant, adapter }, own))
        }
        Err(outcome) if outcome.status == Status::Interrupted => Err(Error::Interrupted.into()),
        Err(outcome) => Ok((absent(entry, asked, outcome.why()), None)),
    }
}

/// A runtime whose adapter was not heard, so that it takes no part.
fn absent(entry: &Entry, asked: bool, why: String) -> Introduced {
    Introduced {
        adapter: None,
        entrant: Entrant {
            name: entry.name.clone(),
            version: entry.version.clone(),
            unavailable: Some(why),
            flavours: Vec::new(),
            asked,
            checks: Vec::new(),
            beside: entry.beside.clone(),
            // Of a program that there is not.
            lineage: Vec::new(),
        },
    }
}

fn entrant(entry: &Entry, hello: Hello, asked: bool) -> Entrant {
    Entrant {
        name: entry.name.clone(),
        version: hello.version.or_else(|| entry.version.clone()),
        unavailable: hello.unavailable,
        flavours: hello.flavours,
        asked,
        checks: hello.checks,
        beside: entry.beside.clone(),
        lineage: entry.lineage.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_told_the_nearest_or_all() {
        let known = ["smol", "tokio"];
        assert_eq!(
            unknown("runtime", "smoll", known.into_iter()),
            "no runtime is called `smoll`; did you mean `smol`?"
        );
        assert_eq!(
            unknown("runtime", "xyz", known.into_iter()),
            "no runtime is called `xyz`; there are smol, tokio"
        );
    }
}
