//! Claims about lifetimes and failures: who lives on when whom has gone, and who hears of it.
//!
//! They rest on what the contract's checks saw of this configuration in this run, before anything was
//! measured, and not on what its adapter declares. No time is involved, so one look is enough.

use harness_protocol::{Dispatched, OnPanic};

use super::{Claim, Context, Part, Planned, Told};

/// A check that a claim rests on, and what is read off it: an aspect, and the word that it must be, if
/// not just any.
type Rests = (&'static str, &'static [Told]);

/// An aspect that must be this word.
const fn must(aspect: &'static str, word: &'static str) -> Told {
    Told {
        aspect,
        must: Some(word),
    }
}

/// An aspect that is stated, whatever it is.
const fn stated(aspect: &'static str) -> Told {
    Told { aspect, must: None }
}

const OUTLIVES: &[Rests] = &[
    (
        "detached_task_finishes",
        &[must("detached task outlives its spawner", "yes")],
    ),
    (
        "dropping_a_handle_does_what_is_declared",
        &[stated("dropped handle")],
    ),
];

const DIES: &[Rests] = &[
    (
        "compose_drops_its_branches_with_itself",
        &[must("branches die with their join", "yes")],
    ),
    (
        "dropping_a_parent_drops_what_it_joins",
        &[
            must("joined child of a dropped parent", "is dropped"),
            stated("spawned child of a dropped parent"),
        ],
    ),
];

const REPORTS: &[Rests] = &[
    (
        "error_in_a_branch_is_its_output",
        &[must(
            "error in a task",
            "reaches the awaiter, siblings live on",
        )],
    ),
    (
        "panic_in_a_task_goes_where_declared",
        &[
            must("panic in a task", "reaches the awaiter"),
            must("siblings of a task that panicked", "live on"),
        ],
    ),
    (
        "panic_in_a_branch_unwinds_through_its_join",
        &[
            stated("panic in a branch"),
            stated("siblings of a branch that panicked"),
        ],
    ),
];

/// The same where what a task panicked with is lost on the way.
const REPORTS_AN_END: &[Rests] = &[
    REPORTS[0],
    (
        "panic_in_a_task_goes_where_declared",
        &[
            must("panic in a task", "reaches the awaiter, its payload lost"),
            must("siblings of a task that panicked", "live on"),
        ],
    ),
    REPORTS[2],
];

/// Whether a check is about branches that are joined, whatever places others.
fn is_of_joins(check: &str) -> bool {
    check == DIES[0].0 || check == DIES[1].0 || check == REPORTS[2].0
}

/// Of records from before it was asked what a dispatch declares.
const DISPATCH_CARRIES: Rests = ("dispatch_carries_a_panic_to_the_awaiter", &[]);

/// The same where that is declared: what is lost on the way is stated.
const DISPATCH_REPORTS: Rests = (
    "dispatch_carries_a_panic_to_the_awaiter",
    &[must("panic in a dispatched branch", "reaches the awaiter")],
);

const DISPATCH_REPORTS_AN_END: Rests = (
    "dispatch_carries_a_panic_to_the_awaiter",
    &[must(
        "panic in a dispatched branch",
        "reaches the awaiter, its payload lost",
    )],
);

const DISPATCH_OUTLIVES: Rests = (
    "dropping_what_dispatch_returned_does_what_is_declared",
    &[stated("dropped handle of a dispatched branch")],
);

pub(super) const SPAWN_OUTLIVES_ITS_FRAME: Claim = Claim {
    id: "spawn-outlives-its-frame",
    sentence: "a task that was spawned and detached finishes after its spawner has returned, while its runtime lives",
    predicate: "detached task outlives its spawner: yes; what dropping a handle does is stated",
    plan: |context| {
        let of_dispatch = context
            .config
            .semantics
            .dispatched
            .map(|_| DISPATCH_OUTLIVES);
        planned(context, OUTLIVES, of_dispatch, None)
    },
};

pub(super) const COMPOSE_DIES_WITH_ITS_FRAME: Claim = Claim {
    id: "compose-dies-with-its-frame",
    sentence: "with a dropped parent its joined branches are dropped there and then, and never polled again",
    predicate: "branches die with their join: yes; joined child of a dropped parent: is dropped; what becomes of a spawned one is stated",
    plan: |context| planned(context, DIES, None, None),
};

pub(super) const SPAWN_REPORTS_FAILURE: Claim = Claim {
    id: "spawn-reports-failure",
    sentence: "an error and a panic in a spawned branch reach whoever awaits it, and its siblings live on",
    predicate: "error in a task: reaches the awaiter, siblings live on; panic in a task: reaches the awaiter; siblings of a task that panicked: live on; what happens under compose is stated",
    plan: |context| {
        let semantics = &context.config.semantics;
        let of_dispatch = semantics.dispatch.map(|_| match semantics.dispatched {
            None => DISPATCH_CARRIES,
            Some(Dispatched {
                on_panic: OnPanic::ReachesAwaiterWithoutPayload,
                ..
            }) => DISPATCH_REPORTS_AN_END,
            Some(_) => DISPATCH_REPORTS,
        });
        let ends = |on_panic| on_panic == OnPanic::KillsExecutor;
        let by_design = (ends(semantics.on_panic)
            || semantics.dispatched.is_some_and(|of| ends(of.on_panic)))
        .then_some("it declares that a panic in a task ends the executor");
        let rests = match semantics.on_panic {
            OnPanic::ReachesAwaiterWithoutPayload => REPORTS_AN_END,
            OnPanic::ReachesAwaiter | OnPanic::KillsExecutor => REPORTS,
        };
        planned(context, rests, of_dispatch, by_design)
    },
};

/// What rests on `spawn` and on joins; and beside it on `dispatch`, where that is what places branches. There it is said
/// of each what it is about.
fn planned(
    context: &Context<'_>,
    rests: &[Rests],
    of_dispatch: Option<Rests>,
    by_design: Option<&'static str>,
) -> Result<Planned, String> {
    let config = context.config;
    if context.plan.unverified {
        return Err("--unverified: no promise was tried".to_owned());
    }
    let dispatches = config.semantics.dispatch.is_some();
    let of_spawn = |check: &str| {
        dispatches
            .then_some("spawn")
            .filter(|_| !is_of_joins(check))
    };
    let parts: Vec<(Rests, Option<&'static str>)> = rests
        .iter()
        .map(|&rests| (rests, of_spawn(rests.0)))
        .chain(of_dispatch.map(|rests| (rests, Some("dispatch"))))
        .collect();
    if let Some(((check, _), _)) = parts
        .iter()
        .find(|((check, _), _)| config.checks.iter().all(|promise| promise.name != *check))
    {
        return Err(format!("its adapter does not offer the check {check}"));
    }
    let subject = context.config.id.clone();
    Ok(Planned {
        parts: parts
            .into_iter()
            .map(|((check, tells), of)| Part::Kept {
                subject: subject.clone(),
                check,
                of,
                tells,
            })
            .collect(),
        provided: None,
        by_design,
        predicted: None,
    })
}
