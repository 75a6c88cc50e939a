//! Runs that would measure nothing, or record what cannot be read again.

use super::Usage;
use harness_judge::check::wrong_with_runtimes;
use harness_record::{
    bundle::Header,
    cell::primitive_name,
    plan::{Entrant, Options, Plan},
};
use workload_catalogue::{Scenario, scenario};

/// Refuses a run that would measure nothing, before anything is recorded: because none of the adapters that were asked
/// for could be heard, or because of what was asked of them. That runtimes themselves say that they cannot run here is
/// a finding, and is recorded.
pub(super) fn want_something(header: &Header) -> anyhow::Result<()> {
    let asked = || header.entrants.iter().filter(|entrant| entrant.asked);
    let unheard: Vec<(&Entrant, &str)> = header.unheard().filter(|(one, _)| one.asked).collect();
    if asked().all(|one| one.unavailable.is_some()) {
        if unheard.is_empty() {
            return Ok(());
        }
        let why = unheard
            .iter()
            .map(|(one, why)| format!("{}: {why}", one.name));
        let why = why.collect::<Vec<_>>().join("; ");
        anyhow::bail!("there is nothing to measure, and nothing is recorded: {why}");
    }
    if let Some(why) = wrong_with_runtimes(header) {
        return Err(Usage(format!(
            "nothing is recorded, since `harness check` would refuse it: {why}"
        ))
        .into());
    }
    // A share may be empty where the plan is not: there are more shares than there is to share.
    let options = &header.options;
    let plan = Plan::whole(&header.entrants, options, header.cores);
    if options.costs.is_none() && plan.usable().next().is_some() && plan.cells().next().is_none() {
        let primitives = options.primitives.iter().copied().map(primitive_name);
        let primitives = match options.primitives[..] {
            [] => "anything".to_owned(),
            _ => primitives.collect::<Vec<_>>().join(" or "),
        };
        let names = asked().map(|one| one.name.as_str());
        return Err(Usage(format!(
            "there is nothing to measure: no scenario that was asked for puts branches together by {primitives} on {}; \
             leave --primitive out, or name others",
            names.collect::<Vec<_>>().join(", ")
        ))
        .into());
    }
    Ok(())
}

/// Refuses a size that a recursion cannot have, before anything is built.
pub(super) fn want_sizes(options: &Options) -> anyhow::Result<()> {
    let Some(size) = options.branches else {
        return Ok(());
    };
    for name in &options.scenarios {
        let recursion = scenario(name).and_then(Scenario::recursion);
        if let Some(wanted) = recursion.and_then(|recursion| recursion.wrong_with(size)) {
            let why = format!("--branches {size}: {name} takes {wanted}");
            return Err(Usage(why).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness_protocol::Primitive;
    use harness_record::{
        fabricated::{header, options, smol},
        plan::Options,
    };

    #[test]
    fn a_recursion_of_a_size_that_it_cannot_have_is_refused() {
        let sized = |scenario: &str, size| {
            want_sizes(&Options {
                scenarios: vec![scenario.to_owned()],
                branches: Some(size),
                ..options()
            })
            .map_err(|error| error.to_string())
        };
        assert_eq!(sized("fork/fib", 39), Ok(()));
        assert_eq!(sized("digest", 10_000), Ok(()));
        let why = sized("fork/queens", 15).unwrap_err();
        assert_eq!(why, "--branches 15: fork/queens takes 1 to 14 rows");
    }

    fn says(options: Options) -> Result<(), String> {
        let header = header(vec![smol()], options, 2);
        want_something(&header).map_err(|error| error.to_string())
    }

    #[test]
    fn a_plan_of_nothing_is_refused_and_an_empty_share_of_one_is_not() {
        let timers = || Options {
            scenarios: vec!["timers".to_owned()],
            ..options()
        };
        assert_eq!(says(timers()), Ok(()));
        let nothing = says(Options {
            primitives: vec![Primitive::Dispatch, Primitive::SpawnBlocking],
            ..timers()
        });
        let why = nothing.unwrap_err();
        assert!(
            why.contains("by dispatch or spawn_blocking on smol"),
            "{why}"
        );
        let share = Options {
            // The one comparison falls to the last share.
            partition: Some("1/1000".parse().unwrap()),
            ..timers()
        };
        let plan = Plan::new(&[smol()], &share, 2);
        assert_eq!(plan.cells().count(), 0, "the share is empty");
        assert_eq!(says(share), Ok(()));
    }
}
