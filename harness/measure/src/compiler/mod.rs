//! Asking the compiler.
//!
//! All functions of a runtime are compiled at once, and errors told apart by their lines: functions do
//! not depend on each other, so an error in one is evidence about it whatever else is in the crate.
//! That there was none is no evidence, since the compiler may have stopped before it came so far. So
//! what had no error is compiled again without what had, until a crate compiles: then all in it is
//! accepted. That is two runs of the compiler for most, and as sure as one for each function.

use std::{collections::BTreeSet, env, path::PathBuf, process::Command, time::Duration};

use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan};

use harness_record::{
    demands::{
        Asked, Complaint, Demands, NO_NATIVE, Pair, Spawn,
        cases::{CASES, Case},
    },
    text::one_line,
};

use crate::{
    child::{Answer, Interrupt, answer},
    scratch::Scratch,
    toolchain::{rustc, toolchain},
};
use source::{Crate, Function, Half};

mod source;

/// What a build of an adapter made, and so what a case of its runtime is compiled against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Libraries {
    /// The adapter's own dependencies: the name that Rust knows each by, and its file.
    pub direct: Vec<(String, PathBuf)>,
    /// The folders of these and of theirs.
    pub folders: BTreeSet<PathBuf>,
    /// Where the build ran: which compiler is meant may depend on it.
    pub workspace: PathBuf,
}

/// How an adapter's demands come to be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The compiler can be asked: the spawns to ask about, and what the build of the adapter made.
    Compiler(Vec<Spawn>, Libraries),
    /// It was asked when the adapter was built, or nothing can be known.
    Recorded(Demands),
}

impl Source {
    /// What is demanded. Asking the compiler takes two runs of it, some tenths of a second.
    #[must_use]
    pub fn demands(&self) -> Demands {
        match self {
            Source::Recorded(demands) => demands.clone(),
            Source::Compiler(spawns, _) if !spawns.iter().any(|spawn| spawn.native) => {
                Demands::unknown(NO_NATIVE)
            }
            Source::Compiler(spawns, libraries) => ask(spawns, CASES, libraries),
        }
    }
}

/// It takes some tenths of a second, and a few on a busy machine.
const AT_MOST: Duration = Duration::from_secs(120);

/// Longest message that is recorded, in bytes.
const LONGEST: usize = 300;

/// Asks what these spawns demand.
#[must_use]
pub fn ask(spawns: &[Spawn], cases: &[Case], libraries: &Libraries) -> Demands {
    let Some(compiler) = toolchain().into_iter().next() else {
        return Demands::unknown("there is no rustc to ask what its spawns demand");
    };
    match complaints(spawns, cases, libraries) {
        Ok(complaints) => Demands {
            compiler,
            unknown: None,
            spawns: asked(spawns, cases, &complaints),
        },
        Err(why) => Demands::unknown(format!(
            "cannot ask the compiler what its spawns demand: {why}"
        )),
    }
}

fn asked(spawns: &[Spawn], cases: &[Case], complaints: &[(Function, Complaint)]) -> Vec<Asked> {
    let of = |wanted: Function| {
        let mut found: Vec<Complaint> = Vec::new();
        for (function, complaint) in complaints {
            if *function == wanted && !found.contains(complaint) {
                found.push(complaint.clone());
            }
        }
        found
    };
    let pair = |spawn: usize, (case, it): (usize, &Case)| {
        let function = |half| Function { spawn, case, half };
        Pair {
            case: it.id.to_owned(),
            refused: of(function(Half::Refused)),
            twin: of(function(Half::Twin)),
        }
    };
    spawns
        .iter()
        .enumerate()
        .map(|(number, spawn)| Asked {
            spawn: spawn.clone(),
            pairs: cases
                .iter()
                .enumerate()
                .map(|case| pair(number, case))
                .collect(),
        })
        .collect()
}

/// Every error, with the function that it is in. A function without any was in a crate that compiled.
fn complaints(
    spawns: &[Spawn],
    cases: &[Case],
    libraries: &Libraries,
) -> Result<Vec<(Function, Complaint)>, String> {
    let mut all = Vec::new();
    let mut left = source::functions(spawns, cases);
    loop {
        let made = source::of(spawns, cases, &left);
        let errors = compile(&made, libraries)?;
        if errors.is_empty() {
            return Ok(all);
        }
        left.retain(|function| errors.iter().all(|(of, _)| of != function));
        all.extend(errors);
    }
}

/// The errors of one crate, or none where it compiles.
fn compile(made: &Crate, libraries: &Libraries) -> Result<Vec<(Function, Complaint)>, String> {
    let output = run(&made.text, libraries)?;
    let mut errors = Vec::new();
    let mut elsewhere = None;
    let stderr = String::from_utf8_lossy(&output.stderr);
    for line in stderr.lines() {
        let Ok(diagnostic) = serde_json::from_str::<Diagnostic>(line) else {
            continue;
        };
        if diagnostic.level != DiagnosticLevel::Error {
            continue;
        }
        let complaint = Complaint {
            code: diagnostic.code.as_ref().map(|code| code.code.clone()),
            message: one_line(&diagnostic.message, LONGEST),
        };
        let primary = diagnostic.spans.iter().find(|span| span.is_primary);
        match primary.and_then(|span| made.at(written(span)?)) {
            Some(function) => errors.push((function, complaint)),
            // "Aborting due to 3 previous errors" comes last, and is about no line.
            None => {
                elsewhere.get_or_insert(complaint);
            }
        }
    }
    match (output.status.success(), errors.is_empty(), elsewhere) {
        (true, ..) => Ok(Vec::new()),
        (false, false, _) => Ok(errors),
        (false, true, Some(complaint)) => Err(complaint.to_string()),
        (false, true, None) => Err(format!("{}: {}", output.status, one_line(&stderr, LONGEST))),
    }
}

/// The line on which what became this span was written, outside of all macros; none in other files.
fn written(span: &DiagnosticSpan) -> Option<usize> {
    match &span.expansion {
        Some(expansion) => written(&expansion.span),
        None => (span.file_name == "<anon>").then_some(span.line_start),
    }
}

/// Compiles as far as `cargo check` does.
fn run(text: &str, libraries: &Libraries) -> Result<Answer, String> {
    let folder = Scratch::new().map_err(|error| format!("{error:#}"))?;
    let mut command = Command::new(rustc());
    command
        .args(["--edition", "2024", "--crate-type", "lib"])
        .args(["--crate-name", "cases", "--emit", "metadata"])
        .args([
            "--cap-lints",
            "allow",
            "--error-format",
            "json",
            "--out-dir",
        ])
        .arg(folder.path());
    if let Some(target) = env::var_os("CARGO_BUILD_TARGET") {
        command.arg("--target").arg(target);
    }
    for (name, file) in &libraries.direct {
        let mut library = std::ffi::OsString::from(format!("{name}="));
        library.push(file);
        command.arg("--extern").arg(library);
    }
    for folder in &libraries.folders {
        let mut dependencies = std::ffi::OsString::from("dependency=");
        dependencies.push(folder);
        command.arg("-L").arg(dependencies);
    }
    if libraries.workspace.is_dir() {
        command.current_dir(&libraries.workspace);
    }
    command.arg("-");
    // It takes tenths of a second, and a run that is stopped meanwhile and goes on later does not ask again.
    let (text, interrupt) = (text.as_bytes().to_vec(), Interrupt::new());
    answer(command, text, Some(AT_MOST), &interrupt)
        .map_err(|error| format!("cannot run rustc: {error}"))
}

#[cfg(test)]
mod tests;
