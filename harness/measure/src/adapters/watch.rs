//! What a person sees while cargo builds: one line that says how far it is, and nothing of what cargo says, unless
//! it fails; then all of it.

use std::{
    io::{self, IsTerminal as _, Read},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc::Sender},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    child::{Event, Tail, read_chunks},
    progress::tell,
};
use harness_record::{format::counted, text::without_controls};

/// Where there is no terminal, somebody may still read along: a line so often.
const BETWEEN_LINES: Duration = Duration::from_secs(20);

/// So many crates come last.
const LAST: u64 = 2;

/// So much of what cargo says is kept: far more than any error that one reads.
const MOST_KEPT: usize = 1 << 20;

/// Watches one build. Clones watch the same.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    what: String,
    quiet: bool,
    bar: ProgressBar,
    began: Instant,
    state: Arc<Mutex<State>>,
}

/// What is known of a build.
#[derive(Debug, Default)]
struct State {
    /// The end of a line that has not come yet.
    rest: Vec<u8>,
    /// What cargo said, but for its progress.
    log: String,
    tail: Tail,
    /// Crates that it compiled, or began to.
    compiled: usize,
    /// Crates that were made before, as far as cargo had counted when it first said how far it was.
    before: Option<u64>,
    /// When it last said something where there is no terminal.
    said: Option<Instant>,
}

/// How far cargo is: of so many crates so many are done, and these are in work.
#[derive(Debug, PartialEq, Eq)]
struct Far<'a> {
    done: u64,
    all: u64,
    now: &'a str,
}

impl Watch {
    /// Of the build of this package, which begins now.
    pub(super) fn new(what: &str, quiet: bool) -> Self {
        let bar = if quiet || !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(0)
        };
        let style =
            ProgressStyle::with_template("building {prefix}  {bar:16}  {elapsed}  {wide_msg}");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("━╸ "));
        }
        bar.set_prefix(what.to_owned());
        // Cargo says nothing for as long as one crate takes.
        bar.enable_steady_tick(Duration::from_millis(250));
        Self {
            what: what.to_owned(),
            quiet,
            bar,
            began: Instant::now(),
            state: Arc::default(),
        }
    }

    /// Follows cargo's standard error, on a thread of its own.
    pub(super) fn follow(
        &self,
        pipe: impl Read + Send + 'static,
        events: Sender<Event>,
    ) -> io::Result<()> {
        let watch = self.clone();
        read_chunks(pipe, events, usize::MAX, move |chunk| watch.take(chunk))
    }

    /// The end of what cargo said.
    pub(super) fn text(&self) -> String {
        self.state().tail.text()
    }

    /// The build is over: says how long it took, if it took any time; all that cargo said, if it failed.
    pub(super) fn done(&self, well: bool) {
        self.bar.finish_and_clear();
        let state = self.state();
        if self.quiet {
            return;
        }
        if !well {
            tell(state.log.trim_end());
        } else if state.compiled > 0 {
            tell(&format!(
                "built {}: {} in {:.0} s",
                self.what,
                counted(state.compiled, "crate"),
                self.began.elapsed().as_secs_f64()
            ));
        }
    }

    /// The build failed, and somebody else says so: all that cargo said.
    pub(super) fn failed(&self) -> String {
        self.bar.finish_and_clear();
        self.state().log.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, chunk: &[u8]) {
        let mut state = self.state();
        state.rest.extend_from_slice(chunk);
        // Cargo ends a line of progress by going back to its beginning.
        while let Some(end) = state
            .rest
            .iter()
            .position(|byte| matches!(byte, b'\n' | b'\r'))
        {
            let line: Vec<u8> = state.rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            self.line(&mut state, &line);
        }
    }

    fn line(&self, state: &mut State, line: &str) {
        let plain = without_controls(line);
        let words = plain.trim();
        if let Some(far) = far(words) {
            self.show(state, &far);
            return;
        }
        if words.is_empty() {
            return;
        }
        state.tail.push(format!("{plain}\n").as_bytes());
        if state.log.len() < MOST_KEPT {
            state.log.push_str(line);
            state.log.push('\n');
        }
        if words.starts_with("Compiling ") {
            state.compiled += 1;
        }
        // Until it compiles, what it does instead: waiting for another cargo, or downloading.
        if state.compiled == 0 {
            self.bar.set_message(words.to_owned());
            self.bar.tick();
        }
    }

    fn show(&self, state: &mut State, far: &Far<'_>) {
        let before = *state.before.get_or_insert(far.done);
        let far = &Far {
            done: far.done.saturating_sub(before),
            all: far.all.saturating_sub(before),
            now: far.now,
        };
        if !self.bar.is_hidden() {
            self.bar.set_length(far.all);
            self.bar.set_position(far.done);
            self.bar.set_message(message(far, self.began.elapsed()));
        } else if !self.quiet && state.compiled > 0 {
            let text = match state.said {
                None => counted(far.all, "crate"),
                Some(said) if said.elapsed() >= BETWEEN_LINES => message(far, self.began.elapsed()),
                Some(_) => return,
            };
            state.said = Some(Instant::now());
            tell(&format!("building {}: {text}", self.what));
        }
    }
}

