//! Which packages of a workspace are adapters: their own manifests say so.
//!
//! ```toml
//! [package.metadata.runtime]
//! name = "tokio"    # as --runtime takes it
//! crate = "tokio"   # the dependency whose version is the runtime's; absent if it is no crate
//! type = "runtime_tokio::Tokio"   # the type that is the runtime, for `harness try`; absent if it is no library's
//! spawns = [{ name = "tokio::spawn", call = "tokio::spawn(BRANCH)", native = true }]
//!                   # its ways to spawn a future, which stands as BRANCH (see `demands`)
//! parts = ["async-io"]   # crates that are its executor, its reactor or its pool, besides `crate`: who links the same is kin
//! rustflags = ["--cfg", "tokio_unstable"]   # what the compiler is told of all that it links: a build of its own
//! hidden = true     # not listed, nor run unless it is asked for by name
//! beside = ["connections"]   # groups of scenarios that it is measured beside, whoever is asked for
//! ```

use std::{
    collections::{BTreeSet, HashMap},
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use serde::Deserialize;

use super::{Adapters, Entry, Error, Source, built_now, sorted};
use crate::{
    child::{Interrupt, answer},
    toolchain,
};
use harness_record::demands::Spawn;

/// The package and the program of the server that I/O scenarios talk to.
const ORIGIN: (&str, &str) = ("workload-origin", "origin");

/// What somebody's own workload links besides a runtime: the traits, and the adapter's side of the protocol.
const NEEDED: [&str; 3] = ["harness-runner", "runtime-api", "workload-api"];

/// The workspace, as far as a package outside it needs it.
#[derive(Clone, Debug)]
pub(super) struct House {
    pub(super) root: PathBuf,
    /// Where it is built.
    pub(super) target: PathBuf,
    /// Those of its crates that such a package links, and where they lie.
    pub(super) crates: Vec<(String, PathBuf)>,
}

/// What is built: one program of one package.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub(super) id: PackageId,
    pub(super) name: String,
    pub(super) bin: String,
    /// Whether it has the bench target whose executable tells what its primitives cost.
    pub(super) costs: bool,
    /// What it depends on itself: the name that its code knows it by, and its package.
    pub(super) dependencies: Vec<(String, PackageId)>,
    /// The runtime's ways to spawn.
    pub(super) spawns: Vec<Spawn>,
    /// What the compiler is told besides, of it and of all that it links.
    pub(super) rustflags: Vec<String>,
    /// Where its manifest lies.
    pub(super) folder: PathBuf,
    /// The type that is the runtime, as other crates name it.
    pub(super) runtime: Option<String>,
    /// Its features: one that is called as a group of scenarios is, it has when it is built for that group.
    pub(super) features: Vec<String>,
}

/// `[package.metadata.runtime]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    #[serde(rename = "crate")]
    dependency: Option<String>,
    #[serde(rename = "type")]
    runtime: Option<String>,
    #[serde(default)]
    spawns: Vec<Spawn>,
    #[serde(default)]
    parts: Vec<String>,
    #[serde(default)]
    rustflags: Vec<String>,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    beside: Vec<String>,
}

pub(super) fn discover(directory: &Path) -> Result<Adapters, Error> {
    let mut command = MetadataCommand::new();
    command
        .cargo_path(toolchain::cargo())
        .current_dir(directory);
    // Without this cargo would fetch what the dependencies want on every other system.
    if let Some(host) = toolchain::host_triple() {
        command.other_options(["--filter-platform".to_owned(), host]);
    }
    from_metadata(&described(command.cargo_command())?, directory)
}

/// What cargo says of a workspace. It may have to fetch what the lock file names, so there is no deadline.
fn described(command: Command) -> Result<Metadata, Error> {
    let not_run = |why: String| Error::NoWorkspace {
        why: format!("cannot run cargo: {why}"),
    };
    let said =
        answer(command, Vec::new(), None, &Interrupt::installed()).map_err(|error| match error
            .kind()
        {
            ErrorKind::Interrupted => Error::Interrupted,
            _ => not_run(error.to_string()),
        })?;
    if !said.status.success() {
        let why = reason(&String::from_utf8_lossy(&said.stderr));
        return Err(Error::NoWorkspace { why });
    }
    let text = String::from_utf8_lossy(&said.stdout);
    let mut lines = text.lines();
    let line = lines.find(|line| line.starts_with('{'));
    MetadataCommand::parse(line.unwrap_or_default()).map_err(|error| not_run(error.to_string()))
}

