//! One call of a site, and what wraps its branches, its scope and its closures.

mod blocking;
mod branch;
mod gather;
mod scope;
mod shared;
mod track;
mod watched;

use std::{borrow::Cow, fmt, future::Future, ops::Deref, sync::Arc};

pub use branch::{Branch, Witness};
pub use scope::Scope;
pub(crate) use watched::{Limits, Watched};

use crate::{report::Report, workers};

/// What a branch is called: a literal, or a `String` if it is made up, as `format!("part {i}")` is.
pub type Name = Cow<'static, str>;

/// A call that has been entered: [`Site::enter`](crate::Site::enter) makes it and [`finish`](Self::finish) ends it.
///
/// If it is dropped instead, as when its handler is cancelled or returns early by `?`, the site counts it as abandoned
/// and it has no report.
#[derive(Debug)]
#[must_use = "a call that is not finished has no report"]
pub struct Call {
    handle: Handle,
    finished: bool,
}

/// What branches are named against: a call, without the right to end it. Clones are cheap, and can be sent along into
/// tasks that have branches of their own ([`handle`](Self::handle)); `&call` is taken wherever a `&Handle` is wanted.
#[derive(Clone)]
pub struct Handle {
    /// `None` where this call is not watched.
    watched: Option<Arc<Watched>>,
}

impl Call {
    pub(crate) fn new(watched: Option<Arc<Watched>>) -> Self {
        Self {
            handle: Handle { watched },
            finished: false,
        }
    }

    /// Ends the call and says what was seen of it. What is still running then is in the report as far as it has come.
    ///
    /// This sorts all that was recorded: some microseconds for a handler with some branches, milliseconds for a call
    /// with thousands of polls. A call that is not watched gives an empty report at once.
    pub fn finish(mut self) -> Report {
        self.finished = true;
        let Some(watched) = self.handle.watched.take() else {
            return Report::unwatched();
        };
        let recorded = watched.gather();
        let workers = workers::Workers::of(watched.workers(), &recorded);
        let report = Report::of(recorded, workers);
        watched.tally().add(&report);
        report
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let (false, Some(watched)) = (self.finished, &self.handle.watched) {
            watched.tally().abandoned();
            drop(watched.close());
        }
    }
}

impl Deref for Call {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Handle {
    /// Another handle of the same call, to be moved into a task that names branches of its own.
    pub fn handle(&self) -> Handle {
        self.clone()
    }

    /// Whether this call is one of those that are watched.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.watched.is_some()
    }

    /// Wraps the future in which the branches are put together, so that those polled inside it are seen to be
    /// composed: await what this returns. It costs a watched call two readings of a clock a poll.
    ///
    /// A call without a scope is told everything but what to do about it. It may have several, one after the other.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn scope<F: Future>(&self, future: F) -> Scope<F> {
        Scope::new(self.watched.as_ref(), future)
    }

    /// Wraps a closure for a pool of blocking threads, or for a thread of its own, as a branch of this call.
    ///
    /// ```
    /// # use poll_witness::Site;
    /// static SITE: Site = Site::new("checksum");
    ///
    /// let call = SITE.enter();
    /// let sum = std::thread::spawn(call.blocking("sum", || (1..=10).sum::<u32>()));
    /// assert_eq!(sum.join().unwrap(), 55);
    /// let report = call.finish();
    /// # #[cfg(not(feature = "off"))]
    /// assert_eq!(report.branch("sum").unwrap().polls.len(), 1);
    /// ```
    #[must_use = "a closure does nothing until it is called"]
    pub fn blocking<N, T, F>(&self, name: N, closure: F) -> impl FnOnce() -> T + use<N, T, F>
    where
        N: Into<Name>,
        F: FnOnce() -> T,
    {
        blocking::wrap(self.watched.as_ref(), name.into(), closure)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watched = self.watched.as_ref().map(|watched| watched.site());
        f.debug_tuple("Handle").field(&watched).finish()
    }
}

#[cfg(all(test, not(any(witness_loom, feature = "off"))))]
mod tests;
