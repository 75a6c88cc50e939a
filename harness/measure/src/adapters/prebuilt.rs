//! A folder of adapters that were built before: `runtime-NAME` each, and `origin`.
//!
//! `adapters.json` beside them says what versions they hold and how they were built; a folder
//! without it, such as cargo's own `target/release`, will do. `costs-NAME` beside an adapter, which cargo leaves in
//! `target/release/deps`, tells what its primitives cost.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{Adapter, Adapters, Entry, Error, PREFIX, Source, built_now, sorted};
use crate::child::Program;
use harness_record::costs;
use harness_record::{built::Built, demands::Demands, plain_file, text::fit};

const LIST: &str = "adapters.json";
const ORIGIN: &str = "origin";

/// `adapters.json`.
#[derive(Serialize, Deserialize)]
struct List {
    schema: u32,
    adapters: Vec<Listed>,
    built: Option<Built>,
}

#[derive(Serialize, Deserialize)]
struct Listed {
    name: String,
    #[serde(default)]
    version: Option<String>,
    /// What its spawns demand, as the compiler said then.
    #[serde(default)]
    demands: Option<Demands>,
    /// What it is made of.
    #[serde(default)]
    crates: Vec<String>,
    /// Whether no list shows it, and the groups of scenarios that it is measured beside.
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    beside: Vec<String>,
    /// Its executors, reactors and pools.
    #[serde(default)]
    lineage: Vec<String>,
}

const SCHEMA: u32 = 1;

fn wrong(path: &Path, why: impl Into<String>) -> Error {
    Error::Prebuilt {
        path: path.to_owned(),
        why: why.into(),
    }
}

/// What is in a folder.
pub(super) fn open(folder: &Path) -> Result<Adapters, Error> {
    let instead = "name a folder that `harness build --out` made, or leave --adapters out";
    let files = fs::read_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => wrong(folder, format!("there is no such folder; {instead}")),
        io::ErrorKind::NotADirectory => wrong(folder, format!("this is no folder; {instead}")),
        _ => wrong(folder, format!("cannot read it: {error}")),
    })?;
    let (listed, built) = list(folder)?.map_or_else(Default::default, |l| (l.adapters, l.built));
    let mut entries = Vec::new();
    for file in files {
        let path = file.map_err(|e| wrong(folder, e.to_string()))?.path();
        let Some(name) = adapter_name(&path) else {
            continue;
        };
        let known = listed.iter().find(|known| known.name == name);
        let demands = known.and_then(|known| known.demands.clone());
        let entry = Entry {
            version: known.and_then(|known| known.version.clone()),
            name,
            hidden: known.is_some_and(|known| known.hidden),
            beside: known.map(|known| known.beside.clone()).unwrap_or_default(),
            lineage: known.map(|known| known.lineage.clone()).unwrap_or_default(),
            crates: known.map(|known| known.crates.clone()).unwrap_or_default(),
            costs: costs_of(&path),
            source: Source::File(path.clone(), demands.unwrap_or_else(not_recorded)),
        };
        entries.push((path, entry));
    }
    if entries.is_empty() {
        let why = format!("there is no adapter in it (a program {PREFIX}NAME); {instead}");
        return Err(wrong(folder, why));
    }
    Ok(Adapters {
        entries: sorted(entries)?,
        origin: Source::File(folder.join(file_name(ORIGIN)), not_recorded()),
        folder: folder.to_owned(),
        built,
        house: None,
        others: Vec::new(),
    })
}

/// The executable that tells what an adapter's primitives cost, where somebody put it beside the adapter.
fn costs_of(adapter: &Path) -> Option<PathBuf> {
    let name = adapter.file_name()?.to_str()?.strip_prefix(PREFIX)?;
    let path = adapter.with_file_name(format!("{}-{name}", costs::TARGET));
    (path.is_file() && is_executable(&path)).then_some(path)
}

fn not_recorded() -> Demands {
    Demands::unknown(format!(
        "nobody recorded what its spawns demand when it was built; a folder that `harness build --out` \
         makes has it in its {LIST}"
    ))
}

