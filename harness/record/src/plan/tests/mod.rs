//! Plans, from made-up entrants.

use harness_protocol::{Primitive, Threads, Workers};
use workload_catalogue::scenario;

use super::*;
use crate::fabricated::{entrant, flavour, glommio, options, smol, threads, tokio, unasked};

fn titles(plan: &Plan) -> Vec<String> {
    plan.configs.iter().map(Config::title).collect()
}

fn names<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Vec<String> {
    cells.into_iter().map(ToString::to_string).collect()
}

fn only(scenarios: &[&str]) -> Options {
    Options {
        scenarios: scenarios.iter().map(|&name| name.to_owned()).collect(),
        ..options()
    }
}

#[test]
fn a_fixed_flavour_keeps_its_workers_and_the_others_get_one_a_core() {
    let entrants = [smol(), tokio(), threads()];
    for (cores, expected) in [
        (
            1,
            ["smol default@1", "smol workers@1", "tokio multi-thread@1"],
        ),
        (
            16,
            ["smol default@1", "smol workers@16", "tokio multi-thread@16"],
        ),
    ] {
        let plan = Plan::new(&entrants, &options(), cores);
        assert_eq!(titles(&plan)[..3], expected);
        assert!(titles(&plan).contains(&"threads thread-a-branch@1".to_owned()));
    }
}

#[test]
fn asked_for_workers_are_for_flavours_that_take_them() {
    let options = Options {
        workers: vec![2, 4],
        ..options()
    };
    let plan = Plan::new(&[smol()], &options, 2);
    assert_eq!(
        titles(&plan),
        ["smol default@1", "smol workers@2", "smol workers@4"]
    );
    assert!(plan.configs[0].fixed && !plan.configs[1].fixed);
}

#[test]
fn workers_left_to_the_runtime_are_those_that_it_was_seen_to_have() {
    let mut smol = smol();
    let own = |smol: &Entrant, workers: &[usize]| {
        let options = Options {
            workers: workers.to_vec(),
            own_workers: true,
            ..options()
        };
        titles(&Plan::new(&[smol.clone()], &options, 2))
    };
    // One that has none of its own has one a core.
    assert_eq!(own(&smol, &[]), ["smol default@1", "smol workers@2"]);
    smol.flavours[1].unasked_workers = Some(7);
    assert_eq!(own(&smol, &[]), ["smol default@1", "smol workers@7"]);
    assert_eq!(
        own(&smol, &[1]),
        ["smol default@1", "smol workers@1", "smol workers@7"]
    );
    // It is no number of anybody who did not ask for it.
    let plan = Plan::new(&[smol], &options(), 2);
    assert_eq!(titles(&plan), ["smol default@1", "smol workers@2"]);
}

#[test]
fn blocking_threads_are_those_of_pools_that_can_be_told() {
    let mut smol = smol();
    smol.flavours[1].sizes.blocking_threads = true;
    let options = Options {
        blocking_threads: Some(3),
        ..options()
    };
    let plan = Plan::new(&[smol], &options, 2);
    let told = plan.configs.iter().map(|one| one.blocking_threads);
    assert_eq!(told.collect::<Vec<_>>(), [None, Some(3)]);
    let blocking = plan.configs.iter().map(|one| one.semantics.blocking);
    assert_eq!(
        blocking.collect::<Vec<_>>(),
        [Threads::Fixed(500), Threads::Fixed(3)]
    );
}

#[test]
fn workers_named_twice_are_measured_once() {
    let options = Options {
        workers: vec![2, 4, 2],
        ..only(&["digest"])
    };
    let plan = Plan::new(&[smol()], &options, 2);
    assert_eq!(
        titles(&plan),
        ["smol default@1", "smol workers@2", "smol workers@4"]
    );
    let mut cells = names(plan.cells());
    cells.sort_unstable();
    let all = cells.len();
    cells.dedup();
    assert_eq!(cells.len(), all);
}

/// One after the other, the first would wait for ever.
#[test]
fn what_waits_for_each_other_has_no_sequential_cell() {
    let plan = Plan::new(&[tokio()], &only(&["field/pool-of-one", "timers"]), 2);
    let primitives = |scenario: &str| -> Vec<Primitive> {
        let group = plan.group("tokio", scenario).unwrap();
        let cells = group.cells.iter().filter(|cell| cell.id.workers == 2);
        cells.map(|cell| cell.primitive).collect()
    };
    let (sequential, compose, spawn) =
        (Primitive::Sequential, Primitive::Compose, Primitive::Spawn);
    assert_eq!(primitives("timers"), [sequential, compose, spawn]);
    assert_eq!(primitives("field/pool-of-one"), [compose, spawn]);
    let asked = Options {
        primitives: vec![sequential],
        ..only(&["field/pool-of-one"])
    };
    assert!(Plan::new(&[tokio()], &asked, 2).groups.is_empty());
}

