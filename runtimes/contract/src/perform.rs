//! Running one check, so that it has an answer whatever the runtime does.

use std::{
    any::Any,
    cell::Cell,
    collections::BTreeMap,
    panic::{self, AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
};

use runtime_api::{Config, Lack, Runtime};

use crate::{Check, LIMIT, Seen, subject, support::PANIC};

/// What came of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What was observed: a word for each aspect.
    pub seen: BTreeMap<String, String>,
    /// How the promise was broken, in a line; `None` where it was kept.
    pub broken: Option<String>,
}

/// Runs a check on this runtime, once a process: it starts the runtime. A panic in it is a broken promise. If it has
/// not ended within [`LIMIT`], `gives_up` is told what is known by then, on another thread, and
/// should end the process; nothing is returned after that.
///
/// # Panics
///
/// If this process has tried another runtime.
pub fn perform<R: Runtime>(
    check: &Check,
    config: &Config,
    gives_up: impl FnOnce(Found) + Send + 'static,
) -> Found {
    subject::is::<R>();
    tried(check, config, R::LACKS, gives_up)
}

/// The same of a runtime that lacks so much, with its type left behind.
pub(crate) fn tried(
    check: &Check,
    config: &Config,
    lacks: &[Lack],
    gives_up: impl FnOnce(Found) + Send + 'static,
) -> Found {
    let seen = Seen::default();
    if let Some(lack) = check.about.iter().find(|&about| lacks.contains(about)) {
        seen.note(lack.name(), "none of its own");
        return found(&seen, None);
    }
    let answered = Arc::new(AtomicBool::new(false));
    let places = remember_panics();
    {
        let (seen, answered) = (seen.clone(), answered.clone());
        thread::spawn(move || {
            thread::sleep(LIMIT);
            if !answered.swap(true, SeqCst) {
                let broken = format!("did not end within {LIMIT:?}");
                gives_up(found(&seen, Some(broken)));
            }
        });
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| (check.run)(config, &seen)));
    if answered.swap(true, SeqCst) {
        // The other thread is saying so, and ends the process.
        loop {
            thread::park();
        }
    }
    let broken = match outcome {
        Ok(outcome) => outcome.err(),
        Err(payload) => Some(broken_by(&message(payload.as_ref()), &places)),
    };
    found(&seen, broken)
}

fn found(seen: &Seen, broken: Option<String>) -> Found {
    Found {
        seen: seen.words(),
        broken,
    }
}

/// What a panic said, in one line.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    said.unwrap_or("without a message")
        .lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
}

/// What panics said, and where. A runtime that carries a panic from thread to thread loses the place.
type Places = Arc<Mutex<Vec<(String, String)>>>;

thread_local!(
    /// Whether a panic on this thread is what is looked at.
    static EXPECTED: Cell<bool> = const { Cell::new(false) }
);

/// Calls what may panic, without a word on standard error if it does.
pub(crate) fn quietly<T>(call: impl FnOnce() -> T) -> thread::Result<T> {
    EXPECTED.set(true);
    let ended = catch_unwind(AssertUnwindSafe(call));
    EXPECTED.set(false);
    ended
}

/// From now on panics are remembered; and those on purpose are not shown.
fn remember_panics() -> Places {
    let places = Places::default();
    let (kept, before) = (places.clone(), panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        if EXPECTED.get() || payload.downcast_ref::<&str>() == Some(&PANIC) {
            return;
        }
        let place = info
            .location()
            .map(|at| format!("{}:{}", at.file(), at.line()));
        let mut places = kept.lock().unwrap_or_else(PoisonError::into_inner);
        places.push((message(payload), place.unwrap_or_default()));
        drop(places);
        before(info);
    }));
    places
}

fn broken_by(message: &str, places: &Places) -> String {
    let places = places.lock().unwrap_or_else(PoisonError::into_inner);
    let place = places.iter().rfind(|(said, _)| said == message);
    let place = place.map_or("an unknown place", |(_, place)| place);
    format!("a panic at {place}: {message}")
}
