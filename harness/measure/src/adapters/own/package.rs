//! The package that is made around a file: a library, which is the file, and a program that runs it on one runtime.

use std::path::{Path, PathBuf};

use super::{File, manifest::quoted};
use crate::adapters::{build::RUNNER, metadata::House};

/// The texts of a package, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) name: String,
    pub(super) manifest: String,
    pub(super) main: String,
}

/// What is linked of one runtime.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runtime<'a> {
    /// As `--runtime` takes it.
    pub(super) name: &'a str,
    /// Its adapter's package.
    pub(super) package: &'a str,
    /// Where that lies.
    pub(super) folder: &'a Path,
    /// The type that is the runtime.
    pub(super) type_name: &'a str,
}

/// Writes them: for this file, whose code is compiled where it lies, and this runtime.
pub(super) fn texts(house: &House, file: &File, code: &Path, runtime: Runtime<'_>) -> Texts {
    let name = format!("try-{}-{}", file.id, runtime.name);
    let edition = file.manifest.edition.as_deref().unwrap_or("2024");
    let linked: String = house
        .crates
        .iter()
        .map(|(name, folder)| {
            let more = if name == RUNNER {
                ", default-features = false"
            } else {
                ""
            };
            format!("{name} = {{ path = {}{more} }}\n", quoted(folder))
        })
        .collect();
    let manifest = format!(
        "# Made by `harness try` for {file}, and made again by the next.\n\
         [package]\n\
         name = \"{name}\"\n\
         version = \"0.0.0\"\n\
         edition = {edition:?}\n\
         publish = false\n\
         \n\
         [workspace]\n\
         resolver = \"3\"\n\
         \n\
         [lib]\n\
         name = \"workload\"\n\
         path = {code}\n\
         \n\
         [[bin]]\n\
         name = \"{name}\"\n\
         path = \"main.rs\"\n\
         \n\
         [dependencies]\n\
         {linked}{adapter} = {{ path = {folder} }}\n\
         {own}\n\
         {sections}",
        file = file.shown,
        code = quoted(code),
        adapter = runtime.package,
        folder = quoted(runtime.folder),
        own = file.manifest.dependencies,
        sections = file.manifest.sections,
    );
    let type_name = &file.workload.name;
    let value = if file.workload.is_unit {
        format!("workload::{type_name}")
    } else {
        format!("<workload::{type_name} as Default>::default()")
    };
    let main = format!(
        "// Made by `harness try`. A workload that is no unit struct is made by `Default`.\n\
         fn main() -> std::process::ExitCode {{\n    \
             harness_runner::run_own::<{}, _>({value})\n\
         }}\n",
        runtime.type_name,
    );
    Texts {
        name,
        manifest,
        main,
    }
}

/// Where the packages of a file lie.
pub(super) fn folder(house: &House, target: Option<&Path>, file: &File) -> PathBuf {
    let target = target.unwrap_or(&house.target);
    target.join("try").join(&file.id)
}
