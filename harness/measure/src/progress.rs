//! How far the run is and how long it will still take, on standard error: a bar on a terminal, a few lines
//! elsewhere.

use std::{
    cell::Cell,
    io::{IsTerminal, Write as _},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// One line or several to standard error, without colours where none are wanted. That it cannot be written, because the
/// disk is full or the terminal has gone, is nobody's business: what is measured is worth more than what is said of it.
pub fn tell(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Who is told how far it is.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    said: Cell<bool>,
    quiet: bool,
    turn: Cell<Option<(Ahead, Instant)>>,
    blocks: Cell<usize>,
}

/// What lies ahead when a runtime's turn begins.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ahead {
    /// The how-many-eth of how many turns it is; nothing where that is of no matter.
    pub turn: (usize, usize),
    /// When its time is up, where it has a budget.
    pub deadline: Option<Instant>,
    /// The budgets of the turns after it.
    pub later: Duration,
    /// How many blocks it takes, where that is fixed.
    pub blocks: Option<usize>,
}

impl Ahead {
    /// How long it will still take, as far as that can be known after so many blocks since it began.
    fn left(&self, began: Instant, now: Instant, blocks: usize) -> Option<Duration> {
        if let Some(deadline) = self.deadline {
            return Some(deadline.saturating_duration_since(now) + self.later);
        }
        let all = self.blocks.filter(|_| blocks > 0)?;
        let each = now.saturating_duration_since(began) / u32::try_from(blocks).ok()?;
        let left = all.saturating_sub(blocks);
        Some(each * u32::try_from(left).ok()?)
    }
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
            turn: Cell::new(None),
            blocks: Cell::new(0),
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
            self.bar.suspend(|| tell(line));
        }
    }

    /// The calibration begins.
    pub fn calibrating(&self) {
        self.phase("calibrating: how long each scenario's work takes here");
    }

    /// The promises of a runtime are tried.
    pub fn verifying(&self, name: &str) {
        self.phase(&format!(
            "verifying {name}: does it do what its adapter declares?"
        ));
    }

    /// One promise is tried.
    pub fn check(&self, config: &str, check: &str) {
        self.bar.set_message(format!("{config}  {check}"));
        self.bar.tick();
    }

    /// A runtime's turn begins.
    pub fn runtime(&self, name: &str, ahead: Ahead) {
        let now = Instant::now();
        let which = match ahead.turn {
            (number, of) if of > 1 => format!(" ({number} of {of})"),
            _ => String::new(),
        };
        let most = ahead.deadline.map_or_else(String::new, |deadline| {
            let most = deadline.saturating_duration_since(now).as_secs_f64();
            format!(", for about {most:.0} s")
        });
        if self.said.get() {
            self.say(&format!("measuring {name}{which}{most}"));
        }
        self.turn.set(Some((ahead, now)));
        self.blocks.set(0);
        let length = match (ahead.deadline, ahead.blocks) {
            (Some(deadline), _) => milliseconds(deadline.saturating_duration_since(now)),
            (None, Some(blocks)) => blocks as u64,
            (None, None) => 0,
        };
        self.show(&format!("measuring {name}{which}"), length);
    }

    fn phase(&self, what: &str) {
        if self.said.get() {
            self.say(what);
        }
        self.turn.set(None);
        let (name, _) = what.split_once(':').unwrap_or((what, ""));
        self.show(name, 0);
    }

    fn show(&self, what: &str, length: u64) {
        let template = match length {
            0 => "{prefix}  {spinner}  {wide_msg}",
            _ => "{prefix}  {bar:24}  {wide_msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style.progress_chars("━╸ "));
        }
        self.bar.set_length(length);
        self.bar.set_position(0);
        self.bar.set_prefix(what.to_owned());
        self.bar.set_message("");
    }

    /// A block begins.
    pub fn block(&self, number: u64, scenario: &str) {
        let now = Instant::now();
        let before = self.blocks.replace(self.blocks.get() + 1);
        let left = match self.turn.get() {
            None => String::new(),
            Some((ahead, began)) => {
                if let Some(deadline) = ahead.deadline {
                    let left = milliseconds(deadline.saturating_duration_since(now));
                    let length = self.bar.length().unwrap_or(0);
                    self.bar.set_position(length.saturating_sub(left));
                } else {
                    self.bar.set_position(before as u64);
                }
                ahead
                    .left(began, now, before)
                    .map_or_else(String::new, in_words)
            }
        };
        self.bar
            .set_message(format!("{left}block {}  {scenario}", number + 1));
        self.bar.tick();
    }

    /// The turn takes so much longer than its budget: for what takes nothing of it.
    pub fn longer(&self, by: Duration) {
        let turn = self.turn.get().map(|(ahead, began)| {
            let deadline = ahead.deadline.map(|deadline| deadline + by);
            (Ahead { deadline, ..ahead }, began)
        });
        self.turn.set(turn);
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

fn milliseconds(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

/// `about 23 s left  `: in whole seconds, and in minutes where there are many.
fn in_words(left: Duration) -> String {
    match left.as_secs() {
        // What is only looked at, and on no budget, comes last.
        0 => "nearly done  ".to_owned(),
        seconds @ 1..=99 => format!("about {} s left  ", seconds + 1),
        seconds => format!("about {} min left  ", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_known_from_the_budgets_or_from_the_pace() {
        let began = Instant::now();
        let after = |seconds| began + Duration::from_secs(seconds);
        let budgeted = Ahead {
            deadline: Some(after(16)),
            later: Duration::from_secs(24),
            ..Ahead::default()
        };
        let left = |ahead: Ahead, seconds, blocks| {
            let left = ahead.left(began, after(seconds), blocks)?;
            Some(left.as_secs())
        };
        assert_eq!(left(budgeted, 6, 9), Some(34));
        assert_eq!(
            left(budgeted, 20, 9),
            Some(24),
            "over its own, but not the others'"
        );
        let counted = Ahead {
            blocks: Some(40),
            ..Ahead::default()
        };
        assert_eq!(left(counted, 0, 0), None, "no pace yet");
        assert_eq!(left(counted, 5, 10), Some(15));
        assert_eq!(left(counted, 50, 41), Some(0));
        assert_eq!(left(Ahead::default(), 5, 10), None);
    }

    #[test]
    fn it_is_said_in_seconds_or_minutes() {
        let said = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!(
            [said(0), said(7), said(99), said(100), said(300)],
            [
                "nearly done  ",
                "about 8 s left  ",
                "about 100 s left  ",
                "about 2 min left  ",
                "about 5 min left  "
            ]
        );
    }
}