/// What `adapters.json` lists; nothing, where there is none.
fn list(folder: &Path) -> Result<Option<List>, Error> {
    let path = folder.join(LIST);
    let text = match plain_file::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(&path, format!("cannot read it: {error}"))),
    };
    let again = "make the folder again with `harness build --out`";
    let list: List = serde_json::from_slice(&fit(&text))
        .map_err(|error| wrong(&path, format!("not a list of adapters: {error}; {again}")))?;
    if list.schema != SCHEMA {
        let theirs = list.schema;
        let why = format!("its schema is {theirs}, this harness reads {SCHEMA}; {again}");
        return Err(wrong(&path, why));
    }
    Ok(Some(list))
}

/// The runtime's name, of a file that is called as an adapter is. Cargo leaves others beside them,
/// such as `runtime-tokio.d`.
fn adapter_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_prefix(PREFIX)?;
    let name = name.strip_suffix(std::env::consts::EXE_SUFFIX)?;
    (!name.is_empty() && !name.contains('.') && path.is_file()).then(|| name.to_owned())
}

fn file_name(program: &str) -> String {
    format!("{program}{}", std::env::consts::EXE_SUFFIX)
}

/// Whether it may be started: else it is an adapter that fails, and the others in its folder do not.
#[cfg(unix)]
pub(super) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_executable(_path: &Path) -> bool {
    true
}

/// Copies built adapters and the origin into a folder, with the list that says how they were built.
///
/// Each file is replaced in one step, so a run that uses the folder meets old or new, never half.
/// Other adapters that were there stay, and lose their versions.
///
/// # Errors
///
/// What could not be written.
pub fn export(folder: &Path, adapters: &[Adapter], origin: &Program) -> Result<(), Error> {
    fs::create_dir_all(folder)
        .map_err(|error| wrong(folder, format!("cannot make this folder: {error}")))?;
    for adapter in adapters {
        let name = file_name(&format!("{PREFIX}{}", adapter.name));
        copy(&adapter.program.path, &folder.join(name))?;
    }
    copy(&origin.path, &folder.join(file_name(ORIGIN)))?;
    let list = List {
        schema: SCHEMA,
        adapters: adapters
            .iter()
            .map(|adapter| Listed {
                name: adapter.name.clone(),
                version: adapter.version.clone(),
                demands: Some(adapter.demands.demands()),
                crates: adapter.crates.clone(),
                hidden: adapter.hidden,
                beside: adapter.beside.clone(),
                lineage: adapter.lineage.clone(),
            })
            .collect(),
        built: Some(built_now()),
    };
    replace(&folder.join(LIST), |file| {
        serde_json::to_writer_pretty(&mut *file, &list)?;
        file.write_all(b"\n")
    })
}

/// Copies a program into a folder, under the name that it has, in one step.
///
/// # Errors
///
/// What could not be read or written.
pub fn carry(program: &Path, folder: &Path) -> Result<(), Error> {
    let name = program.file_name().unwrap_or_default();
    copy(program, &folder.join(name))
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let mut source = fs::File::open(from)
        .map_err(|error| wrong(from, format!("cannot read this program: {error}")))?;
    replace(to, |file| {
        io::copy(&mut source, file)?;
        file.as_file()
            .set_permissions(source.metadata()?.permissions())
    })
}

fn replace(
    path: &Path,
    fill: impl FnOnce(&mut NamedTempFile) -> io::Result<()>,
) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut draft = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // For whoever the umask lets read it, and not for its owner alone, as files that are temporary are.
        draft.permissions(fs::Permissions::from_mode(0o666));
    }
    let written = draft.tempfile_in(folder).and_then(|mut file| {
        fill(&mut file)?;
        file.persist(path).map_err(|error| error.error)
    });
    match written {
        Ok(_) => Ok(()),
        Err(error) => Err(wrong(path, format!("cannot write it: {error}"))),
    }
}
