//! The real binary, running.

// Helpers of tests are tests as well, but clippy does not know it.
#![expect(clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use harness_protocol::Origin;

/// An origin that ends with the test.
pub(crate) struct Running {
    pub(crate) process: Child,
    pub(crate) origin: Origin,
}

impl Running {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_origin"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let origin = serde_json::from_str(&line).unwrap();
        Self { process, origin }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
