use harness_protocol::Sample;
use harness_report::screen::plain;

use super::*;
use harness_protocol::{Threads, Workers};
use harness_record::{
    bundle::{CellStatus, Event},
    fabricated::{
        block, cell, entrant, failed, flavour, header, options, overlapping, predicted, sample,
        smol, smol_run, threads, tokio,
    },
};

const TIMERS: &str = "smol:workers@2/timers/compose@3";
const SEQUENTIAL: &str = "smol:workers@2/digest/sequential@2";
const COMPOSE: &str = "smol:workers@2/digest/compose@2";
const SPAWN: &str = "smol:workers@2/digest/spawn@2";

/// Twelve blocks, each arm a little slower every time, and all of them `factor` times as slow. Each takes the
/// CPU time of its work, or it would have skipped some.
fn blocks(bundle: &mut Bundle, arms: &[(&str, f64)], factor: f64) {
    for index in 0..12 {
        let slower = factor * (1.0 + 0.001 * f64::from(index));
        let arms: Vec<(&str, Sample)> = arms
            .iter()
            .map(|(name, ms)| {
                let work_ms = bundle.predictions[&cell(name)].work_ns as f64 / 1e6;
                (*name, sample(ms * slower, work_ms / ms))
            })
            .collect();
        block(bundle, &arms);
    }
}

fn whole(a: &Bundle, b: &Bundle) -> Comparison {
    named(a, "", b, "", false).unwrap()
}

/// Compares parts of two runs, named as after the folder's colon.
fn named(
    a: &Bundle,
    of_a: &str,
    b: &Bundle,
    of_b: &str,
    same_run: bool,
) -> Result<Comparison, String> {
    let choice = |text: &str| {
        let (names, workers) = text.split_once('@').unwrap_or((text, ""));
        let mut names = names
            .split(':')
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
        Choice {
            runtime: names.next(),
            flavour: names.next(),
            workers: workers.parse().ok(),
        }
    };
    let (choice_a, choice_b) = (choice(of_a), choice(of_b));
    let of = |name, bundle, choice| Of {
        name,
        bundle,
        choice,
    };
    compare(
        of("first", a, &choice_a),
        of("second", b, &choice_b),
        same_run,
    )
}

/// The row of a cell, over what is given.
fn row_of<'a>(found: &'a Comparison, cell: &str, over: Option<&str>) -> &'a Row {
    let row = found
        .rows
        .iter()
        .find(|row| row.cell == cell && row.over.as_deref() == over);
    row.unwrap_or_else(|| panic!("no {cell} over {over:?}: {found:#?}"))
}

fn close(value: Option<f64>, expected: f64) {
    let value = value.unwrap();
    assert!((value / expected - 1.0).abs() < 1e-9, "{value} {expected}");
}

/// A sample that puts its branches together 500 times says what once took, as in a report.
#[test]
fn what_is_repeated_is_told_for_once() {
    let run = |ms: f64| {
        let mut bundle = smol_run();
        for _ in 0..12 {
            let repeated = Sample {
                repeats: Some(500),
                ..sample(ms, 1.0)
            };
            block(&mut bundle, &[(TIMERS, repeated)]);
        }
        bundle
    };
    let found = whole(&run(5.0), &run(6.0));
    let row = row_of(&found, TIMERS, None);
    close(row.a_ns, 10_000.0);
    close(row.b_ns, 12_000.0);
    close(row.ratio, 1.2);
}

/// A fifth slower, round by round: the median of all differences of logarithms is that of 1.2.
#[test]
fn a_time_that_grew_by_a_fifth_is_slower_by_a_fifth() {
    let (mut a, mut b) = (smol_run(), smol_run());
    blocks(&mut a, &[(TIMERS, 5.0)], 1.0);
    blocks(&mut b, &[(TIMERS, 5.0)], 1.2);
    let found = whole(&a, &b);
    assert_eq!(
        (found.basis, found.comparisons, found.rows.len()),
        (Basis::OneMachine, 1, 1)
    );
    let row = &found.rows[0];
    close(row.ratio, 1.2);
    assert_eq!(
        (row.word, row.over.as_ref(), row.floor),
        (Change::Slower, None, BARE_FLOOR)
    );
    // Medians of twelve: between the sixth and the seventh.
    close(row.a_ns, 5.0275e6);
    close(row.b_ns, 6.033e6);
    assert_eq!((row.rounds_a, row.rounds_b), (12, 12));
    // The rounds of either side lie within 1.1 %, so the ends do, too.
    assert!(row.low.unwrap() > 1.2 / 1.012 && row.high.unwrap() < 1.2 * 1.012);
    assert_eq!(found.regressions(0.05).len(), 1);
    assert_eq!(found.regressions(0.25).len(), 0);
    // The other way round it is faster, by as much.
    let back = whole(&b, &a);
    close(back.rows[0].ratio, 1.0 / 1.2);
    assert_eq!(back.rows[0].word, Change::Faster);
    assert!(back.regressions(0.0).is_empty());
}

