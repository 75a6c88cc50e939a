//! Connections that are held open in groups, and echo meanwhile (see [`workload_wire::held`]).
//!
//! A thread with an epoll of its own and no executor: what answers ten thousand connections must cost as little
//! as can be, or it is what is measured. Two system calls a message, and a wait for as many as are ready.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
    thread,
    time::Duration,
};

use rustix::{
    buffer::spare_capacity,
    event::epoll,
    process::{Resource, Rlimit, getrlimit, setrlimit},
    time::{ClockId, clock_gettime},
};
use workload_wire::held::{GO, Group, MESSAGE, ROUND_TRIPS};

use crate::listen::{BACKLOG, PAUSE};

/// Connections that are looked after in a turn, at most.
const READY: usize = 1024;
/// What the listener is called among connections, which are numbered from 0.
const LISTENER: u64 = u64::MAX;

/// Listens on a free port of 127.0.0.1 and serves it on a thread of its own.
pub(crate) fn start() -> io::Result<SocketAddr> {
    raise_limit();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    rustix::net::listen(&listener, BACKLOG)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let data = epoll::EventData::new_u64(LISTENER);
    epoll::add(&poll, &listener, data, epoll::EventFlags::IN)?;
    let mut server = Server {
        poll,
        listener,
        next: 0,
        open: HashMap::new(),
        groups: HashMap::new(),
    };
    thread::Builder::new()
        .name("held".to_owned())
        .spawn(move || {
            if let Err(error) = server.serve() {
                eprintln!("origin: held connections: {error}");
            }
        })?;
    Ok(address)
}

/// Raises the limit of open files, of which a connection is one, to what this process may have. Where that
/// fails the limit is what it was, and whoever cannot be accepted is said so.
fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let _ = setrlimit(Resource::Nofile, raised);
}

struct Server {
    poll: OwnedFd,
    listener: TcpListener,
    next: u64,
    open: HashMap<u64, Connection>,
    groups: HashMap<u64, Gathered>,
}

struct Connection {
    stream: TcpStream,
    /// What has come of the group's name, or of a message.
    buffer: [u8; MESSAGE],
    filled: usize,
    /// Its group, once it has said which.
    key: Option<u64>,
    trips: u64,
}

#[derive(Default)]
struct Gathered {
    members: Vec<u64>,
    done: usize,
    began: Duration,
}

impl Server {
    fn serve(&mut self) -> io::Result<()> {
        let mut ready = Vec::with_capacity(READY);
        loop {
            ready.clear();
            match epoll::wait(&self.poll, spare_capacity(&mut ready), None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in &ready {
                match event.data.u64() {
                    LISTENER => self.accept(),
                    name => {
                        if self.hear(name).is_err() {
                            self.close(name);
                        }
                    }
                }
            }
        }
    }

    fn accept(&mut self) {
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    if let Err(error) = self.admit(stream) {
                        eprintln!("origin: cannot hold a connection: {error}");
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) => {
                    eprintln!("origin: cannot accept: {error}");
                    thread::sleep(PAUSE);
                    return;
                }
            }
        }
    }

    fn admit(&mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let name = self.next;
        self.next += 1;
        let data = epoll::EventData::new_u64(name);
        epoll::add(&self.poll, &stream, data, epoll::EventFlags::IN)?;
        self.open.insert(
            name,
            Connection {
                stream,
                buffer: [0; MESSAGE],
                filled: 0,
                key: None,
                trips: 0,
            },
        );
        Ok(())
    }

    /// Takes what has come on a connection, once: what is left brings it back at the next turn.
    fn hear(&mut self, name: u64) -> io::Result<()> {
        let Some(connection) = self.open.get_mut(&name) else {
            return Ok(());
        };
        let wanted = match connection.key {
            None => Group::BYTES,
            Some(_) => MESSAGE,
        };
        let room = &mut connection.buffer[connection.filled..wanted];
        match connection.stream.read(room) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => connection.filled += read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
        if connection.filled < wanted {
            return Ok(());
        }
        connection.filled = 0;
        let Some(key) = connection.key else {
            let mut group = [0; Group::BYTES];
            group.copy_from_slice(&connection.buffer[..Group::BYTES]);
            let group = Group::from_bytes(group);
            connection.key = Some(group.key);
            return self.join(name, group);
        };
        // The client waits for it, so there is room for so few bytes.
        connection.stream.write_all(&connection.buffer)?;
        connection.trips += 1;
        if connection.trips == ROUND_TRIPS {
            self.done(key);
        }
        Ok(())
    }

    fn join(&mut self, name: u64, group: Group) -> io::Result<()> {
        let gathered = self.groups.entry(group.key).or_default();
        gathered.members.push(name);
        if gathered.members.len() as u64 == group.connections {
            gathered.began = cpu();
            let members = gathered.members.clone();
            self.tell(&members, &[GO]);
        }
        Ok(())
    }

    fn done(&mut self, key: u64) {
        let Some(gathered) = self.groups.get_mut(&key) else {
            return;
        };
        gathered.done += 1;
        if gathered.done < gathered.members.len() {
            return;
        }
        let used = cpu().saturating_sub(gathered.began);
        let used = u64::try_from(used.as_nanos()).unwrap_or(u64::MAX);
        let members = std::mem::take(&mut gathered.members);
        self.groups.remove(&key);
        self.tell(&members, &used.to_le_bytes());
    }

    fn tell(&mut self, members: &[u64], what: &[u8]) {
        for member in members {
            if let Some(connection) = self.open.get_mut(member) {
                // One that has gone is heard of by itself.
                let _ = connection.stream.write_all(what);
            }
        }
    }

    /// One that goes before its group is done takes the others along: they would wait for ever.
    fn close(&mut self, name: u64) {
        let gone = self.open.remove(&name);
        let group = gone
            .and_then(|gone| gone.key)
            .and_then(|key| self.groups.remove(&key));
        for member in group.into_iter().flat_map(|group| group.members) {
            self.open.remove(&member);
        }
    }
}

/// CPU time of this thread.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
