//! The origin, talked to with nothing but sockets: what goes over the wire is spelt out here, so that
//! the two sides cannot drift together.

// Helpers of tests are tests as well, but clippy does not know it.
#![expect(clippy::unwrap_used)]

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use crate::running::Running;

const DELAY: Duration = Duration::from_millis(20);

/// `mix(7, 2)`, by another implementation of SplitMix64.
const ANSWER: &str = "16731224329868871185";

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    // Long enough for any machine; a test that would hang fails instead.
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream
}

/// Sends one request and reads to the end of its answer's body.
fn ask(stream: &mut TcpStream, method: &str, target: &str, body: &str) -> (u16, String) {
    let length = body.len();
    let request =
        format!("{method} {target} HTTP/1.1\r\nhost: origin\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all((request + body).as_bytes()).unwrap();

    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let length: usize = head
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.split("\r\n").next())
        .unwrap()
        .parse()
        .unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (status, String::from_utf8(body).unwrap())
}

#[test]
fn an_answer_comes_after_its_delay() {
    let running = Running::start();
    let mut stream = connect(running.origin.http);
    let start = Instant::now();
    let target = format!("/answer?delay_ns={}&nonce=7&branch=2", DELAY.as_nanos());
    assert_eq!(
        ask(&mut stream, "GET", &target, ""),
        (200, ANSWER.to_owned())
    );
    assert!(start.elapsed() >= DELAY);
}

#[test]
fn an_account_is_read_and_written_over_one_connection() {
    let running = Running::start();
    let mut stream = connect(running.origin.http);
    let target = format!("/account?delay_ns={}&nonce=7&branch=2", DELAY.as_nanos());

    let start = Instant::now();
    let (status, body) = ask(&mut stream, "GET", &target, "");
    let account: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, account["id"].as_u64()), (200, Some(2)));
    assert_eq!(account["version"].to_string(), ANSWER);

    let (status, first) = ask(&mut stream, "PUT", &target, "5");
    let (_, second) = ask(&mut stream, "PUT", &target, "6");
    assert_eq!((status, first.as_str()), (200, "14195486451998631847"));
    assert_ne!(first, second);
    assert!(start.elapsed() >= 3 * DELAY);
}

#[test]
fn what_is_not_there_or_not_right_is_refused_in_one_line() {
    let running = Running::start();
    let mut stream = connect(running.origin.http);
    for (method, target, body, status, line) in [
        ("GET", "/", "", 404, "there is no GET / here\n"),
        ("PUT", "/answer", "1", 404, "there is no PUT /answer here\n"),
        ("GET", "/answer", "", 400, "not a key and a value: \"\"\n"),
        (
            "GET",
            "/answer?delay_ns=99000000000&nonce=1&branch=1",
            "",
            400,
            "delay_ns is more than 10s\n",
        ),
        (
            "PUT",
            "/account?delay_ns=0&nonce=1&branch=1",
            "much",
            400,
            "the body is not a number\n",
        ),
    ] {
        assert_eq!(
            ask(&mut stream, method, target, body),
            (status, line.to_owned())
        );
    }
}

#[test]
fn a_delayed_reply_comes_after_its_delay_again_and_again() {
    let running = Running::start();
    let mut stream = connect(running.origin.delayed);
    let nanoseconds = u64::try_from(DELAY.as_nanos()).unwrap();
    let mut replies = Vec::new();
    for nonce in [7_u64, 8] {
        let start = Instant::now();
        stream.write_all(&nanoseconds.to_le_bytes()).unwrap();
        stream.write_all(&nonce.to_le_bytes()).unwrap();
        let mut reply = [0; 8];
        stream.read_exact(&mut reply).unwrap();
        assert!(start.elapsed() >= DELAY);
        replies.push(u64::from_le_bytes(reply));
    }
    assert_eq!(replies[0], 0xacabe319e4d10aaa);
    assert_ne!(replies[0], replies[1]);
}

#[test]
fn a_delayed_reply_that_would_take_too_long_is_refused() {
    let running = Running::start();
    let mut stream = connect(running.origin.delayed);
    stream.write_all(&[0xff; 16]).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
}

#[test]
fn every_byte_is_echoed() {
    let running = Running::start();
    let mut stream = connect(running.origin.echo);
    for length in [1, 64, 10_000] {
        let sent: Vec<u8> = (0..length).map(|i| i as u8).collect();
        stream.write_all(&sent).unwrap();
        let mut back = vec![0; length];
        stream.read_exact(&mut back).unwrap();
        assert_eq!(back, sent);
    }
}

#[test]
fn it_goes_when_its_standard_input_ends_even_in_the_middle_of_a_delay() {
    let mut running = Running::start();
    let mut stream = connect(running.origin.http);
    stream
        .write_all(b"GET /answer?delay_ns=9000000000&nonce=1&branch=1 HTTP/1.1\r\nhost: o\r\n\r\n")
        .unwrap();
    drop(running.process.stdin.take());
    assert!(running.process.wait().unwrap().success());
    // Closed or reset, but not answered.
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.is_empty());
}

/// Many branches connect before the origin's one thread comes to accept any of them. One that finds no
/// room waits for a second, and that would be measured.
#[cfg(target_os = "linux")]
#[test]
fn many_connections_can_wait_to_be_accepted() {
    const MANY: usize = 500;
    let allowed = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
    if allowed.trim().parse::<usize>().unwrap() < MANY {
        eprintln!("skipped: the kernel allows {} to wait", allowed.trim());
        return;
    }
    let running = Running::start();
    let process = rustix::process::Pid::from_child(&running.process);
    rustix::process::kill_process(process, rustix::process::Signal::STOP).unwrap();
    // Without room it would be refused a second's wait after a second's wait.
    let long = Duration::from_secs(20);
    let waiting: Vec<_> = (0..MANY)
        .map(|_| TcpStream::connect_timeout(&running.origin.echo, long))
        .take_while(Result::is_ok)
        .collect();
    rustix::process::kill_process(process, rustix::process::Signal::CONT).unwrap();
    assert_eq!(waiting.len(), MANY);
}
