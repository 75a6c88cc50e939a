//! What the adapter declares, in the protocol's words.

use harness_protocol as protocol;
use runtime_api::{Config, OnDrop, OnPanic, Runtime, Semantics, Threads, Workers};

use crate::check;

pub(crate) fn hello<R: Runtime>() -> protocol::Hello {
    let about = R::about();
    protocol::Hello {
        v: protocol::VERSION,
        runtime: about.name.to_owned(),
        version: None,
        unavailable: None,
        checks: check::promises::<R>(),
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
                    workers: match flavour.workers {
                        Workers::Fixed(n) => protocol::Workers::Fixed(n),
                        Workers::PerCore => protocol::Workers::PerCore,
                    },
                    semantics: semantics(R::semantics(&config)),
                    unavailable: R::unavailable(&config),
                }
            })
            .collect(),
    }
}

fn semantics(s: Semantics) -> protocol::Semantics {
    protocol::Semantics {
        spawn: threads(s.spawn),
        dispatch: s.dispatch.map(threads),
        blocking: threads(s.blocking),
        on_drop: match s.on_drop {
            OnDrop::Detaches => protocol::OnDrop::Detaches,
            OnDrop::Cancels => protocol::OnDrop::Cancels,
        },
        on_panic: match s.on_panic {
            OnPanic::ReachesAwaiter => protocol::OnPanic::ReachesAwaiter,
            OnPanic::KillsExecutor => protocol::OnPanic::KillsExecutor,
        },
        polls_at_once: s.polls_at_once,
        preemptive: s.preemptive,
        threads_outlive_root: s.threads_outlive_root,
    }
}

fn threads(t: Threads) -> protocol::Threads {
    match t {
        Threads::Fixed(n) => protocol::Threads::Fixed(n),
        Threads::Workers => protocol::Threads::Workers,
        Threads::Branches => protocol::Threads::Branches,
    }
}
