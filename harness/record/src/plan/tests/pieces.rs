//! The cells of scenarios that have more than one row.

use super::{super::pieces::divisible, *};
use crate::{bundle::Bundle, fabricated::header};

fn names(entrant: Entrant, scenario: &str, options: Options, cores: usize) -> Vec<String> {
    let options = Options {
        scenarios: vec![scenario.to_owned()],
        ..options
    };
    let plan = Bundle::new(header(vec![entrant], options, cores)).plan;
    plan.cells().map(Cell::to_string).collect()
}

#[test]
fn pieces_come_in_four_numbers_and_by_what_places_them() {
    let of = |cores| names(glommio(), "pieces", options(), cores);
    assert_eq!(
        of(2),
        [
            "glommio:local@1/pieces/spawn@1",
            "glommio:local@1/pieces/spawn@10",
            "glommio:local@1/pieces/spawn@100",
            "glommio:local@1/pieces/spawn@1000",
            "glommio:pool@2/pieces/dispatch@2",
            "glommio:pool@2/pieces/dispatch@20",
            "glommio:pool@2/pieces/dispatch@200",
            "glommio:pool@2/pieces/dispatch@2000",
        ]
    );
    // 64,000 are left out.
    let last = of(64).pop().unwrap();
    assert_eq!(last, "glommio:pool@64/pieces/dispatch@6400");
    assert_eq!(
        of(16).pop().unwrap(),
        "glommio:pool@16/pieces/dispatch@16000"
    );
    // Their numbers are not the user's to choose.
    let three = Options {
        branches: Some(3),
        ..options()
    };
    assert_eq!(names(glommio(), "pieces", three, 2), of(2));
    let joined = Options {
        primitives: vec![Primitive::Compose],
        ..options()
    };
    assert!(names(glommio(), "pieces", joined, 2).is_empty());
}

#[test]
fn a_thread_a_branch_is_not_cut_into_pieces() {
    let names = names(threads(), "pieces", options(), 2);
    assert_eq!(names.len(), 4);
    assert!(
        names
            .iter()
            .all(|name| name.starts_with("threads:threads@2"))
    );
}

#[test]
fn all_pieces_are_the_same_work() {
    assert_eq!(divisible(7_499.0), 7_000);
    assert_eq!(divisible(12.0), 1_000, "never none");
    let plan = Bundle::new(header(vec![smol()], options(), 2)).plan;
    let of_pieces = |cell: &&Cell| cell.scenario == "pieces";
    for cell in plan.cells().filter(of_pieces) {
        let k = if cell.id.flavour == "workers" {
            2.0
        } else {
            1.0
        };
        let steps = 7_000.0 * plan.share(cell);
        assert!(steps.fract().abs() < 1e-9, "{cell}: {steps}");
        assert!(
            (steps * cell.branches as f64 - 7_000.0 * k).abs() < 1e-6,
            "{cell}"
        );
    }
    let others = plan.cells().filter(|cell| cell.scenario != "pieces");
    assert!(others.into_iter().all(|cell| plan.share(cell) == 1.0));
}

#[test]
fn ready_branches_have_both_roots_and_the_others_the_runs() {
    for root in [Root::BlockOn, Root::Worker] {
        let options = Options { root, ..options() };
        let plan = Bundle::new(header(vec![smol()], options, 2)).plan;
        for cell in plan.cells() {
            assert!(cell.scenario == "ready" || cell.root == root, "{cell}");
            assert_eq!(plan.config(cell).unwrap().id.flavour, cell.id.flavour);
        }
        let ready: Vec<String> = plan
            .cells()
            .filter(|cell| cell.scenario == "ready" && cell.id.flavour == "default")
            .map(Cell::to_string)
            .collect();
        let by = |root: &str| {
            ["sequential", "compose", "spawn"]
                .map(|by| format!("smol:default@1/ready/{by}@2{root}"))
        };
        assert_eq!(ready, [by(""), by("/worker")].concat());
    }
}

#[test]
fn a_step_of_a_sweep_is_joined_and_placed_from_both_roots_while_it_is_short() {
    let of = |step: &str, options: Options| -> Vec<String> {
        let all = names(glommio(), step, options, 2);
        let of_pool = all
            .iter()
            .filter_map(|name| name.strip_prefix("glommio:pool@2/"));
        of_pool.map(str::to_owned).collect()
    };
    assert_eq!(
        of("length/3ms", options()),
        [
            "length/3ms/compose@2",
            "length/3ms/dispatch@2",
            "length/3ms/compose@8",
            "length/3ms/dispatch@8",
            "length/3ms/compose@2/worker",
            "length/3ms/dispatch@2/worker",
            "length/3ms/compose@8/worker",
            "length/3ms/dispatch@8/worker",
        ]
    );
    assert_eq!(of("length/1us", options()).len(), 12, "64 as well");
    // Who asks for a number gets it.
    let many = Options {
        branches: Some(100),
        ..options()
    };
    let asked = of("length/10ms", many);
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|name| name.contains("@100")), "{asked:?}");
}
