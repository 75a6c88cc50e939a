//! Finding adapters, building them, and asking them who they are.
//!
//! An adapter is a program that speaks the protocol. Here it comes from one of two places:
//!
//! - From the workspace around the current directory: every package with a table
//!   `[package.metadata.runtime]` is one, and is built when it is wanted (`metadata`, `build`).
//! - From a folder of programs that were built before, for machines without cargo (`prebuilt`).
//!
//! The harness knows no runtime by name.

mod build;
mod hello;
mod metadata;
pub mod own;
mod prebuilt;
mod watch;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{child::Program, compiler, toolchain::toolchain};
use harness_record::{built::Built, demands::Demands};

pub use build::{Build, environment, with_cargo};
pub use prebuilt::{carry, export};

/// The start of an adapter's file name in a folder of prebuilt ones.
pub const PREFIX: &str = "runtime-";

/// What is wrong with the adapters: one line each, with what to do instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Cargo could not describe the workspace.
    #[error(
        "cannot find adapters: {why}; run this inside the workspace, or name a folder of prebuilt adapters with --adapters"
    )]
    NoWorkspace {
        /// Cargo's reason.
        why: String,
    },
    /// A workspace without an adapter.
    #[error(
        "no adapter in the workspace {}: its manifest would have a table [package.metadata.runtime]", root.display()
    )]
    NoneInWorkspace {
        /// The workspace's root.
        root: PathBuf,
    },
    /// A manifest that makes no sense.
    #[error("{}: {why}", manifest.display())]
    Manifest {
        /// Which.
        manifest: PathBuf,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// Two adapters of one name.
    #[error(
        "two adapters are called \"{name}\": {} and {}; rename one", first.display(), second.display()
    )]
    Duplicate {
        /// The name.
        name: String,
        /// Where it was first seen.
        first: PathBuf,
        /// Where it was seen again.
        second: PathBuf,
    },
    /// A build failed.
    #[error("cannot build {package}: {why}")]
    Build {
        /// The package.
        package: String,
        /// One line.
        why: String,
        /// The end of what cargo said; may be empty.
        output: String,
    },
    /// Stopped by the user.
    #[error("interrupted")]
    Interrupted,
    /// Something is wrong with a folder of prebuilt adapters.
    #[error("{}: {why}", path.display())]
    Prebuilt {
        /// The folder, or a file in it.
        path: PathBuf,
        /// What is wrong, and what to do instead.
        why: String,
    },
}

/// An adapter that can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// The runtime's name, as `--runtime` takes it.
    pub name: String,
    /// The version of the runtime's crate; none for a runtime that is no crate.
    pub version: Option<String>,
    /// What to start.
    pub program: Program,
    /// How it becomes known what its spawns demand.
    pub demands: compiler::Source,
    /// The crates that it names, and all that they are made of, as `NAME VERSION`; empty where that is
    /// not known.
    pub crates: Vec<String>,
    /// As [`Entry::hidden`].
    pub hidden: bool,
    /// As [`Entry::beside`].
    pub beside: Vec<String>,
    /// As [`Entry::lineage`].
    pub lineage: Vec<String>,
    /// The least CPU time that it took to start and say who it is, once it was asked; of an interpreted program most
    /// of what it uses. `None` where the system does not tell.
    pub start_up: Option<Duration>,
}

/// An adapter that is known of, but perhaps not built.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The runtime's name, as `--runtime` takes it.
    pub name: String,
    /// The version of the runtime's crate; none for a runtime that is no crate.
    pub version: Option<String>,
    /// Not to be listed, nor run unless it is asked for by name: it is there for tests.
    pub hidden: bool,
    /// Groups of scenarios that it is measured beside, whoever is asked for: to hold runtimes against.
    pub beside: Vec<String>,
    /// The executors, reactors and pools that it links, each as `NAME VERSION`.
    pub lineage: Vec<String>,
    crates: Vec<String>,
    /// The executable that tells what its primitives cost, where that was built before.
    costs: Option<PathBuf>,
    source: Source,
}

impl Entry {
    /// Its adapter, which is this program.
    fn adapter(&self, program: Program, demands: compiler::Source) -> Adapter {
        Adapter {
            name: self.name.clone(),
            version: self.version.clone(),
            program,
            demands,
            crates: self.crates.clone(),
            hidden: self.hidden,
            beside: self.beside.clone(),
            lineage: self.lineage.clone(),
            start_up: None,
        }
    }

    /// Whether it has an executable that tells what its primitives cost.
    #[must_use]
    pub fn has_costs(&self) -> bool {
        match &self.source {
            Source::Package(package) => package.costs,
            Source::File(..) => self.costs.is_some(),
        }
    }
}

#[derive(Clone, Debug)]
enum Source {
    Package(metadata::Package),
    File(PathBuf, Demands),
}

/// All adapters that there are, sorted by name.
#[derive(Clone, Debug)]
pub struct Adapters {
    entries: Vec<Entry>,
    origin: Source,
    folder: PathBuf,
    built: Option<Built>,
    /// Where they come from, if that is a workspace.
    house: Option<metadata::House>,
    /// Manifests that lie beside those of adapters, and say of none that it is one.
    others: Vec<PathBuf>,
}

impl Adapters {
    /// Those of the workspace around the current directory, or the prebuilt ones of a folder.
    ///
    /// # Errors
    ///
    /// When there are none, or they make no sense.
    pub fn open(prebuilt: Option<&Path>) -> Result<Self, Error> {
        match prebuilt {
            Some(folder) => prebuilt::open(folder),
            None => metadata::discover(Path::new(".")),
        }
    }