/// 2.5 % are beyond what chance has, and below what a machine may do between two runs with nothing to tell.
#[test]
fn a_change_within_the_floor_is_not_shown() {
    let (mut a, mut b) = (smol_run(), smol_run());
    blocks(&mut a, &[(TIMERS, 5.0)], 1.0);
    blocks(&mut b, &[(TIMERS, 5.0)], 1.025);
    let found = whole(&a, &b);
    assert!(found.rows[0].low.unwrap() > 1.01);
    assert_eq!(found.rows[0].word, Change::NotShown);
    assert!(found.regressions(0.0).is_empty());
}

#[test]
fn too_few_rounds_are_no_comparison_and_share_no_error() {
    let (mut a, mut b) = (smol_run(), smol_run());
    blocks(&mut a, &[(TIMERS, 5.0)], 1.0);
    blocks(&mut b, &[(TIMERS, 5.0)], 1.2);
    let rare = "smol:workers@2/timers/spawn@3";
    for bundle in [&mut a, &mut b] {
        block(bundle, &[(rare, sample(9.0, 0.1))]);
    }
    let found = whole(&a, &b);
    assert_eq!(found.comparisons, 1);
    let row = row_of(&found, rare, None);
    assert_eq!((row.word, row.low, row.rounds_a), (Change::TooFew, None, 1));
    close(row.ratio, 1.0);
}

/// Slower with the baseline is the machine; slower than the baseline is the runtime.
#[test]
fn what_the_machine_did_is_divided_out() {
    let control = "threads:threads@2/digest/sequential@2";
    let run = |machine: f64, runtime: f64| {
        let mut options = options();
        options.scenarios = vec!["digest".to_owned()];
        let mut bundle = predicted(header(vec![threads(), smol()], options, 2));
        blocks(&mut bundle, &[(control, 8.0)], machine);
        blocks(&mut bundle, &[(SPAWN, 4.0)], machine * runtime);
        bundle
    };
    let found = whole(&run(1.0, 1.0), &run(1.2, 1.0));
    let row = row_of(&found, SPAWN, Some(control));
    close(row.ratio, 1.0);
    close(row.machine, 1.2);
    assert_eq!((row.word, row.floor), (Change::NotShown, FLOOR));
    let found = whole(&run(1.0, 1.0), &run(1.2, 1.1));
    let row = row_of(&found, SPAWN, Some(control));
    close(row.ratio, 1.1);
    assert_eq!(row.word, Change::Slower);
}

/// A run that calibrated a tenth more steps takes a tenth longer, and is no slower.
#[test]
fn other_steps_of_work_are_no_change() {
    let run = |steps: u64, spawn: f64| {
        let mut bundle = smol_run();
        bundle.add(Event::Steps {
            scenario: "digest".to_owned(),
            steps,
            step_ns: 1e4,
        });
        let arms = [(SEQUENTIAL, 8.0), (COMPOSE, 8.0), (SPAWN, 4.0 * spawn)];
        blocks(&mut bundle, &arms, steps as f64 / 400.0);
        bundle
    };
    let found = whole(&run(400, 1.0), &run(440, 1.3));
    // The sequential cell is what the others are held over.
    assert_eq!(found.rows.len(), 2);
    let compose = row_of(&found, COMPOSE, Some("sequential"));
    close(compose.ratio, 1.0);
    assert_eq!(compose.word, Change::NotShown);
    let spawn = row_of(&found, SPAWN, Some("sequential"));
    close(spawn.ratio, 1.3);
    close(spawn.a_ratio, 0.5);
    assert_eq!(spawn.word, Change::Slower);
    // What changed most comes first.
    assert_eq!(found.rows[0].cell, SPAWN);
}

