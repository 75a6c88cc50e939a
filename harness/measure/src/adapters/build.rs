//! Building one program with cargo, optimised, whatever the harness itself was built with.
//!
//! One cargo invocation a program: built together, the features of their common dependencies would
//! unify, and what is measured would depend on what else was asked for.

use std::{
    env, fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use cargo_metadata::{Artifact, Message, TargetKind};

use super::{Error, metadata::Package, watch::Watch};
use crate::{
    child::{Event, Group, Interrupt, Program, read_lines},
    compiler::Libraries,
    toolchain::cargo,
};
use harness_record::{built::Environment, costs};
use workload_catalogue::groups_of;

/// The adapter's side of the protocol: whoever links it has a feature for each group of scenarios.
pub(super) const RUNNER: &str = "harness-runner";

/// How to build.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// Say nothing of how far it is, nor what cargo says.
    pub quiet: bool,
    /// Groups of scenarios that adapters are compiled with, besides the scenarios that are in no group.
    pub groups: Vec<&'static str>,
    /// Where to build; `None` leaves it to cargo.
    pub target_dir: Option<std::path::PathBuf>,
    /// Stops it.
    pub interrupt: Interrupt,
}

impl Build {
    /// The same, with the groups that these names of scenarios and groups ask for.
    #[must_use]
    pub fn with<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            groups: groups_of(names),
            ..self
        }
    }
}

/// What in this process's environment changes what a build makes.
#[must_use]
pub fn environment() -> Environment {
    sorted_out(
        env::vars_os().map(|(n, v)| (n.to_string_lossy().into(), v.to_string_lossy().into())),
    )
}

fn sorted_out(variables: impl Iterator<Item = (String, String)>) -> Environment {
    let mut found = Environment::default();
    for (name, value) in variables {
        let list = match () {
            () if changes_code(&name) => &mut found.scrubbed,
            () if chooses_tools(&name) => &mut found.kept,
            () => continue,
        };
        list.push(format!("{name}={value}"));
    }
    found.scrubbed.sort();
    found.kept.sort();
    found
}

fn changes_code(name: &str) -> bool {
    matches!(
        name,
        "RUSTFLAGS"
            | "CARGO_ENCODED_RUSTFLAGS"
            | "CARGO_BUILD_RUSTFLAGS"
            | "CARGO_INCREMENTAL"
            | "CARGO_BUILD_INCREMENTAL"
    ) || name.starts_with("CARGO_PROFILE_")
        || (name.starts_with("CARGO_TARGET_") && name.ends_with("_RUSTFLAGS"))
}

fn chooses_tools(name: &str) -> bool {
    matches!(
        name,
        "RUSTC"
            | "RUSTC_WRAPPER"
            | "RUSTC_WORKSPACE_WRAPPER"
            | "RUSTC_BOOTSTRAP"
            | "RUSTUP_TOOLCHAIN"
            | "CARGO_BUILD_TARGET"
    ) || (name.starts_with("CARGO_TARGET_") && name.ends_with("_LINKER"))
}

/// What an outer `cargo run` or `cargo test` tells us of our own package. Passed on, it would be
/// taken for the inner build's, and rebuild what looks at it.
fn is_of_outer_cargo(name: &str) -> bool {
    matches!(
        name,
        "CARGO_MANIFEST_DIR"
            | "CARGO_MANIFEST_PATH"
            | "CARGO_CRATE_NAME"
            | "CARGO_BIN_NAME"
            | "CARGO_PRIMARY_PACKAGE"
            | "CARGO_TARGET_TMPDIR"
            | "OUT_DIR"
    ) || name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_BIN_EXE_")
}

/// Which program of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// The adapter, or the origin.
    Itself,
    /// The executable of its bench target that tells what its primitives cost.
    Costs,
}

