//! Every byte comes back at once.

use std::{io, net::TcpStream};

use async_io::Async;
use futures_lite::{AsyncReadExt, AsyncWriteExt};

/// Serves one connection until it ends.
pub(crate) async fn serve(stream: Async<TcpStream>) {
    // A client that goes away in the middle is its own affair.
    let _: io::Result<()> = echo(stream).await;
}

async fn echo(mut stream: Async<TcpStream>) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..read]).await?;
    }
}
