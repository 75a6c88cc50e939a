//! The server that I/O scenarios talk to.
//!
//! It is a process of its own, so that the server never shares the runtime under test, and it has one
//! thread, and one for connections that are held, so that it takes no more of the machine than it must. It listens on four free ports of
//! 127.0.0.1 and says on standard output, in one line of JSON, which they are. It serves until its
//! standard input ends.
//!
//! | port | what is asked | what is answered |
//! | --- | --- | --- |
//! | `http` | `GET /answer`, `GET /account`, `PUT /account` | after a delay, what [`workload_wire`] says |
//! | `delayed` | a delay and a nonce, 16 bytes | 8 bytes, after the delay |
//! | `echo` | any bytes | the same, at once |
//! | `held` | many connections, and messages on each | when all are open, the same, at once; on Linux |

mod delayed;
mod echo;
#[cfg(target_os = "linux")]
mod held;
mod http;
mod lifetime;
mod listen;

use std::{io, process::ExitCode};

use async_executor::LocalExecutor;
use futures_lite::future;
use harness_protocol::{Origin, write_line};
use listen::Listener;

fn main() -> ExitCode {
    lifetime::end_with_standard_input();
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("origin: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> io::Result<()> {
    let (http, delayed, echo) = (Listener::open()?, Listener::open()?, Listener::open()?);
    let origin = Origin {
        http: http.address()?,
        delayed: delayed.address()?,
        echo: echo.address()?,
        held: held_connections()?,
    };
    write_line(&mut io::stdout().lock(), &origin)?;

    let executor: &'static LocalExecutor<'static> = Box::leak(Box::default());
    http.each(executor, http::serve);
    delayed.each(executor, delayed::serve);
    echo.each(executor, echo::serve);
    async_io::block_on(executor.run(future::pending()))
}

#[cfg(target_os = "linux")]
fn held_connections() -> io::Result<Option<std::net::SocketAddr>> {
    held::start().map(Some)
}

/// There is no epoll.
#[cfg(not(target_os = "linux"))]
fn held_connections() -> io::Result<Option<std::net::SocketAddr>> {
    Ok(None)
}
