//! A stream that sends nothing until it is flushed.

use std::{
    io,
    net::TcpStream,
    pin::Pin,
    task::{Context, Poll, ready},
};

use async_io::Async;
use runtime_api::{AsyncRead, AsyncWrite};

/// Keeps all that is written until it is flushed, as a runtime's stream may: a branch that writes, waits for an answer and
/// flushes nothing waits for ever.
#[derive(Debug)]
pub struct Buffered {
    stream: Async<TcpStream>,
    kept: Vec<u8>,
}

impl Buffered {
    pub(crate) fn new(stream: Async<TcpStream>) -> Self {
        Self {
            stream,
            kept: Vec::new(),
        }
    }
}

impl AsyncRead for Buffered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(context, bytes)
    }
}

impl AsyncWrite for Buffered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.kept.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while !this.kept.is_empty() {
            let written = ready!(Pin::new(&mut this.stream).poll_write(context, &this.kept))?;
            this.kept.drain(..written);
        }
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(context))?;
        Pin::new(&mut self.stream).poll_close(context)
    }
}