/// Builds one program, and learns from cargo where it is and what it is made of.
pub(super) fn build(
    directory: &Path,
    package: &Package,
    which: Which,
    how: &Build,
) -> Result<(Program, Libraries), Error> {
    let watch = Watch::new(&package.name, how.quiet);
    let mut program = None;
    let mut libraries = Libraries {
        workspace: directory.to_owned(),
        ..Libraries::default()
    };
    let command = command(directory, package, which, how);
    let exit = run(command, &watch, how, |artifact| {
        let target = &artifact.target;
        let is_it = match which {
            Which::Itself => target.is_bin() && target.name == package.bin,
            Which::Costs => target.is_bench() && target.name == costs::TARGET,
        };
        if artifact.package_id != package.id {
            add_library(&mut libraries, package, &artifact);
        } else if is_it {
            program = artifact.executable;
        }
    });
    let made = program.ok_or_else(|| format!("cargo made no program \"{}\"", package.bin));
    let program = over(exit, made, &package.name, &watch, how)?;
    let program = match groups(package, which, how) {
        Some(groups) => kept(program.as_std_path(), groups).map_err(|error| Error::Build {
            package: package.name.clone(),
            why: format!("cannot keep {program}: {error}"),
            output: String::new(),
        })?,
        None => program.into(),
    };
    Ok((Program::new(program), libraries))
}

/// What comes of a build that is over: `made` is what it was for, or that this is not there.
fn over<T>(
    exit: io::Result<ExitStatus>,
    made: Result<T, String>,
    what: &str,
    watch: &Watch,
    how: &Build,
) -> Result<T, Error> {
    let well = made.is_ok() && exit.as_ref().is_ok_and(ExitStatus::success);
    watch.done(well || how.interrupt.is_raised());
    if how.interrupt.is_raised() {
        return Err(Error::Interrupted);
    }
    let output = watch.text();
    let why = match (exit, made) {
        (Ok(exit), Ok(made)) if exit.success() => return Ok(made),
        (Ok(exit), Err(why)) if exit.success() => why,
        (Ok(exit), _) => reason(&output, exit),
        (Err(error), _) => format!("cannot run {}: {error}", cargo().display()),
    };
    Err(Error::Build {
        package: what.to_owned(),
        why,
        output,
    })
}

/// Runs cargo until it ends, or is told to; what it says of each thing that it made is passed on.
///
/// Cargo leads a process group of its own, as adapters do: an interrupt is killed with its compilers, whoever it was
/// sent to, all of them at a terminal or this process alone.
pub(super) fn run(
    command: Command,
    watch: &Watch,
    how: &Build,
    mut made: impl FnMut(Artifact),
) -> io::Result<ExitStatus> {
    let mut cargo = Group::tool(command)?;
    let (events, inbox) = mpsc::channel();
    let (output, errors) = cargo.pipes();
    if let Some(pipe) = output {
        read_lines(pipe, events.clone(), usize::MAX)?;
    }
    if let Some(pipe) = errors {
        watch.follow(pipe, events)?;
    }
    let exit = follow(&mut cargo, &inbox, &how.interrupt, |line| {
        if let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_slice(line) {
            made(artifact);
        }
    })?;
    cargo.leave();
    Ok(exit)
}

/// Builds something that is no adapter with cargo, and shows how far it is in the same way.
///
/// # Errors
///
/// When cargo fails; what it said has been shown.
pub fn with_cargo(mut command: Command, what: &str, how: &Build) -> Result<(), Error> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    dress(&mut command, how);
    let watch = Watch::new(what, how.quiet);
    let exit = run(command, &watch, how, |_| ());
    over(exit, Ok(()), what, &watch, how)
}

/// Why cargo failed, by what it said.
fn reason(output: &str, exit: ExitStatus) -> String {
    let line = output.lines().rev().find(|line| line.starts_with("error"));
    line.map_or_else(|| format!("cargo: {exit}"), str::to_owned)
}

