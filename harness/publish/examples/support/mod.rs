//! What the examples share: programs that cargo builds, and a neighbour on the machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};

/// Builds with cargo, and says where the program of this name is: a bench is built with the programs of its
/// package, in no set order.
#[allow(dead_code, reason = "not every example wants one")]
pub(crate) fn executable(name: &str, arguments: &[&str]) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(arguments)
        .args(["--quiet", "--message-format", "json"]);
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    let messages = run(&mut cargo)?;
    let artifacts = cargo_metadata::Message::parse_stream(messages.as_bytes());
    let programs = artifacts.filter_map(|message| match message {
        Ok(cargo_metadata::Message::CompilerArtifact(artifact)) if artifact.target.name == name => {
            artifact.executable
        }
        _ => None,
    });
    let program = programs.last().context("cargo built no program")?;
    Ok(program.into())
}

/// The harness, built with cargo.
#[allow(dead_code, reason = "not every example wants one")]
pub(crate) fn harness() -> anyhow::Result<PathBuf> {
    executable("harness", &["build", "-p", "harness", "--bin", "harness"])
}

/// How much memory this process had at most.
#[allow(dead_code, reason = "not every example asks")]
pub(crate) fn memory() -> String {
    // proc_pid_status(5): the resident set at its peak.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    peak.map_or("not known".to_owned(), |kb| format!("{} MB", kb / 1000))
}

/// What it prints on standard output.
#[allow(dead_code, reason = "not every example wants one")]
pub(crate) fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// This program again, as a neighbour that takes of the machine what its arguments say; ended when it is
/// dropped.
#[allow(dead_code, reason = "not every example wants one")]
pub(crate) struct Neighbour(Child);

#[allow(dead_code, reason = "not every example wants one")]
impl Neighbour {
    pub(crate) fn start(arguments: [&str; 2]) -> anyhow::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        Ok(Self(command.args(arguments).spawn()?))
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
