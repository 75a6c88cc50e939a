//! A few bytes after a set delay.

use std::{io, net::TcpStream, time::Instant};

use async_io::{Async, Timer};
use futures_lite::{AsyncReadExt, AsyncWriteExt};
use workload_wire::{Ask, Delayed};

/// Serves one connection until it ends.
pub(crate) async fn serve(stream: Async<TcpStream>) {
    // A client that goes away in the middle is its own affair.
    let _: io::Result<()> = reply(stream).await;
}

async fn reply(mut stream: Async<TcpStream>) -> io::Result<()> {
    let mut request = [0; 16];
    loop {
        stream.read_exact(&mut request).await?;
        let received = Instant::now();
        let request = Delayed::from_bytes(request);
        if request.delay > Ask::LONGEST {
            // There is no room for words here; the client sees the connection end.
            eprintln!("origin: a delay of more than {:?}", Ask::LONGEST);
            return Ok(());
        }
        Timer::at(received + request.delay).await;
        stream.write_all(&request.reply().to_le_bytes()).await?;
    }
}
