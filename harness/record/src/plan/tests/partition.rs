//! A plan in shares.

use super::*;
use crate::{
    bundle::Bundle,
    fabricated::{glommio, header},
    plan::Partition,
};

fn share(text: &str) -> Partition {
    text.parse().unwrap()
}

fn of(entrants: Vec<Entrant>, options: Options, partition: Option<Partition>) -> Bundle {
    let options = Options {
        partition,
        ..options
    };
    Bundle::new(header(entrants, options, 2))
}

/// Runtime, scenario, rounds.
fn groups(bundle: &Bundle) -> Vec<(String, &'static str, Option<usize>)> {
    let groups = bundle.plan.groups.iter();
    groups
        .map(|group| (group.runtime.clone(), group.scenario.name, group.rounds))
        .collect()
}

fn entrants() -> Vec<Entrant> {
    vec![unasked(threads()), smol(), tokio(), glommio()]
}

/// Two runtimes and two scenarios, seven rounds: 28 blocks, of which five shares have the first 5, the next 6, and so on.
/// `digest` comes first, on both runtimes.
#[test]
fn blocks_are_shared_out_by_hand() {
    let options = Options {
        scenarios: vec!["timers".into(), "digest".into()],
        rounds: Rounds::Fixed(7),
        ..options()
    };
    let two = || vec![unasked(threads()), smol(), tokio()];
    let whole = groups(&of(two(), options.clone(), None));
    let (first, last) = (whole[0].1, whole[1].1);
    let has = |text: &str| groups(&of(two(), options.clone(), Some(share(text))));
    let named = |runtime: &str, scenario, rounds| (runtime.to_owned(), scenario, Some(rounds));
    assert_eq!(has("1/5"), [named("smol", first, 5)]);
    assert_eq!(
        has("2/5"),
        [named("smol", first, 2), named("tokio", first, 4)]
    );
    // In the order of the plan, runtime by runtime, though the scenarios were cut one after the other.
    assert_eq!(
        has("3/5"),
        [named("smol", last, 2), named("tokio", first, 3)]
    );
    assert_eq!(
        has("4/5"),
        [named("smol", last, 5), named("tokio", last, 1)]
    );
    assert_eq!(has("5/5"), [named("tokio", last, 6)]);
    assert_eq!(has("1/1"), whole);
}

#[test]
fn the_shares_are_together_the_plan() {
    for rounds in [
        Rounds::Budget,
        Rounds::Auto,
        Rounds::Fixed(1),
        Rounds::Fixed(7),
    ] {
        let options = Options {
            rounds,
            ..options()
        };
        let whole = of(entrants(), options.clone(), None);
        let all: Vec<usize> = whole
            .plan
            .groups
            .iter()
            .map(|group| group.rounds.unwrap_or(1))
            .collect();
        for n in [1, 2, 3, 16, 47, 1000] {
            let mut there = vec![0; all.len()];
            let mut sizes = Vec::new();
            for share in Partition::new(1, n).unwrap().all() {
                let bundle = of(entrants(), options.clone(), Some(share));
                let plan = &bundle.plan;
                assert_eq!(
                    plan.groups.len() + plan.elsewhere.len(),
                    all.len(),
                    "{share}: what it has not, others have"
                );
                let mut size = 0;
                for group in &plan.groups {
                    let is_it = |other: &Group| {
                        (&other.runtime, other.scenario.name)
                            == (&group.runtime, group.scenario.name)
                    };
                    let at = whole.plan.groups.iter().position(is_it).unwrap();
                    assert_eq!(group.cells, whole.plan.groups[at].cells, "whole blocks");
                    assert_eq!(group.rounds.is_some(), matches!(rounds, Rounds::Fixed(_)));
                    there[at] += group.rounds.unwrap_or(1);
                    size += group.rounds.unwrap_or(1);
                }
                sizes.push(size);
            }
            assert_eq!(there, all, "{rounds:?} in {n}");
            let (least, most) = (sizes.iter().min(), sizes.iter().max());
            assert!(most.unwrap() - least.unwrap() <= 1, "{sizes:?}");
        }
    }
}

/// Every promise that the whole tries is tried by a share that rests on it, and by none that does not.
#[test]
fn a_share_tries_the_promises_of_what_it_measures() {
    let promised = |name: &str| harness_protocol::Promise {
        name: name.to_owned(),
        promise: "that it is".to_owned(),
    };
    let mut all = entrants();
    for entrant in &mut all {
        entrant.checks = vec![promised("keeps")];
    }
    let options = Options {
        scenarios: vec!["timers".into(), "digest".into()],
        ..options()
    };
    let tried = |options: &Options, partition| -> Vec<String> {
        let bundle = of(all.clone(), options.clone(), partition);
        bundle.verified().iter().map(Config::title).collect()
    };
    // The second leaves smol and tokio with nothing that is measured, and they are tried all the same.
    let dispatched = Options {
        primitives: vec![Primitive::Dispatch],
        ..options.clone()
    };
    for options in [&options, &dispatched] {
        let shares = Partition::new(1, 6).unwrap().all();
        let mut together: Vec<String> = shares
            .flat_map(|share| tried(options, Some(share)))
            .collect();
        together.sort();
        together.dedup();
        let mut whole = tried(options, None);
        whole.sort();
        assert_eq!(together, whole);
    }
    let first = tried(&options, Some(share("1/6")));
    assert!(
        !first.is_empty() && first.iter().all(|title| title.starts_with("smol")),
        "{first:?}"
    );
    let waits = of(
        all.clone(),
        Options {
            scenarios: vec!["timers".into()],
            ..options.clone()
        },
        Some(share("1/3")),
    );
    assert!(
        waits
            .verified()
            .iter()
            .all(|config| config.id.runtime == "smol"),
        "nothing computes, and nothing is calibrated on the baseline"
    );
}

#[test]
fn a_share_is_written_as_people_write_it() {
    let three: Partition = share("3/16");
    assert_eq!(
        (three.share(), three.of(), three.to_string().as_str()),
        (3, 16, "3/16")
    );
    assert_eq!(serde_json::to_string(&three).unwrap(), "\"3/16\"");
    for wrong in [
        "",
        "0/1",
        "2/1",
        "1/0",
        "-1/2",
        "+1/2",
        " 1/2",
        "1/2 ",
        "1/2/3",
        "1/99999999999999999999",
    ] {
        assert!(wrong.parse::<Partition>().is_err(), "{wrong}");
    }
    assert!("1/100000".parse::<Partition>().is_ok() && "1/100001".parse::<Partition>().is_err());
    let all: Vec<String> = share("2/3").all().map(|share| share.to_string()).collect();
    assert_eq!(all, ["1/3", "2/3", "3/3"]);
}

/// More shares than there is anything to share out: most have nothing, and none is out of range.
#[test]
fn more_shares_than_blocks_leave_some_with_nothing() {
    let options = Options {
        scenarios: vec!["digest".into()],
        ..options()
    };
    let has = |share: Partition| {
        groups(&of(
            vec![unasked(threads()), smol()],
            options.clone(),
            Some(share),
        ))
        .len()
    };
    let sizes: Vec<usize> = Partition::new(1, 5).unwrap().all().map(has).collect();
    assert_eq!(sizes, [0, 0, 0, 0, 1]);
}
