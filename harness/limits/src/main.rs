//! What the machine can do with connections that are held open, without any runtime, future or task.
//!
//! Two programs in one, as simple as they can be: one thread and an epoll ([`epoll`]), and a blocking thread for
//! each connection ([`threads`]). They speak the harness's protocol, so that they run in the blocks of the
//! runtimes that are held against them, do the same round trips with the same origin, and are checked as they
//! are. What they say of their own times is their word, as any adapter's is.

mod client;
#[cfg(target_os = "linux")]
mod epoll;
mod threads;

use std::io;

use harness_protocol::{
    Flavour, Measure, Reply, Threads, Workers,
    limit::{self, send},
};

const EPOLL: &str = "epoll";
const THREADS: &str = "threads";

fn main() -> io::Result<()> {
    limit::answer("limits", flavours(), measure)
}

fn flavours() -> Vec<Flavour> {
    let flavour =
        |name, summary, threads| limit::flavour(name, summary, Workers::Fixed(1), threads, false);
    let mut flavours = Vec::new();
    if cfg!(target_os = "linux") {
        flavours.push(flavour(EPOLL, "one thread and an epoll", Threads::Fixed(1)));
    }
    let a_connection = "a blocking thread a connection";
    flavours.push(flavour(THREADS, a_connection, Threads::Branches));
    flavours
}

/// Sends the samples, and returns the closing reply.
fn measure(request: &Measure) -> io::Result<Reply> {
    let hold: fn(&client::Work) -> io::Result<client::Took> = match request.flavour.as_str() {
        #[cfg(target_os = "linux")]
        EPOLL => epoll::hold,
        THREADS => threads::hold,
        other => {
            return Ok(Reply::Unsupported {
                why: format!("there is no {other} here"),
            });
        }
    };
    let Some(address) = request.origin.and_then(|origin| origin.held) else {
        return Ok(Reply::Unsupported {
            why: "the origin does not hold connections here".to_owned(),
        });
    };
    client::raise_limit_of_files();
    for number in 0..request.warmups + request.samples {
        let warm_up = number < request.warmups;
        let work = client::Work::of(request, address, number);
        match hold(&work) {
            Ok(_) if warm_up => {}
            Ok(took) => send(&Reply::Sample(Box::new(took.sample())))?,
            Err(error) => {
                return Ok(Reply::Failed {
                    why: error.to_string(),
                });
            }
        }
    }
    Ok(Reply::End {
        samples: request.samples,
    })
}
