//! What the adapter declares, in the protocol's words.

use harness_protocol as protocol;
use runtime_api::{Config, Flavour, Flavours, Runtime, Visit, Workers};
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

pub(crate) fn hello<F: Flavours>() -> protocol::Hello {
    let about = F::about();
    let declared = |flavour: &Flavour| F::with(flavour.name, Declared(flavour));
    protocol::Hello {
        v: protocol::VERSION,
        runtime: about.name.to_owned(),
        version: None,
        unavailable: None,
        checks: check::promises(),
        own: None,
        flavours: about.flavours.iter().filter_map(declared).collect(),
    }
}

/// What the type that has this flavour declares of it.
struct Declared<'a>(&'a Flavour);

impl Visit for Declared<'_> {
    type Output = protocol::Flavour;

    fn visit<R: Runtime>(self) -> protocol::Flavour {
        let Self(flavour) = self;
        let workers = match flavour.workers {
            Workers::Fixed(n) => n,
            Workers::PerCore => {
                std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
            }
        };
        let config = Config::new(flavour.name, workers);
        let breaks = R::breaks(&config).into_iter();
        protocol::Flavour {
            name: flavour.name.to_owned(),
            summary: flavour.summary.to_owned(),
            workers: flavour.workers,
            semantics: R::semantics(&config),
            unavailable: R::unavailable(&config),
            lacks: R::LACKS.to_vec(),
            sizes: R::sizes(&config),
            unasked_workers: None,
            breaks: breaks.map(str::to_owned).collect(),
        }
    }
}
