//! What the contract promises, one function each. They panic where it is broken.

#![expect(
    clippy::unwrap_used,
    reason = "tests, though a library to the compiler"
)]

use std::{
    cell::Cell,
    collections::HashSet,
    env, fs,
    future::{Future, poll_fn},
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    path::PathBuf,
    pin::pin,
    process,
    sync::{
        Arc, Barrier, Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use futures_lite::{AsyncReadExt, AsyncWriteExt, FutureExt, future::poll_once};
use runtime_api::{Config, Handle, OnDrop, OnPanic, Runtime, Threads};

/// How many branches stand for "one for each branch".
const MANY: usize = 64;

/// What a task panics with.
const PANIC: &str = "on purpose";

fn start<R: Runtime, M, F>(config: &Config, root: M) -> F::Output
where
    M: FnOnce() -> F + Send + 'static,
    F: Future + 'static,
    F::Output: Send + 'static,
{
    R::start(config, root).expect("the runtime starts")
}

async fn until<R: Runtime>(condition: impl Fn() -> bool + Send) {
    while !condition() {
        R::yield_now().await;
    }
}

async fn yields<R: Runtime>(times: usize) {
    for _ in 0..times {
        R::yield_now().await;
    }
}

fn here() -> ThreadId {
    thread::current().id()
}

fn count(threads: Threads, config: &Config) -> usize {
    match threads {
        Threads::Fixed(count) => count,
        Threads::Workers => config.workers,
        Threads::Branches => MANY,
    }
}

/// The root runs on the thread that called `start`, and its output comes back.
pub fn root_is_polled_by_the_calling_thread<R: Runtime>(config: &Config) {
    let polled_by = start::<R, _, _>(config, || async {
        yields::<R>(10).await;
        here()
    });
    assert_eq!(polled_by, here());
}

/// Outputs come in the order of the branches, not of their completion; up to thirty branches and
/// above, where `join_all` is another machine.
pub fn compose_keeps_the_order_of_its_branches<R: Runtime>(config: &Config) {
    start::<R, _, _>(config, || async {
        let branch = |index: usize, n: usize| async move {
            yields::<R>(n - index).await;
            index
        };
        for n in [0, 1, 5, 100] {
            let outputs = R::compose((0..n).map(|index| branch(index, n)).collect()).await;
            assert!(outputs.into_iter().eq(0..n), "{n} branches");
        }
        assert_eq!(R::compose2(branch(0, 2), branch(1, 2)).await, (0, 1));
        assert_eq!(R::compose2(branch(1, 2), branch(0, 2)).await, (1, 0));
    });
}

/// No branch is polled while another is, nor on another thread than the task that composes them;
/// from the root, and from a spawned task.
pub fn compose_polls_one_branch_at_a_time_in_its_own_task<R: Runtime>(config: &Config) {
    async fn composed<R: Runtime>() {
        let polling = Arc::new(Mutex::new(()));
        let task_thread = Arc::new(Mutex::new(here()));
        let branch = |polling: Arc<Mutex<()>>, task_thread: Arc<Mutex<ThreadId>>| async move {
            for _ in 0..50 {
                {
                    let _alone = polling.try_lock().expect("no other branch is being polled");
                    assert_eq!(*task_thread.lock().unwrap(), here());
                }
                R::yield_now().await;
            }
        };
        let new = || branch(polling.clone(), task_thread.clone());
        for n in [5, 100] {
            let mut all = pin!(R::compose2(
                R::compose((0..n).map(|_| new()).collect()),
                new()
            ));
            poll_fn(|context| {
                *task_thread.lock().unwrap() = here();
                all.as_mut().poll(context)
            })
            .await;
        }
    }
    start::<R, _, _>(config, || async {
        composed::<R>().await;
        R::spawn(composed::<R>()).await;
    });
}

/// Dropping a half-polled join drops its branches there and then.
pub fn compose_drops_its_branches_with_itself<R: Runtime>(config: &Config) {
    start::<R, _, _>(config, || async {
        let dropped = Arc::new(AtomicUsize::new(0));
        let branch = |guard: OnDropped| async move {
            let _guard = guard;
            until::<R>(|| false).await;
        };
        let guard = || OnDropped(dropped.clone());
        let join = R::compose2(
            R::compose((0..3).map(|_| branch(guard())).collect()),
            branch(guard()),
        );
        // Moved into a scope of its own, and dropped at its end.
        assert!(poll_once(join).await.is_none());
        assert_eq!(dropped.load(SeqCst), 4);
    });
}

/// Awaiting a handle gives the task's output.
pub fn spawn_gives_the_output<R: Runtime>(config: &Config) {
    let output = start::<R, _, _>(config, || async {
        let ready = R::spawn(async { 1 });
        let later = R::spawn(async {
            yields::<R>(3).await;
            2
        });
        // A task can spawn, too.
        let nested = R::spawn(async { R::spawn(async { 4 }).await });
        ready.await + later.await + nested.await
    });
    assert_eq!(output, 7);
}

/// As many tasks as declared can be polled at once: they meet at a barrier that holds each one's
/// thread. No more threads than declared poll any number of tasks.
pub fn spawn_reaches_as_many_threads_as_declared<R: Runtime>(config: &Config) {
    let declared = R::semantics(config).spawn;
    let k = count(declared, config);
    start::<R, _, _>(config, move || async move {
        let barrier = Arc::new(Barrier::new(k));
        let met: Vec<_> = (0..k).map(|_| R::spawn(meet(barrier.clone()))).collect();
        let met: HashSet<_> = R::compose(met).await.into_iter().collect();
        assert_eq!(met.len(), k);

        let many: Vec<_> = (0..MANY)
            .map(|_| {
                R::spawn(async {
                    // Holds its thread, so that the others are taken, too.
                    thread::sleep(Duration::from_millis(1));
                    here()
                })
            })
            .collect();
        let seen: HashSet<_> = R::compose(many).await.into_iter().collect();
        assert!(seen.len() <= k, "{} threads for {k}", seen.len());
    });
}

async fn meet(barrier: Arc<Barrier>) -> ThreadId {
    barrier.wait();
    here()
}

/// Whether the first poll happens inside the call of `spawn`.
pub fn spawn_polls_at_once_if_declared<R: Runtime>(config: &Config) {
    thread_local!(static SPAWNING: Cell<bool> = const { Cell::new(false) });
    let at_once = start::<R, _, _>(config, || async {
        SPAWNING.set(true);
        let task = R::spawn(async { SPAWNING.get() });
        SPAWNING.set(false);
        task.await
    });
    assert_eq!(at_once, R::semantics(config).polls_at_once);
}

/// A task that waits at a gate, and what has become of it.
#[derive(Clone, Default)]
struct Gated {
    started: Arc<AtomicBool>,
    open: Arc<AtomicBool>,
    finished: Arc<AtomicBool>,
    dropped: Arc<AtomicUsize>,
}

impl Gated {
    async fn run<R: Runtime>(self) {
        let _guard = OnDropped(self.dropped.clone());
        self.started.store(true, SeqCst);
        until::<R>(|| self.open.load(SeqCst)).await;
        // A task that was cancelled while it was being polled would not come past these.
        yields::<R>(10).await;
        self.finished.store(true, SeqCst);
    }
}

struct OnDropped(Arc<AtomicUsize>);

impl Drop for OnDropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// A task whose handle is dropped in mid-run finishes, or is dropped at its await point.
pub fn dropping_a_handle_does_what_is_declared<R: Runtime>(config: &Config) {
    let on_drop = R::semantics(config).on_drop;
    start::<R, _, _>(config, move || async move {
        let task = Gated::default();
        let handle = R::spawn(task.clone().run::<R>());
        until::<R>(|| task.started.load(SeqCst)).await;
        drop(handle);
        match on_drop {
            OnDrop::Detaches => {
                task.open.store(true, SeqCst);
                until::<R>(|| task.finished.load(SeqCst)).await;
            }
            OnDrop::Cancels => {
                until::<R>(|| task.dropped.load(SeqCst) == 1).await;
                assert!(!task.finished.load(SeqCst));
            }
        }
    });
}

/// A detached task finishes after the task that spawned it has ended.
pub fn detached_task_finishes<R: Runtime>(config: &Config) {
    start::<R, _, _>(config, || async {
        let task = Gated::default();
        let detached = task.clone();
        R::spawn(async { R::spawn(detached.run::<R>()).detach() }).await;
        until::<R>(|| task.started.load(SeqCst)).await;
        task.open.store(true, SeqCst);
        until::<R>(|| task.finished.load(SeqCst)).await;
    });
}

async fn panics_after<R: Runtime>(polls: usize) {
    yields::<R>(polls).await;
    panic_any(PANIC);
}

fn is_ours<T>(result: thread::Result<T>) -> bool {
    result.is_err_and(|panic| panic.downcast_ref() == Some(&PANIC))
}

/// A panic reaches the awaiter and nobody else, or ends the executor and the root with it. Where
/// tasks are polled at once, one that panics there does so in `spawn`.
pub fn panic_in_a_task_goes_where_declared<R: Runtime>(config: &Config) {
    let semantics = R::semantics(config);
    match semantics.on_panic {
        OnPanic::ReachesAwaiter => start::<R, _, _>(config, || async {
            for polls in [0, 3] {
                let task = R::spawn(panics_after::<R>(polls));
                assert!(is_ours(AssertUnwindSafe(task).catch_unwind().await));
            }
            R::spawn(panics_after::<R>(1)).detach();
            let live = (0..MANY).map(|_| R::spawn(yields::<R>(10))).collect();
            R::compose(live).await;
        }),
        OnPanic::KillsExecutor => {
            let config = config.clone();
            let ended = catch_unwind(move || {
                start::<R, _, _>(&config, move || async move {
                    if semantics.polls_at_once {
                        assert!(is_ours(catch_unwind(|| R::spawn(panics_after::<R>(0)))));
                    }
                    R::spawn(panics_after::<R>(1)).detach();
                    until::<R>(|| false).await;
                });
            });
            assert!(is_ours(ended));
        }
    }
}

/// As many dispatched branches as declared are polled at once, each on a thread of its own that is
/// not the root's; each is built where it is polled, and uses the runtime's own types there.
pub fn dispatch_reaches_as_many_threads_as_declared<R: Runtime>(config: &Config) {
    let semantics = R::semantics(config);
    let k = count(semantics.dispatch.unwrap_or(semantics.spawn), config);
    let (address, other_core) = (echo(), semantics.dispatch.is_some());
    start::<R, _, _>(config, move || async move {
        let barrier = Arc::new(Barrier::new(k));
        let placed = (0..k)
            .map(|_| {
                let barrier = barrier.clone();
                R::dispatch(move || {
                    let built_by = here();
                    async move {
                        let polled_by = meet(barrier).await;
                        R::sleep(Duration::from_millis(1)).await;
                        exchange::<R>(address).await;
                        (built_by, polled_by)
                    }
                })
            })
            .collect();
        let placed = R::compose(placed).await;
        let polled_by: HashSet<_> = placed.iter().map(|&(_, polled_by)| polled_by).collect();
        assert_eq!(polled_by.len(), k);
        if other_core {
            assert!(!polled_by.contains(&here()));
            assert!(
                placed
                    .iter()
                    .all(|(built_by, polled_by)| built_by == polled_by)
            );
        }
    });
}

/// A dispatched branch's panic reaches whoever awaits it, and the executor it was placed on lives.
pub fn dispatch_carries_a_panic_to_the_awaiter<R: Runtime>(config: &Config) {
    let semantics = R::semantics(config);
    if semantics.dispatch.is_none() && semantics.on_panic == OnPanic::KillsExecutor {
        return;
    }
    start::<R, _, _>(config, || async {
        for polls in [0, 3] {
            let branch = R::dispatch(move || panics_after::<R>(polls));
            assert!(is_ours(AssertUnwindSafe(branch).catch_unwind().await));
        }
        let live = (0..MANY).map(|i| R::dispatch(move || async move { i }));
        assert!(R::compose(live.collect()).await.into_iter().eq(0..MANY));
    });
}

/// Blocking code does not run on the thread that asked for it.
pub fn spawn_blocking_leaves_the_calling_thread<R: Runtime>(config: &Config) {
    let ran_on = start::<R, _, _>(config, || async { R::spawn_blocking(here).await });
    assert_ne!(ran_on, here());
}

/// So many jobs block at once as there are threads declared for them, and one more does not.
pub fn spawn_blocking_reaches_as_many_threads_as_declared<R: Runtime>(config: &Config) {
    #[derive(Default)]
    struct Gate {
        running: AtomicUsize,
        peak: AtomicUsize,
        open: Mutex<bool>,
        opened: Condvar,
    }
    let declared = R::semantics(config).blocking;
    let b = count(declared, config);
    let jobs = b + usize::from(declared != Threads::Branches);
    let peak = start::<R, _, _>(config, move || async move {
        let gate = Arc::new(Gate::default());
        let job = |gate: Arc<Gate>| {
            move || {
                let running = 1 + gate.running.fetch_add(1, SeqCst);
                gate.peak.fetch_max(running, SeqCst);
                let shut = gate.open.lock().unwrap();
                drop(gate.opened.wait_while(shut, |open| !*open).unwrap());
                gate.running.fetch_sub(1, SeqCst);
            }
        };
        // Each in a task of its own, so that the watcher's yields do not poll them: a wait that is
        // polled without end is more than every runtime bears (see glommio's adapter).
        let jobs = (0..jobs).map(|_| {
            let job = job(gate.clone());
            R::spawn(async { R::spawn_blocking(job).await })
        });
        R::compose2(R::compose(jobs.collect()), async {
            until::<R>(|| gate.running.load(SeqCst) == b).await;
            *gate.open.lock().unwrap() = true;
            gate.opened.notify_all();
        })
        .await;
        gate.peak.load(SeqCst)
    });
    assert_eq!(peak, b);
}

/// A panic in blocking code reaches whoever awaits it, and the pool goes on.
pub fn spawn_blocking_carries_a_panic_to_the_awaiter<R: Runtime>(config: &Config) {
    start::<R, _, _>(config, || async {
        let job = R::spawn_blocking(|| panic_any(PANIC));
        let result: thread::Result<()> = AssertUnwindSafe(job).catch_unwind().await;
        assert!(is_ours(result));
        assert_eq!(R::spawn_blocking(|| 3).await, 3);
    });
}

/// A timer is never early; on the root and in a task.
pub fn sleep_lasts_as_long_as_asked<R: Runtime>(config: &Config) {
    async fn late<R: Runtime>() {
        for millis in [0, 1, 3, 20] {
            let asked = Duration::from_millis(millis);
            let before = Instant::now();
            R::sleep(asked).await;
            assert!(before.elapsed() >= asked, "{asked:?}");
        }
    }
    start::<R, _, _>(config, || async {
        late::<R>().await;
        R::spawn(late::<R>()).await;
    });
}

/// A yield is pending once, and a sibling is polled meanwhile.
pub fn yield_now_is_pending_once<R: Runtime>(config: &Config) {
    start::<R, _, _>(config, || async {
        let mut pending = 0;
        let mut yielding = pin!(R::yield_now());
        poll_fn(|context| {
            let poll = yielding.as_mut().poll(context);
            pending += u32::from(poll.is_pending());
            poll
        })
        .await;
        assert_eq!(pending, 1);

        let turns = Mutex::new(Vec::new());
        let branch = |name: char| {
            let turns = &turns;
            async move {
                for _ in 0..3 {
                    turns.lock().unwrap().push(name);
                    R::yield_now().await;
                }
            }
        };
        R::compose2(branch('a'), branch('b')).await;
        let turns = turns.into_inner().unwrap();
        let longest = turns.chunk_by(|a, b| a == b).map(<[char]>::len).max();
        assert!(longest <= Some(2), "{turns:?}");
    });
}

/// What a connection carries, each way.
const MESSAGES: [&[u8]; 2] = [b"ping", &[7; 3000]];

/// A listener that sends back what it is sent and then hangs up, until the process ends.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(|| {
                let mut stream = stream.unwrap();
                for message in MESSAGES {
                    let mut bytes = vec![0; message.len()];
                    stream.read_exact(&mut bytes).unwrap();
                    stream.write_all(&bytes).unwrap();
                }
            });
        }
    });
    address
}