    /// Those of the workspace around another directory.
    ///
    /// # Errors
    ///
    /// As [`Adapters::open`].
    pub fn in_workspace(directory: &Path) -> Result<Self, Error> {
        metadata::discover(directory)
    }

    /// Those to be listed.
    pub fn listed(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.hidden)
    }

    /// Those that stand beside whoever is measured in scenarios of these names, or of these groups.
    pub fn beside<'a>(&'a self, scenarios: &'a [String]) -> impl Iterator<Item = &'a Entry> {
        let group = |name: &'a String| name.split('/').next().unwrap_or(name);
        self.entries.iter().filter(move |entry| {
            let mut groups = scenarios.iter().map(group);
            groups.any(|group| entry.beside.iter().any(|beside| beside == group))
        })
    }

    /// The one of this name, hidden or not.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The manifest of a package that lies where adapters do, in a folder of this name, but has no table that makes it
    /// one.
    #[must_use]
    pub fn without_table(&self, name: &str) -> Option<&Path> {
        let is_it = |manifest: &&PathBuf| {
            let folder = manifest.parent().and_then(Path::file_name);
            folder.is_some_and(|folder| folder == name)
        };
        self.others.iter().find(is_it).map(PathBuf::as_path)
    }

    /// The folder that they lie in, or from which they are built.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether they came from a folder, and nothing has to be built.
    #[must_use]
    pub fn are_prebuilt(&self) -> bool {
        matches!(self.origin, Source::File(..))
    }

    /// How they are built, for the record; `None` if their folder does not say.
    #[must_use]
    pub fn built(&self) -> Option<&Built> {
        self.built.as_ref()
    }

    /// Builds one, if it must be built.
    ///
    /// # Errors
    ///
    /// When the build fails. The other adapters are none the worse for it.
    pub fn make(&self, entry: &Entry, how: &Build) -> Result<Adapter, Error> {
        let (program, demands) = self.program(&entry.source, how)?;
        Ok(entry.adapter(program, demands))
    }

    /// Builds the program of one of these runtimes around somebody's own workload.
    ///
    /// # Errors
    ///
    /// What the compiler says of the file, or why it could not be asked.
    pub fn make_own(
        &self,
        entry: &Entry,
        file: &own::File,
        how: &Build,
    ) -> Result<Adapter, own::Failed> {
        let (Source::Package(package), Some(house)) = (&entry.source, &self.house) else {
            return Err(own::Failed::Ours(own::NO_CARGO.to_owned()));
        };
        let program = own::build(house, package, &entry.name, file, how)?;
        let demands = compiler::Source::Recorded(Demands::unknown("the compiler was not asked"));
        Ok(entry.adapter(Program::new(program), demands))
    }

    /// Builds the executable that tells what an adapter's primitives cost, if it must be built.
    ///
    /// # Errors
    ///
    /// When the build fails, or the adapter has none.
    pub fn make_costs(&self, entry: &Entry, how: &Build) -> Result<Program, Error> {
        match (&entry.source, &entry.costs) {
            (Source::Package(package), _) => {
                Ok(build::build(&self.folder, package, build::Which::Costs, how)?.0)
            }
            (Source::File(..), Some(path)) => Ok(Program::new(path)),
            (Source::File(path, _), None) => Err(Error::Prebuilt {
                path: path.clone(),
                why: format!(
                    "no {}-{} lies beside it",
                    harness_record::costs::TARGET,
                    entry.name
                ),
            }),
        }
    }

    /// Builds the origin, if it must be built.
    ///
    /// # Errors
    ///
    /// When the build fails, or the folder has none.
    pub fn make_origin(&self, how: &Build) -> Result<Program, Error> {
        Ok(self.program(&self.origin, how)?.0)
    }

    fn program(&self, source: &Source, how: &Build) -> Result<(Program, compiler::Source), Error> {
        match source {
            Source::Package(package) => {
                let (program, libraries) =
                    build::build(&self.folder, package, build::Which::Itself, how)?;
                let demands = compiler::Source::Compiler(package.spawns.clone(), libraries);
                Ok((program, demands))
            }
            Source::File(path, _) if path.is_file() && !prebuilt::is_executable(path) => {
                Err(Error::Prebuilt {
                    path: path.clone(),
                    why: "it is not executable; make it so (chmod +x), or take it away".to_owned(),
                })
            }
            Source::File(path, demands) if path.is_file() => Ok((
                Program::new(path),
                compiler::Source::Recorded(demands.clone()),
            )),
            Source::File(path, _) => Err(Error::Prebuilt {
                path: path.clone(),
                why: "there is no such file, and scenarios that use a network need it; \
                      `harness build --out` would put it there"
                    .to_owned(),
            }),
        }
    }
}

/// Sorts by name, and refuses two of one name. The paths are for the message.
fn sorted(mut entries: Vec<(PathBuf, Entry)>) -> Result<Vec<Entry>, Error> {
    entries.sort_by(|(a_path, a), (b_path, b)| (&a.name, a_path).cmp(&(&b.name, b_path)));
    for pair in entries.windows(2) {
        let [(first, a), (second, b)] = pair else {
            continue;
        };
        if a.name == b.name {
            return Err(Error::Duplicate {
                name: a.name.clone(),
                first: first.clone(),
                second: second.clone(),
            });
        }
    }
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

/// How this harness, in this environment, builds now.
#[must_use]
pub fn built_now() -> Built {
    let mut toolchain = toolchain().into_iter();
    Built {
        profile: "release".to_owned(),
        rustc: toolchain.next(),
        toolchain: toolchain.collect(),
        revision: crate::host::checkout(),
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        environment: environment(),
    }
}
