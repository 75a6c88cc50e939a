//! The second program, `harness-publish`: found or built when it is first asked for, and handed the command line.
//!
//! It has every command of this one, and those that want heavy libraries besides. Nobody waits for it to be compiled
//! before the first answer.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, bail};
use harness_measure::{
    adapters::{Build, with_cargo},
    child::Interrupt,
    progress::tell,
};

use super::Usage;

/// Its package, and its name as a program.
pub const NAME: &str = "harness-publish";

/// Runs it in this process's place, with the same arguments.
///
/// # Errors
///
/// When it cannot be found or built, or cannot be started.
pub fn hand_over() -> anyhow::Result<ExitCode> {
    // It is built first, perhaps, and its compilers are to end with us.
    Interrupt::install()?;
    let mut command = Command::new(program()?);
    command.args(env::args_os().skip(1));
    let failed = |error| anyhow::Error::new(error).context(format!("cannot start {NAME}"));
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        Err(failed(command.exec()))
    }
    #[cfg(not(unix))]
    {
        let status = command.status().map_err(failed)?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(ExitCode::from(code.unwrap_or(super::FAILED)))
    }
}

/// Both programs, for machines without cargo: those that lie where this one does. Under cargo the second is built first.
///
/// # Errors
///
/// When it cannot be built.
pub fn both() -> anyhow::Result<Vec<PathBuf>> {
    if env::var_os("CARGO").is_some() {
        program()?;
    }
    let us = this()?;
    let both = ["harness", NAME].map(|name| beside(&us, name));
    Ok(both
        .into_iter()
        .filter(|program| program.is_file())
        .collect())
}

fn this() -> anyhow::Result<PathBuf> {
    env::current_exe().context("cannot tell where this program lies")
}

fn beside(us: &Path, name: &str) -> PathBuf {
    us.with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// Where it lies: beside this program. Under cargo it is brought up to date first.
fn program() -> anyhow::Result<PathBuf> {
    let us = this()?;
    let beside = beside(&us, NAME);
    if us == beside {
        return Ok(us);
    }
    match env::var_os("CARGO") {
        Some(cargo) => build(Path::new(&cargo), &us, &beside)?,
        None if beside.is_file() => {}
        None => {
            let why = format!(
                "{} is not there: this command is the second program's; `cargo run -p harness -- ...` builds it, and \
                 `harness build --out` carries it along",
                beside.display()
            );
            return Err(Usage(why).into());
        }
    }
    Ok(beside)
}

/// Builds it into the folder that this program lies in, and with its profile.
fn build(cargo: &Path, us: &Path, beside: &Path) -> anyhow::Result<()> {
    let folder = us.parent().unwrap_or(Path::new("."));
    let release = folder.file_name().is_some_and(|name| name == "release");
    if !beside.is_file() {
        tell(&format!(
            "building {NAME}, the part of the harness that publishes, compares and exports: once, for a minute or two"
        ));
    }
    let mut command = Command::new(cargo);
    command.args(["build", "--package", NAME]);
    if release {
        command.arg("--release");
    }
    if let Some(target) = folder.parent() {
        command.arg("--target-dir").arg(target);
    }
    let how = Build {
        interrupt: Interrupt::installed(),
        ..Build::default()
    };
    with_cargo(command, NAME, &how)?;
    if !beside.is_file() {
        bail!("cannot build {NAME}: {} is not there", beside.display());
    }
    Ok(())
}