/// Where a cell waits as well, more steps change it by some share of what they change in all: nobody
/// knows which, so the interval grows by all of it.
#[test]
fn other_steps_of_work_widen_the_interval_of_what_waits_as_well() {
    let compose = "smol:workers@2/sync-account/compose@2";
    let run = |steps: u64| {
        let mut bundle = smol_run();
        bundle.add(Event::Steps {
            scenario: "sync-account".to_owned(),
            steps,
            step_ns: 1e4,
        });
        let arms = [
            ("smol:workers@2/sync-account/sequential@2", 20.0),
            (compose, 16.0),
        ];
        blocks(&mut bundle, &arms, 1.0);
        bundle
    };
    let same = whole(&run(400), &run(400));
    let other = whole(&run(400), &run(440));
    let (same, other) = (
        row_of(&same, compose, Some("sequential")),
        row_of(&other, compose, Some("sequential")),
    );
    close(other.ratio, 1.0);
    close(other.low, same.low.unwrap() / 1.1);
    close(other.high, same.high.unwrap() * 1.1);
}

/// The same with a baseline to divide out: it is a tenth slower, and of that the cell that waits as well has
/// anything from nothing to twice as much.
#[test]
fn what_waits_as_well_has_an_unknown_share_of_what_the_machine_did() {
    let compose = "smol:workers@2/sync-account/compose@2";
    let run = |factor: f64| {
        let mut options = options();
        options.scenarios = vec!["sync-account".to_owned()];
        let mut bundle = predicted(header(vec![threads(), smol()], options, 2));
        blocks(
            &mut bundle,
            &[("threads:threads@2/sync-account/sequential@2", 20.0)],
            factor,
        );
        blocks(&mut bundle, &[(compose, 16.0)], factor);
        bundle
    };
    let found = whole(&run(1.0), &run(1.1));
    let control = "threads:threads@2/sync-account/sequential@2";
    let row = row_of(&found, compose, Some(control));
    close(row.ratio, 1.0);
    close(row.machine, 1.1);
    // 1.1 over nothing, and 1.1 over 1.1², each less what the rounds spread.
    assert!(
        row.low.unwrap() < 1.0 / 1.1 && row.low.unwrap() > 1.0 / 1.1 / 1.02,
        "{row:?}"
    );
    assert!(
        row.high.unwrap() > 1.1 && row.high.unwrap() < 1.1 * 1.02,
        "{row:?}"
    );
    assert_eq!(row.word, Change::NotShown);
}

/// Between machines: what each does with two cores, and nothing of how fast they are.
#[test]
fn two_machines_are_compared_in_shape_and_never_in_time() {
    let run = |cpu: &str, speed: f64, spawn: f64| {
        let mut bundle = smol_run();
        bundle.header.host.cpu = Some(cpu.to_owned());
        let arms = [
            (SEQUENTIAL, 8.0),
            (COMPOSE, 8.0),
            (SPAWN, spawn),
            ("threads:threads@2/digest/spawn@2", 4.0),
        ];
        blocks(&mut bundle, &arms, speed);
        bundle
    };
    let found = whole(&run("One CPU", 1.0, 4.0), &run("Another CPU", 0.5, 8.0));
    assert_eq!(found.basis, Basis::Machines);
    assert_eq!(
        found.warnings,
        ["two machines: processor One CPU and Another CPU"]
    );
    assert_eq!(found.rows.len(), 3);
    let compose = row_of(&found, COMPOSE, Some("sequential"));
    close(compose.ratio, 1.0);
    for over in ["sequential", "threads"] {
        let spawn = row_of(&found, SPAWN, Some(over));
        close(spawn.ratio, 2.0);
        assert_eq!(spawn.word, Change::Slower);
    }
    close(row_of(&found, SPAWN, Some("threads")).b_ratio, 2.0);
    // Two cells over sequential, 1 and 2; one of them over threads too, and counted there.
    let means: Vec<(Option<&str>, usize, f64)> = (found.means.iter())
        .filter(|mean| mean.by == "runtime")
        .map(|mean| (mean.over.as_deref(), mean.cells, mean.ratio))
        .collect();
    assert_eq!(means.len(), 2, "{means:?}");
    assert_eq!((means[0].0, means[0].1), (Some("sequential"), 2));
    close(Some(means[0].2), 2.0_f64.sqrt());
    assert_eq!((means[1].0, means[1].1), (Some("threads"), 1));
    close(Some(means[1].2), 2.0);
    // No time, in any format.
    assert!(
        found
            .rows
            .iter()
            .all(|row| row.a_ns.is_none() && row.b_ns.is_none())
    );
    for text in [
        plain(&print::terminal(&found, true)),
        print::markdown(&found, true),
    ] {
        assert!(text.contains("no time is compared"), "{text}");
        assert!(
            !text.contains(" ms") && !text.contains(" ns") && !text.contains("µs"),
            "{text}"
        );
    }
}