/// The error line of what cargo wrote, on one line.
fn reason(stderr: &str) -> String {
    let from = stderr.find("error:").map_or(0, |at| at + "error:".len());
    harness_record::text::one_line(&stderr[from..], 300)
}

fn from_metadata(metadata: &Metadata, directory: &Path) -> Result<Adapters, Error> {
    let direct = direct_dependencies(metadata);
    let mut entries: Vec<(PathBuf, Entry)> = Vec::new();
    let mut others: Vec<PathBuf> = Vec::new();
    let mut origin = None;
    // What any of them says is an executor, a reactor or a pool is one in whichever links it.
    let mut parts = BTreeSet::new();
    for package in metadata.workspace_packages() {
        let manifest = package.manifest_path.as_std_path();
        if package.name.as_str() == ORIGIN.0 {
            origin = Some(program(package, Some(ORIGIN.1))?);
        }
        let Some(table) = package.metadata.get("runtime") else {
            others.push(manifest.to_owned());
            continue;
        };
        let wrong = |why: String| Error::Manifest {
            manifest: manifest.to_owned(),
            why: format!("[package.metadata.runtime]: {why}"),
        };
        let table = Table::deserialize(table).map_err(|error| wrong(error.to_string()))?;
        if !is_name(&table.name) {
            return Err(wrong(format!(
                "name = \"{}\": use a-z, 0-9 and -, and a letter first",
                table.name
            )));
        }
        if let Some(why) = table.spawns.iter().find_map(Spawn::wrong) {
            return Err(wrong(why));
        }
        let crates = crates(metadata, &package.id);
        if let Some(part) = table.parts.iter().find(|part| !has(&crates, part)) {
            return Err(wrong(format!(
                "parts = [\"{part}\"]: it links no such crate"
            )));
        }
        parts.extend(table.parts);
        parts.extend(table.dependency.clone());
        let version = table
            .dependency
            .and_then(|name| direct.get(&package.id)?.get(name.as_str()).cloned())
            .map(|version| flagged(version, &table.rustflags));
        let entry = Entry {
            name: table.name,
            version,
            hidden: table.hidden,
            beside: table.beside,
            lineage: Vec::new(),
            crates,
            costs: None,
            source: Source::Package(Package {
                dependencies: named_dependencies(metadata, &package.id),
                spawns: table.spawns,
                runtime: table.runtime,
                rustflags: table.rustflags,
                ..program(package, None)?
            }),
        };
        entries.push((manifest.to_owned(), entry));
    }
    for (_, entry) in &mut entries {
        let is_part = |made_of: &&String| parts.contains(name_of(made_of));
        entry.lineage = entry.crates.iter().filter(is_part).cloned().collect();
    }
    let around = |manifest: &Path| Some(manifest.parent()?.parent()?.to_owned());
    let of_adapters: BTreeSet<_> = entries
        .iter()
        .filter(|(_, entry)| !entry.hidden)
        .map(|(path, _)| around(path))
        .collect();
    others.retain(|manifest| of_adapters.contains(&around(manifest)));
    let root = || PathBuf::from(metadata.workspace_root.as_std_path());
    if entries.is_empty() {
        return Err(Error::NoneInWorkspace { root: root() });
    }
    Ok(Adapters {
        entries: sorted(entries)?,
        origin: Source::Package(origin.ok_or_else(|| Error::Manifest {
            manifest: root().join("Cargo.toml"),
            why: format!("the workspace has no package \"{}\"", ORIGIN.0),
        })?),
        folder: directory.to_owned(),
        built: Some(built_now()),
        house: Some(house(metadata)),
        others,
    })
}

/// The name in `NAME VERSION`.
fn name_of(made_of: &str) -> &str {
    made_of.split_once(' ').map_or(made_of, |(name, _)| name)
}

fn has(crates: &[String], name: &str) -> bool {
    crates.iter().any(|made_of| name_of(made_of) == name)
}

fn folder_of(package: &cargo_metadata::Package) -> PathBuf {
    let folder = package.manifest_path.parent();
    folder.map_or_else(PathBuf::new, |folder| folder.as_std_path().to_owned())
}

