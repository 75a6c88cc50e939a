//! A workload in a file of somebody's own, built around a runtime: what `harness try` runs.
//!
//! The file is compiled where it lies, as a library of a package that is made for it below the workspace's target folder:
//! so the compiler names its lines as its author knows them. That package has the workspace's lock file, and builds into
//! the same folder as the adapters, so that what they have in common is built once.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Build,
    build::{flag, optimised, run},
    metadata::{House, Package},
    watch::Watch,
};
use crate::progress::tell;
use harness_record::text::without_controls;

mod frontmatter;
mod manifest;
mod package;
mod scan;

use manifest::Manifest;
use package::{Runtime, Texts};

/// Why a folder of prebuilt adapters is not enough.
pub(super) const NO_CARGO: &str = "a file is compiled, which takes the workspace and cargo";

/// A file with a workload.
#[derive(Clone, Debug)]
pub struct File {
    /// What its workload is called: the file's name without its ending.
    pub name: String,
    /// The file as the user named it.
    shown: String,
    /// Where it lies.
    path: PathBuf,
    /// Its name, and what tells it from others of this name.
    id: String,
    /// What is compiled, where that is not the file as it lies there.
    code: Option<String>,
    manifest: Manifest,
    workload: scan::Workload,
}

/// Why there is no program.
#[derive(Debug)]
pub enum Failed {
    /// The compiler does not take the file, or cargo what its manifest says; what they said.
    Yours(String),
    /// Something else: a line.
    Ours(String),
    /// Stopped by the user.
    Interrupted,
}

impl File {
    /// Reads a file, and finds the workload in it.
    ///
    /// # Errors
    ///
    /// One line that begins with the file's name and says what to do.
    pub fn read(shown: &Path) -> Result<Self, String> {
        let name = shown.display().to_string();
        let text = fs::read_to_string(shown).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!(
                "{name}: there is no such file; `harness new workload NAME` writes a first one"
            ),
            _ => format!("{name} cannot be read: {error}"),
        })?;
        let path = shown
            .canonicalize()
            .map_err(|error| format!("{name}: {error}"))?;
        if path.to_str().is_none() {
            // It stands in the manifest that is made around it.
            return Err(format!(
                "{name}: its path is not UTF-8, and cargo reads no other: rename it, or put it into another folder"
            ));
        }
        let at = |(line, why): (usize, String)| format!("{name}:{line}: {why}");
        let parts = frontmatter::apart(&text).map_err(at)?;
        let folder = path.parent().unwrap_or(Path::new("/"));
        let manifest = manifest::of(shown, folder, parts.manifest.as_deref())?;
        let workload = scan::workload(&parts.code).map_err(|why| format!("{name}: {why}"))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let plain: String = stem
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '_' {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        Ok(Self {
            id: format!("{plain}-{:08x}", told_apart(&path)),
            name: plain,
            shown: name,
            code: parts.manifest.is_some().then_some(parts.code),
            path,
            manifest,
            workload,
        })
    }

    /// The file as the user named it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// A text of the compiler's or of the program's, with the file as the user named it.
    fn renamed(&self, text: &str, code: &Path, folder: &Path) -> String {
        let manifest = folder.join("Cargo.toml").display().to_string();
        let whose = match self.manifest.whose.as_str() {
            "" => "the manifest that is made for it",
            whose => whose,
        };
        text.replace(&code.display().to_string(), &self.shown)
            .replace(&self.path.display().to_string(), &self.shown)
            .replace(&manifest, whose)
    }
}

