//! What a file says of the crates that it needs: in a manifest at its top, or in one that lies beside it.
//!
//! It is read line by line, since little of it is understood here: its dependencies go as they stand into the manifest
//! of the package that is made around the file, which cargo reads.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::adapters::build::RUNNER;

/// A manifest's lines, each with its number.
type Lines = [(usize, String)];

/// What somebody's own manifest adds to ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// Where it stands, as its author would say.
    pub(super) whose: String,
    /// The edition, if it says one.
    pub(super) edition: Option<String>,
    /// The lines under `[dependencies]`.
    pub(super) dependencies: String,
    /// Other sections about dependencies, whole.
    pub(super) sections: String,
}

/// Reads the manifest of a file that its user named so: `top` is what stands at its top. Paths in that count from
/// `folder`, and in one that lies beside it from there.
///
/// # Errors
///
/// One line, which begins with the name of what is wrong.
pub(super) fn of(shown: &Path, folder: &Path, top: Option<&Lines>) -> Result<Manifest, String> {
    let file = shown.display();
    let beside = beside(shown)?;
    match (top, &beside[..]) {
        (None, []) => Ok(Manifest::default()),
        (Some(lines), []) => {
            let whose = format!("what stands between the dashes of {file}");
            read(lines, folder, whose).map_err(|(line, why)| format!("{file}:{line}: {why}"))
        }
        (None, [one]) => {
            let name = one.path.display();
            let folder = folder_of(&one.path).map_err(|error| format!("{name}: {error}"))?;
            read(&one.lines, &folder, name.to_string())
                .map_err(|(line, why)| format!("{name}:{line}: {why}"))
        }
        (Some(_), [one, ..]) => Err(format!(
            "{file} has a manifest at its top, and {} lies beside it: keep one of the two",
            one.path.display()
        )),
        (None, [one, other, ..]) => Err(format!(
            "{} and {} lie beside {file}: keep one of the two",
            one.path.display(),
            other.path.display()
        )),
    }
}

/// A manifest that lies beside a file.
struct Beside {
    path: PathBuf,
    lines: Vec<(usize, String)>,
}

/// Those that there are: `NAME.toml` beside `NAME.rs`, and a `Cargo.toml` that is no package's and no workspace's. What
/// belongs to one of these says what that needs, and not what a file needs that happens to lie there.
fn beside(shown: &Path) -> Result<Vec<Beside>, String> {
    let (own, cargo) = (
        shown.with_extension("toml"),
        shown.with_file_name("Cargo.toml"),
    );
    let mut found: Vec<Beside> = Vec::new();
    for path in [&own, &cargo] {
        if path == shown || found.iter().any(|one| one.path == *path) {
            continue;
        }
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
        };
        let is_of_more = |line: &str| {
            header(line).is_some_and(|name| {
                let first = name.split('.').next().unwrap_or_default().trim();
                matches!(first, "package" | "workspace")
            })
        };
        if *path == cargo && text.lines().any(is_of_more) {
            continue;
        }
        let lines = text.lines().map(str::to_owned).enumerate();
        found.push(Beside {
            path: path.clone(),
            lines: lines.map(|(index, line)| (index + 1, line)).collect(),
        });
    }
    Ok(found)
}

/// The folder that a file lies in, whole.
fn folder_of(path: &Path) -> io::Result<PathBuf> {
    let canonical = path.canonicalize()?;
    Ok(canonical.parent().unwrap_or(Path::new("/")).to_owned())
}

/// The name of the section that begins in this line, if one does.
fn header(line: &str) -> Option<&str> {
    let line = line.trim();
    let (open, close) = if line.starts_with("[[") {
        ("[[", "]]")
    } else {
        ("[", "]")
    };
    let (name, after) = line.strip_prefix(open)?.split_once(close)?;
    let after = after.trim_start();
    // A line of an array looks like it, but begins with a quote, or goes on.
    let is_one = !name.starts_with(['"', '\'']) && (after.is_empty() || after.starts_with('#'));
    is_one.then_some(name.trim())
}

#[derive(Clone, Copy, PartialEq)]
enum Section {
    None,
    Package,
    Dependencies,
    Other,
}

