//! The package that is made around a file: a library, which is the file, and a program that runs it on one runtime.

use std::path::{Path, PathBuf};

use super::File;
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

/// What somebody's own manifest adds to ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// The edition, if it says one.
    pub(super) edition: Option<String>,
    /// The lines under `[dependencies]`.
    pub(super) dependencies: String,
    /// Other sections about dependencies, whole.
    pub(super) sections: String,
}

/// Reads a manifest's lines, each with its number. Paths in it count from `folder`.
///
/// # Errors
///
/// The number of a line and what is wrong with it.
pub(super) fn manifest(
    lines: &[(usize, String)],
    folder: &Path,
) -> Result<Manifest, (usize, String)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Section {
        None,
        Package,
        Dependencies,
        Other,
    }
    let mut found = Manifest::default();
    let mut section = Section::None;
    for (number, line) in lines {
        let text = line.trim();
        if let Some(header) = text.strip_prefix('[').filter(|_| text.ends_with(']')) {
            let header = header.trim_end_matches(']').trim();
            section = match header {
                "package" => Section::Package,
                "dependencies" => Section::Dependencies,
                _ if header.starts_with("dependencies.")
                    || header.starts_with("target.")
                    || header.starts_with("patch.") =>
                {
                    found.sections.push_str(&format!("{line}\n"));
                    Section::Other
                }
                _ => {
                    let why = format!(
                        "[{header}] is not read here: [dependencies] is, and `edition` in [package]"
                    );
                    return Err((*number, why));
                }
            };
            continue;
        }
        match section {
            Section::None if text.is_empty() || text.starts_with('#') => {}
            Section::None => {
                return Err((
                    *number,
                    "this line stands before any [dependencies]".to_owned(),
                ));
            }
            Section::Package => {
                if let Some((key, value)) = text.split_once('=')
                    && key.trim() == "edition"
                {
                    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
                    found.edition = Some(digits);
                }
            }
            Section::Dependencies => {
                let key = text.split(['=', '.', ' ']).next().unwrap_or_default();
                let known = ["runtime-api", "workload-api", RUNNER];
                if known.contains(&key) {
                    return Err((*number, format!("`{key}` is there already: leave it out")));
                }
                found
                    .dependencies
                    .push_str(&format!("{}\n", from_here(line, folder)));
            }
            Section::Other => found
                .sections
                .push_str(&format!("{}\n", from_here(line, folder))),
        }
    }
    Ok(found)
}

/// A line with its `path = "..."` made whole, since it counts from the file, and the manifest that is made lies elsewhere.
fn from_here(line: &str, folder: &Path) -> String {
    let whole = || -> Option<String> {
        let at = line.find("path")?;
        let (before, rest) = line.split_at(at);
        let begins = before.is_empty() || before.ends_with([' ', '\t', ',', '{', '.']);
        let value = rest["path".len()..]
            .trim_start()
            .strip_prefix('=')?
            .trim_start();
        let mark = value
            .chars()
            .next()
            .filter(|c| begins && matches!(c, '"' | '\''))?;
        let (path, after) = value[1..].split_once(mark)?;
        Some(format!(
            "{before}path = {}{after}",
            quoted(&folder.join(path))
        ))
    };
    whole().unwrap_or_else(|| line.to_owned())
}

/// A path as TOML writes a text.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Where the packages of a file lie.
pub(super) fn folder(house: &House, target: Option<&Path>, file: &File) -> PathBuf {
    let target = target.unwrap_or(&house.target);
    target.join("try").join(&file.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Manifest, (usize, String)> {
        let lines: Vec<(usize, String)> = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 2, line.to_owned()))
            .collect();
        manifest(&lines, Path::new("/there"))
    }

    #[test]
    fn dependencies_are_taken_over_and_paths_count_from_the_file() {
        let text = "# mine\n[package]\nedition = \"2021\"\n[dependencies]\nserde = { version = \"1\", features = [\n  \"derive\",\n] }\n\
                    mine = { path = \"../mine\" }\n[dependencies.other]\npath = 'x'\n";
        let found = read(text).unwrap();
        assert_eq!(found.edition.as_deref(), Some("2021"));
        assert_eq!(
            found.dependencies,
            "serde = { version = \"1\", features = [\n  \"derive\",\n] }\nmine = { path = \"/there/../mine\" }\n"
        );
        assert_eq!(
            found.sections,
            "[dependencies.other]\npath = \"/there/x\"\n"
        );
    }

    #[test]
    fn what_is_not_read_is_said() {
        let (line, why) = read("[dependencies]\na = \"1\"\n[features]\n").unwrap_err();
        assert_eq!(line, 4);
        assert!(why.starts_with("[features] is not read here"), "{why}");
        assert_eq!(read("a = \"1\"").unwrap_err().0, 2);
        let (_, why) = read("[dependencies]\nworkload-api = \"1\"").unwrap_err();
        assert!(why.contains("there already"), "{why}");
    }

    #[test]
    fn what_only_looks_like_a_path_is_left() {
        let line = "path-tree = \"1\"";
        assert_eq!(from_here(line, Path::new("/there")), line);
        let line = "a = { registry-path = \"x\" }";
        assert_eq!(from_here(line, Path::new("/there")), line);
    }
}