#[test]
fn branches_follow_the_scenario_unless_the_user_says_and_may() {
    let n = |name: &str, asked: Option<usize>, cores: usize| {
        let options = Options {
            branches: asked,
            ..only(&[name])
        };
        let plan = Plan::new(&[smol()], &options, cores);
        let mut all: Vec<(String, usize)> = plan
            .cells()
            .map(|cell| (cell.id.flavour.clone(), cell.branches))
            .collect();
        all.dedup();
        all
    };
    let both = |default: usize, workers: usize| {
        vec![
            ("default".to_owned(), default),
            ("workers".to_owned(), workers),
        ]
    };
    assert_eq!(n("timers", None, 16), both(3, 3));
    assert_eq!(n("timers", Some(7), 16), both(7, 7));
    assert_eq!(n("digest", None, 16), both(16, 16));
    assert_eq!(n("digest", None, 1), both(2, 2), "two at least");
    assert_eq!(n("digest", Some(5), 1), both(5, 5));
    assert_eq!(n("heartbeat", Some(5), 16), both(2, 2), "it is about two");
    assert_eq!(n("heartbeat-all-hogs", None, 4), both(2, 5));
    assert_eq!(n("heartbeat-all-hogs", Some(9), 4), both(2, 5));
}

#[test]
fn as_many_hogs_as_threads_that_have_a_core() {
    let options = Options {
        workers: vec![8],
        ..only(&["heartbeat-all-hogs"])
    };
    let plan = Plan::new(&[smol(), threads()], &options, 2);
    let n = |flavour: &str| {
        let mut of = plan.cells().filter(|cell| cell.id.flavour == flavour);
        of.next().unwrap().branches
    };
    assert_eq!(
        (n("default"), n("workers"), n("thread-a-branch")),
        (2, 3, 3)
    );
}

#[test]
fn a_scenario_has_a_cell_for_each_primitive_that_the_runtime_has() {
    let plan = Plan::new(&[glommio()], &only(&["digest", "blocking"]), 2);
    assert_eq!(
        names(&plan.group("glommio", "digest").unwrap().cells),
        [
            "glommio:local@1/digest/sequential@2",
            "glommio:local@1/digest/compose@2",
            "glommio:local@1/digest/spawn@2",
            "glommio:pool@2/digest/sequential@2",
            "glommio:pool@2/digest/compose@2",
            "glommio:pool@2/digest/spawn@2",
            "glommio:pool@2/digest/dispatch@2",
        ]
    );
    // The cure for what blocks is shown beside it.
    let blocking = names(&plan.group("glommio", "blocking").unwrap().cells);
    assert!(blocking.contains(&"glommio:local@1/blocking/spawn_blocking@4".to_owned()));
}

#[test]
fn k_is_that_of_the_primitive_which_places() {
    let plan = Plan::new(&[smol(), glommio(), threads()], &options(), 4);
    let placing = |title: &str| {
        let config = plan.configs.iter().find(|c| c.title() == title).unwrap();
        (config.placing(), config.threads(config.placing(), 7))
    };
    assert_eq!(placing("smol default@1"), (Primitive::Spawn, 1));
    assert_eq!(placing("smol workers@4"), (Primitive::Spawn, 4));
    assert_eq!(placing("glommio pool@4"), (Primitive::Dispatch, 4));
    assert_eq!(placing("glommio local@1"), (Primitive::Spawn, 1));
    assert_eq!(placing("threads thread-a-branch@1"), (Primitive::Spawn, 7));
    let pool = plan
        .configs
        .iter()
        .find(|c| c.title() == "glommio pool@4")
        .unwrap();
    assert_eq!(pool.threads(Primitive::Spawn, 7), 1, "spawn stays at home");
    assert_eq!(pool.threads(Primitive::Compose, 7), 1);
}

#[test]
fn primitives_and_scenarios_that_were_not_asked_for_are_left_out() {
    let options = Options {
        primitives: vec![Primitive::Compose, Primitive::SpawnBlocking],
        ..only(&["timers", "digest"])
    };
    let plan = Plan::new(&[smol()], &options, 2);
    assert_eq!(
        names(plan.cells().filter(|cell| cell.id.flavour == "default")),
        [
            // Timers await, so a blocking pool cannot take them.
            "smol:default@1/timers/compose@3",
            "smol:default@1/digest/compose@2",
            "smol:default@1/digest/spawn_blocking@2",
        ]
    );
    let none = Options {
        primitives: vec![Primitive::Dispatch],
        ..only(&["digest"])
    };
    assert!(Plan::new(&[smol()], &none, 2).groups.is_empty());
}