/// What somebody's own workload is built with.
fn house(metadata: &Metadata) -> House {
    let packages = metadata.workspace_packages().into_iter();
    let of_ours = packages.filter(|package| NEEDED.contains(&package.name.as_str()));
    House {
        root: metadata.workspace_root.as_std_path().to_owned(),
        target: metadata.target_directory.as_std_path().to_owned(),
        crates: of_ours
            .map(|package| (package.name.to_string(), folder_of(package)))
            .collect(),
    }
}

/// A version, and what makes it another build than others of that version.
fn flagged(version: String, rustflags: &[String]) -> String {
    if rustflags.is_empty() {
        return version;
    }
    format!("{version} with {}", rustflags.join(" "))
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The versions that were chosen for each package's own dependencies. Others of the same name may
/// be in the graph, so the lock file alone would not do.
fn direct_dependencies(metadata: &Metadata) -> HashMap<&PackageId, HashMap<&str, String>> {
    let known: HashMap<_, _> = metadata.packages.iter().map(|p| (&p.id, p)).collect();
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    nodes
        .map(|node| {
            let versions = node.deps.iter().filter_map(|dep| {
                let package = known.get(&dep.pkg)?;
                Some((package.name.as_str(), package.version.to_string()))
            });
            (&node.id, versions.collect())
        })
        .collect()
}

/// What an adapter is made of that is not ours: the crates that it names and all that they link, as the
/// lock file has them, each as `NAME VERSION`.
fn crates(metadata: &Metadata, adapter: &PackageId) -> Vec<String> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let nodes: HashMap<_, _> = nodes.map(|node| (&node.id, node)).collect();
    let ours = |id: &PackageId| metadata.workspace_members.contains(id);
    let linked = |id: &PackageId| {
        let deps = nodes.get(id).into_iter().flat_map(|node| &node.deps);
        let linked = deps.filter(|dep| {
            let mut kinds = dep.dep_kinds.iter();
            kinds.any(|how| how.kind == DependencyKind::Normal)
        });
        linked
            .map(|dep| dep.pkg.clone())
            .filter(|id| !ours(id))
            .collect::<Vec<_>>()
    };
    let (mut found, mut ahead) = (BTreeSet::new(), linked(adapter));
    while let Some(id) = ahead.pop() {
        if found.insert(id.clone()) {
            ahead.extend(linked(&id));
        }
    }
    let mut crates: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| found.contains(&package.id))
        .map(|package| format!("{} {}", package.name, package.version))
        .collect();
    crates.sort();
    crates
}

/// A package's dependencies by the names that its code knows them by.
fn named_dependencies(metadata: &Metadata, package: &PackageId) -> Vec<(String, PackageId)> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let linked = nodes
        .filter(|node| node.id == *package)
        .flat_map(|node| &node.deps)
        .filter(|dep| {
            dep.dep_kinds
                .iter()
                .any(|how| how.kind == DependencyKind::Normal)
        });
    linked
        .map(|dep| (dep.name.clone(), dep.pkg.clone()))
        .collect()
}

/// The program of a package: the named one, or the only one, or the one called as the package is.
fn program(package: &cargo_metadata::Package, wanted: Option<&str>) -> Result<Package, Error> {
    let programs = package.targets.iter().filter(|target| target.is_bin());
    let mut names: Vec<&str> = programs.map(|target| target.name.as_str()).collect();
    if names.len() > 1 || wanted.is_some() {
        let default = package.default_run.as_deref();
        let wanted = wanted.or(default).unwrap_or(package.name.as_str());
        names.retain(|name| *name == wanted);
    }
    let [bin] = names[..] else {
        return Err(Error::Manifest {
            manifest: package.manifest_path.clone().into(),
            why: match wanted {
                Some(wanted) => format!("there is no program \"{wanted}\""),
                None => "an adapter is one program: add src/main.rs, or set default-run".to_owned(),
            },
        });
    };
    Ok(Package {
        id: package.id.clone(),
        name: package.name.to_string(),
        bin: bin.to_owned(),
        costs: package
            .targets
            .iter()
            .any(|target| target.is_bench() && target.name == harness_record::costs::TARGET),
        dependencies: Vec::new(),
        spawns: Vec::new(),
        rustflags: Vec::new(),
        folder: folder_of(package),
        runtime: None,
        features: package.features.keys().cloned().collect(),
    })
}
