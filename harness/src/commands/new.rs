//! `harness new`: a first file of one's own, which runs as it is.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write as _},
    process::ExitCode,
};

use super::{Usage, called};
use crate::cli::{NewArgs, NewWhat};
use anyhow::Context as _;
use harness_report::screen;

/// Writes the file, and says what to type next.
///
/// # Errors
///
/// What the user can mend (exit code 2): a name that is none, a file that is there already. Or that it cannot be written.
pub fn run(args: &NewArgs) -> anyhow::Result<ExitCode> {
    let NewWhat::Workload = args.what;
    let name = args.name.strip_suffix(".rs").unwrap_or(&args.name);
    let type_name = type_name(name).map_err(Usage)?;
    let file = format!("{name}.rs");
    let text = text(name, &type_name, &file);
    let opened = OpenOptions::new().write(true).create_new(true).open(&file);
    let mut opened = match opened {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let why =
                format!("{file} is there already: take another name, or `harness try {file}`");
            return Err(Usage(why).into());
        }
        opened => opened.with_context(|| format!("cannot write {file}"))?,
    };
    opened
        .write_all(text.as_bytes())
        .with_context(|| format!("cannot write {file}"))?;
    screen::say(&format!(
        "{file} is written. It runs as it is:\n\n  {} try {file} --runtime tokio\n\nThen put your own code into it; docs/YOUR_CODE.md says how.\n",
        called()
    ))?;
    Ok(ExitCode::SUCCESS)
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
    let parts = name.split(['-', '_']).filter(|part| !part.is_empty());
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    let joined: String = parts.map(capital).collect();
    // The file names the trait as well, and what it is given.
    match joined.as_str() {
        "Workload" | "Env" | "Runtime" | "Duration" | "Self" => Ok(format!("My{joined}")),
        _ => Ok(joined),
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
    fn nothing_is_left_of_the_template() {
        let text = text("slow-handler", "SlowHandler", "slow-handler.rs");
        for left in ["NAME", "FILE", "TYPE"] {
            assert!(!text.contains(left), "{left}");
        }
        assert!(text.contains("pub struct SlowHandler;"));
        assert!(text.contains("harness try slow-handler.rs --runtime tokio"));
    }
}
