//! How far the run is, on standard error: a bar on a terminal, a line a runtime elsewhere.

use std::{
    cell::Cell,
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// Who is told how far it is.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    said: Cell<bool>,
    quiet: bool,
    ends: Cell<Option<(Instant, Duration)>>,
}

impl Progress {
    /// Says nothing at all if `quiet`.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = if quiet || !terminal {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(0)
        };
        Self {
            bar,
            said: Cell::new(!terminal),
            quiet,
            ends: Cell::new(None),
        }
    }

    /// Whether anybody hears what is said.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        !self.quiet
    }

    /// One line or several, above the bar.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            self.bar.suspend(|| anstream::eprintln!("{line}"));
        }
    }

    /// The calibration begins.
    pub fn calibrating(&self) {
        self.phase("calibrating", None);
    }

    /// The promises of a runtime are tried.
    pub fn verifying(&self, name: &str) {
        self.phase(&format!("verifying {name}"), None);
    }

    /// One promise is tried.
    pub fn check(&self, config: &str, check: &str) {
        self.bar.set_message(format!("{config}  {check}"));
        self.bar.tick();
    }

    /// A runtime's turn begins.
    pub fn runtime(&self, name: &str, deadline: Option<Instant>) {
        self.phase(&format!("measuring {name}"), deadline);
    }

    fn phase(&self, what: &str, deadline: Option<Instant>) {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        self.ends.set(deadline.zip(left));
        if self.said.get() {
            self.say(what);
        }
        let template = match left {
            Some(_) => "{prefix}  {bar:24}  {msg}",
            None => "{prefix}  {spinner}  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("━╸ "));
        }
        self.bar
            .set_length(left.map_or(0, |left| left.as_millis().try_into().unwrap_or(u64::MAX)));
        self.bar.set_position(0);
        self.bar.set_prefix(what.to_owned());
        self.bar.set_message("");
    }

    /// A block begins.
    pub fn block(&self, number: u64, scenario: &str) {
        self.bar.set_message(format!("block {number}  {scenario}"));
        match self.ends.get() {
            Some((deadline, whole)) => {
                let left = deadline.saturating_duration_since(Instant::now());
                self.bar.set_position(
                    whole
                        .saturating_sub(left)
                        .as_millis()
                        .try_into()
                        .unwrap_or(u64::MAX),
                );
            }
            None => self.bar.tick(),
        }
    }

    /// What an operation costs is looked for: the how-many-eth of how many.
    pub fn cost(&self, config: &str, operation: &str, (number, of): (usize, usize)) {
        self.bar
            .set_message(format!("{config}  {operation}  {number} of {of}"));
        self.bar.tick();
    }

    /// The run is over.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }
}
