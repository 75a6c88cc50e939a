//! One connection for all.
//!
//! Four queries are joined, so that they run at once. Each takes the one connection out of a mutex, asks, and waits 5 ms
//! for the answer. All four are "in flight", all cores are idle, and the whole takes as long as one after the other.
//! Spawning them, or more workers: nothing of that helps, since what they wait for is each other.
//!
//! What gives it away is who woke whom: each query was made ready by the sibling that let go of the mutex. The report
//! counts that time.
//!
//! The remedy: a connection each, from a pool; or one over which several questions can be under way.
//!
//!     cargo run -p witness-examples --example one_connection

use std::{io, net::SocketAddr, sync::Arc};

use futures_util::future::join_all;
use poll_witness::{
    Report, Site, Witness as _,
    rules::{Cause, Class},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Mutex,
};
use witness_examples::{Run, example, millis, tokio_workers};

static PAGE: Site = Site::new("page");

/// A database: each connection is answered byte by byte, 5 ms each.
async fn database() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while let Ok(question) = stream.read_u8().await {
                    tokio::time::sleep(millis(5)).await;
                    stream.write_u8(question + 1).await?;
                }
                io::Result::Ok(())
            });
        }
    });
    Ok(address)
}

type Connection = Arc<Mutex<TcpStream>>;

async fn query(connection: Connection, question: u8) -> io::Result<u8> {
    let mut stream = connection.lock().await;
    stream.write_u8(question).await?;
    stream.read_u8().await
}

/// Asks four questions over so many connections, joined or spawned.
async fn page(connections: usize, spawned: bool) -> io::Result<Report> {
    let database = database().await?;
    let mut pool: Vec<Connection> = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(database).await?;
        pool.push(Arc::new(Mutex::new(stream)));
    }
    let call = PAGE.enter();
    let queries = pool
        .iter()
        .cycle()
        .zip(1..=4)
        .map(|(connection, question)| {
            query(Arc::clone(connection), question).witness(&call, format!("query {question}"))
        });
    let answers = if spawned {
        let tasks = call.scope(join_all(queries.map(tokio::spawn))).await;
        tasks.into_iter().collect::<Result<_, _>>()?
    } else {
        call.scope(join_all(queries)).await
    };
    for (answer, question) in answers.into_iter().zip(1..) {
        assert_eq!(answer?, question + 1);
    }
    Ok(call.finish())
}

fn run(connections: usize, spawned: bool) -> Report {
    let page = tokio_workers(2).block_on(page(connections, spawned));
    page.expect("a database on this machine")
}

example![
    Run::new("joined", || run(1, false), Class::SerialisedByWhatTheyShare)
        .because(Cause::LockOrChannel),
    Run::new("spawned", || run(1, true), Class::SpawnedButSerialised).because(Cause::LockOrChannel),
    Run::new(
        "a connection each",
        || run(4, false),
        Class::ComposeIsEnough,
    )
    .done(),
];
