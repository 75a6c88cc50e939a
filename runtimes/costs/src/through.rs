//! The operations through the trait, for any runtime.

use std::{
    future::Future, io, marker::PhantomData, net::SocketAddr, path::PathBuf, time::Duration,
};

use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _};
use runtime_api::Runtime;

use crate::{Job, MESSAGE, Measured, Operations, perform};

/// The side of the trait.
#[derive(Debug)]
pub struct Through<R>(PhantomData<R>);

async fn ready(index: u64) -> u64 {
    index
}

async fn yielding<R: Runtime>(index: u64) -> u64 {
    R::yield_now().await;
    index
}

async fn sum<F: Future<Output = u64>>(handles: Vec<F>) -> u64 {
    let mut sum = 0;
    for handle in handles {
        sum += handle.await;
    }
    sum
}

impl<R: Runtime> Operations for Through<R> {
    type Stream = R::Stream;

    async fn join_two_ready() -> u64 {
        let (a, b) = R::compose2(ready(0), ready(1)).await;
        a + b
    }

    async fn join_two_yielding() -> u64 {
        let (a, b) = R::compose2(yielding::<R>(0), yielding::<R>(1)).await;
        a + b
    }

    async fn join_ready(branches: u64) -> u64 {
        let branches = (0..branches).map(ready).collect();
        R::compose(branches).await.into_iter().sum()
    }

    async fn join_yielding(branches: u64) -> u64 {
        let branches = (0..branches).map(yielding::<R>).collect();
        R::compose(branches).await.into_iter().sum()
    }

    async fn spawn_two_ready() -> u64 {
        let a = R::spawn(ready(0));
        let b = R::spawn(ready(1));
        a.await + b.await
    }

    async fn spawn_two_yielding() -> u64 {
        let a = R::spawn(yielding::<R>(0));
        let b = R::spawn(yielding::<R>(1));
        a.await + b.await
    }

    async fn spawn_ready(branches: u64) -> u64 {
        sum((0..branches).map(|index| R::spawn(ready(index))).collect()).await
    }

    async fn spawn_yielding(branches: u64) -> u64 {
        sum((0..branches)
            .map(|index| R::spawn(yielding::<R>(index)))
            .collect())
        .await
    }

    fn drop_handle() {
        drop(R::spawn(ready(1)));
    }

    async fn spawn_blocking() -> u64 {
        R::spawn_blocking(|| 1).await
    }

    async fn sleep(duration: Duration) {
        R::sleep(duration).await;
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        R::connect(address).await
    }

    async fn round_trip(stream: &mut Self::Stream, message: &mut [u8; MESSAGE]) -> io::Result<()> {
        stream.write_all(message).await?;
        stream.read_exact(message).await
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        R::read_file(path).await
    }

    async fn in_a_task(job: Job) -> Measured {
        R::spawn(perform::<Self>(job)).await
    }
}
