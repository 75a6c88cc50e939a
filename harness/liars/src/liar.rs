//! tokio behind the trait, but for the lie that is told.

use std::{future::Future, io, net::SocketAddr, path::PathBuf, time::Duration};

use runtime_api::{About, Config, Flavour, Handle, Runtime, Semantics};
use runtime_tokio::Tokio;

use crate::{
    compose, lie,
    lie::Lie,
    spawn::{self, Task},
};

pub(crate) struct Liar;

impl Runtime for Liar {
    type Stream = <Tokio as Runtime>::Stream;

    /// Under its own name, and in the first flavour alone.
    fn about() -> About {
        let flavours = Tokio::about().flavours.into_iter().take(1);
        About {
            name: lie::name().unwrap_or("liar"),
            flavours: flavours
                .map(|flavour| Flavour {
                    summary: "tokio's multi-thread flavour, but for a lie",
                    ..flavour
                })
                .collect(),
        }
    }

    fn semantics(config: &Config) -> Semantics {
        Semantics {
            // As an eager runtime would, whose first poll is all that the call of `spawn` does.
            polls_at_once: Lie::Inline.is_told(),
            ..Tokio::semantics(config)
        }
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        spawn::remember(config.workers);
        let config = Config {
            workers: if Lie::Alone.is_told() {
                1
            } else {
                config.workers
            },
            ..config.clone()
        };
        Tokio::start(&config, root)
    }

    async fn compose2<A, B>(a: A, b: B) -> (A::Output, B::Output)
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        if Lie::Scoped.is_told() {
            compose::two_on_threads(a, b).await
        } else {
            Tokio::compose2(a, b).await
        }
    }

    async fn compose<F>(branches: Vec<F>) -> Vec<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        if Lie::Scoped.is_told() {
            compose::all_on_threads(branches).await
        } else {
            Tokio::compose(branches).await
        }
    }

    fn race<A, B>(a: A, b: B) -> impl Future<Output = A::Output> + Send
    where
        A: Future + Send,
        B: Future<Output = A::Output> + Send,
        A::Output: Send,
    {
        Tokio::race(a, b)
    }

    fn timeout<F>(duration: Duration, future: F) -> impl Future<Output = Option<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        Tokio::timeout(duration, future)
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match Lie::told() {
            Some(Lie::Lazy) => Task::of(future),
            Some(Lie::Inline) => {
                Task::of(std::future::ready(futures_lite::future::block_on(future)))
            }
            Some(Lie::Mistaken) => Task::of(Tokio::spawn(spawn::mistaken(future))),
            Some(Lie::Memo) => spawn::remembered(future),
            Some(Lie::Cancels) => spawn::cancelled_with_its_handle(future),
            Some(Lie::Drifts) => spawn::on_a_pool_of_the_sample(future),
            _ => Task::of(Tokio::spawn(future)),
        }
    }

    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Tokio::spawn_blocking(blocking)
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + Send {
        Tokio::sleep(if Lie::Hasty.is_told() {
            duration / 2
        } else {
            duration
        })
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        Tokio::yield_now()
    }

    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send {
        Tokio::connect(address)
    }

    fn resolve(name: String) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send {
        Tokio::resolve(name)
    }

    fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
        Tokio::read_file(path)
    }
}
