//! What the end-to-end tests share: the real binary, and real adapters that are built once.
//!
//! Every file of tests is a program of its own and uses a part of this.

#![allow(dead_code, reason = "each program uses a part")]
#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Far longer than anything here takes that goes well, and less than what is to be seen ended would
/// take to end by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// The root of this workspace.
pub(crate) fn workspace() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut above = here.ancestors();
    above
        .find(|folder| folder.join("Cargo.lock").is_file())
        .unwrap()
}

/// The texts with markers, which publishing splices.
pub(crate) const TEXTS: [&str; 9] = [
    "README.md",
    "docs/COMMANDS.md",
    "docs/COSTS.md",
    "docs/FORK.md",
    "docs/IDIOMS.md",
    "docs/PREDICTIONS.md",
    "docs/RESULTS.md",
    "docs/SCALE.md",
    "results/README.md",
];

/// As much of a checkout of the workspace as publishing wants: these texts.
pub(crate) fn checkout() -> TempDir {
    let folder = TempDir::new().unwrap();
    for within in ["docs", "results"] {
        fs::create_dir(folder.path().join(within)).unwrap();
    }
    for file in TEXTS {
        fs::copy(workspace().join(file), folder.path().join(file)).unwrap();
    }
    folder
}

/// The program: the second one, which has every command, where the tests are of its package.
pub(crate) const PROGRAM: &str = match (
    option_env!("CARGO_BIN_EXE_harness"),
    option_env!("CARGO_BIN_EXE_harness-publish"),
) {
    (Some(program), _) | (None, Some(program)) => program,
    (None, None) => panic!("these tests are of a package without the program"),
};

/// Starts a program that hears signals, though whoever runs the tests ignores them: a script ignores SIGINT for what it
/// has in the background, and `nohup` ignores SIGHUP.
pub(crate) const HEARS: [&str; 2] = ["/usr/bin/env", "--default-signal=HUP,INT,TERM"];

/// The harness, with nothing of the caller's that changes how it prints or ends.
pub(crate) fn harness() -> Command {
    if cfg!(target_os = "linux") {
        harness_under(&HEARS)
    } else {
        plain(Command::new(PROGRAM))
    }
}

/// The same, started by another program with these words.
pub(crate) fn harness_under(starter: &[&str]) -> Command {
    let mut command = Command::new(starter[0]);
    command.args(&starter[1..]).arg(PROGRAM);
    plain(command)
}

fn plain(mut command: Command) -> Command {
    command.current_dir(workspace()).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

/// The threads adapter and the origin, as `harness build` puts them into a folder. Cargo knows whether
/// there is anything to build, so only the first program of tests waits for it.
pub(crate) fn prebuilt() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("prebuilt");
        let mut command = harness();
        let _alone = building();
        // Under cargo it would build the second program too, to carry it along.
        command.env_remove("CARGO");
        command.args(["build", "--quiet", "--runtime=threads", "--out"]);
        let output = command.arg(&folder).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        folder
    })
}

/// Held by whoever has adapters built by the harness: cargo has one place for an adapter, whatever groups of scenarios
/// are in it, from which the harness takes it.
pub(crate) fn building() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where cargo puts adapters, liars and the origin for tests that do not ask how fast they are: the optimiser has not
/// seen them, and every group of scenarios is in them.
///
/// `cargo test --workspace` has made them already, or nearly: what is chosen here shares its dependencies, whose
/// features follow from the packages and from whether there are tests among what is built. So one is: the origin's.
pub(crate) fn unoptimised() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.current_dir(workspace());
        build.args(["build", "--quiet", "--workspace", "--bins", "--test=main"]);
        build.args(["--exclude=harness", "--exclude=harness-publish"]);
        let output = build.arg("--target-dir").arg(target).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        target.join("debug")
    })
}

/// A folder with the origin and these adapters, unoptimised. Links, since a program that was written a moment ago
/// cannot always be started.
#[cfg(unix)]
pub(crate) fn folder_of(runtimes: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let link = |program: &str| {
        let program_there = unoptimised().join(program);
        std::os::unix::fs::symlink(program_there, folder.path().join(program)).unwrap();
    };
    link("origin");
    for runtime in runtimes {
        link(&format!("runtime-{runtime}"));
    }
    folder
}

/// What `harness report` prints of a record in a format.
pub(crate) fn reported(folder: &Path, format: &str) -> String {
    let mut command = harness();
    command.arg("report").arg(folder);
    stdout(&command.args(["--format", format]).output().unwrap())
}

/// A fixture of these tests.
pub(crate) fn fixture(name: &str) -> PathBuf {
    workspace().join("harness/tests/fixtures").join(name)
}

/// A run of the prebuilt adapters, recorded in a folder of its own.
pub(crate) struct Run {
    pub(crate) results: TempDir,
    pub(crate) output: Output,
}

impl Run {
    /// Runs `harness run` with these arguments.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let results = TempDir::new().unwrap();
        let mut command = harness();
        command.arg("run").arg("--adapters").arg(prebuilt());
        command.arg("--results").arg(results.path()).args(arguments);
        let output = command.output().unwrap();
        Self { results, output }
    }

    /// The folder that it recorded: there is one.
    pub(crate) fn folder(&self) -> PathBuf {
        record(self.results.path())
    }

    /// Its report as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        json(&self.output)
    }
}

/// Copies the files of a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// The one record of a folder of results.
pub(crate) fn record(results: &Path) -> PathBuf {
    let mut folders = fs::read_dir(results).unwrap().map(|e| e.unwrap().path());
    let folder = folders.next().expect("a record");
    assert!(folders.next().is_none(), "one run is one folder");
    folder
}

/// Standard output, as one JSON document.
pub(crate) fn json(output: &Output) -> serde_json::Value {
    match serde_json::from_slice(&output.stdout) {
        Ok(document) => document,
        Err(error) => panic!("{error}: {}", said(output)),
    }
}

/// What a program printed on standard output.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a program printed on standard error.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// All that is known of how a program went, for the message of a failed test.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The list under this key.
pub(crate) fn list<'a>(document: &'a serde_json::Value, key: &str) -> &'a [serde_json::Value] {
    document[key].as_array().unwrap()
}

/// Waits for what another process does. The limit tells a hang from an answer, and nothing else.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        // Not to wait for something, but to leave the core to it.
        thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a process lives. A zombie does not: it waits for whoever adopts orphans here to reap it.
#[cfg(target_os = "linux")]
pub(crate) fn lives(id: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ") && !stat.contains(") X ")
}

/// The processes that fixtures of a folder have noted there.
pub(crate) fn noted(folder: &Path) -> Vec<u32> {
    let text = fs::read_to_string(folder.join("pids")).unwrap_or_default();
    // The last line may still be on its way.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(|line| line.parse().unwrap()).collect()
}
