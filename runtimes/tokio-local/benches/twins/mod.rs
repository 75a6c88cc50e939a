//! The operations as a tokio user writes them who keeps tasks on their thread.

// A task that panicked is a bench that failed.
#![allow(clippy::unwrap_used)]

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use futures_util::future::join_all;
use runtime_costs::{Job, MESSAGE, Measured, Operations, perform};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::{self, spawn_local},
};

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
        let (a, b) = tokio::join!(ready(0), ready(1));
        a + b
    }

    async fn join_two_yielding() -> u64 {
        let (a, b) = tokio::join!(yielding(0), yielding(1));
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
        let a = spawn_local(ready(0));
        let b = spawn_local(ready(1));
        a.await.unwrap() + b.await.unwrap()
    }

    async fn spawn_two_yielding() -> u64 {
        let a = spawn_local(yielding(0));
        let b = spawn_local(yielding(1));
        a.await.unwrap() + b.await.unwrap()
    }

    async fn spawn_ready(branches: u64) -> u64 {
        let tasks: Vec<_> = (0..branches)
            .map(|index| spawn_local(ready(index)))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    }

    async fn spawn_yielding(branches: u64) -> u64 {
        let tasks: Vec<_> = (0..branches)
            .map(|index| spawn_local(yielding(index)))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    }

    fn drop_handle() {
        drop(spawn_local(ready(1)));
    }

    async fn spawn_blocking() -> u64 {
        task::spawn_blocking(|| 1).await.unwrap()
    }

    async fn sleep(duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        TcpStream::connect(address).await
    }

    async fn round_trip(stream: &mut Self::Stream, message: &mut [u8; MESSAGE]) -> io::Result<()> {
        stream.write_all(message).await?;
        stream.flush().await?;
        stream.read_exact(message).await.map(drop)
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        tokio::fs::read(path).await
    }

    async fn in_a_task(job: Job) -> Measured {
        spawn_local(perform::<Self>(job)).await.unwrap()
    }
}
