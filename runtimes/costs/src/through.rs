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
        // A stream may keep what is written until then, and the other end would wait for it, and this one for the other.
        stream.flush().await?;
        stream.read_exact(message).await
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        R::read_file(path).await
    }

    async fn in_a_task(job: Job) -> Measured {
        R::spawn(perform::<Self>(job)).await
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    use runtime_api::Config;
    use workload_testing::OneThread;

    use super::*;

    /// The other end hangs up on whoever keeps it waiting.
    #[test]
    fn a_round_trip_does_not_wait_for_what_its_stream_keeps() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let echo = thread::spawn(move || {
            let (mut stream, _) = listener.accept()?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            let mut message = [0; MESSAGE];
            stream.read_exact(&mut message)?;
            stream.write_all(&message)
        });
        let config = Config::new("default", 1);
        let trip = move || async move {
            let mut stream = Through::<OneThread>::connect(address).await?;
            let mut message = [7; MESSAGE];
            Through::<OneThread>::round_trip(&mut stream, &mut message).await?;
            io::Result::Ok(message)
        };
        let came = OneThread::start(&config, trip).unwrap();
        assert_eq!(came.unwrap(), [7; MESSAGE]);
        echo.join().unwrap().unwrap();
    }
}
