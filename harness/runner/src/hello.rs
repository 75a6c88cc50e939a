//! What the adapter declares, in the protocol's words.

use harness_protocol as protocol;
use runtime_api::{Config, Runtime, Workers};
use workload_api::Workload;

use crate::{check, measure::nanos};

/// What a workload says of itself that is in no catalogue.
pub(crate) fn own<W: Workload>() -> protocol::Own {
    protocol::Own {
        branches: W::BRANCHES,
        wait_ns: nanos(W::WAIT),
        work_ns: nanos(W::WORK),
        offloads: W::OFFLOADS,
        together: W::TOGETHER,
    }
}

pub(crate) fn hello<R: Runtime>() -> protocol::Hello {
    let about = R::about();
    protocol::Hello {
        v: protocol::VERSION,
        runtime: about.name.to_owned(),
        version: None,
        unavailable: None,
        checks: check::promises::<R>(),
        own: None,
        flavours: about
            .flavours
            .iter()
            .map(|flavour| {
                let workers = match flavour.workers {
                    Workers::Fixed(n) => n,
                    Workers::PerCore => {
                        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
                    }
                };
                let config = Config {
                    flavour: flavour.name.to_owned(),
                    workers,
                };
                protocol::Flavour {
                    name: flavour.name.to_owned(),
                    summary: flavour.summary.to_owned(),
                    workers: flavour.workers,
                    semantics: R::semantics(&config),
                    unavailable: R::unavailable(&config),
                }
            })
            .collect(),
    }
}
