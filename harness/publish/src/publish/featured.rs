//! Which of the published runs a text shows where it shows one: the newest full one.

use harness_report::recorded::Recorded;

/// The run that measured most ([`Recorded::breadth`]); of several alike the newest. With a runtime's name only runs that have it.
///
/// `published` is in order, the oldest first.
pub(super) fn featured<'a>(
    published: &'a [Recorded],
    runtime: Option<&str>,
) -> Option<&'a Recorded> {
    let has = |recorded: &&Recorded| {
        let mut configs = recorded.bundle.plan.usable();
        configs.any(|config| runtime.is_none_or(|runtime| config.id.runtime == runtime))
    };
    // Of equals the last.
    published
        .iter()
        .filter(has)
        .max_by_key(|recorded| recorded.breadth())
}
