//! What the costs come to, in sentences.

use super::{CostAnswer, CostReport, TARGET, Target, TwinReport, known::On, print};
use harness_record::costs::{Side, rooted};
use harness_record::format::duration;

/// On how many pairs the target was met, and which missed it.
pub(super) fn target(twins: &[TwinReport]) -> String {
    let of = |target: Target| twins.iter().filter(move |twin| twin.target == target);
    let not = of(Target::NotCounted).count();
    let counted = twins.len() - not;
    if twins.is_empty() {
        return "No operation was done both ways, so nobody can tell what the trait adds."
            .to_owned();
    }
    let mut text = format!(
        "The target, instructions within {TARGET:.2} of the twin's and equal allocations, was met on {} of {counted} pairs",
        of(Target::Met).count()
    );
    for (what, target) in [("missed", Target::Missed), ("unsteady", Target::Unsteady)] {
        let names: Vec<String> = of(target).map(why).collect();
        if !names.is_empty() {
            text.push_str(&format!("; {what}: {}", names.join(", ")));
        }
    }
    text.push('.');
    if not > 0 {
        let equal = of(Target::NotCounted).filter(|twin| twin.allocations_equal == Some(true));
        text.push_str(&format!(
            " Of {not} more nobody counted the instructions of both; on {} of them allocations are equal.",
            equal.count()
        ));
    }
    text
}

/// `smol default@1 timer (instructions 1.020)`.
fn why(twin: &TwinReport) -> String {
    let mut whys = Vec::new();
    let off = twin
        .instruction_ratio_between
        .is_some_and(|[low, high]| (low - 1.0).abs() > TARGET || (high - 1.0).abs() > TARGET);
    if let Some(ratio) = twin.instruction_ratio.filter(|_| off) {
        whys.push(format!("instructions {ratio:.3}"));
    }
    if twin.allocations_equal == Some(false) {
        whys.push("other allocations".to_owned());
    }
    format!(
        "{} {}@{} {} ({})",
        twin.id.runtime,
        twin.id.flavour,
        twin.id.workers,
        twin.operation,
        whys.join(", ")
    )
}

/// What two branches cost, and where a spawn pays, of one configuration.
pub(super) fn answer(on: &On, operations: &[CostReport]) -> Option<CostAnswer> {
    let of = |name: &str| {
        operations
            .iter()
            .find(|one| one.is_on(on) && one.side == Side::Trait && one.operation == name)
    };
    let (joined, spawned) = (of("compose-ready/2")?, of("spawn-ready/2")?);
    let mut two = format!(
        "two awaits: join {}; spawn {}",
        print::cost(joined)?,
        print::cost(spawned)?
    );
    let outside = operations.iter().find(|one| {
        one.is_on(on)
            && one.side == Side::Trait
            && rooted(&one.operation) == ("block_on", "spawn-ready/2")
    });
    if let Some(time) = outside.and_then(|one| one.time_ns) {
        two.push_str(&format!("; from block_on {}", duration(time.median)));
    }
    let more = spawned.time_per_branch_ns? - joined.time_per_branch_ns?;
    let worth = if more <= 0.0 {
        None
    } else {
        let costs = format!(
            "A spawn costs {} more per branch than a join",
            duration(more)
        );
        match on.threads {
            Some(1) => Some(format!(
                "{costs}, and one thread executes it: it gains no core."
            )),
            Some(_) => Some(format!(
                "{costs}, so it cannot pay where a branch computes less than that between awaits; from {} on it \
                 is a hundredth of it or less.",
                duration(100.0 * more)
            )),
            None => None,
        }
    };
    Some(CostAnswer {
        id: on.id.clone(),
        two,
        worth,
    })
}
