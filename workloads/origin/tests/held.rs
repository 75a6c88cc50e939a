//! Connections that are held open in groups, byte by byte.
#![cfg(target_os = "linux")]
// Helpers of tests are tests as well, but clippy does not know it.
#![expect(clippy::unwrap_used)]

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::running::Running;
use workload_wire::held::{GO, Group, MESSAGE, ROUND_TRIPS, message};

fn connect(address: SocketAddr, key: u64, connections: u64) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let group = Group { key, connections };
    stream.write_all(&group.to_bytes()).unwrap();
    stream
}

fn hears_go(stream: &mut TcpStream) {
    let mut go = [0];
    stream.read_exact(&mut go).unwrap();
    assert_eq!(go, [GO]);
}

/// Nothing to read, and not closed either.
fn is_silent(stream: &mut TcpStream) {
    stream.set_nonblocking(true).unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    stream.set_nonblocking(false).unwrap();
}

fn trips(stream: &mut TcpStream, seed: u64) {
    for trip in 0..ROUND_TRIPS {
        let sent = message(seed, trip);
        // In two parts, as a network may bring it.
        stream.write_all(&sent[..5]).unwrap();
        stream.write_all(&sent[5..]).unwrap();
        let mut back = [0; MESSAGE];
        stream.read_exact(&mut back).unwrap();
        assert_eq!(back, sent);
    }
}

#[test]
fn go_is_said_when_all_are_open_and_the_end_when_all_are_done() {
    let running = Running::start();
    let held = running.origin.held.unwrap();
    let mut first = connect(held, 1, 2);
    // Of a group of one, which is whole at once: when it has been served, so has the first been heard.
    let mut alone = connect(held, 2, 1);
    hears_go(&mut alone);
    is_silent(&mut first);
    let mut second = connect(held, 1, 2);
    hears_go(&mut first);
    hears_go(&mut second);
    trips(&mut first, 7);
    trips(&mut alone, 8);
    let mut used = [0; 8];
    alone.read_exact(&mut used).unwrap();
    assert!(u64::from_le_bytes(used) > 0);
    is_silent(&mut first);
    trips(&mut second, 9);
    first.read_exact(&mut used).unwrap();
    second.read_exact(&mut used).unwrap();
}

#[test]
fn who_goes_before_the_end_takes_the_group_along() {
    let running = Running::start();
    let held = running.origin.held.unwrap();
    let (mut stays, goes) = (connect(held, 1, 2), connect(held, 1, 2));
    hears_go(&mut stays);
    drop(goes);
    stays
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    match stays.read(&mut [0]) {
        Ok(0) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        other => panic!("{other:?}"),
    }
}

/// More than the origin looks after in one turn, and more than the standard library lets wait.
#[test]
fn two_thousand_are_held_at_once() {
    const MANY: u64 = 2_000;
    let running = Running::start();
    let held = running.origin.held.unwrap();
    let mut all: Vec<TcpStream> = (0..MANY).map(|_| connect(held, 3, MANY)).collect();
    for stream in &mut all {
        hears_go(stream);
    }
    for (seed, stream) in (0..).zip(&mut all) {
        trips(stream, seed);
    }
    for stream in &mut all {
        stream.read_exact(&mut [0; 8]).unwrap();
    }
}