/// Reads a manifest's lines. Paths in it count from `folder`. What is wrong comes with the number of its line.
fn read(lines: &Lines, folder: &Path, whose: String) -> Result<Manifest, (usize, String)> {
    let mut found = Manifest {
        whose,
        ..Manifest::default()
    };
    let mut section = Section::None;
    for (number, line) in lines {
        let text = line.trim();
        let wrong = |why: String| (*number, why);
        if let Some(name) = header(line) {
            section = match name {
                "package" => Section::Package,
                "dependencies" => Section::Dependencies,
                _ if ["dependencies.", "target.", "patch."]
                    .iter()
                    .any(|begin| name.starts_with(begin)) =>
                {
                    found.sections.push_str(&format!("{line}\n"));
                    Section::Other
                }
                _ => {
                    return Err(wrong(format!(
                        "[{name}] is not read here: [dependencies] is, and `edition` in [package]"
                    )));
                }
            };
            continue;
        }
        match section {
            Section::None if text.is_empty() || text.starts_with('#') => {}
            Section::None => {
                let why = "this line stands before any [dependencies]";
                return Err(wrong(why.to_owned()));
            }
            Section::Package => {
                if let Some((key, value)) = text.split_once('=')
                    && key.trim() == "edition"
                {
                    let mut quoted = value.split(['"', '\'']);
                    found.edition = quoted.nth(1).map(str::to_owned);
                }
            }
            Section::Dependencies | Section::Other => {
                let key = text.split(['=', '.', ' ']).next().unwrap_or_default();
                let is_ours = ["runtime-api", "workload-api", RUNNER].contains(&key);
                if is_ours && section == Section::Dependencies {
                    return Err(wrong(format!("`{key}` is there already: leave it out")));
                }
                if is_inherited(text) {
                    let why = "a workspace is to say which, and the file is in none: write a version or a path";
                    return Err(wrong(why.to_owned()));
                }
                let into = match section {
                    Section::Dependencies => &mut found.dependencies,
                    _ => &mut found.sections,
                };
                into.push_str(&from_here(line, folder));
                into.push('\n');
            }
        }
    }
    Ok(found)
}

/// Whether a dependency is written as one that a workspace describes.
fn is_inherited(text: &str) -> bool {
    let packed: String = text.split_whitespace().collect();
    let mut parts = packed.split(['{', ',', '}', '.']);
    parts.any(|part| part.starts_with("workspace=true"))
}

