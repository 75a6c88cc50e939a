//! Recursions that fork, without any runtime, future or task: what runtimes are held against where it is not waited for.
//!
//! Two programs in one: the sequential one, and the same with its calls put together by rayon. They speak the harness's
//! protocol, so that they run in the blocks of the runtimes, and are checked as they are. What they say of their own times is
//! their word, as any adapter's is.

mod by_rayon;
mod work;

use std::io;

use by_rayon::Rayon;
use harness_protocol::{
    Flavour, Measure, Reply, Sample, Threads, Workers,
    limit::{self, send},
};
use rayon::ThreadPoolBuilder;
use work::{Work, nonce};
use workload_fork::plain::InTurn;

const SEQUENTIAL: &str = "sequential";
const RAYON: &str = "rayon";

fn main() -> io::Result<()> {
    limit::answer("fork-limits", flavours(), measure)
}

fn flavours() -> Vec<Flavour> {
    let flavour =
        |name, summary, workers, threads| limit::flavour(name, summary, workers, threads, true);
    vec![
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
    ]
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
