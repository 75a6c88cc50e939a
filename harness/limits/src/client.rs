//! What both clients do: which connections to hold, and what to say of it.

use std::{
    io,
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use harness_protocol::{Held, Measure, Sample};
use workload_api::mix;
use workload_wire::held::{self, Group};

/// Connections of a warm-up.
const FEW: usize = 8;

/// Raises the limit of open files to what this process may have. Where that fails the limit is what it was, and the
/// connection that is one too many says so.
#[cfg(target_os = "linux")]
pub(crate) fn raise_limit_of_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let _ = setrlimit(Resource::Nofile, raised);
}

/// Elsewhere it is not as low.
#[cfg(not(target_os = "linux"))]
pub(crate) fn raise_limit_of_files() {}

/// What is to be done.
pub(crate) struct Work {
    pub(crate) address: SocketAddr,
    pub(crate) group: Group,
}

impl Work {
    /// Sample `number` of a request: the nonces that an adapter of a runtime would use.
    pub(crate) fn of(request: &Measure, address: SocketAddr, number: usize) -> Self {
        let warm_up = number < request.warmups;
        let connections = request.branches.min(if warm_up { FEW } else { usize::MAX });
        Self {
            address,
            group: Group {
                key: mix(request.nonce, number as u64),
                connections: connections as u64,
            },
        }
    }

    pub(crate) fn connections(&self) -> usize {
        usize::try_from(self.group.connections).unwrap_or(usize::MAX)
    }

    /// The seed of a connection's messages.
    pub(crate) fn seed(&self, index: usize) -> u64 {
        mix(self.group.key, index as u64)
    }

    /// Opens a connection.
    pub(crate) fn connect(&self, index: usize) -> io::Result<TcpStream> {
        let opened = TcpStream::connect(self.address).and_then(|stream| {
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        opened.map_err(|error| {
            let why = format!(
                "connection {} of {}: {error}",
                index + 1,
                self.connections()
            );
            io::Error::new(error.kind(), why)
        })
    }
}

/// What it took, and what came back.
pub(crate) struct Took {
    /// From the first connection to the end.
    pub(crate) all: Duration,
    pub(crate) all_cpu: Duration,
    /// While all were open.
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) origin_ns: u64,
    pub(crate) connections: u64,
    /// The first connection whose answer was not right.
    pub(crate) wrong: Option<usize>,
}

impl Took {
    /// As the harness wants it.
    pub(crate) fn sample(&self) -> Sample {
        Sample {
            wall_ns: nanos(self.all),
            cpu_ns: nanos(self.all_cpu),
            wrong: self.wrong.map(|index| {
                format!("connection {index} brought back something else than it sent")
            }),
            held: Some(Held {
                wall_ns: nanos(self.wall),
                cpu_ns: nanos(self.cpu),
                origin_ns: self.origin_ns,
                trips: self.connections * held::ROUND_TRIPS,
            }),
            ..Sample::default()
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The first whose answer is not what its seed makes it.
pub(crate) fn wrong(work: &Work, answers: &[u64]) -> Option<usize> {
    (0..work.connections())
        .find(|&index| answers.get(index) != Some(&held::answer(work.seed(index))))
}
