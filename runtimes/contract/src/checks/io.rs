//! Sockets and files.

use std::{
    env, fs,
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs},
    path::PathBuf,
    process, thread,
};

use futures_lite::{AsyncReadExt, AsyncWriteExt};
use runtime_api::Config;

use crate::{
    Outcome, Seen,
    subject::{compose, connect, read_file, resolve, spawn, start},
    support::ensure,
};

/// What a connection carries, each way.
const MESSAGES: [&[u8]; 2] = [b"ping", &[7; 3000]];

/// A listener that sends back what it is sent and then hangs up, until the process ends.
pub(super) fn echo() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(|| {
                let mut stream = stream?;
                for message in MESSAGES {
                    let mut bytes = vec![0; message.len()];
                    stream.read_exact(&mut bytes)?;
                    stream.write_all(&bytes)?;
                }
                // A client that leaves early is the check's to report.
                std::io::Result::Ok(())
            });
        }
    });
    address
}

/// Sends all messages and reads them back.
pub(super) async fn exchange(address: SocketAddr) -> Outcome {
    async fn talk(address: SocketAddr) -> std::io::Result<usize> {
        let mut stream = connect(address).await?;
        for message in MESSAGES {
            stream.write_all(message).await?;
            stream.flush().await?;
            let mut received = vec![0; message.len()];
            stream.read_exact(&mut received).await?;
            if received != message {
                return Err(ErrorKind::InvalidData.into());
            }
        }
        let left = stream.read(&mut [0]).await?;
        stream.close().await?;
        Ok(left)
    }
    let left = talk(address)
        .await
        .map_err(|error| format!("an exchange over a socket failed: {error}"))?;
    ensure!(left == 0, "the other end's hanging up was not seen");
    Ok(())
}

/// On the root, in a task, and several at once.
pub(crate) fn streams_carry_bytes_both_ways(config: &Config, _seen: &Seen) -> Outcome {
    let address = echo();
    start(config, move || async move {
        let all = compose((0..4).map(|_| exchange(address))).await;
        all.into_iter().collect::<Outcome>()?;
        let tasks: Vec<_> = (0..4).map(|_| spawn(exchange(address))).collect();
        compose(tasks).await.into_iter().collect()
    })
}

/// Nobody listens there any more.
pub(crate) fn connect_reports_a_refusal(config: &Config, _seen: &Seen) -> Outcome {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let kind = start(config, move || async move {
        Ok(connect(address).await.err().map(|error| error.kind()))
    })?;
    ensure!(
        kind == Some(ErrorKind::ConnectionRefused),
        "a connection that is refused gave {kind:?}"
    );
    Ok(())
}

/// Of names that no name server is asked for: on the root, in a task, and several at once. What the system itself does not
/// know is not asked of the runtime.
pub(crate) fn resolve_finds_what_the_system_finds(config: &Config, seen: &Seen) -> Outcome {
    let names = ["127.0.0.1:65535", "[::1]:1", "localhost:7"];
    let mut known: Vec<(String, Vec<SocketAddr>)> = Vec::new();
    for name in names {
        match name.to_socket_addrs() {
            Ok(addresses) => known.push((name.to_owned(), addresses.collect())),
            Err(error) => seen.note(name, format!("the system does not know it: {error}")),
        }
    }
    async fn look_up((name, mut expected): (String, Vec<SocketAddr>)) -> Outcome {
        let found = resolve(name.clone()).await;
        let mut found = found.map_err(|error| format!("the look-up of {name}: {error}"))?;
        // Their order is the system's affair.
        found.sort_unstable();
        expected.sort_unstable();
        ensure!(
            found == expected,
            "{name} was found at {found:?}, and the system finds {expected:?}"
        );
        Ok(())
    }
    start(config, move || async move {
        let tasks: Vec<_> = known.iter().cloned().map(look_up).map(spawn).collect();
        compose(tasks).await.into_iter().collect::<Outcome>()?;
        let all = compose(known.into_iter().map(look_up)).await;
        all.into_iter().collect::<Outcome>()?;
        let without_port = resolve("localhost".to_owned()).await;
        let kind = without_port.err().map(|error| error.kind());
        ensure!(
            kind == Some(ErrorKind::InvalidInput),
            "a name without a port gave {kind:?}"
        );
        Ok(())
    })
}

pub(crate) fn read_file_gives_the_whole_file(config: &Config, _seen: &Seen) -> Outcome {
    let folder = Folder::new();
    let file = |size: usize| {
        let bytes: Vec<_> = (0..size).map(|index| index as u8).collect();
        let path = folder.0.join(size.to_string());
        fs::write(&path, &bytes).unwrap();
        (path, bytes)
    };
    let files = [file(0), file(5), file(4096), file(1_000_003)];
    let missing = folder.0.join("missing");
    start(config, move || async move {
        for (path, bytes) in files {
            let size = bytes.len();
            let read = read_file(path).await;
            let read = read.map_err(|error| format!("a file of {size} bytes: {error}"))?;
            ensure!(read == bytes, "a file of {size} bytes came otherwise");
        }
        let kind = spawn(read_file(missing)).await.err();
        let kind = kind.map(|error| error.kind());
        ensure!(
            kind == Some(ErrorKind::NotFound),
            "a file that is missing gave {kind:?}"
        );
        Ok(())
    })
}

/// A folder of this process, gone when the check ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = env::temp_dir().join(format!("runtime-contract-{}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
