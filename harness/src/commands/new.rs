//! `harness new`: a first file of one's own, or a first adapter, which runs as it is.

use std::{
    env,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{Usage, called};
use crate::cli::{NewArgs, NewWhat};
use anyhow::Context as _;
use harness_report::screen;

/// Writes what was asked for, and says what to type next.
///
/// # Errors
///
/// What the user can mend (exit code 2): a name that is none, a file that is there already. Or that it cannot be written.
pub fn run(args: &NewArgs) -> anyhow::Result<ExitCode> {
    match args.what {
        NewWhat::Workload => workload(&args.name),
        NewWhat::Runtime => runtime(&args.name),
    }
}

fn workload(name: &str) -> anyhow::Result<ExitCode> {
    let name = name.strip_suffix(".rs").unwrap_or(name);
    let type_name = type_name(name).map_err(Usage)?;
    let file = format!("{name}.rs");
    let text = text(name, &type_name, &file);
    if !write_new(Path::new(&file), &text)? {
        let why = format!("{file} is there already: take another name, or `harness try {file}`");
        return Err(Usage(why).into());
    }
    screen::say(&format!(
        "{file} is written. It runs as it is:\n\n  {} try {file} --runtime tokio\n\nThen put your own code into it; docs/YOUR_CODE.md says how.\n",
        called()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file that is not there; whether it was not.
fn write_new(file: &Path, text: &str) -> anyhow::Result<bool> {
    let cannot = || format!("cannot write {}", file.display());
    match OpenOptions::new().write(true).create_new(true).open(file) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        opened => {
            let mut opened = opened.with_context(cannot)?;
            opened.write_all(text.as_bytes()).with_context(cannot)?;
            Ok(true)
        }
    }
}

fn text(name: &str, type_name: &str, file: &str) -> String {
    include_str!("../../templates/workload.rs")
        .replace("NAME", name)
        .replace("FILE", file)
        .replace("TYPE", type_name)
}

/// `slow-handler` is `SlowHandler`.
fn type_name(name: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(plain) {
        return Err(format!(
            "`{name}` is no name for it: use letters, digits, - and _, and a letter first, such as slow-handler; it is written into this folder"
        ));
    }
    // The file names the trait as well, and what it is given.
    match joined(name).as_str() {
        joined @ ("Workload" | "Env" | "Runtime" | "Duration" | "Self") => {
            Ok(format!("My{joined}"))
        }
        joined => Ok(joined.to_owned()),
    }
}

/// The words of a name, each with a capital.
fn joined(name: &str) -> String {
    let parts = name.split(['-', '_']).filter(|part| !part.is_empty());
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    parts.map(capital).collect()
}

/// The files of an adapter, each where it lies in its folder and as it is written.
const ADAPTER: [(&str, &str); 4] = [
    (
        "Cargo.toml",
        include_str!("../../templates/runtime/manifest.toml"),
    ),
    ("src/lib.rs", include_str!("../../templates/runtime/lib.rs")),
    (
        "src/main.rs",
        include_str!("../../templates/runtime/main.rs"),
    ),
    (
        "tests/contract.rs",
        include_str!("../../templates/runtime/contract.rs"),
    ),
];

fn runtime(name: &str) -> anyhow::Result<ExitCode> {
    let type_name = runtime_type(name).map_err(Usage)?;
    let folder = runtimes()?.join(name);
    let shown = format!("runtimes/{name}");
    match fs::create_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let why =
                format!("{shown} is there already: take another name, or change what is in it");
            return Err(Usage(why).into());
        }
        made => made.with_context(|| format!("cannot make {}", folder.display()))?,
    }
    for (file, template) in ADAPTER {
        let path = folder.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot make {}", parent.display()))?;
        }
        write_new(&path, &adapter(template, name, &type_name))?;
    }
    let harness = called();
    screen::say(&format!(
        "{shown} is written: an adapter for async-executor. It runs as it is:\n\n  {harness} verify --runtime {name}\n  {harness} --runtime {name}\n\nThen put your runtime's calls in the place of async-executor's; docs/ADDING_A_RUNTIME.md says how.\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn adapter(template: &str, name: &str, type_name: &str) -> String {
    template
        .replace("{{name}}", name)
        .replace("{{crate}}", &format!("runtime_{}", name.replace('-', "_")))
        .replace("{{type}}", type_name)
}

/// The folder of the adapters, of the workspace around the current directory.
fn runtimes() -> anyhow::Result<PathBuf> {
    let here = env::current_dir().context("where am I?")?;
    let found = here
        .ancestors()
        .map(|folder| folder.join("runtimes"))
        .find(|folder| folder.join("api/Cargo.toml").is_file());
    let none = || {
        Usage("an adapter is a folder in `runtimes` of a checkout, and there is none here or above: change into one".to_owned())
    };
    Ok(found.ok_or_else(none)?)
}

/// `my-runtime` is `MyRuntime`.
fn runtime_type(name: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
        return Err(format!(
            "`{name}` is no name for a runtime: use a-z, 0-9 and -, and a letter first, such as my-runtime"
        ));
    }
    // Names that the adapter has in it.
    match joined(name).as_str() {
        joined @ ("Runtime" | "Config" | "About" | "Flavour" | "Handle" | "Semantics"
        | "Threads" | "Workers" | "Executor" | "Async" | "Timer" | "Task"
        | "Duration" | "Future" | "Self" | "Context" | "Poll" | "Pin") => {
            Ok(format!("{joined}Runtime"))
        }
        joined => Ok(joined.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_what_it_is_about() {
        assert_eq!(type_name("slow-handler").unwrap(), "SlowHandler");
        assert_eq!(type_name("a_2b").unwrap(), "A2b");
        assert_eq!(type_name("workload").unwrap(), "MyWorkload");
        for bad in ["", "2fast", "../x", "a b", "-a", "é"] {
            let why = type_name(bad).unwrap_err();
            assert!(why.contains("is no name"), "{why}");
        }
    }

    #[test]
    fn an_adapter_is_named_after_its_runtime() {
        assert_eq!(runtime_type("async-std").unwrap(), "AsyncStd");
        assert_eq!(runtime_type("executor").unwrap(), "ExecutorRuntime");
        for bad in ["", "2fast", "../x", "a b", "-a", "Mine", "a_b"] {
            let why = runtime_type(bad).unwrap_err();
            assert!(why.contains("is no name for a runtime"), "{why}");
        }
    }

    #[test]
    fn nothing_is_left_of_the_template() {
        let text = text("slow-handler", "SlowHandler", "slow-handler.rs");
        for left in ["NAME", "FILE", "TYPE"] {
            assert!(!text.contains(left), "{left}");
        }
        assert!(text.contains("pub struct SlowHandler;"));
        assert!(text.contains("harness try slow-handler.rs --runtime tokio"));
        for (file, template) in ADAPTER {
            let text = adapter(template, "my-own", "MyOwn");
            assert!(!text.contains("{{"), "{file}: {text}");
        }
        let main = adapter(ADAPTER[2].1, "my-own", "MyOwn");
        assert!(main.contains("harness_runner::run::<runtime_my_own::MyOwn>()"));
    }
}