/// Takes in what cargo says of one thing that it made, or found to be made already.
fn add_library(libraries: &mut Libraries, package: &Package, artifact: &Artifact) {
    let files = artifact.filenames.iter().map(|file| file.as_std_path());
    let is_library = |file: &&Path| file.extension().is_some_and(|end| end == "rlib");
    let loaded = artifact.target.kind.contains(&TargetKind::ProcMacro);
    let Some(file) = files.into_iter().find(|file| loaded || is_library(file)) else {
        return;
    };
    libraries.folders.extend(file.parent().map(PathBuf::from));
    let known = package.dependencies.iter();
    for (name, _) in known.filter(|(_, id)| *id == artifact.package_id && !loaded) {
        libraries.direct.push((name.clone(), file.to_owned()));
    }
}

/// The groups that a program is compiled with; `None` where it has nothing to do with them.
fn groups<'a>(package: &Package, which: Which, how: &'a Build) -> Option<&'a [&'static str]> {
    let name = RUNNER.replace('-', "_");
    let links_runner = package.dependencies.iter().any(|(known, _)| *known == name);
    (which == Which::Itself && links_runner).then_some(&how.groups)
}

/// Copies an adapter to a place that its groups are part of: cargo has one place for all of them, and what is measured
/// must not change when somebody builds with other groups.
fn kept(program: &Path, groups: &[&str]) -> io::Result<PathBuf> {
    let folder = program.with_file_name("adapters");
    let name = program.file_stem().unwrap_or_default().to_owned();
    let mut name = groups.iter().fold(name, |mut name, group| {
        name.push("+");
        name.push(group);
        name
    });
    name.push(env::consts::EXE_SUFFIX);
    fs::create_dir_all(&folder)?;
    let place = folder.join(name);
    let draft = tempfile::NamedTempFile::new_in(&folder)?.into_temp_path();
    fs::copy(program, &draft)?;
    draft.persist(&place)?;
    Ok(place)
}

fn command(directory: &Path, package: &Package, which: Which, how: &Build) -> Command {
    let target = match which {
        Which::Itself => ["--bin", &package.bin],
        Which::Costs => ["--bench", costs::TARGET],
    };
    let mut command = optimised(directory, how);
    flag(&mut command, package);
    command.args(["--package", &package.id.repr]).args(target);
    if let Some(groups) = groups(package, which, how) {
        for group in groups {
            command.arg(format!("--features={RUNNER}/{group}"));
            if package.features.iter().any(|feature| feature == group) {
                command.arg(format!("--features={}/{group}", package.name));
            }
        }
    }
    command
}

/// `cargo build` with optimisation, in a folder, so that neither this process's environment nor an outer cargo's changes
/// what it makes.
pub(super) fn optimised(directory: &Path, how: &Build) -> Command {
    let mut command = Command::new(cargo());
    command
        .current_dir(directory)
        .args(["build", "--release"])
        .arg("--message-format=json-render-diagnostics")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(target) = &how.target_dir {
        command.arg("--target-dir").arg(target);
    }
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if changes_code(&text) || is_of_outer_cargo(&text) {
            command.env_remove(&name);
        }
    }
    dress(&mut command, how);
    command
}

/// Tells the compiler what the adapter's manifest says. Cargo keeps what is built so apart from all else.
pub(super) fn flag(command: &mut Command, package: &Package) {
    if !package.rustflags.is_empty() {
        let flags = package.rustflags.join("\u{1f}");
        command.env("CARGO_ENCODED_RUSTFLAGS", flags);
    }
}

/// What cargo says is read by us, and shown as it would be without us in between.
fn dress(command: &mut Command, how: &Build) {
    // Cargo sees a pipe, but what we pass on may go to a terminal.
    let is_set = |name| env::var_os(name).is_some();
    if !how.quiet
        && io::stderr().is_terminal()
        && !is_set("CARGO_TERM_COLOR")
        && !is_set("NO_COLOR")
    {
        command.env("CARGO_TERM_COLOR", "always");
    }
    // Into a pipe it would not say how far it is.
    if !how.quiet {
        command.env("CARGO_TERM_PROGRESS_WHEN", "always");
        command.env("CARGO_TERM_PROGRESS_WIDTH", "200");
    }
}