/// A number for a path, the same in every run: FNV-1a.
fn told_apart(path: &Path) -> u32 {
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    bytes.fold(0x811c_9dc5, |hash: u32, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Builds the program of this runtime around this file.
pub(super) fn build(
    house: &House,
    adapter: &Package,
    runtime: &str,
    file: &File,
    how: &Build,
) -> Result<PathBuf, Failed> {
    let Some(type_name) = &adapter.runtime else {
        return Err(Failed::Ours(format!(
            "its manifest does not say which type the runtime is: `type = \"{}::...\"` in [package.metadata.runtime]",
            adapter.name.replace('-', "_")
        )));
    };
    let around = package::folder(house, how.target_dir.as_deref(), file);
    let folder = around.join(runtime);
    let written =
        |error: io::Error| Failed::Ours(format!("cannot write to {}: {error}", folder.display()));
    let code = match &file.code {
        Some(_) => around.join(file.path.file_name().unwrap_or_default()),
        None => file.path.clone(),
    };
    fs::create_dir_all(&folder).map_err(written)?;
    if let Some(text) = &file.code {
        write(&code, text).map_err(written)?;
    }
    let texts = package::texts(
        house,
        file,
        &code,
        Runtime {
            name: runtime,
            package: &adapter.name,
            folder: &adapter.folder,
            type_name,
        },
    );
    let Texts {
        name,
        manifest,
        main,
    } = &texts;
    let changed = write(&folder.join("Cargo.toml"), manifest).map_err(written)?;
    write(&folder.join("main.rs"), main).map_err(written)?;
    locked(house, &folder, changed).map_err(written)?;

    let watch = Watch::new(&format!("{} for {runtime}", file.shown), how.quiet);
    let mut command = optimised(&folder, how);
    flag(&mut command, adapter);
    if how.target_dir.is_none() {
        command.arg("--target-dir").arg(&house.target);
    }
    let mut program = None;
    let exit = run(command, &watch, how, |artifact| {
        if artifact.target.is_bin() && artifact.target.name == *name {
            program = artifact.executable;
        }
    });
    if how.interrupt.is_raised() {
        watch.done(true);
        return Err(Failed::Interrupted);
    }
    match (exit, program) {
        (Ok(exit), Some(program)) if exit.success() => {
            watch.done(true);
            Ok(program.into())
        }
        (Err(error), _) => Err(Failed::Ours(format!("cannot run cargo: {error}"))),
        (Ok(_), _) => {
            let said = said(&file.renamed(&watch.failed(), &code, &folder));
            if is_yours(&without_controls(&said), name) {
                return Err(Failed::Yours(said));
            }
            if !how.quiet {
                tell(&said);
            }
            let plain = without_controls(&said);
            let line = plain.lines().rev().find(|line| line.starts_with("error"));
            let why = line.unwrap_or("cargo did not say why").to_owned();
            Err(Failed::Ours(why))
        }
    }
}

/// Whether it is the file, or its manifest, that cargo stumbled over, and nothing that it depends on of ours.
fn is_yours(said: &str, package: &str) -> bool {
    let of_package = format!("could not compile `{package}`");
    let resolved = [
        "failed to parse manifest",
        "failed to select a version",
        "no matching package",
        "failed to get `",
        "failed to load manifest",
    ];
    said.contains(&of_package) || resolved.iter().any(|words| said.contains(words))
}

/// What cargo said, but for how it went on.
fn said(log: &str) -> String {
    let steps = [
        "Compiling ",
        "Locking ",
        "Adding ",
        "Updating ",
        "Downloading ",
        "Downloaded ",
        "Blocking ",
    ];
    let of_steps = |line: &&str| {
        let plain = without_controls(line);
        let plain = plain.trim_start();
        !steps.iter().any(|step| plain.starts_with(step))
    };
    let lines: Vec<&str> = log.lines().filter(of_steps).collect();
    lines.join("\n")
}

/// Writes a text where it is not there already, since cargo builds what is newer again. Whether it was written.
fn write(path: &Path, text: &str) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(false);
    }
    fs::write(path, text).map(|()| true)
}

/// Gives a package the workspace's lock file, so that it is made of the same as the adapters are. Cargo then adds what the
/// file's own manifest asks for; that is kept until one of the two changes.
fn locked(house: &House, folder: &Path, changed: bool) -> io::Result<()> {
    let (ours, theirs) = (house.root.join("Cargo.lock"), folder.join("Cargo.lock"));
    let modified = |path: &Path| fs::metadata(path).and_then(|about| about.modified());
    let stale = match (modified(&ours), modified(&theirs)) {
        (Ok(ours), Ok(theirs)) => ours > theirs,
        _ => true,
    };
    if changed || stale {
        let lock = fs::read(&ours)?;
        fs::write(theirs, lock)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<File, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        File::read(&path)
    }

    const UNIT: &str = "pub struct Handler;\nimpl Workload for Handler {}\n";

    #[test]
    fn a_file_is_known_by_its_name_and_told_from_others_of_that_name() {
        let (one, other) = (
            read("my.handler.rs", UNIT).unwrap(),
            read("my.handler.rs", UNIT).unwrap(),
        );
        assert_eq!(
            (one.name.as_str(), other.name.as_str()),
            ("my-handler", "my-handler")
        );
        assert_ne!(one.id, other.id);
        assert_eq!(one.code, None);
        let with = read("h.rs", &format!("---\n[dependencies]\n---\n{UNIT}")).unwrap();
        assert_eq!(with.code.as_deref(), Some(format!("\n\n\n{UNIT}").as_str()));
    }

    #[test]
    fn what_is_wrong_begins_with_the_file_and_its_line() {
        let why = File::read(Path::new("no/such.rs")).unwrap_err();
        assert!(
            why.starts_with("no/such.rs: there is no such file"),
            "{why}"
        );
        let why = read("h.rs", "---\n[feature]\n---\n").unwrap_err();
        assert!(why.contains("h.rs:2: [feature] is not read here"), "{why}");
        let why = read("h.rs", "fn main() {}").unwrap_err();
        assert!(why.contains("h.rs: there is no `impl Workload"), "{why}");
    }

    #[test]
    fn the_compiler_names_the_file_as_its_author_does() {
        let file = read("h.rs", &format!("---\n---\n{UNIT}")).unwrap();
        let (code, folder) = (Path::new("/made/h.rs"), Path::new("/made/tokio"));
        let text = format!(
            "   Compiling serde\nerror: no\n --> /made/h.rs:3:1 {} /made/tokio/Cargo.toml",
            file.path.display()
        );
        let text = said(&file.renamed(&text, code, folder));
        assert_eq!(
            text,
            format!(
                "error: no\n --> {0}:3:1 {0} what stands between the dashes of {0}",
                file.shown
            )
        );
        assert!(is_yours(
            "error: could not compile `try-h-1-tokio` (lib)",
            "try-h-1-tokio"
        ));
        assert!(!is_yours(
            "error: could not compile `serde` (lib)",
            "try-h-1-tokio"
        ));
    }
}
