//! Which published run another one makes superfluous.

use std::collections::BTreeSet;

use workload_catalogue::scenario;

use harness_record::{
    bundle::{Bundle, CellStatus},
    cell::Cell,
    costs::Asked,
    format::configuration,
    plan::{Options, Rounds},
};
use harness_report::recorded::Recorded;

/// How a run stands to one that was published before.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It takes its place: of one machine, later, and whatever this harness can still show of the older run, the newer
    /// one shows, and was asked for no less.
    Supersedes,
    /// It is of the same kind, and has less in one respect: which.
    HasLess(String),
    /// It is about something else.
    Apart,
}

/// How a run stands to an older one.
pub(super) fn standing(newer: &Recorded, older: &Recorded) -> Standing {
    let (new, old) = (&newer.bundle.header, &older.bundle.header);
    let one_machine = new.host.class(new.cores) == old.host.class(old.cores)
        && new.host.unlike(new.cores, &old.host, old.cores).is_empty();
    if !one_machine || new.started <= old.started || !newer.bundle.sealed {
        return Standing::Apart;
    }
    let less = match (&new.options.costs, &old.options.costs) {
        (Some(now), Some(then)) if of_one_kind(now, then) => {
            less_of_costs(&newer.bundle, now, &older.bundle, then)
        }
        (None, None) if asks_alike(&new.options, &old.options) => {
            less_asked(&new.options, &old.options)
                .or_else(|| less_measured(&newer.bundle, &older.bundle))
        }
        _ => return Standing::Apart,
    };
    less.map_or(Standing::Supersedes, Standing::HasLess)
}

/// Whether the same scenarios were asked for, or more, in the same way. What the catalogue does not have any more nobody
/// can show.
fn asks_alike(new: &Options, old: &Options) -> bool {
    let mut known = old.scenarios.iter().filter(|name| scenario(name).is_some());
    let primitives = new.primitives.is_empty() || new.primitives == old.primitives;
    known.clone().next().is_some()
        && known.all(|name| new.scenarios.contains(name))
        && primitives
        && (&new.workers, new.branches, new.root) == (&old.workers, old.branches, old.root)
}

/// In which respect less evidence was asked for.
fn less_asked(new: &Options, old: &Options) -> Option<String> {
    let unlimited = |budget: Option<u64>| budget.unwrap_or(u64::MAX);
    match (new.rounds, old.rounds) {
        (Rounds::Fixed(now), Rounds::Fixed(then)) => {
            (now < then).then(|| format!("has {then} rounds of each cell, and the newer run {now}"))
        }
        (Rounds::Auto, Rounds::Auto | Rounds::Budget) | (Rounds::Budget, Rounds::Budget) => {
            let (now, then) = (unlimited(new.budget_ms), unlimited(old.budget_ms));
            (now < then).then(|| {
                let seconds = |budget: u64| match budget {
                    u64::MAX => "as much as it took".to_owned(),
                    budget => format!("{} s", budget as f64 / 1e3),
                };
                let (now, then) = (seconds(now), seconds(then));
                format!("had {then} for each runtime, and the newer run {now}")
            })
        }
        _ => Some("stopped by another rule (`--rounds`)".to_owned()),
    }
}

/// A cell of today's plan that went well in the older run alone.
fn less_measured(new: &Bundle, old: &Bundle) -> Option<String> {
    let went_well = |bundle: &Bundle, cell: &Cell| {
        let mut rounds = bundle.rounds(cell);
        rounds.any(|(_, round)| round.status == CellStatus::Ok)
    };
    let mut cells = old.plan.cells();
    let lost = cells.find(|cell| went_well(old, cell) && !went_well(new, cell))?;
    Some(format!("has {lost}, and the newer run has not"))
}

/// Whether costs were found in the same way, of the same operations or more.
fn of_one_kind(new: &Asked, old: &Asked) -> bool {
    let all = new.operations.is_empty();
    let more = || {
        let mut old = old.operations.iter();
        old.all(|name| new.operations.contains(name))
    };
    new.left_by_cargo_bench == old.left_by_cargo_bench
        && (all || !old.operations.is_empty() && more())
}