async fn exchange<R: Runtime>(address: SocketAddr) {
    let mut stream = R::connect(address).await.unwrap();
    for message in MESSAGES {
        stream.write_all(message).await.unwrap();
        stream.flush().await.unwrap();
        let mut received = vec![0; message.len()];
        stream.read_exact(&mut received).await.unwrap();
        assert_eq!(received, message);
    }
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    stream.close().await.unwrap();
}

/// A stream writes, reads, sees the other end hang up, and is dropped; on the root, in a task, and several at once.
pub fn streams_carry_bytes_both_ways<R: Runtime>(config: &Config) {
    let address = echo();
    start::<R, _, _>(config, move || async move {
        R::compose((0..4).map(|_| exchange::<R>(address)).collect()).await;
        let tasks = (0..4).map(|_| R::spawn(exchange::<R>(address))).collect();
        R::compose(tasks).await;
    });
}

/// Nobody listens there any more.
pub fn connect_reports_a_refusal<R: Runtime>(config: &Config) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let kind = start::<R, _, _>(config, move || async move {
        R::connect(address).await.err().map(|error| error.kind())
    });
    assert_eq!(kind, Some(ErrorKind::ConnectionRefused));
}

/// Files come whole, whatever their size, and a missing one is an error.
pub fn read_file_gives_the_whole_file<R: Runtime>(config: &Config) {
    let folder = Folder::new();
    let file = |size: usize| {
        let bytes: Vec<_> = (0..size).map(|index| index as u8).collect();
        let path = folder.0.join(size.to_string());
        fs::write(&path, &bytes).unwrap();
        (path, bytes)
    };
    let files = [file(0), file(5), file(4096), file(1_000_003)];
    let missing = folder.0.join("missing");
    start::<R, _, _>(config, move || async move {
        for (path, bytes) in files {
            assert!(
                R::read_file(path).await.unwrap() == bytes,
                "{}",
                bytes.len()
            );
        }
        let error = R::spawn(R::read_file(missing)).await.err();
        assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::NotFound));
    });
}

/// A folder of this process, gone when the check ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = env::temp_dir().join(format!("runtime-contract-{}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