#[test]
fn cpu_claims_have_the_baseline_beside_them_once_and_no_others() {
    let plan = Plan::new(&[unasked(threads()), smol()], &options(), 2);
    assert!(
        plan.configs
            .iter()
            .all(|config| config.id.runtime == "smol")
    );
    for group in &plan.groups {
        let baseline = group.baseline.as_ref().map(ToString::to_string);
        let expected = (group.scenario.name == "digest")
            .then(|| "threads:threads@2/digest/spawn@2".to_owned());
        assert_eq!(baseline, expected, "{}", group.scenario.name);
        assert!(group.cells.iter().all(|cell| cell.id.runtime == "smol"));
    }
}

#[test]
fn the_baseline_is_not_compared_with_itself_and_keeps_a_worker_a_core() {
    let options = Options {
        workers: vec![1],
        ..only(&["digest"])
    };
    let plan = Plan::new(&[smol(), threads()], &options, 4);
    let of = |runtime: &str| plan.group(runtime, "digest").unwrap().baseline.clone();
    assert_eq!(of("threads"), None);
    assert_eq!(
        of("smol").unwrap().to_string(),
        "threads:threads@4/digest/spawn@4"
    );
    // It is none of the configurations asked for, and so has none.
    assert!(plan.config(&of("smol").unwrap()).is_none());
}

#[test]
fn what_is_unavailable_is_a_configuration_without_cells() {
    let mut broken = glommio();
    broken.flavours[1].unavailable = Some("no io_uring".to_owned());
    let plan = Plan::new(&[broken], &only(&["digest"]), 2);
    assert_eq!(plan.configs[1].unavailable.as_deref(), Some("no io_uring"));
    assert!(plan.cells().all(|cell| cell.id.flavour == "local"));

    let gone = Entrant {
        unavailable: Some("not on this system".to_owned()),
        ..smol()
    };
    let plan = Plan::new(&[gone], &only(&["digest"]), 2);
    assert!(plan.groups.is_empty());
    assert!(plan.configs.iter().all(|c| c.unavailable.is_some()));

    // A baseline that cannot run is nothing to compare with.
    let no_baseline = Entrant {
        unavailable: Some("gone".to_owned()),
        ..unasked(threads())
    };
    let plan = Plan::new(&[no_baseline, smol()], &only(&["digest"]), 2);
    assert_eq!(plan.groups[0].baseline, None);
}

#[test]
fn a_cell_belongs_to_the_configuration_with_its_workers_and_root() {
    let options = Options {
        workers: vec![2, 4],
        root: Root::Worker,
        ..only(&["digest"])
    };
    let plan = Plan::new(&[smol()], &options, 2);
    for cell in plan.cells() {
        let config = plan.config(cell).unwrap();
        assert_eq!(
            (&config.id.flavour, config.id.workers),
            (&cell.id.flavour, cell.id.workers)
        );
        assert_eq!(cell.root, Root::Worker);
        let elsewhere = Cell {
            root: Root::BlockOn,
            ..cell.clone()
        };
        assert!(plan.config(&elsewhere).is_none());
    }
}

#[test]
fn a_fixed_number_of_workers_need_not_be_one() {
    let four = flavour("four", Workers::Fixed(4), Threads::Workers, None);
    let plan = Plan::new(&[entrant("x", vec![four])], &options(), 2);
    assert_eq!(titles(&plan), ["x four@4"]);
    let digest = scenario("digest").unwrap();
    assert_eq!(branches(digest, &options(), 2, &plan.configs[0]), 2);
}
mod partition;
mod pieces;

#[test]
fn somebodys_own_workload_is_planned_by_its_name() {
    let own = only(&["try/handler", "digest"]);
    let plan = Plan::new(&[smol()], &own, 2);
    assert_eq!(plan.own().unwrap().name, "try/handler");
    let scenarios = |plan: &Plan| -> Vec<&str> {
        let groups = plan.groups.iter();
        groups.map(|group| group.scenario.name).collect()
    };
    assert_eq!(scenarios(&plan), ["digest", "try/handler"]);
    let own = Options {
        branches: Some(3),
        ..only(&["try/handler+wait=5ms+offloads"])
    };
    let plan = Plan::new(&[smol()], &own, 2);
    assert_eq!(
        names(&plan.groups[0].cells)[..4],
        ["sequential", "compose", "spawn", "spawn_blocking"]
            .map(|way| format!("smol:default@1/try/handler+wait=5ms+offloads/{way}@3"))
    );
    assert_eq!(Plan::new(&[smol()], &options(), 2).own(), None);
}
