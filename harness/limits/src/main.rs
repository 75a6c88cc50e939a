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

use std::io::{self, BufRead as _};

use harness_protocol::{
    Flavour, Hello, Measure, OnDrop, OnPanic, Reply, Request, Semantics, Sizes, Threads, VERSION,
    Workers, write_line,
};

const EPOLL: &str = "epoll";
const THREADS: &str = "threads";

fn main() -> io::Result<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    match serde_json::from_str(&line) {
        Ok(Request::Hello { .. }) => send(&Reply::Hello(hello())),
        Ok(Request::Measure(request)) => measure(&request),
        Ok(Request::Check(_)) => send(&Reply::Unsupported {
            why: "this is no runtime, and promises nothing".to_owned(),
        }),
        Err(error) => send(&Reply::Failed {
            why: format!("the request is not understood: {error}"),
        }),
    }
}

fn send(reply: &Reply) -> io::Result<()> {
    write_line(&mut io::stdout().lock(), reply)
}

fn hello() -> Hello {
    let flavour = |name: &str, summary: &str, threads| Flavour {
        name: name.to_owned(),
        summary: summary.to_owned(),
        workers: Workers::Fixed(1),
        semantics: Semantics {
            spawn: threads,
            dispatch: None,
            dispatched: None,
            blocking: threads,
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::KillsExecutor,
            polls_at_once: false,
            preemptive: true,
            threads_outlive_root: false,
        },
        unavailable: None,
        lacks: Vec::new(),
        sizes: Sizes::default(),
        unasked_workers: None,
        breaks: Vec::new(),
    };
    let mut flavours = Vec::new();
    if cfg!(target_os = "linux") {
        flavours.push(flavour(EPOLL, "one thread and an epoll", Threads::Fixed(1)));
    }
    let a_connection = "a blocking thread a connection";
    flavours.push(flavour(THREADS, a_connection, Threads::Branches));
    Hello {
        v: VERSION,
        runtime: "limits".to_owned(),
        version: None,
        unavailable: None,
        flavours,
        checks: Vec::new(),
        own: None,
    }
}

fn measure(request: &Measure) -> io::Result<()> {
    let hold: fn(&client::Work) -> io::Result<client::Took> = match request.flavour.as_str() {
        #[cfg(target_os = "linux")]
        EPOLL => epoll::hold,
        THREADS => threads::hold,
        other => {
            return send(&Reply::Unsupported {
                why: format!("there is no {other} here"),
            });
        }
    };
    let Some(address) = request.origin.and_then(|origin| origin.held) else {
        return send(&Reply::Unsupported {
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
                return send(&Reply::Failed {
                    why: error.to_string(),
                });
            }
        }
    }
    send(&Reply::End {
        samples: request.samples,
    })
}
