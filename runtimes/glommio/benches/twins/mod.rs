//! The operations as a glommio user writes them: nothing of it is `Send`.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _};
use futures_util::future::{join, join_all};
use glommio::{io::BufferedFile, net::TcpStream, spawn_local};
use runtime_costs::{Job, MESSAGE, Measured, Operations, perform};

/// The twin.
#[derive(Debug)]
pub(crate) struct Twin;

async fn ready(index: u64) -> u64 {
    index
}

async fn yielding(index: u64) -> u64 {
    glommio::executor().yield_now().await;
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
        let a = spawn_local(ready(0));
        let b = spawn_local(ready(1));
        a.await + b.await
    }

    async fn spawn_two_yielding() -> u64 {
        let a = spawn_local(yielding(0));
        let b = spawn_local(yielding(1));
        a.await + b.await
    }

    async fn spawn_ready(branches: u64) -> u64 {
        let tasks: Vec<_> = (0..branches)
            .map(|index| spawn_local(ready(index)))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await;
        }
        sum
    }

    async fn spawn_yielding(branches: u64) -> u64 {
        let tasks: Vec<_> = (0..branches)
            .map(|index| spawn_local(yielding(index)))
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await;
        }
        sum
    }

    fn drop_handle() {
        drop(spawn_local(ready(1)));
    }

    async fn spawn_blocking() -> u64 {
        glommio::executor().spawn_blocking(|| 1).await
    }

    async fn sleep(duration: Duration) {
        glommio::timer::sleep(duration).await;
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        Ok(TcpStream::connect(address).await?)
    }

    async fn round_trip(stream: &mut Self::Stream, message: &mut [u8; MESSAGE]) -> io::Result<()> {
        stream.write_all(message).await?;
        stream.flush().await?;
        stream.read_exact(message).await
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        let file = BufferedFile::open(&path).await?;
        let size = file.file_size().await?;
        let mut bytes = Vec::new();
        while let left @ 1.. = size.saturating_sub(bytes.len() as u64) {
            let read = file.read_at(bytes.len() as u64, left as usize).await?;
            if read.is_empty() {
                break;
            }
            bytes.extend_from_slice(&read);
        }
        file.close().await?;
        Ok(bytes)
    }

    async fn in_a_task(job: Job) -> Measured {
        spawn_local(perform::<Self>(job)).await
    }
}
