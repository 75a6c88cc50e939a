//! A future that is a branch of a call.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{Handle, Name, track::Polled};
use crate::lanes::Kept;
use crate::recorded::Ending;

/// Names any future as a branch of a call.
pub trait Witness: Future + Sized {
    /// Wraps this future as the branch `name` of `call`.
    ///
    /// The output, `Send`, the drop and a panic are those of the future, so that this can stand before and after
    /// `spawn` and in a `join!` alike. `call` is only looked at here: what is returned does not borrow it. A call that
    /// is not watched costs the future a word, and each poll a comparison with null.
    ///
    /// Name it where it is put together or spawned: from here on it counts as handed over.
    fn witness(self, call: &Handle, name: impl Into<Name>) -> Branch<Self> {
        Branch::new(call, name, self)
    }
}

impl<F: Future> Witness for F {}

pin_project! {
    /// A future that is a branch of a call; made by [`Witness::witness`].
    #[derive(Debug)]
    #[must_use = "a future does nothing until it is awaited"]
    pub struct Branch<F> {
        // Dropped first: what its destructors do still belongs to the branch.
        #[pin]
        future: F,
        watch: Watch,
    }
}

#[cfg(not(feature = "off"))]
type Watch = Option<Box<Watching>>;
#[cfg(feature = "off")]
type Watch = ();

/// What a watched branch carries along, in a box: others are to stay as small as they are.
#[derive(Debug)]
struct Watching {
    polled: Polled,
    waker: Kept,
}

impl<F> Branch<F> {
    #[cfg(not(feature = "off"))]
    fn new(call: &Handle, name: impl Into<Name>, future: F) -> Self {
        let track = call
            .watched
            .as_ref()
            .and_then(|watched| watched.branch(name.into(), false));
        let watch = track.map(|track| {
            Box::new(Watching {
                polled: Polled::new(track),
                waker: Kept::default(),
            })
        });
        Self { future, watch }
    }

    #[cfg(feature = "off")]
    fn new(_: &Handle, _: impl Into<Name>, future: F) -> Self {
        Self { future, watch: () }
    }
}

impl<F: Future> Future for Branch<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        #[cfg(not(feature = "off"))]
        if let Some(watching) = this.watch {
            return watching.poll(this.future, context);
        }
        this.future.poll(context)
    }
}

impl Watching {
    fn poll<F: Future>(
        &mut self,
        future: Pin<&mut F>,
        context: &mut Context<'_>,
    ) -> Poll<F::Output> {
        let waker = self.waker.waker(&self.polled.track, context.waker());
        let mut inner = Context::from_waker(waker);
        let polling = self.polled.poll();
        let outcome = future.poll(&mut inner);
        drop(polling);
        if outcome.is_ready() {
            self.polled.track.end(Ending::Done);
            self.waker.forget();
        }
        outcome
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // Of an end that there has been already this is none.
        self.polled.track.end(Ending::Dropped);
    }
}
