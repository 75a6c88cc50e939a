//! Recursions that fork, without any runtime, future or task: what runtimes are held against where it is not waited for.
//!
//! Two programs in one: the sequential one, and the same with its calls put together by rayon. They speak the harness's
//! protocol, so that they run in the blocks of the runtimes, and are checked as they are. What they say of their own times is
//! their word, as any adapter's is.

mod by_rayon;
mod work;

use std::io::{self, BufRead as _};

use by_rayon::Rayon;
use harness_protocol::{
    Flavour, Hello, Measure, OnDrop, OnPanic, Reply, Request, Sample, Semantics, Sizes, Threads,
    VERSION, Workers,
};
use rayon::ThreadPoolBuilder;
use work::{Work, nonce};
use workload_fork::plain::InTurn;

const SEQUENTIAL: &str = "sequential";
const RAYON: &str = "rayon";

fn main() -> io::Result<()> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    match Request::parse(&line) {
        Ok(Request::Hello { .. }) => send(&Reply::Hello(hello())),
        Ok(Request::Measure(request)) => send(&measure(&request)?),
        Ok(Request::Check(_)) => send(&Reply::Unsupported {
            why: "this is no runtime, and promises nothing".to_owned(),
        }),
        Err(error) => send(&Reply::Failed {
            why: format!("the request is not understood: {error}"),
        }),
    }
}

fn send(reply: &Reply) -> io::Result<()> {
    reply.write(&mut io::stdout().lock())
}

fn hello() -> Hello {
    let flavour = |name: &str, summary: &str, workers, threads| Flavour {
        name: name.to_owned(),
        summary: summary.to_owned(),
        workers,
        semantics: Semantics {
            spawn: threads,
            dispatch: None,
            dispatched: None,
            blocking: threads,
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::KillsExecutor,
            polls_at_once: true,
            preemptive: true,
            threads_outlive_root: false,
        },
        unavailable: None,
        lacks: Vec::new(),
        sizes: Sizes::default(),
        unasked_workers: None,
        breaks: Vec::new(),
    };
    Hello {
        v: VERSION,
        runtime: "fork-limits".to_owned(),
        version: None,
        unavailable: None,
        flavours: vec![
            flavour(
                SEQUENTIAL,
                "plain calls in one thread",
                Workers::Fixed(1),
                Threads::Fixed(1),
            ),
            flavour(
                RAYON,
                "rayon::join, and a parallel iterator where there are more than two calls",
                Workers::PerCore,
                Threads::Workers,
            ),
        ],
        checks: Vec::new(),
        own: None,
    }
}

/// Sends the samples, and returns the closing reply.
fn measure(request: &Measure) -> io::Result<Reply> {
    let Some(work) = Work::of(request) else {
        let why = format!("there is no {} here", request.scenario);
        return Ok(Reply::Unsupported { why });
    };
    match request.flavour.as_str() {
        SEQUENTIAL => samples(request, work, &Work::sample::<InTurn>)?,
        RAYON => {
            let pool = ThreadPoolBuilder::new().num_threads(request.workers);
            match pool.build() {
                // The first call is made in the pool, and the edges are read there.
                Ok(pool) => samples(request, work, &|work, nonce| {
                    pool.install(|| work.sample::<Rayon>(nonce))
                })?,
                Err(error) => {
                    let why = format!("rayon does not start: {error}");
                    return Ok(Reply::Unavailable { why });
                }
            }
        }
        other => {
            let why = format!("there is no {other} here");
            return Ok(Reply::Unsupported { why });
        }
    }
    Ok(Reply::End {
        samples: request.samples,
    })
}

fn samples(request: &Measure, work: Work, run: &dyn Fn(Work, u64) -> Sample) -> io::Result<()> {
    for number in 0..request.warmups {
        run(work.warm_up(), nonce(request, number));
    }
    (request.warmups..request.warmups + request.samples)
        .try_for_each(|number| send(&Reply::Sample(Box::new(run(work, nonce(request, number))))))
}
