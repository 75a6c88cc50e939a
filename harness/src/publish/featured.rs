//! Which of the published runs a text shows where it shows one: the newest full one.

use workload_catalogue::scenario;

use crate::recorded::Recorded;

/// The run that measured most, of configurations first and of scenarios then (field cases are no part of
/// it); of several alike the newest. With a runtime's name only runs that have it.
///
/// `published` is in order, the oldest first.
pub(super) fn featured<'a>(
    published: &'a [Recorded],
    runtime: Option<&str>,
) -> Option<&'a Recorded> {
    let has = |recorded: &&Recorded| {
        let mut configs = recorded.bundle.plan.usable();
        configs.any(|config| runtime.is_none_or(|runtime| config.runtime == runtime))
    };
    let measured = |recorded: &&Recorded| {
        let scenarios = &recorded.bundle.header.options.scenarios;
        let of_claims = scenarios
            .iter()
            .filter(|name| scenario(name).is_some_and(|scenario| scenario.source.is_none()));
        (recorded.bundle.plan.usable().count(), of_claims.count())
    };
    // Of equals the last.
    published.iter().filter(has).max_by_key(measured)
}
