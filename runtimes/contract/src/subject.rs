//! The runtime that is tried, with its type left behind: the trait's calls as functions.
//!
//! A check reads as the code of somebody who uses the runtime, and is compiled once for all adapters. For each
//! adapter there are only the calls behind [`Subject`]. What they take and give is boxed, which no check looks at.

use std::{
    any::{Any, TypeId},
    future::Future,
    io,
    marker::PhantomData,
    net::SocketAddr,
    path::PathBuf,
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll, ready},
    time::Duration,
};

use runtime_api::{AsyncRead, AsyncWrite, Config, Handle, Lack, Runtime, Semantics};

/// The one of this process: no process tries two.
static SUBJECT: OnceLock<&'static dyn Subject> = OnceLock::new();

/// From now on, checks try this one.
///
/// # Panics
///
/// If this process has another.
pub(crate) fn is<R: Runtime>() {
    let chosen = SUBJECT.get_or_init(|| &On::<R>(PhantomData));
    assert!(
        chosen.id() == TypeId::of::<R>(),
        "a process tries one runtime"
    );
}

fn subject() -> &'static dyn Subject {
    *SUBJECT.get().expect("checks are had for a runtime")
}

/// An output of whatever type.
type Output = Box<dyn Any + Send>;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A future as the runtime is given it.
type Branch<'a> = Boxed<'a, Output>;

type Root = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Output>>> + Send>;

/// [`Runtime`], with everything boxed.
trait Subject: Sync {
    fn id(&self) -> TypeId;
    fn lacks(&self) -> &'static [Lack];
    fn semantics(&self, config: &Config) -> Semantics;
    fn start(&self, config: &Config, root: Root) -> io::Result<Output>;
    fn compose2<'a>(&self, a: Branch<'a>, b: Branch<'a>) -> Boxed<'a, (Output, Output)>;
    fn compose<'a>(&self, branches: Vec<Branch<'a>>) -> Boxed<'a, Vec<Output>>;
    fn race<'a>(&self, a: Branch<'a>, b: Branch<'a>) -> Branch<'a>;
    fn timeout<'a>(&self, duration: Duration, future: Branch<'a>) -> Boxed<'a, Option<Output>>;
    fn spawn(&self, future: Branch<'static>) -> Box<dyn AnyHandle>;
    fn dispatch(&self, build: Box<dyn FnOnce() -> Branch<'static> + Send>) -> Branch<'static>;
    fn spawn_blocking(&self, blocking: Box<dyn FnOnce() -> Output + Send>) -> Branch<'static>;
    fn sleep(&self, duration: Duration) -> Boxed<'static, ()>;
    fn yield_now(&self) -> Boxed<'static, ()>;
    fn connect(&self, address: SocketAddr) -> Boxed<'static, io::Result<Box<dyn Stream>>>;
    fn resolve(&self, name: String) -> Boxed<'static, io::Result<Vec<SocketAddr>>>;
    fn read_file(&self, path: PathBuf) -> Boxed<'static, io::Result<Vec<u8>>>;
}

/// [`Handle`], which is detached unpolled.
trait AnyHandle: Future<Output = Output> + Send {
    fn detach(self: Box<Self>);
}

impl<H: Handle<Output>> AnyHandle for H {
    fn detach(self: Box<Self>) {
        Handle::detach(*self);
    }
}

/// [`Runtime::Stream`].
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

struct On<R>(PhantomData<R>);

impl<R: Runtime> Subject for On<R> {
    fn id(&self) -> TypeId {
        TypeId::of::<R>()
    }

    fn lacks(&self) -> &'static [Lack] {
        R::LACKS
    }

    fn semantics(&self, config: &Config) -> Semantics {
        R::semantics(config)
    }

    fn start(&self, config: &Config, root: Root) -> io::Result<Output> {
        R::start(config, root)
    }

    fn compose2<'a>(&self, a: Branch<'a>, b: Branch<'a>) -> Boxed<'a, (Output, Output)> {
        Box::pin(R::compose2(a, b))
    }

    fn compose<'a>(&self, branches: Vec<Branch<'a>>) -> Boxed<'a, Vec<Output>> {
        Box::pin(R::compose(branches))
    }

    fn race<'a>(&self, a: Branch<'a>, b: Branch<'a>) -> Branch<'a> {
        Box::pin(R::race(a, b))
    }

    fn timeout<'a>(&self, duration: Duration, future: Branch<'a>) -> Boxed<'a, Option<Output>> {
        Box::pin(R::timeout(duration, future))
    }

    fn spawn(&self, future: Branch<'static>) -> Box<dyn AnyHandle> {
        Box::new(R::spawn(future))
    }

    fn dispatch(&self, build: Box<dyn FnOnce() -> Branch<'static> + Send>) -> Branch<'static> {
        Box::pin(R::dispatch(build))
    }

    fn spawn_blocking(&self, blocking: Box<dyn FnOnce() -> Output + Send>) -> Branch<'static> {
        Box::pin(R::spawn_blocking(blocking))
    }

    fn sleep(&self, duration: Duration) -> Boxed<'static, ()> {
        Box::pin(R::sleep(duration))
    }

    fn yield_now(&self) -> Boxed<'static, ()> {
        Box::pin(R::yield_now())
    }

    fn connect(&self, address: SocketAddr) -> Boxed<'static, io::Result<Box<dyn Stream>>> {
        let connected = R::connect(address);
        Box::pin(async { Ok(Box::new(connected.await?) as Box<dyn Stream>) })
    }

    fn resolve(&self, name: String) -> Boxed<'static, io::Result<Vec<SocketAddr>>> {
        Box::pin(R::resolve(name))
    }

    fn read_file(&self, path: PathBuf) -> Boxed<'static, io::Result<Vec<u8>>> {
        Box::pin(R::read_file(path))
    }
}

