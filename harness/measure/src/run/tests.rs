//! Which arms a pass runs.

use super::*;
use harness_record::{
    fabricated::{
        block, cell, disturbed_block, failed, header, options, sample, smol, smol_run, threads,
        unasked,
    },
    plan::Options,
};

fn due(bundle: &Bundle, pass: Pass) -> Vec<(&'static str, Vec<String>)> {
    let mut random = fastrand::Rng::with_seed(1);
    let turn = Turn {
        number: (1, 1),
        later: Duration::ZERO,
        runtime: "smol".to_owned(),
        family: Family::of(25),
        uncalibrated: &Uncalibrated::default(),
        claimed: &claimed(bundle),
        deadline: None,
        random: &mut random,
    };
    let named = |(group, arms): (Group, Vec<Cell>)| {
        let mut names: Vec<String> = arms.iter().map(Cell::to_string).collect();
        names.sort();
        (group.scenario.name, names)
    };
    turn.due(bundle, pass).into_iter().map(named).collect()
}

/// As if so many rounds had been asked for.
fn set_rounds(bundle: &mut Bundle, rounds: usize) {
    bundle.plan.rounds = Rounds::Fixed(rounds);
    for group in &mut bundle.plan.groups {
        group.rounds = Some(rounds);
    }
}

/// Whether a pass has a cell.
fn wants(bundle: &Bundle, pass: Pass, name: &str) -> bool {
    let due = due(bundle, pass);
    due.iter()
        .any(|(_, arms)| arms.iter().any(|arm| arm == name))
}

/// Every `digest` cell of these primitives has crashed.
fn digest_crashed(bundle: &mut Bundle) {
    for config in ["default@1", "workers@2"] {
        for primitive in ["sequential", "compose", "spawn"] {
            let name = format!("smol:{config}/digest/{primitive}@2");
            failed(
                bundle,
                &name,
                harness_record::bundle::CellStatus::Crashed,
                "why",
            );
        }
    }
}

fn joined(scenario: &str, due: &[(&str, Vec<String>)]) -> Vec<String> {
    due.iter()
        .filter(|(name, _)| *name == scenario)
        .flat_map(|(_, arms)| arms)
        .filter(|arm| arm.contains("compose"))
        .cloned()
        .collect()
}

#[test]
fn a_control_runs_in_every_block_of_its_cell() {
    let first = due(&smol_run(), Pass::First);
    for scenario in ["digest", "timers"] {
        let n = if scenario == "digest" { 2 } else { 3 };
        let arms: Vec<String> = ["default@1", "workers@2"]
            .iter()
            .flat_map(|config| {
                ["", "/again"].map(|arm| format!("smol:{config}/{scenario}/compose@{n}{arm}"))
            })
            .collect();
        assert_eq!(joined(scenario, &first), arms);
    }
    // Elsewhere there is none.
    assert!(
        joined("heartbeat", &first)
            .iter()
            .all(|arm| !arm.contains("again"))
    );
    assert!(!joined("heartbeat", &first).is_empty());
}

/// What answers "join or spawn?" waits for no other scenario, and is not begun again with these.
#[test]
fn the_first_pass_has_what_answers_before_all_else() {
    let mut bundle = smol_run();
    let names = |bundle: &Bundle, pass| -> Vec<&str> {
        due(bundle, pass)
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    };
    let all = names(&bundle, Pass::First);
    let mut answering = names(&bundle, Pass::FirstToAnswer);
    answering.sort_unstable();
    assert_eq!(answering, ["digest", "timers"]);
    for scenario in ["digest/compose@2", "timers/compose@3"] {
        let name = format!("smol:workers@2/{scenario}");
        block(&mut bundle, &[(&name, sample(8.0, 1.0))]);
    }
    assert!(names(&bundle, Pass::FirstToAnswer).is_empty());
    let rest = names(&bundle, Pass::First);
    assert_eq!(rest.len() + 2, all.len());
    assert!(rest.iter().all(|name| !answering.contains(name)));
}

#[test]
fn a_step_of_a_sweep_goes_on_until_it_has_undisturbed_rounds_for_an_interval() {
    let options = Options {
        scenarios: vec!["length/1us".to_owned()],
        ..options()
    };
    let mut bundle = Bundle::new(header(vec![unasked(threads()), smol()], options, 2));
    let name = "smol:workers@2/length/1us/spawn@8/worker";
    let wanted = |bundle: &Bundle| wants(bundle, Pass::Exhibits, name);
    for _ in 1..SWEEP_ROUNDS {
        block(&mut bundle, &[(name, sample(1.0, 1.0))]);
        disturbed_block(&mut bundle, &[(name, sample(1.0, 1.0))]);
        assert!(wanted(&bundle));
    }
    block(&mut bundle, &[(name, sample(1.0, 1.0))]);
    assert!(!wanted(&bundle));
    set_rounds(&mut bundle, SWEEP_ROUNDS + 1);
    assert!(wanted(&bundle));
}

#[test]
fn a_number_of_rounds_is_for_exhibits_too() {
    let mut bundle = smol_run();
    let name = "smol:workers@2/scan/spawn@2";
    for _ in 0..EXHIBIT_ROUNDS {
        block(&mut bundle, &[(name, sample(8.0, 1.0))]);
    }
    let wanted = |bundle: &Bundle| wants(bundle, Pass::Exhibits, name);
    assert!(!wanted(&bundle));
    set_rounds(&mut bundle, 3);
    assert!(wanted(&bundle));
    block(&mut bundle, &[(name, sample(8.0, 1.0))]);
    assert!(!wanted(&bundle));
}

