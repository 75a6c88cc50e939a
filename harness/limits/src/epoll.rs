//! One thread and an epoll: a read and a write for each message, and a wait for as many as are ready.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    os::fd::OwnedFd,
    time::Instant,
};

use cpu_time::ProcessTime;
use rustix::{buffer::spare_capacity, event::epoll, io::Errno};
use workload_wire::held::{MESSAGE, ROUND_TRIPS, fold, message};

use crate::client::{Took, Work, wrong};

/// Connections that are looked after in a turn, at most.
const READY: usize = 1024;

struct Connection {
    stream: TcpStream,
    seed: u64,
    answer: u64,
    /// Round trips that have been begun; none before the origin says go.
    begun: u64,
    buffer: [u8; MESSAGE],
    filled: usize,
}

/// Holds the connections, and makes their round trips.
pub(crate) fn hold(work: &Work) -> io::Result<Took> {
    let (start, cpu) = (Instant::now(), ProcessTime::now());
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut connections = open(work, &poll)?;
    let mut began = None;
    let (mut done, mut took) = (0, None);
    let mut ready = Vec::with_capacity(READY);
    while done < connections.len() {
        ready.clear();
        match epoll::wait(&poll, spare_capacity(&mut ready), None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in &ready {
            let index = usize::try_from(event.data.u64()).unwrap_or(usize::MAX);
            let Some(connection) = connections.get_mut(index) else {
                continue;
            };
            if connection.begun == 0 {
                began.get_or_insert_with(|| (Instant::now(), ProcessTime::now()));
            }
            if connection.hear()? {
                done += 1;
            }
        }
        if done == connections.len() {
            took = began.map(|(wall, cpu)| (wall.elapsed(), cpu.elapsed()));
        }
    }
    let mut origin_ns = 0;
    for connection in &mut connections {
        connection.stream.set_nonblocking(false)?;
        let mut used = [0; 8];
        connection.stream.read_exact(&mut used)?;
        origin_ns = u64::from_le_bytes(used);
    }
    let (all, all_cpu) = (start.elapsed(), cpu.elapsed());
    let (wall, cpu) = took.ok_or(io::ErrorKind::UnexpectedEof)?;
    let answers: Vec<u64> = connections.iter().map(|one| one.answer).collect();
    Ok(Took {
        all,
        all_cpu,
        wall,
        cpu,
        origin_ns,
        connections: work.group.connections,
        wrong: wrong(work, &answers),
    })
}

fn open(work: &Work, poll: &OwnedFd) -> io::Result<Vec<Connection>> {
    let mut connections = Vec::with_capacity(work.connections());
    for index in 0..work.connections() {
        let mut stream = work.connect(index)?;
        stream.write_all(&work.group.to_bytes())?;
        stream.set_nonblocking(true)?;
        let data = epoll::EventData::new_u64(index as u64);
        epoll::add(poll, &stream, data, epoll::EventFlags::IN)?;
        let seed = work.seed(index);
        connections.push(Connection {
            stream,
            seed,
            answer: seed,
            begun: 0,
            buffer: [0; MESSAGE],
            filled: 0,
        });
    }
    Ok(connections)
}

impl Connection {
    /// Takes what has come, once, and sends the next message if it was whole. Whether it was the last.
    fn hear(&mut self) -> io::Result<bool> {
        let wanted = if self.begun == 0 { 1 } else { MESSAGE };
        if self.begun > ROUND_TRIPS {
            // Done: what there is now is the origin's last word, which is read when all are.
            return Ok(false);
        }
        match self.stream.read(&mut self.buffer[self.filled..wanted]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => self.filled += read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
        if self.filled < wanted {
            return Ok(false);
        }
        self.filled = 0;
        if self.begun > 0 {
            self.answer = fold(self.answer, &self.buffer);
        }
        self.begun += 1;
        if self.begun > ROUND_TRIPS {
            return Ok(true);
        }
        // The other end waits for it, so there is room for so few bytes.
        self.stream.write_all(&message(self.seed, self.begun - 1))?;
        Ok(false)
    }
}
