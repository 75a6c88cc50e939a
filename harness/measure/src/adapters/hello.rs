//! Asking an adapter who it is.

use std::time::Duration;

use super::Adapter;
use crate::child::{Interrupt, Limits, Outcome, Status, ask};
use harness_judge::check::{Declared, wrong_with_adapter};
use harness_protocol::{Hello, Request, VERSION};

/// Starting a compiled program takes less CPU time, and what hides in so little is nothing.
const LITTLE: Duration = Duration::from_millis(2);
/// So often is an adapter started again that takes more, to learn the least that it takes: the first time, much of it
/// is reading the program from the disk.
const STARTS: usize = 3;

impl Adapter {
    /// Asks it who it is, and learns what it takes to start it.
    ///
    /// # Errors
    ///
    /// What went wrong, when there is no answer or none that fits. That it cannot run here is no
    /// error: [`Hello::unavailable`] says so.
    pub fn hello(&mut self, limits: &Limits, interrupt: &Interrupt) -> Result<Hello, Box<Outcome>> {
        let ask = || {
            let request = Request::Hello { v: VERSION };
            ask(&self.program, &request, limits, interrupt)
        };
        let mut outcome = ask();
        let wrong = match outcome.hello.take() {
            Some(hello) if outcome.is_ok() => match self.wrong_with(&hello) {
                None => {
                    self.start_up = outcome.cpu.map(|first| least(first, ask));
                    return Ok(hello);
                }
                Some(why) => Some(why),
            },
            _ => None,
        };
        if outcome.status == Status::Unavailable {
            // Its own word, in the shortest way to say it.
            return Ok(Hello {
                v: VERSION,
                runtime: self.name.clone(),
                version: None,
                unavailable: Some(outcome.why()),
                flavours: Vec::new(),
                checks: Vec::new(),
                own: None,
            });
        }
        if let Some(why) = wrong {
            outcome.status = Status::Failed;
            outcome.reason = Some(why);
        }
        Err(Box::new(outcome))
    }

    fn wrong_with(&self, hello: &Hello) -> Option<String> {
        let (theirs, ours) = (hello.v, VERSION);
        if theirs != ours {
            return Some(format!(
                "it speaks version {theirs} of the protocol, this harness version {ours}: build both from one source"
            ));
        }
        if hello.runtime != self.name {
            return Some(format!(
                "it calls itself \"{}\", but was found as \"{}\": give it one name",
                hello.runtime, self.name
            ));
        }
        if hello.flavours.is_empty() && hello.unavailable.is_none() {
            return Some("it names no flavour, nor why it cannot run".to_owned());
        }
        let declared = Declared {
            name: &hello.runtime,
            version: hello.version.as_deref(),
            unavailable: hello.unavailable.as_deref(),
            flavours: &hello.flavours,
            checks: &hello.checks,
        };
        wrong_with_adapter(declared).map(|why| format!("what it says of itself cannot be: {why}"))
    }
}

/// The least CPU time of a start, where the first took this much.
fn least(first: Duration, again: impl Fn() -> Outcome) -> Duration {
    let mut least = first;
    for _ in 0..STARTS {
        if least <= LITTLE {
            break;
        }
        let outcome = again();
        let Some(cpu) = outcome.cpu.filter(|_| outcome.is_ok()) else {
            break;
        };
        least = least.min(cpu);
    }
    least
}