/// A line with its `path = "..."` made whole, since it counts from the file, and the manifest that is made lies elsewhere.
fn from_here(line: &str, folder: &Path) -> String {
    let whole = |at: usize| -> Option<String> {
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
    // A crate may have the word in its name.
    let mut places = line.match_indices("path").map(|(at, _)| at);
    places.find_map(whole).unwrap_or_else(|| line.to_owned())
}

/// A path as TOML writes a text.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> Result<Manifest, (usize, String)> {
        let lines: Vec<(usize, String)> = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 2, line.to_owned()))
            .collect();
        read(&lines, Path::new("/there"), "mine".to_owned())
    }

    #[test]
    fn dependencies_are_taken_over_and_paths_count_from_the_file() {
        let text = "# mine\n[package]\nedition = \"2021\" # not 2024\n[dependencies] # mine\nserde = { version = \"1\", features = [\n  \"derive\",\n] }\n\
                    mine = { path = \"../mine\" }\n[dependencies.other]\npath = 'x'\n[target.'cfg(unix)'.dependencies]\nnix = \"1\"\n";
        let found = manifest(text).unwrap();
        assert_eq!(found.edition.as_deref(), Some("2021"));
        assert_eq!(
            found.dependencies,
            "serde = { version = \"1\", features = [\n  \"derive\",\n] }\nmine = { path = \"/there/../mine\" }\n"
        );
        assert_eq!(
            found.sections,
            "[dependencies.other]\npath = \"/there/x\"\n[target.'cfg(unix)'.dependencies]\nnix = \"1\"\n"
        );
    }

    #[test]
    fn what_is_not_read_is_said() {
        let (line, why) = manifest("[dependencies]\na = \"1\"\n[features]\n").unwrap_err();
        assert_eq!(line, 4);
        assert!(why.starts_with("[features] is not read here"), "{why}");
        assert_eq!(manifest("a = \"1\"").unwrap_err().0, 2);
        let (_, why) = manifest("[dependencies]\nworkload-api = \"1\"").unwrap_err();
        assert!(why.contains("there already"), "{why}");
        for inherited in [
            "serde.workspace = true",
            "serde = { workspace = true }",
            "serde = { features = [\"derive\"], workspace=true }",
            "[dependencies.serde]\nworkspace = true",
        ] {
            let (line, why) = manifest(&format!("[dependencies]\n{inherited}")).unwrap_err();
            assert_eq!(line, 2 + inherited.lines().count());
            assert!(why.starts_with("a workspace is to say which"), "{why}");
        }
        assert!(manifest("[dependencies]\nworkspace = \"1\"").is_ok());
    }

    #[test]
    fn what_only_looks_like_a_path_is_left() {
        let there = Path::new("/there");
        for line in ["path-tree = \"1\"", "a = { registry-path = \"x\" }"] {
            assert_eq!(from_here(line, there), line);
        }
        assert_eq!(
            from_here("my-path = { path = \"../my-path\" }", there),
            "my-path = { path = \"/there/../my-path\" }"
        );
    }

    #[test]
    fn what_looks_like_a_section_is_told_from_one() {
        assert_eq!(header("[dependencies] # mine"), Some("dependencies"));
        assert_eq!(header(" [ dependencies ] "), Some("dependencies"));
        assert_eq!(header("[[bin]]"), Some("bin"));
        let target = "[target.'cfg(unix)'.dependencies]";
        assert_eq!(header(target), Some("target.'cfg(unix)'.dependencies"));
        for line in ["[\"a\"],", "[\"a\"]", "]", "a = [1]", "[1], [2]"] {
            assert_eq!(header(line), None, "{line}");
        }
    }

    /// A folder with these files in it.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn of_file(folder: &tempfile::TempDir, top: Option<&Lines>) -> Result<Manifest, String> {
        let shown = folder.path().join("h.rs");
        let place = format!("{}/", folder.path().display());
        of(&shown, folder.path(), top).map_err(|why| why.replace(&place, ""))
    }

    const DEPENDS: &str = "[dependencies]\nmine = { path = \"mine\" }\n";

    #[test]
    fn one_that_lies_beside_the_file_is_read_by_either_name() {
        for name in ["h.toml", "Cargo.toml"] {
            let folder = folder(&[(name, DEPENDS)]);
            let found = of_file(&folder, None).unwrap();
            let there = folder.path().canonicalize().unwrap();
            let mine = format!("mine = {{ path = {} }}\n", quoted(&there.join("mine")));
            assert_eq!(found.dependencies, mine);
            assert!(found.whose.ends_with(name), "{}", found.whose);
        }
        assert_eq!(of_file(&folder(&[]), None).unwrap(), Manifest::default());
    }

    #[test]
    fn a_manifest_of_a_package_or_a_workspace_is_not_the_files() {
        for section in ["[package]\nname = \"x\"\n", "[workspace.dependencies]\n"] {
            let of_more = format!("{DEPENDS}{section}");
            let alone = folder(&[("Cargo.toml", &of_more)]);
            assert_eq!(of_file(&alone, None).unwrap(), Manifest::default());
            // So another may lie beside it.
            let both = folder(&[("Cargo.toml", &of_more), ("h.toml", DEPENDS)]);
            assert!(of_file(&both, None).unwrap().whose.ends_with("h.toml"));
        }
        let own = folder(&[("h.toml", "[package]\nedition = '2018'\n")]);
        assert_eq!(
            of_file(&own, None).unwrap().edition.as_deref(),
            Some("2018")
        );
    }

    #[test]
    fn two_are_refused_in_one_line() {
        let top = [(2, "[dependencies]".to_owned())];
        let refused = |files: &[(&str, &str)], top| of_file(&folder(files), top).unwrap_err();
        assert_eq!(
            refused(&[("h.toml", DEPENDS)], Some(&top)),
            "h.rs has a manifest at its top, and h.toml lies beside it: keep one of the two"
        );
        assert_eq!(
            refused(&[("h.toml", DEPENDS), ("Cargo.toml", "")], None),
            "h.toml and Cargo.toml lie beside h.rs: keep one of the two"
        );
        // What is wrong in one is said with its own name and line.
        assert_eq!(
            refused(&[("h.toml", "\n[features]\n")], None),
            "h.toml:2: [features] is not read here: [dependencies] is, and `edition` in [package]"
        );
        let folder = folder(&[]);
        fs::create_dir(folder.path().join("h.toml")).unwrap();
        let why = of_file(&folder, None).unwrap_err();
        assert!(why.starts_with("h.toml cannot be read: "), "{why}");
    }

    #[test]
    fn a_file_is_not_its_own_manifest() {
        for name in ["Cargo.toml", "h.toml"] {
            let folder = folder(&[(name, "[features]\n")]);
            let found = of(&folder.path().join(name), folder.path(), None);
            assert_eq!(found.unwrap(), Manifest::default());
        }
    }
}
