//! What sets the flavours of one runtime apart.

use harness_record::{bundle::Bundle, cell::primitive_name, format::counted, plan::Config};

use super::shown;

/// What sets the flavours of one runtime apart, where one of them has one executing thread by design
/// and another has more; of one runtime alone where it is named.
pub(crate) fn difference(bundle: &Bundle, runtime: Option<&str>) -> Option<String> {
    let of_it = |config: &&Config| runtime.is_none_or(|name| config.id.runtime == name);
    let usable = || shown(bundle).filter(of_it);
    let cores = bundle.plan.cores.max(2);
    let k = |config: &Config| config.threads(config.placing(), cores);
    let lines: Vec<String> = usable()
        .filter(|one| one.fixed && k(one) == 1)
        .filter_map(|one| {
            let many = usable().find(|many| many.id.runtime == one.id.runtime && k(many) > 1)?;
            Some(between(one, many, cores))
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// That it is one thing alone is said where it is, by all that the two declare.
fn between(one: &Config, many: &Config, cores: usize) -> String {
    let k = |config: &Config| config.threads(config.placing(), cores);
    let (runtime, first, second) = (&one.id.runtime, &one.id.flavour, &many.id.flavour);
    let besides = besides(one, many);
    if besides.is_empty() {
        return format!(
            "{runtime} {first} and {second} differ in one thing: how many threads run what is spawned ({} and {}). \
             Joining is the same on both; spawning needs a second thread before it can gain a core.",
            k(one),
            k(many)
        );
    }
    let placed = |config: &Config| {
        let by = primitive_name(config.placing());
        format!("{} by {by}", counted(k(config), "thread"))
    };
    format!(
        "{runtime} {first} and {second} differ in how many threads a branch can be placed on ({}, and {}), and in {}. \
         Placing branches needs a second thread before it can gain a core.",
        placed(one),
        placed(many),
        besides.join(", ")
    )
}

/// In what two flavours differ by what they declare, besides how many threads run what is spawned.
fn besides(one: &Config, many: &Config) -> Vec<&'static str> {
    let (a, b) = (&one.semantics, &many.semantics);
    let differs = [
        (one.placing() != many.placing(), "which call places it"),
        (
            a.blocking != b.blocking,
            "how many threads run blocking code",
        ),
        (a.on_drop != b.on_drop, "what dropping a handle does"),
        (a.on_panic != b.on_panic, "where a panic goes"),
        (
            a.polls_at_once != b.polls_at_once,
            "when a task is first polled",
        ),
        (
            a.preemptive != b.preemptive,
            "whether a task can be interrupted",
        ),
        (
            a.threads_outlive_root != b.threads_outlive_root,
            "whether threads stay when the root has ended",
        ),
    ];
    let differs = differs.into_iter().filter(|(differs, _)| *differs);
    differs.map(|(_, what)| what).collect()
}

#[cfg(test)]
mod tests {
    use harness_record::{
        bundle::Bundle,
        fabricated::{glommio, header, options, smol},
        plan::Entrant,
    };

    use super::*;

    fn of(entrant: Entrant) -> String {
        let bundle = Bundle::new(header(vec![entrant], options(), 2));
        difference(&bundle, None).unwrap()
    }

    #[test]
    fn one_thing_is_said_where_it_is_one() {
        let said = of(smol());
        assert!(
            said.starts_with("smol default and workers differ in one thing: how many threads run what is spawned (1 and 2)."),
            "{said}"
        );
        let mut another = smol();
        another.flavours[1].semantics.threads_outlive_root = true;
        let said = of(another);
        assert!(!said.contains("one thing"), "{said}");
        assert!(
            said.contains("(1 thread by spawn, and 2 threads by spawn), and in whether threads stay when the root has ended."),
            "{said}"
        );
    }

    #[test]
    fn another_call_is_another_thing() {
        let said = of(glommio());
        assert!(
            said.starts_with(
                "glommio local and pool differ in how many threads a branch can be placed on (1 thread by spawn, and 2 threads by dispatch), and in which call places it."
            ),
            "{said}"
        );
    }
}