/// Two flavours stand in the same blocks, so their ratios are formed there: however the blocks differ,
/// each says one half.
#[test]
fn flavours_of_one_run_are_compared_inside_its_blocks() {
    let mut bundle = smol_run();
    for index in 0..12 {
        let slower = 1.0 + f64::from(index);
        let one = ("smol:default@1/digest/spawn@2", sample(8.0 * slower, 1.0));
        block(
            &mut bundle,
            &[one, (SPAWN, overlapping(4.0 * slower, 2.0, 2))],
        );
    }
    let found = named(&bundle, "smol:default", &bundle, "smol:workers", true).unwrap();
    assert_eq!(found.basis, Basis::OneRun);
    let row = &found.rows[0];
    close(row.ratio, 0.5);
    close(row.low, 0.5);
    assert_eq!(
        (row.word, row.other.as_deref()),
        (Change::Faster, Some(SPAWN))
    );
}

#[test]
fn two_runtimes_of_one_run_are_compared_where_they_correspond() {
    let mut options = options();
    options.scenarios = vec!["timers".to_owned()];
    let mut bundle = predicted(header(vec![tokio(), smol()], options, 2));
    blocks(&mut bundle, &[(TIMERS, 5.0)], 1.0);
    blocks(
        &mut bundle,
        &[("tokio:multi-thread@2/timers/compose@3", 5.0)],
        1.2,
    );
    let found = named(&bundle, "smol:workers", &bundle, "tokio:multi-thread", true).unwrap();
    assert_eq!(found.rows.len(), 1);
    close(found.rows[0].ratio, 1.2);
    assert_eq!(found.rows[0].runtime, "smol and tokio");
    let several = named(&bundle, "smol", &bundle, "tokio:multi-thread", true).unwrap_err();
    assert_eq!(
        several,
        "first has several configurations of smol, and two runtimes are compared one configuration each: name smol:default@1 or smol:workers@2"
    );
}

#[test]
fn what_cannot_be_compared_is_a_line_that_says_why() {
    let mut a = smol_run();
    blocks(&mut a, &[(TIMERS, 5.0)], 1.0);
    let mut options = options();
    options.scenarios = vec!["timers".to_owned()];
    let other = entrant(
        "other",
        vec![flavour("only", Workers::Fixed(1), Threads::Fixed(1), None)],
    );
    let mut b = predicted(header(vec![other], options, 2));
    blocks(&mut b, &[("other:only@1/timers/compose@3", 5.0)], 1.0);
    let error = named(&a, "", &b, "", false).unwrap_err();
    assert!(error.starts_with("no cell in common: first has rounds of smol default@1, smol workers@2 and second of other only@1"), "{error}");
    let error = named(&a, "tokio", &b, "", false).unwrap_err();
    assert_eq!(
        error,
        "first has no tokio; there are smol:default@1, smol:workers@2"
    );
}

#[test]
fn a_cell_that_failed_is_not_compared() {
    let (mut a, mut b) = (smol_run(), smol_run());
    blocks(&mut a, &[(TIMERS, 5.0)], 1.0);
    blocks(&mut b, &[(TIMERS, 5.0)], 1.2);
    failed(&mut b, TIMERS, CellStatus::Timeout, "too slow");
    let found = whole(&a, &b);
    let row = &found.rows[0];
    assert_eq!(
        (row.word, row.reason.as_deref()),
        (Change::Failed, Some("too slow"))
    );
    assert_eq!((found.comparisons, found.means.len()), (0, 0));
}

/// At α = 1 %: one at 0.009, two at 0.005 each, and three would want 0.0033.
#[test]
fn the_error_is_shared_among_those_that_can_decide() {
    assert_eq!(sharing([0.009].into_iter()), (1, 0.009));
    assert_eq!(sharing([0.02, 0.004, 0.005].into_iter()), (2, 0.005));
    assert_eq!(sharing([0.02, 0.5].into_iter()), (0, 0.0));
    // Three alike are too many at 0.004, and no two of them are better than the third.
    assert_eq!(sharing([0.004, 0.004, 0.004].into_iter()), (0, 0.0));
    assert_eq!(
        sharing([0.001, 0.004, 0.004, 0.004].into_iter()),
        (1, 0.001)
    );
}

