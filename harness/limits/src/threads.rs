//! A blocking thread for each connection.

use std::{
    io::{self, Read as _, Write as _},
    thread,
    time::Instant,
};

use workload_api::Stretch;
use workload_wire::held::{MESSAGE, ROUND_TRIPS, fold, message};

use crate::client::{Took, Work, wrong};

/// Holds the connections, and makes their round trips.
pub(crate) fn hold(work: &Work) -> io::Result<Took> {
    let (start, cpu) = (Instant::now(), cpu_time::ProcessTime::now());
    let stretch = Stretch::default();
    let answers = thread::scope(|scope| -> io::Result<Vec<u64>> {
        let mut threads = Vec::with_capacity(work.connections());
        for index in 0..work.connections() {
            let stretch = &stretch;
            let started = thread::Builder::new()
                .spawn_scoped(scope, move || one(work, index, stretch))
                .map_err(|error| {
                    let why = format!("thread {} of {}: {error}", index + 1, work.connections());
                    io::Error::new(error.kind(), why)
                });
            match started {
                Ok(thread) => threads.push(thread),
                // Those that wait for the others would wait for ever.
                Err(error) => fail(&error),
            }
        }
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
            })
            .collect()
    })?;
    let (all, all_cpu) = (start.elapsed(), cpu.elapsed());
    let took = stretch.took().ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(Took {
        all,
        all_cpu,
        wall: took.wall,
        cpu: took.cpu,
        origin_ns: u64::try_from(took.other.as_nanos()).unwrap_or(u64::MAX),
        connections: work.group.connections,
        wrong: wrong(work, &answers),
    })
}

fn one(work: &Work, index: usize, stretch: &Stretch) -> io::Result<u64> {
    let mut stream = work.connect(index).unwrap_or_else(|error| fail(&error));
    stream.write_all(&work.group.to_bytes())?;
    stream.read_exact(&mut [0])?;
    stretch.begin();
    let seed = work.seed(index);
    let mut answer = seed;
    for trip in 0..ROUND_TRIPS {
        stream.write_all(&message(seed, trip))?;
        let mut back = [0; MESSAGE];
        stream.read_exact(&mut back)?;
        answer = fold(answer, &back);
    }
    stretch.end(work.group.connections, ROUND_TRIPS);
    let mut used = [0; 8];
    stream.read_exact(&mut used)?;
    stretch.other(u64::from_le_bytes(used));
    Ok(answer)
}

/// Says why and ends the process, and all threads with it.
fn fail(error: &io::Error) -> ! {
    let why = error.to_string();
    // Nobody is left to hear it if this cannot be written.
    let _ = crate::send(&harness_protocol::Reply::Failed { why });
    std::process::exit(0)
}
