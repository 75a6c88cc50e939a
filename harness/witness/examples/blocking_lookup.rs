//! A blocking look-up in a handler.
//!
//! The name is looked up as `std::net::ToSocketAddrs` does it: a question by UDP, and the thread sleeps until the answer is
//! there. Nothing computes. But while that thread sleeps, nobody polls what is joined with the look-up, nor anything
//! else that its worker has. The report says so: the poll held its thread and used hardly any CPU time.
//!
//! To find out of a real name would depend on the network, so the name server here is a thread of ours that takes 20 ms.
//!
//! The remedy is `spawn_blocking`, on whose threads sleeping hurts nobody; tokio has it built in as
//! `tokio::net::lookup_host`. A plain spawn is none: it would put a worker to sleep.
//!
//!     cargo run -p witness-examples --example blocking_lookup

use std::{
    io,
    net::{SocketAddr, UdpSocket},
    thread,
};

use poll_witness::{Report, Site, Witness as _, rules::Class};
use witness_examples::{Run, example, millis, tokio_workers};

static GREET: Site = Site::new("greet");

/// Answers one question, after 20 ms.
fn name_server() -> io::Result<SocketAddr> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let address = socket.local_addr()?;
    thread::spawn(move || {
        let mut question = [0; 64];
        let (_, from) = socket.recv_from(&mut question)?;
        thread::sleep(millis(20));
        socket.send_to(&[192, 0, 2, 1], from)
    });
    Ok(address)
}

/// Asks it. This blocks, and nothing in its name says so.
fn look_up(server: SocketAddr) -> io::Result<[u8; 4]> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.send_to(b"shop.example", server)?;
    let mut address = [0; 4];
    socket.recv(&mut address)?;
    Ok(address)
}

/// Reads the visitor's session: two short waits.
async fn session() {
    tokio::time::sleep(millis(4)).await;
    tokio::time::sleep(millis(4)).await;
}

async fn before() -> Report {
    let server = name_server().expect("a socket");
    let call = GREET.enter();
    let (address, ()) = call
        .scope(async {
            tokio::join!(
                async { look_up(server) }.witness(&call, "look-up"),
                session().witness(&call, "session"),
            )
        })
        .await;
    assert_eq!(address.ok(), Some([192, 0, 2, 1]));
    call.finish()
}

async fn after() -> Report {
    let server = name_server().expect("a socket");
    let call = GREET.enter();
    let (address, ()) = call
        .scope(async {
            tokio::join!(
                tokio::task::spawn_blocking(call.blocking("look-up", move || look_up(server))),
                session().witness(&call, "session"),
            )
        })
        .await;
    let address = address.expect("it does not panic");
    assert_eq!(address.ok(), Some([192, 0, 2, 1]));
    call.finish()
}

example![
    Run::new(
        "before",
        || tokio_workers(2).block_on(before()),
        Class::BlockingOffload,
    ),
    Run::new(
        "after",
        || tokio_workers(2).block_on(after()),
        Class::BlockingOffload,
    )
    .done(),
];