/// The geometric mean of 1.2 and 1.0 is 1.0954, and of one ratio that ratio.
#[test]
fn means_by_hand() {
    let (mut a, mut b) = (smol_run(), smol_run());
    let spawn = "smol:workers@2/timers/spawn@3";
    blocks(&mut a, &[(TIMERS, 5.0), (spawn, 5.0)], 1.0);
    blocks(&mut b, &[(TIMERS, 6.0), (spawn, 5.0)], 1.0);
    let found = whole(&a, &b);
    let mean = |by: &str, name: &str| {
        found
            .means
            .iter()
            .find(|mean| mean.by == by && mean.name == name)
            .unwrap()
    };
    close(Some(mean("runtime", "smol").ratio), 1.2_f64.sqrt());
    let timers = mean("scenario", "timers");
    assert_eq!((timers.cells, timers.changed), (2, 1));
    close(Some(mean("primitive", "compose").ratio), 1.2);
    close(Some(mean("primitive", "spawn").ratio), 1.0);
}

#[test]
fn a_person_reads_a_table() {
    let (mut a, mut b) = (smol_run(), smol_run());
    let spawn = "smol:workers@2/timers/spawn@3";
    blocks(&mut a, &[(TIMERS, 5.0), (spawn, 5.0)], 1.0);
    blocks(&mut b, &[(TIMERS, 6.0), (spawn, 5.0)], 1.0);
    b.header.host.kernel = Some("6.2".to_owned());
    let found = whole(&a, &b);
    insta::assert_snapshot!(plain(&print::terminal(&found, false)), @"
    A  first, all of it (smol 1.2.3); Made-up CPU, 2 cores allowed, linux 6.1; 2026-01-02T03:04:05Z
    B  second, all of it (smol 1.2.3); Made-up CPU, 2 cores allowed, linux 6.2; 2026-01-02T03:04:05Z
    Two runs on one machine: times, less what the machine did (column `over`).
    2 comparisons share an error of 1 %; a change is shown in 1 of them, and in those marked ~ none is.
    warning: the kernel differs: 6.1 and 6.2

             cell                                   A        B    B/A  interval        over  rounds
     slower  smol:workers@2/timers/compose@3  5.03 ms  6.03 ms  1.200  [1.194, 1.206]            12
     ~       smol:workers@2/timers/spawn@3    5.03 ms  5.03 ms  1.000  [0.995, 1.005]            12

     geometric mean by             B/A  cells  changed
     scenario           timers   1.095      2        1
     primitive          compose  1.200      1        1
     primitive          spawn    1.000      1        0
     runtime            smol     1.095      2        1
    ");
    insta::assert_snapshot!(print::markdown(&found, false), @"
    - A  first, all of it (smol 1.2.3); Made-up CPU, 2 cores allowed, linux 6.1; 2026-01-02T03:04:05Z
    - B  second, all of it (smol 1.2.3); Made-up CPU, 2 cores allowed, linux 6.2; 2026-01-02T03:04:05Z
    - Two runs on one machine: times, less what the machine did (column `over`).
    - 2 comparisons share an error of 1 %; a change is shown in 1 of them, and in those marked ~ none is.
    - **Warning**: the kernel differs: 6.1 and 6.2

    |        | cell                            | A       | B       | B/A   | interval       | over | rounds |
    |--------|---------------------------------|---------|---------|-------|----------------|------|--------|
    | slower | smol:workers@2/timers/compose@3 | 5.03 ms | 6.03 ms | 1.200 | [1.194, 1.206] |      | 12     |
    | ~      | smol:workers@2/timers/spawn@3   | 5.03 ms | 5.03 ms | 1.000 | [0.995, 1.005] |      | 12     |

    | geometric mean by |         | B/A   | cells | changed |
    |-------------------|---------|-------|-------|---------|
    | scenario          | timers  | 1.095 | 2     | 1       |
    | primitive         | compose | 1.200 | 1     | 1       |
    | primitive         | spawn   | 1.000 | 1     | 0       |
    | runtime           | smol    | 1.095 | 2     | 1       |
    ");
    let coloured = print::terminal(&found, false);
    assert!(coloured.contains("\u{1b}[31m"), "{coloured}");
}
