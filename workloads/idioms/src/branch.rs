//! A branch that waits to be woken, and is counted.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use crate::{
    Failed,
    world::{Polled, World},
};

/// One of the branches of a [`World`].
#[derive(Debug)]
pub struct Branch {
    world: Arc<World>,
    index: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Begun,
    Ended,
}

impl Branch {
    /// The branch of this index.
    #[must_use]
    pub fn new(world: &Arc<World>, index: usize) -> Self {
        Self {
            world: Arc::clone(world),
            index,
            state: State::New,
        }
    }
}

impl Future for Branch {
    type Output = Result<u64, Failed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(
            self.state != State::Ended,
            "a branch was polled after its end"
        );
        let new = self.state == State::New;
        self.state = State::Begun;
        let polled = self.world.polled(self.index, new, context.waker());
        if polled == Polled::Pending {
            return Poll::Pending;
        }
        self.state = State::Ended;
        Poll::Ready(match polled {
            Polled::Failed => Err(Failed),
            _ => Ok(self.world.answer(self.index)),
        })
    }
}

impl Drop for Branch {
    fn drop(&mut self) {
        if self.state != State::Ended {
            self.world.dropped(self.index, self.state == State::Begun);
        }
    }
}