/// What the older of two runs of costs found alone.
fn less_of_costs(new: &Bundle, now: &Asked, old: &Bundle, then: &Asked) -> Option<String> {
    if then.valgrind.is_some() && now.valgrind.is_none() {
        return Some("counted instructions, and the newer run did not".to_owned());
    }
    if let Some(less) = less_asked(&new.header.options, &old.header.options) {
        return Some(less);
    }
    let of = |bundle: &Bundle| -> BTreeSet<String> {
        let costs = bundle.costs.iter();
        costs
            .map(|cost| configuration(&cost.runtime, None, &cost.flavour, cost.workers))
            .collect()
    };
    let now = of(new);
    let lost = of(old).into_iter().find(|one| !now.contains(one))?;
    Some(format!("has {lost}, and the newer run has not"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness_record::{
        costs::{Allocations, Cost, Found, Side},
        fabricated::{block, header, options, predicted, sample, smol, tokio},
        plan::Entrant,
    };
    use harness_report::Report;

    const CELLS: [&str; 2] = [
        "smol:workers@2/digest/compose@2",
        "smol:workers@2/digest/spawn@2",
    ];

    /// A sealed run on two cores that began at this hour, with a round of each of these cells.
    fn run(
        hour: u32,
        change: impl FnOnce(&mut Options),
        entrants: Vec<Entrant>,
        cells: &[&str],
    ) -> Recorded {
        let mut asked = Options {
            scenarios: vec!["timers".to_owned(), "digest".to_owned()],
            rounds: Rounds::Auto,
            budget_ms: Some(60_000),
            ..options()
        };
        change(&mut asked);
        let mut header = header(entrants, asked, 2);
        header.started = format!("2026-01-02T{hour:02}:00:00Z");
        let mut bundle = predicted(header);
        let arms: Vec<_> = cells.iter().map(|&name| (name, sample(4.0, 1.0))).collect();
        if !arms.is_empty() {
            block(&mut bundle, &arms);
        }
        bundle.sealed = true;
        Recorded {
            name: format!("run-{hour}"),
            report: Report::of(&bundle),
            bundle,
        }
    }

    fn plain(hour: u32, change: impl FnOnce(&mut Options)) -> Recorded {
        run(hour, change, vec![smol()], &CELLS)
    }

    fn same(_: &mut Options) {}

    #[test]
    fn a_later_run_of_the_same_kind_supersedes() {
        let (older, newer) = (plain(1, same), plain(2, same));
        assert_eq!(standing(&newer, &older), Standing::Supersedes);
        // And not the other way round, nor itself, nor one that began with it.
        assert_eq!(standing(&older, &newer), Standing::Apart);
        assert_eq!(standing(&newer, &newer), Standing::Apart);
        assert_eq!(standing(&plain(1, same), &older), Standing::Apart);
        // A run that nothing seals takes no place.
        let mut open = newer.clone();
        open.bundle.sealed = false;
        assert_eq!(standing(&open, &older), Standing::Apart);
        // More scenarios, runtimes and cells are no less.
        let more = run(
            2,
            |options| options.scenarios.push("ready".to_owned()),
            vec![smol(), tokio()],
            &[CELLS[0], CELLS[1], "smol:workers@2/digest/sequential@2"],
        );
        assert_eq!(standing(&more, &older), Standing::Supersedes);
    }

    #[test]
    fn another_machine_is_another_matter() {
        let older = plain(1, same);
        let on = |change: fn(&mut Recorded)| {
            let mut newer = plain(2, same);
            change(&mut newer);
            standing(&newer, &older)
        };
        let cpu = |run: &mut Recorded| run.bundle.header.host.cpu = Some("Another CPU".into());
        assert_eq!(on(cpu), Standing::Apart);
        assert_eq!(on(|run| run.bundle.header.cores = 4), Standing::Apart);
        // Its class has no memory, and two machines may be of one class.
        let memory = |run: &mut Recorded| run.bundle.header.host.memory = Some(1 << 40);
        let mut older = older.clone();
        older.bundle.header.host.memory = Some(1 << 34);
        let mut newer = plain(2, same);
        memory(&mut newer);
        assert_eq!(standing(&newer, &older), Standing::Apart);
        // Another kernel makes no other machine.
        let kernel = |run: &mut Recorded| run.bundle.header.host.kernel = Some("9.9".into());
        assert_eq!(on(kernel), Standing::Supersedes);
    }

    #[test]
    fn what_was_asked_otherwise_is_another_kind() {
        let older = plain(1, same);
        let of = |change: fn(&mut Options)| standing(&plain(2, change), &older);
        assert_eq!(of(|o| o.workers = vec![2]), Standing::Apart);
        assert_eq!(of(|o| o.branches = Some(2)), Standing::Apart);
        assert_eq!(
            of(|o| o.root = harness_protocol::Root::Worker),
            Standing::Apart
        );
        assert_eq!(
            of(|o| o.primitives = vec![harness_protocol::Primitive::Spawn]),
            Standing::Apart
        );
        assert_eq!(of(|o| drop(o.scenarios.pop())), Standing::Apart);
        assert_eq!(of(|o| o.costs = Some(Asked::default())), Standing::Apart);
        // A scenario that the catalogue has no more cannot be shown of the older run either.
        let with_gone = plain(1, |o| o.scenarios.push("gone".to_owned()));
        assert_eq!(standing(&plain(2, same), &with_gone), Standing::Supersedes);
        let only_gone = plain(1, |o| o.scenarios = vec!["gone".to_owned()]);
        assert_eq!(standing(&plain(2, same), &only_gone), Standing::Apart);
    }

    fn less(newer: &Recorded, older: &Recorded) -> String {
        match standing(newer, older) {
            Standing::HasLess(why) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_has_less_does_not_supersede_and_says_in_what() {
        let older = plain(1, same);
        let cells = |cells| run(2, same, vec![smol()], cells);
        insta::assert_snapshot!(less(&cells(&CELLS[..1]), &older), @"has smol:workers@2/digest/spawn@2, and the newer run has not");
        // Nor is a round that failed one.
        let mut failing = cells(&CELLS[..1]);
        harness_record::fabricated::failed(
            &mut failing.bundle,
            CELLS[1],
            CellStatus::Crashed,
            "why",
        );
        insta::assert_snapshot!(less(&failing, &older), @"has smol:workers@2/digest/spawn@2, and the newer run has not");
        // Of the older run it is none either.
        failing.bundle.header.started = older.bundle.header.started.clone();
        assert_eq!(
            standing(&cells(&CELLS[..1]), &failing),
            Standing::Supersedes
        );
        let limited = |change: fn(&mut Options), before: fn(&mut Options)| {
            standing(&plain(2, change), &plain(1, before))
        };
        insta::assert_snapshot!(less(&plain(2, |o| o.budget_ms = Some(59_999)), &older), @"had 60 s for each runtime, and the newer run 59.999 s");
        insta::assert_snapshot!(less(&plain(2, same), &plain(1, |o| o.budget_ms = None)), @"had as much as it took for each runtime, and the newer run 60 s");
        assert_eq!(limited(|o| o.budget_ms = None, same), Standing::Supersedes);
        insta::assert_snapshot!(less(&plain(2, |o| o.rounds = Rounds::Budget), &older), @"stopped by another rule (`--rounds`)");
        assert_eq!(
            limited(same, |o| o.rounds = Rounds::Budget),
            Standing::Supersedes
        );
        insta::assert_snapshot!(less(&plain(2, |o| o.rounds = Rounds::Fixed(15)), &older), @"stopped by another rule (`--rounds`)");
        insta::assert_snapshot!(less(&plain(2, |o| o.rounds = Rounds::Fixed(14)), &plain(1, |o| o.rounds = Rounds::Fixed(15))), @"has 15 rounds of each cell, and the newer run 14");
        assert_eq!(
            limited(
                |o| o.rounds = Rounds::Fixed(15),
                |o| o.rounds = Rounds::Fixed(15)
            ),
            Standing::Supersedes
        );
    }

    /// A run that counted costs of these operations, on these configurations.
    fn costs(hour: u32, operations: &[&str], flavours: &[&str], valgrind: bool) -> Recorded {
        let asked = Asked {
            operations: operations.iter().map(|&name| name.to_owned()).collect(),
            left_by_cargo_bench: false,
            valgrind: valgrind.then(|| "valgrind-3.19.0".to_owned()),
        };
        let of_costs = |options: &mut Options| {
            options.scenarios.clear();
            options.rounds = Rounds::Fixed(6);
            options.costs = Some(asked);
        };
        let mut run = run(hour, of_costs, vec![smol()], &[]);
        run.bundle
            .costs
            .extend(flavours.iter().map(|&flavour| Cost {
                runtime: "smol".to_owned(),
                flavour: flavour.to_owned(),
                workers: 1,
                operation: "spawn-ready/2".to_owned(),
                side: Side::Trait,
                found: Found::Allocations(Allocations {
                    allocations: 2,
                    bytes: 128,
                }),
            }));
        run
    }

    #[test]
    fn of_costs_all_operations_cover_some() {
        let (some, all) = (&["spawn-ready"][..], &[][..]);
        let both = ["default", "workers"];
        let of = |newer: Recorded, older: Recorded| standing(&newer, &older);
        assert_eq!(
            of(costs(2, all, &both, true), costs(1, all, &both, true)),
            Standing::Supersedes
        );
        assert_eq!(
            of(costs(2, all, &both, true), costs(1, some, &both, true)),
            Standing::Supersedes
        );
        assert_eq!(
            of(costs(2, some, &both, true), costs(1, some, &both, true)),
            Standing::Supersedes
        );
        assert_eq!(
            of(costs(2, some, &both, true), costs(1, all, &both, true)),
            Standing::Apart
        );
        assert_eq!(
            of(costs(2, all, &both, true), plain(1, same)),
            Standing::Apart
        );
        insta::assert_snapshot!(less(&costs(2, all, &both[..1], true), &costs(1, some, &both, true)), @"has smol workers@1, and the newer run has not");
        insta::assert_snapshot!(less(&costs(2, all, &both, false), &costs(1, all, &both, true)), @"counted instructions, and the newer run did not");
    }
}
