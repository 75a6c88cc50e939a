//! The future in which the branches of a call are put together.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

#[cfg(not(feature = "off"))]
use super::track::Polled;
use super::watched::Watched;

pin_project! {
    /// A future whose polls are those of a call's parent; made by [`Handle::scope`](super::Handle::scope).
    #[derive(Debug)]
    #[must_use = "a future does nothing until it is awaited"]
    pub struct Scope<F> {
        #[pin]
        future: F,
        watch: Watch,
    }
}

#[cfg(not(feature = "off"))]
type Watch = Option<Polled>;
#[cfg(feature = "off")]
type Watch = ();

impl<F> Scope<F> {
    #[cfg(not(feature = "off"))]
    pub(super) fn new(watched: Option<&Arc<Watched>>, future: F) -> Self {
        let watch = watched.map(|watched| Polled::new(watched.scope()));
        Self { future, watch }
    }

    #[cfg(feature = "off")]
    pub(super) fn new(_: Option<&Arc<Watched>>, future: F) -> Self {
        Self { future, watch: () }
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        #[cfg(not(feature = "off"))]
        let _polling = this.watch.as_mut().map(Polled::poll);
        this.future.poll(context)
    }
}