/// Reads cargo's messages until it ends or we are told to stop.
///
/// A daemon that a build starts may hold the pipes for ever, so the end of the process counts.
fn follow(
    cargo: &mut Group,
    inbox: &Receiver<Event>,
    interrupt: &Interrupt,
    mut message: impl FnMut(&[u8]),
) -> io::Result<ExitStatus> {
    let tick = Duration::from_millis(50);
    let exit = loop {
        match inbox.recv_timeout(tick) {
            Ok(Event::Line(line)) => message(&line),
            Ok(Event::Closed(_) | Event::Flood(_)) | Err(RecvTimeoutError::Timeout) => {}
            // It is about to end.
            Err(RecvTimeoutError::Disconnected) => {
                cargo.wait(tick);
            }
        }
        if let Some(exit) = cargo.wait(Duration::ZERO) {
            break exit;
        }
        if interrupt.is_raised() {
            cargo.end();
            return Err(io::ErrorKind::Interrupted.into());
        }
    };
    let deadline = Instant::now() + Duration::from_secs(1);
    while let Ok(event) = inbox.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        if let Event::Line(line) = event {
            message(&line);
        }
    }
    Ok(exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_asked_of_the_runner_and_of_an_adapter_that_has_something_of_its_own_for_it() {
        let package = |features: &[&str]| Package {
            id: cargo_metadata::PackageId {
                repr: "an-id".to_owned(),
            },
            name: "runtime-mini".to_owned(),
            bin: "runtime-mini".to_owned(),
            costs: false,
            rustflags: Vec::new(),
            dependencies: vec![(
                "harness_runner".to_owned(),
                cargo_metadata::PackageId {
                    repr: "another".to_owned(),
                },
            )],
            spawns: Vec::new(),
            folder: PathBuf::new(),
            runtime: None,
            features: features.iter().map(|&name| name.to_owned()).collect(),
        };
        let how = Build::default().with(["idioms", "field"]);
        let asked = |package: &Package| -> Vec<String> {
            let command = command(Path::new("."), package, Which::Itself, &how);
            let words = command.get_args().map(|word| word.to_string_lossy());
            let asked = words.filter(|word| word.starts_with("--features="));
            asked.map(|word| word.to_string()).collect()
        };
        let of_runner = ["field", "idioms"].map(|group| format!("--features={RUNNER}/{group}"));
        assert_eq!(asked(&package(&["default", "else"])), of_runner);
        let own = "--features=runtime-mini/idioms".to_owned();
        let [field, idioms] = of_runner;
        assert_eq!(asked(&package(&["idioms"])), [field, idioms, own]);
    }

    #[test]
    fn what_changes_code_is_scrubbed_and_what_chooses_tools_is_kept() {
        let variables = [
            "RUSTC_WRAPPER=sccache",
            "RUSTFLAGS=-Ctarget-cpu=native",
            "CARGO_PROFILE_RELEASE_LTO=fat",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS=-g",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=lld",
            "CARGO_TARGET_DIR=/tmp",
            "CARGO_NET_OFFLINE=true",
            "PATH=/bin",
        ];
        let found = sorted_out(variables.iter().filter_map(|variable| {
            let (name, value) = variable.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        }));
        assert_eq!(
            found.scrubbed,
            [
                "CARGO_PROFILE_RELEASE_LTO=fat",
                "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS=-g",
                "RUSTFLAGS=-Ctarget-cpu=native",
            ]
        );
        assert_eq!(
            found.kept,
            [
                "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=lld",
                "RUSTC_WRAPPER=sccache",
            ]
        );
    }
}
