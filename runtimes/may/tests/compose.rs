//! What a join is in a coroutine: may's own, and the futures' join of what waits as may does.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    future::Future,
    sync::{Barrier, Mutex},
    thread,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use may::coroutine;
use runtime_api::{Config, Runtime};
use runtime_may::May;

const NAP: Duration = Duration::from_millis(40);

/// In a coroutine, of two workers.
fn in_a_coroutine<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let config = Config::new("default", 2);
    May::start(&config, || May::spawn(work)).unwrap()
}

/// Each waits for the other, so had one to end before the other began, neither would.
#[test]
fn the_branches_of_its_own_join_wait_together() {
    in_a_coroutine(async {
        let both = may::sync::Barrier::new(2);
        may::join!(both.wait(), both.wait());
    });
}

/// A barrier of the system's holds its thread, so two branches pass it only on two threads at once.
#[test]
fn the_branches_of_its_own_join_run_in_parallel() {
    let threads = in_a_coroutine(async {
        let (both, threads) = (Barrier::new(2), Mutex::new(Vec::new()));
        let branch = || {
            both.wait();
            threads.lock().unwrap().push(thread::current().id());
        };
        may::join!(branch(), branch());
        threads.into_inner().unwrap()
    });
    assert_eq!(threads.len(), 2);
    assert_ne!(threads[0], threads[1]);
}

#[test]
fn futures_that_wait_as_may_does_wait_one_after_the_other() {
    let took = in_a_coroutine(async {
        let began = Instant::now();
        join_all((0..2).map(|_| async { coroutine::sleep(NAP) })).await;
        began.elapsed()
    });
    assert!(took >= 2 * NAP, "{took:?}");
}

/// Each is woken by the other, which had no turn if the first suspended their coroutine.
#[test]
fn futures_that_return_while_they_wait_wait_together() {
    let both = in_a_coroutine(async {
        let (say_one, one) = futures_channel::oneshot::channel();
        let (say_two, two) = futures_channel::oneshot::channel();
        let first = async {
            May::sleep(NAP).await;
            say_one.send(1).unwrap();
            two.await.unwrap()
        };
        let second = async {
            say_two.send(2).unwrap();
            one.await.unwrap()
        };
        May::compose2(first, second).await
    });
    assert_eq!(both, (2, 1));
}
