//! The claim about what spawning asks of a branch, which the compiler decides and no clock.

use super::{Claim, Part, Planned};

pub(super) const SPAWN_DEMANDS_SEND_STATIC: Claim = Claim {
    id: "spawn-demands-send-static",
    sentence: "the runtime's own spawn refuses to compile what is not Send and what borrows from its frame",
    predicate: "each case that brings along what is not Send or not 'static is refused for that reason, and its twin compiles",
    plan: |context| {
        let config = context.config;
        let demands = context.demands.get(&config.id.runtime).ok_or(
            "the record does not say what its spawns demand: it was made before that was asked",
        )?;
        let native = demands.native(&config.id.flavour)?;
        let (others, unknown): (Vec<_>, Vec<_>) =
            demands.others(&config.id.flavour).partition(Result::is_ok);
        let others: Vec<_> = others.into_iter().flatten().collect();
        let unknown: String = unknown
            .into_iter()
            .filter_map(Result::err)
            .map(|why| format!("; not known of {why}"))
            .collect();
        let named = |kind: &str, is_one: &dyn Fn(&harness_record::demands::Demand<'_>) -> bool| {
            let names: Vec<&str> = others
                .iter()
                .filter(|demand| is_one(demand))
                .map(|demand| demand.spawn.name.as_str())
                .collect();
            match names[..] {
                [] => format!("{kind}: none named"),
                _ => format!("{kind}: {}", names.join(", ")),
            }
        };
        Ok(Planned {
            parts: vec![Part::Known {
                is_true: native.is_send_and_static(),
                evidence: format!(
                    "{}; {}; {}{unknown}; by {}",
                    native.evidence(),
                    named("local spawn", &|demand| demand.is_local()),
                    named("scoped spawn", &|demand| demand.is_scoped()),
                    short(&demands.compiler)
                ),
                cases: native.cases(),
            }],
            provided: None,
            by_design: (native.is_local()
                && native.outlives.all()
                && context.one_thread_by_design())
            .then_some("one executing thread, so no branch is moved to another"),
            predicted: None,
        })
    },
};

/// `rustc 1.95.0`, without its commit and date.
fn short(compiler: &str) -> &str {
    compiler.split(" (").next().unwrap_or(compiler)
}
