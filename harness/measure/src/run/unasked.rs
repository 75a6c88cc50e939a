//! How many workers a runtime has where nobody says how many: started so, with the witness watching who polls.

use harness_protocol::{Measure, Primitive, Request, Root, VERSION, Workers};
use harness_record::{host::Host, plan::Entrant};

use crate::{
    adapters::Adapter,
    child::{Interrupt, Limits, ask},
    scratch::Scratch,
};

/// Branches that block their thread, so that each thread that there is gets one.
const SCENARIO: &str = "blocking";
/// For how long: far longer than it takes to hand all of them over.
const WAIT_NS: u64 = 5_000_000;
/// More than one runtime would start for a CPU.
const BRANCHES_A_CPU: usize = 4;
const SAMPLES: usize = 2;

/// Sees it of each flavour that has a number of its own, and notes it there. What does not answer has none, and shows
/// why when it is measured.
pub fn see(
    adapter: &Adapter,
    entrant: &mut Entrant,
    host: &Host,
    limits: &Limits,
    interrupt: &Interrupt,
) {
    // For a scenario that has no files.
    let Ok(folder) = Scratch::new() else {
        return;
    };
    for flavour in &mut entrant.flavours {
        let has_one = flavour.workers == Workers::PerCore && flavour.sizes.own_workers;
        if !has_one || flavour.unavailable.is_some() {
            continue;
        }
        let dispatches = flavour.semantics.dispatch.is_some();
        let request = Request::Measure(Box::new(Measure {
            v: VERSION,
            flavour: flavour.name.clone(),
            workers: host.cores,
            root: Root::BlockOn,
            scenario: SCENARIO.to_owned(),
            primitive: if dispatches {
                Primitive::Dispatch
            } else {
                Primitive::Spawn
            },
            // Who heeds no limits has a thread for every CPU of the machine.
            branches: BRANCHES_A_CPU * host.logical_cpus.unwrap_or(host.cores).max(host.cores),
            only: None,
            wait_ns: WAIT_NS,
            steps: 0,
            samples: SAMPLES,
            warmups: 0,
            nonce: 1,
            origin: None,
            folder: folder.path().to_owned(),
            trace: 0,
            repeats: 1,
            count: false,
            unwatched: false,
            unasked: true,
            blocking_threads: None,
        }));
        let outcome = ask(&adapter.program, &request, limits, interrupt);
        let threads = outcome.samples.iter().map(|sample| sample.threads as usize);
        flavour.unasked_workers = threads.max().filter(|&most| outcome.is_ok() && most > 0);
    }
}
