//! The operations as an async-std user writes them.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use async_std::{
    io::{ReadExt as _, WriteExt as _},
    net::TcpStream,
    task,
};
use futures_util::future::{join, join_all};
use runtime_costs::{Job, MESSAGE, Measured, Operations, perform};

/// The twin.
#[derive(Debug)]
pub(crate) struct Twin;

async fn ready(index: u64) -> u64 {
    index
}

async fn yielding(index: u64) -> u64 {
    task::yield_now().await;
    index
}

impl Operations for Twin {
    type Stream = TcpStream;

    async fn join_two_ready() -> u64 {
        let (a, b) = join(ready(0), ready(1)).await;
        a + b
    }

    async fn join_two_yielding() -> u64 {
        let (a, b) = join(yielding(0), yielding(1)).await;
        a + b
    }

    async fn join_ready(branches: u64) -> u64 {
        let branches: Vec<_> = (0..branches).map(ready).collect();
        join_all(branches).await.into_iter().sum()
    }

    async fn join_yielding(branches: u64) -> u64 {
        let branches: Vec<_> = (0..branches).map(yielding).collect();
        join_all(branches).await.into_iter().sum()
    }

    async fn spawn_two_ready() -> u64 {
        let a = task::spawn(ready(0));
        let b = task::spawn(ready(1));
        a.await + b.await
    }

    async fn spawn_two_yielding() -> u64 {
        let a = task::spawn(yielding(0));
        let b = task::spawn(yielding(1));
        a.await + b.await
    }

    async fn spawn_ready(branches: u64) -> u64 {
        let tasks: Vec<_> = (0..branches)
            .map(|index| task::spawn(ready(index)))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await;
        }
        sum
    }

    async fn spawn_yielding(branches: u64) -> u64 {
        let tasks: Vec<_> = (0..branches)
            .map(|index| task::spawn(yielding(index)))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await;
        }
        sum
    }

    fn drop_handle() {
        drop(task::spawn(ready(1)));
    }

    async fn spawn_blocking() -> u64 {
        task::spawn_blocking(|| 1).await
    }

    async fn sleep(duration: Duration) {
        task::sleep(duration).await;
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        TcpStream::connect(address).await
    }

    async fn round_trip(stream: &mut Self::Stream, message: &mut [u8; MESSAGE]) -> io::Result<()> {
        stream.write_all(message).await?;
        stream.flush().await?;
        stream.read_exact(message).await
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        async_std::fs::read(path).await
    }

    async fn in_a_task(job: Job) -> Measured {
        task::spawn(perform::<Self>(job)).await
    }
}