/// A branch, its output in a box.
fn branch<'a, T: Send + 'static>(future: impl Future<Output = T> + Send + 'a) -> Branch<'a> {
    Box::pin(async { Box::new(future.await) as Output })
}

/// The output of a branch, out of its box.
fn plain<T: 'static>(output: Output) -> T {
    *output
        .downcast()
        .expect("a branch has the output that it was given with")
}

/// Whether it has no such thing, so that a check which is about something else does without.
pub(crate) fn lacks(what: Lack) -> bool {
    subject().lacks().contains(&what)
}

/// [`Runtime::semantics`].
pub(crate) fn semantics(config: &Config) -> Semantics {
    subject().semantics(config)
}

/// [`Runtime::start`], for a root that may fail.
pub(crate) fn start<T, M, F>(config: &Config, root: M) -> Result<T, String>
where
    M: FnOnce() -> F + Send + 'static,
    F: Future<Output = Result<T, String>> + 'static,
    T: Send + 'static,
{
    let root: Root = Box::new(|| {
        let root = root();
        Box::pin(async { Box::new(root.await) as Output })
    });
    let ended = subject().start(config, root);
    plain(ended.map_err(|error| format!("the runtime does not start: {error}"))?)
}

/// [`Runtime::compose2`].
pub(crate) fn compose2<'a, A: Send + 'static, B: Send + 'static>(
    a: impl Future<Output = A> + Send + 'a,
    b: impl Future<Output = B> + Send + 'a,
) -> impl Future<Output = (A, B)> + Send {
    let joined = subject().compose2(branch(a), branch(b));
    async {
        let (a, b) = joined.await;
        (plain(a), plain(b))
    }
}

/// [`Runtime::compose`].
pub(crate) fn compose<'a, T: Send + 'static>(
    branches: impl IntoIterator<Item = impl Future<Output = T> + Send + 'a>,
) -> impl Future<Output = Vec<T>> + Send {
    let joined = subject().compose(branches.into_iter().map(branch).collect());
    async { joined.await.into_iter().map(plain).collect() }
}

/// [`Runtime::race`].
pub(crate) fn race<'a, T: Send + 'static>(
    a: impl Future<Output = T> + Send + 'a,
    b: impl Future<Output = T> + Send + 'a,
) -> impl Future<Output = T> + Send {
    let first = subject().race(branch(a), branch(b));
    async { plain(first.await) }
}

/// [`Runtime::timeout`].
pub(crate) fn timeout<'a, T: Send + 'static>(
    duration: Duration,
    future: impl Future<Output = T> + Send + 'a,
) -> impl Future<Output = Option<T>> + Send {
    let in_time = subject().timeout(duration, branch(future));
    async { in_time.await.map(plain) }
}

/// [`Runtime::spawn`].
pub(crate) fn spawn<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> Task<T> {
    Task {
        unawaited: Some(subject().spawn(branch(future))),
        awaited: None,
        output: PhantomData,
    }
}

/// [`Runtime::dispatch`].
pub(crate) fn dispatch<F>(
    build: impl FnOnce() -> F + Send + 'static,
) -> impl Future<Output = F::Output> + Send + 'static
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let placed = subject().dispatch(Box::new(|| branch(build())));
    async { plain(placed.await) }
}

/// [`Runtime::spawn_blocking`].
pub(crate) fn spawn_blocking<T: Send + 'static>(
    blocking: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = T> + Send + 'static {
    let offloaded = subject().spawn_blocking(Box::new(|| Box::new(blocking())));
    async { plain(offloaded.await) }
}

/// [`Runtime::sleep`].
pub(crate) fn sleep(duration: Duration) -> impl Future<Output = ()> + Send {
    subject().sleep(duration)
}

/// [`Runtime::yield_now`].
pub(crate) fn yield_now() -> impl Future<Output = ()> + Send {
    subject().yield_now()
}

/// [`Runtime::connect`].
pub(crate) fn connect(
    address: SocketAddr,
) -> impl Future<Output = io::Result<Box<dyn Stream>>> + Send {
    subject().connect(address)
}

/// [`Runtime::resolve`].
pub(crate) fn resolve(
    name: String,
) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send + use<> {
    subject().resolve(name)
}

/// [`Runtime::read_file`].
pub(crate) fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
    subject().read_file(path)
}

/// What [`spawn`] returns.
pub(crate) struct Task<T> {
    unawaited: Option<Box<dyn AnyHandle>>,
    awaited: Option<Pin<Box<dyn AnyHandle>>>,
    output: PhantomData<fn() -> T>,
}

impl<T> Task<T> {
    /// [`Handle::detach`], before anybody awaits it.
    pub(crate) fn detach(self) {
        let handle = self.unawaited.expect("nobody awaits what is detached");
        handle.detach();
    }
}

impl<T: 'static> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let begun = self.unawaited.take().map(Box::into_pin);
        self.awaited = begun.or(self.awaited.take());
        let handle = self.awaited.as_mut().expect("a task has a handle");
        Poll::Ready(plain(ready!(handle.as_mut().poll(context))))
    }
}