/// Cells that no claim holds against each other can be held against each other all the same.
#[test]
fn a_number_of_rounds_is_of_whole_blocks() {
    let mut bundle = smol_run();
    let scanned = |bundle: &Bundle| {
        let due = due(bundle, Pass::Claims);
        let of_scan = due.into_iter().find(|(name, _)| *name == "scan");
        of_scan.map_or(Vec::new(), |(_, arms)| arms)
    };
    // One claim is about every join, and none about anything else here.
    let joins = scanned(&bundle);
    assert!(
        joins.iter().all(|arm| arm.contains("/compose")),
        "{joins:?}"
    );
    set_rounds(&mut bundle, 3);
    let groups = &bundle.plan.groups;
    let group = groups.iter().find(|group| group.scenario.name == "scan");
    let mut all: Vec<String> = group.unwrap().cells.iter().map(Cell::to_string).collect();
    all.sort();
    assert_eq!(scanned(&bundle), all);
}

#[test]
fn no_block_is_run_for_a_control() {
    let mut bundle = smol_run();
    // A cell that failed decides its claims' fate, so that nothing more is wanted of it or its twin.
    digest_crashed(&mut bundle);
    assert_eq!(
        joined("digest", &due(&bundle, Pass::Claims)),
        Vec::<String>::new()
    );
    assert_eq!(joined("timers", &due(&bundle, Pass::Claims)).len(), 4);
}

/// A second arm that failed is not tried again, and takes nothing with it.
#[test]
fn a_control_that_failed_stays_out() {
    let mut bundle = smol_run();
    let again = "smol:workers@2/digest/compose@2/again";
    failed(
        &mut bundle,
        again,
        harness_record::bundle::CellStatus::Crashed,
        "why",
    );
    let arms = joined("digest", &due(&bundle, Pass::Claims));
    assert!(arms.contains(&"smol:workers@2/digest/compose@2".to_owned()));
    assert!(!arms.contains(&again.to_owned()), "{arms:?}");
    assert_eq!(arms.len(), 3);
    block(
        &mut bundle,
        &[("smol:workers@2/digest/compose@2", sample(8.0, 1.0))],
    );
    assert!(
        bundle
            .failure(&cell("smol:workers@2/digest/compose@2"))
            .is_none()
    );
}

/// What an answer rests on, until it has had as many blocks as decide what is clear.
#[test]
fn what_most_came_for_is_two_scenarios_and_so_many_blocks() {
    let mut bundle = smol_run();
    let scenarios = |due: Vec<(&'static str, Vec<String>)>| -> Vec<&str> {
        let mut names: Vec<&str> = due.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(scenarios(due(&bundle, Pass::Answer)), ["digest", "timers"]);
    assert!(scenarios(due(&bundle, Pass::Claims)).len() > 2);
    digest_crashed(&mut bundle);
    assert_eq!(scenarios(due(&bundle, Pass::Answer)), ["timers"]);
    // A joined wait at the margin is not decided by any number of blocks. M = 25: fourteen that agree are enough, and
    // a fifth more are sixteen.
    let joined = "smol:workers@2/timers/compose@3";
    let in_turn = "smol:workers@2/timers/sequential@3";
    for blocks in 0..16 {
        assert!(wants(&bundle, Pass::Answer, joined), "after {blocks}");
        let wall = if blocks % 2 == 0 { 3.0 } else { 15.0 };
        block(
            &mut bundle,
            &[(joined, sample(wall, 0.1)), (in_turn, sample(15.0, 0.1))],
        );
    }
    assert!(!wants(&bundle, Pass::Answer, joined));
    assert!(wants(&bundle, Pass::Claims, joined));
}

/// Of five rounds of each of two scenarios the second of two shares has the last five blocks: all of `digest`. The second
/// of three has the fourth to the sixth: two of `timers`, and one of `digest`.
#[test]
fn a_share_measures_its_rounds_and_no_more() {
    let of = |share: &str| {
        let options = Options {
            scenarios: vec!["timers".into(), "digest".into()],
            rounds: Rounds::Fixed(5),
            partition: share.parse().ok(),
            ..options()
        };
        harness_record::fabricated::predicted(header(vec![unasked(threads()), smol()], options, 2))
    };
    let scenarios = |bundle: &Bundle, pass| -> Vec<&'static str> {
        due(bundle, pass)
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    };
    assert_eq!(scenarios(&of("2/2"), Pass::First), ["digest"]);
    let mut bundle = of("2/3");
    let whole = |bundle: &mut Bundle, scenario: &str| {
        let group = bundle.plan.group("smol", scenario).unwrap().clone();
        let arms: Vec<String> = group
            .all()
            .flat_map(|cell| judge::again(cell).into_iter().chain([cell.clone()]))
            .map(|cell| cell.to_string())
            .collect();
        let arms: Vec<_> = arms
            .iter()
            .map(|arm| (arm.as_str(), sample(8.0, 1.0)))
            .collect();
        block(bundle, &arms);
    };
    assert_eq!(scenarios(&bundle, Pass::First), ["timers", "digest"]);
    for scenario in ["timers", "digest"] {
        whole(&mut bundle, scenario);
    }
    assert_eq!(scenarios(&bundle, Pass::Claims), ["timers"]);
    whole(&mut bundle, "timers");
    for pass in [Pass::First, Pass::Claims, Pass::Exhibits] {
        assert_eq!(scenarios(&bundle, pass), [""; 0], "{pass:?}");
    }
}
