//! Starts a program as a trial wants it, does to it what the trial says, and notes all that can be seen of its end.

use std::{
    ffi::OsString,
    fs::{self, File},
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{machine, place::Place};
use crate::common::{HEARS, PROGRAM, workspace};

/// No run here takes so long that does not hang, and no other command takes a tenth of it.
const PATIENCE: Duration = Duration::from_secs(180);
const PATIENCE_OF_OTHERS: Duration = Duration::from_secs(15);
/// What was killed is gone by then: the kernel ends what has lost its parent a moment later.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// What is to be started.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    program: PathBuf,
    pub(super) args: Vec<OsString>,
    /// What is told to the faulty adapters.
    pub(super) faulty: Option<String>,
    pub(super) machine: machine::Fault,
    /// So long after the start.
    pub(super) signals: Vec<(Signal, Duration)>,
}

impl Asked {
    pub(super) fn new(program: impl Into<PathBuf>, args: &[&str]) -> Self {
        Self {
            program: program.into(),
            args: args.iter().map(Into::into).collect(),
            faulty: None,
            machine: machine::Fault::None,
            signals: Vec::new(),
        }
    }

    /// `harness run` of the adapters of a place, with these options.
    pub(super) fn run(place: &Place, options: &[&str]) -> Self {
        let mut asked = Self::new(PROGRAM, &["run", "--quiet", "--format=json", "--workers=2"]);
        asked.path("--adapters", &place.at("adapters"));
        asked.path("--results", &place.results());
        asked.args.extend(options.iter().map(Into::into));
        asked
    }

    /// An option whose value is a place.
    pub(super) fn path(&mut self, option: &str, value: &Path) {
        self.args.push(option.into());
        self.args.push(value.into());
    }
}

/// What could be seen of it.
#[derive(Debug)]
pub(super) struct Seen {
    /// None of what did not end, and was killed.
    status: Option<ExitStatus>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
    /// The signals that it was alive for.
    pub(super) sent: Vec<Signal>,
    /// Processes of it that were there when it had ended.
    pub(super) left: Vec<String>,
}

impl Seen {
    pub(super) fn code(&self) -> Option<i32> {
        self.status?.code()
    }

    pub(super) fn hung(&self) -> bool {
        self.status.is_none()
    }

    /// The signal that ended it.
    pub(super) fn signal(&self) -> Option<Signal> {
        Signal::try_from(self.status?.signal()?).ok()
    }

    pub(super) fn was_sent(&self, signal: Signal) -> bool {
        self.sent.contains(&signal)
    }

    /// Lines that say what is wrong.
    pub(super) fn errors(&self) -> usize {
        self.stderr
            .lines()
            .filter(|line| line.starts_with("error: "))
            .count()
    }

    /// For the message of a violation.
    pub(super) fn said(&self) -> String {
        let end = match self.status {
            None => "it did not end".to_owned(),
            Some(status) => status.to_string(),
        };
        let cut = |text: &str| text.chars().take(600).collect::<String>();
        format!(
            "{end}, sent {:?}\n  stderr: {}\n  stdout: {}",
            self.sent,
            cut(self.stderr.trim_end()),
            cut(String::from_utf8_lossy(&self.stdout).trim_end()),
        )
    }
}

/// Starts it, and waits for its end.
pub(super) fn perform(place: &Place, asked: &Asked) -> Seen {
    let (out, err) = (place.at("stdout"), place.at("stderr"));
    let mut command = Command::new(HEARS[0]);
    command.args(&HEARS[1..]);
    if let Some(script) = asked.machine.shell() {
        command.args(["sh", "-c", &script, "sh"]);
    }
    command.arg(&asked.program);
    let (mark, value) = place
        .mark()
        .split_once('=')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    command
        .args(&asked.args)
        .current_dir(workspace())
        .env(&mark, &value)
        .env(
            "TMPDIR",
            match asked.machine {
                machine::Fault::NoTemporary => place.at("nowhere"),
                _ => place.at("tmp"),
            },
        )
        .stdin(Stdio::null())
        .stdout(File::create(&out).unwrap())
        .stderr(File::create(&err).unwrap());
    for name in [
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "CARGO",
        "RUST_BACKTRACE",
    ] {
        command.env_remove(name);
    }
    if let Some(faulty) = &asked.faulty {
        command.env("FAULTY", faulty);
    }
    let mut child = command.spawn().unwrap();
    let (status, sent) = see(&mut child, place, asked);
    // A process that was killed takes nobody along at once; and one that was told twice does not wait for the compiler,
    // which it had asked for its version, to say it.
    let is_killed = status.is_none_or(|status| status.signal() == Some(Signal::SIGKILL as i32));
    let is_killed = is_killed || sent.len() > 1;
    let deadline = Instant::now() + GONE_WITHIN;
    let mut left = living(&place.mark());
    while is_killed && !left.is_empty() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(2));
        left = living(&place.mark());
    }
    for &(id, _) in &left {
        let _ = kill(Pid::from_raw(id), Signal::SIGKILL);
    }
    Seen {
        status,
        stdout: fs::read(out).unwrap(),
        stderr: String::from_utf8_lossy(&fs::read(err).unwrap()).into_owned(),
        sent,
        left: left.into_iter().map(|(_, name)| name).collect(),
    }
}

/// Does what is to be done meanwhile.
fn see(child: &mut Child, place: &Place, asked: &Asked) -> (Option<ExitStatus>, Vec<Signal>) {
    let id = Pid::from_raw(child.id().try_into().unwrap());
    let began = Instant::now();
    let mut signals = asked.signals.clone();
    signals.sort_by_key(|(_, at)| *at);
    signals.reverse();
    let mut gone = match &asked.machine {
        machine::Fault::Gone(at) => Some((*at, place.results())),
        machine::Fault::AdapterGone(at) => Some((*at, place.at("adapters/runtime-other"))),
        _ => None,
    };
    let mut sent = Vec::new();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (Some(status), sent);
        }
        let now = began.elapsed();
        if signals.last().is_some_and(|(_, at)| *at <= now) {
            let (signal, _) = signals.pop().unwrap();
            // It is not waited for before the next look, so the id is still its own.
            kill(id, signal).unwrap();
            sent.push(signal);
        }
        if let Some((_, path)) = gone.take_if(|(at, _)| *at <= now) {
            let _ = fs::remove_dir_all(&path);
            let _ = fs::remove_file(&path);
        }
        let runs = asked.args.first().is_some_and(|command| command == "run");
        if now > if runs { PATIENCE } else { PATIENCE_OF_OTHERS } {
            child.kill().unwrap();
            child.wait().unwrap();
            return (None, sent);
        }
        // Not to wait for something, but to leave the cores to it.
        thread::sleep(Duration::from_millis(1));
    }
}

/// The processes that have this in their environment, with their names. A zombie has none.
fn living(mark: &str) -> Vec<(i32, String)> {
    let processes = fs::read_dir("/proc").unwrap();
    processes
        .filter_map(|entry| {
            let id: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let environment = fs::read(format!("/proc/{id}/environ")).ok()?;
            let mut all = environment.split(|byte| *byte == 0);
            all.any(|one| one == mark.as_bytes()).then(|| {
                let name = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
                (id, String::from_utf8_lossy(&name).replace('\0', " "))
            })
        })
        .collect()
}

/// What one program printed when it was started with these arguments, and how it ended.
pub(super) fn quickly(place: &Place, program: &Path, args: &[&str], record: &Path) -> Seen {
    let mut asked = Asked::new(program, args);
    asked.args.push(record.into());
    perform(place, &asked)
}