/// `41 of 58 crates, about 10 s left: serde`. It goes by the pace so far, which says nothing of the first and
/// of the last crates: an adapter's own takes longer than all that it is made of.
fn message(far: &Far<'_>, elapsed: Duration) -> String {
    let more = far.all.saturating_sub(far.done);
    let left = if more <= LAST {
        "; the last take longest".to_owned()
    } else if far.done >= more {
        let left = elapsed.as_secs_f64() / far.done as f64 * more as f64;
        format!(", about {:.0} s left", left.ceil())
    } else {
        String::new()
    };
    format!("{} of {} crates{left}: {}", far.done, far.all, far.now)
}

/// Reads `Building [====>   ] 41/58: serde, syn`.
fn far(words: &str) -> Option<Far<'_>> {
    let (_, rest) = words.strip_prefix("Building [")?.split_once("] ")?;
    let (numbers, now) = rest.split_once(':').unwrap_or((rest, ""));
    let (done, all) = numbers.trim().split_once('/')?;
    Some(Far {
        done: done.parse().ok()?,
        all: all.parse().ok()?,
        now: now.trim(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_progress_is_read_and_nothing_else_is_taken_for_it() {
        let read = far("Building [=========>     ] 41/58: serde, runtime-smol(bin)");
        let expected = Far {
            done: 41,
            all: 58,
            now: "serde, runtime-smol(bin)",
        };
        assert_eq!(read, Some(expected));
        for other in [
            "Compiling serde v1.0.0",
            "Building [",
            "Building [=>] x/58: y",
            "",
        ] {
            assert_eq!(far(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_left_goes_by_the_pace_while_that_tells_anything() {
        let at = |done, now| {
            let far = Far { done, all: 60, now };
            message(&far, Duration::from_secs(20))
        };
        assert_eq!(at(3, "syn"), "3 of 60 crates: syn");
        assert_eq!(at(40, "syn"), "40 of 60 crates, about 10 s left: syn");
        let last = at(59, "runtime-toy(bin)");
        assert_eq!(
            last,
            "59 of 60 crates; the last take longest: runtime-toy(bin)"
        );
    }

    /// In whatever pieces it comes: the progress is no part of what is kept, and the rest is kept whole.
    #[test]
    fn all_that_cargo_said_is_kept_but_for_its_progress() {
        let said =
            "   Compiling syn v2.0.0\n    Building [=>  ] 1/3: syn\r\x1b[Kerror: no\n  --> here\n";
        for size in [1, 7, said.len()] {
            let watch = Watch::new("runtime-toy", true);
            for chunk in said.as_bytes().chunks(size) {
                watch.take(chunk);
            }
            let log = without_controls(&watch.state().log);
            assert_eq!(log, "   Compiling syn v2.0.0\nerror: no\n  --> here\n");
            assert_eq!(watch.text(), log.trim_end());
            assert_eq!(watch.state().compiled, 1);
        }
    }
}
