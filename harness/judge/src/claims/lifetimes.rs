//! Claims about lifetimes and failures: who lives on when whom has gone, and who hears of it.
//!
//! They rest on what the contract's checks saw of this configuration in this run, before anything was
//! measured, and not on what its adapter declares. No time is involved, so one look is enough.

use harness_protocol::OnPanic;

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

/// Of a primitive that has a call of its own, besides.
const DISPATCH_REPORTS: Rests = ("dispatch_carries_a_panic_to_the_awaiter", &[]);

pub(super) const SPAWN_OUTLIVES_ITS_FRAME: Claim = Claim {
    id: "spawn-outlives-its-frame",
    sentence: "a task that was spawned and detached finishes after its spawner has returned, while its runtime lives",
    predicate: "detached task outlives its spawner: yes; what dropping a handle does is stated",
    plan: |context| planned(context, OUTLIVES, None),
};

pub(super) const COMPOSE_DIES_WITH_ITS_FRAME: Claim = Claim {
    id: "compose-dies-with-its-frame",
    sentence: "with a dropped parent its joined branches are dropped there and then, and never polled again",
    predicate: "branches die with their join: yes; joined child of a dropped parent: is dropped; what becomes of a spawned one is stated",
    plan: |context| planned(context, DIES, None),
};

pub(super) const SPAWN_REPORTS_FAILURE: Claim = Claim {
    id: "spawn-reports-failure",
    sentence: "an error and a panic in a spawned branch reach whoever awaits it, and its siblings live on",
    predicate: "error in a task: reaches the awaiter, siblings live on; panic in a task: reaches the awaiter; siblings of a task that panicked: live on; what happens under compose is stated",
    plan: |context| {
        let semantics = &context.config.semantics;
        let mut rests = REPORTS.to_vec();
        if semantics.dispatch.is_some() {
            rests.push(DISPATCH_REPORTS);
        }
        let by_design = (semantics.on_panic == OnPanic::KillsExecutor)
            .then_some("it declares that a panic in a task ends the executor");
        planned(context, &rests, by_design)
    },
};

fn planned(
    context: &Context<'_>,
    rests: &[Rests],
    by_design: Option<&'static str>,
) -> Result<Planned, String> {
    let config = context.config;
    if context.plan.unverified {
        return Err("--unverified: no promise was tried".to_owned());
    }
    if let Some((check, _)) = rests
        .iter()
        .find(|(check, _)| config.checks.iter().all(|promise| promise.name != *check))
    {
        return Err(format!("its adapter does not offer the check {check}"));
    }
    let subject = context.config.id.clone();
    Ok(Planned {
        parts: rests
            .iter()
            .map(|&(check, tells)| Part::Kept {
                subject: subject.clone(),
                check,
                tells,
            })
            .collect(),
        provided: None,
        by_design,
        predicted: None,
    })
}
