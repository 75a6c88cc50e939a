//! What made-up adapters answer, for tests.

use std::time::Duration;

use harness_protocol::Sample;

use crate::child::{Outcome, Status};

/// What a child gave that went well: these samples, more CPU time and time than they say.
pub(crate) fn outcome(samples: Vec<Sample>) -> Outcome {
    let sum = |of: fn(&Sample) -> u64| Duration::from_nanos(samples.iter().map(of).sum());
    let start_up = Duration::from_millis(3);
    Outcome {
        status: Status::Ok,
        reason: None,
        hello: None,
        checked: None,
        stderr: String::new(),
        elapsed: sum(|sample| sample.wall_ns) + start_up,
        cpu: Some(sum(|sample| sample.cpu_ns) + start_up),
        samples,
    }
}
