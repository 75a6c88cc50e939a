//! Summaries of made-up runs: what they say, and that they stay within their lines and columns.

use harness_protocol::{Primitive, Sample};
use insta::assert_snapshot;

use super::*;
use crate::screen::plain;
use harness_record::{
    bundle::CellStatus,
    cell::Cell,
    fabricated::{
        block_of_many, entrant, failed, flavour, glommio, header, options, poll, predicted, sample,
        smol, threads, tokio, unasked,
    },
    plan::{Entrant, Options},
};

/// Every scenario on these runtimes, so many blocks of each, in which every cell took what its law says.
fn run(entrants: Vec<Entrant>, options: Options, cores: usize, blocks: usize) -> Bundle {
    let mut bundle = predicted(header(entrants, options, cores));
    let measured = |bundle: &Bundle, cell: &Cell| {
        let law = bundle.predictions.get(cell);
        let wall_ms = law.map_or(5.0, |law| law.wall_ns as f64 / 1e6);
        let used = law.map_or(0.02, |law| law.work_ns as f64 / law.wall_ns.max(1) as f64);
        let facts = workload_catalogue::scenario(&cell.scenario).unwrap();
        let placed = !matches!(cell.primitive, Primitive::Sequential | Primitive::Compose);
        let config = bundle.plan.config(cell);
        let threads = config.map_or(1, |config| config.threads(cell.primitive, cell.branches));
        let threads = threads.min(cell.branches).min(cores);
        let computes = facts.work_ms > 0.0 && facts.wait_ms == 0.0;
        let share = (wall_ms * 1e6) as u64 / if placed { 1 } else { cell.branches as u64 };
        let polls = (0..cell.branches as u32).map(|branch| {
            let thread = if placed { branch % threads as u32 } else { 0 };
            let turn = if placed { 0 } else { u64::from(branch) };
            poll(branch, thread, turn * share, (turn + 1) * share)
        });
        Sample {
            threads: threads as u32,
            peak_overlap: if placed && computes {
                threads as u32
            } else {
                1
            },
            peak_concurrency: match cell.primitive {
                Primitive::Sequential => 1,
                _ => cell.branches as u32,
            },
            stall_ns: facts
                .name
                .starts_with("heartbeat")
                .then_some(if placed && threads > 1 {
                    70_000
                } else {
                    24_000_000
                }),
            trace: if computes {
                polls.collect()
            } else {
                Vec::new()
            },
            ..sample(wall_ms, used)
        }
    };
    for _ in 0..blocks {
        for group in bundle.plan.groups.clone() {
            let cells = group.cells.iter().chain(&group.baseline);
            let arms: Vec<(String, Vec<Sample>)> = cells
                .filter(|cell| bundle.failure(cell).is_none())
                .map(|cell| (cell.to_string(), vec![measured(&bundle, cell)]))
                .collect();
            block_of_many(&mut bundle, &arms, None);
        }
    }
    bundle.ended = Some(false);
    bundle
}

fn one() -> Bundle {
    run(vec![unasked(threads()), smol()], options(), 2, 20)
}

fn all() -> Vec<Entrant> {
    let alone = entrant(
        "async-std",
        vec![flavour(
            "default",
            harness_protocol::Workers::PerCore,
            harness_protocol::Threads::Workers,
            None,
        )],
    );
    vec![alone, glommio(), smol(), threads(), tokio()]
}

fn several() -> Bundle {
    run(all(), options(), 2, 24)
}

fn with_workers(entrants: Vec<Entrant>, workers: &[usize], cores: usize) -> Bundle {
    let options = Options {
        workers: workers.to_vec(),
        ..options()
    };
    run(entrants, options, cores, 2)
}

/// The same with every cell of a scenario gone wrong, at length.
fn with_failures(mut bundle: Bundle, scenario: &str) -> Bundle {
    let cells: Vec<String> = bundle
        .plan
        .cells()
        .filter(|cell| cell.scenario == scenario)
        .map(ToString::to_string)
        .collect();
    for cell in cells {
        let why = "aborted (SIGABRT: an abort, or a stack overflow): 0 of 1 samples | no end line";
        failed(&mut bundle, &cell, CellStatus::Crashed, why);
    }
    bundle
}

fn summary(bundle: &Bundle, width: usize) -> String {
    let place = Place {
        folder: Path::new("results/20260102T030405-abcd"),
        called: "cargo run -p harness --",
        width,
        newest: true,
    };
    plain(&of(bundle, &Report::of(bundle), &place))
}

/// Whatever is measured, and however much went wrong.
#[test]
fn it_stays_within_its_lines_and_columns() {
    let few = [
        one(),
        with_failures(one(), "digest"),
        with_failures(with_failures(one(), "timers"), "ready"),
        with_workers(
            vec![unasked(threads()), smol()],
            &[1, 2, 3, 4, 5, 6, 7, 8],
            8,
        ),
        with_workers(vec![unasked(threads()), tokio()], &[64], 64),
    ];
    let many = [
        several(),
        with_failures(several(), "digest"),
        with_failures(with_failures(several(), "timers"), "ready"),
        with_workers(all(), &[1, 2, 4, 8, 16, 32], 32),
    ];
    let few = few.iter().map(|bundle| (bundle, LINES));
    let many = many.iter().map(|bundle| (bundle, LINES_OF_SEVERAL));
    for (bundle, most) in few.chain(many) {
        for width in [COLUMNS, 200] {
            let text = summary(bundle, width);
            let lines = text.lines().count();
            assert!(
                lines <= most,
                "{lines} lines, and {most} are allowed:\n{text}"
            );
            for line in text.lines() {
                let columns = line.chars().count();
                assert!(columns <= COLUMNS, "{columns} columns: {line}\n{text}");
            }
            for section in ["Join or spawn?", "Claims, ", "Next", "--details"] {
                assert!(text.contains(section), "no {section} in\n{text}");
            }
        }
    }
}

/// Who looks at the top of it has seen both the picture and what it means.
#[test]
fn ten_lines_are_enough() {
    for bundle in [one(), several()] {
        let text = summary(&bundle, COLUMNS);
        let ten: Vec<&str> = text.lines().take(10).collect();
        let told = ten
            .iter()
            .filter(|line| line.contains(" times as fast as joined"));
        assert_eq!(told.count(), 2, "{text}");
        assert!(
            ten.iter()
                .any(|line| line.starts_with("spawn ") && line.contains("AAA")),
            "{text}"
        );
    }
}

/// However long a processor's name is.
#[test]
fn the_error_is_seen() {
    let mut bundle = one();
    bundle.header.host.cpu = Some("A processor with every feature in its name ".repeat(3));
    let text = summary(&bundle, COLUMNS);
    let line = text.lines().nth(1).unwrap();
    assert!(
        line.ends_with("…; wrong anywhere with a chance of at most 1 %"),
        "{line}"
    );
    assert!(line.chars().count() <= COLUMNS, "{line}");
}

#[test]
fn one_runtime_reads_well() {
    assert_snapshot!(summary(&one(), COLUMNS), @r#"
    What join and spawn buy on smol 1.2.3, default@1, workers@2 (flavour@worker threads)
    Made-up CPU, 2 cores allowed, linux 6.1; wrong anywhere with a chance of at most 1 %

    digest: 2 branches that compute, joined (compose) and spawned: which thread ran which, and when
    smol workers@2: spawned on 2 threads, 2.00 times as fast as joined (4.00 ms, not 8.00 ms)
    compose  thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
    spawn    thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA········································
             thread 2  BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB········································
    smol default@1: spawned on 1 thread, 1.00 times as fast as joined (8.00 ms, not 8.00 ms)
    compose  thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
    spawn    thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
                       0 ms      1         2         3         4         5         6         7         8
                       branches A–B; · no poll; a column is 0.0987 ms; 1 poll too short for a letter

    Join or spawn?
    smol default@1: join what waits: 3 joined timers took as long as one (3.0 times as fast as one after
        the other); spawn gains no core for what computes: 2 branches by spawn took 1.00 of the joined
        time, on 1.00 cores instead of 1.00, since by design one thread runs them all.
    smol workers@2: join what waits: 3 joined timers took as long as one (3.0 times as fast as one after
        the other); spawn what computes: 2 branches by spawn took 0.50 of the joined time, on 2.00 cores
        instead of 1.00.
    smol default and workers differ in one thing: how many threads run what is spawned (1 and 2).
        Joining is the same on both; spawning needs a second thread before it can gain a core.

    Median times; x: times as fast as one branch after the other (sequential)
                                         sequential         compose           spawn  spawn_blocking
    timers                    default@1     15.0 ms  5.03 ms  2.99x  5.03 ms  2.99x
                              workers@2     15.0 ms  5.03 ms  2.99x  5.02 ms  2.99x
    digest                    default@1     8.00 ms  8.00 ms  1.00x  8.00 ms  1.00x
                              workers@2     8.00 ms  8.00 ms  1.00x  4.00 ms  2.00x
    sync-account              default@1     20.0 ms  16.0 ms  1.25x  16.0 ms  1.25x
                              workers@2     20.0 ms  16.0 ms  1.25x  10.0 ms  2.00x
    heartbeat, late by        default@1     24.0 ms  24.0 ms         24.0 ms
                              workers@2     24.0 ms  24.0 ms         70.0 µs
    heartbeat-woken, late by  default@1     24.0 ms  24.0 ms         24.0 ms
                              workers@2     24.0 ms  24.0 ms         70.0 µs
    ready in block_on         default@1     20.0 µs  20.0 µs  1.00x   516 µs   1/26
                              workers@2     20.0 µs  20.0 µs  1.00x   506 µs   1/25
    ready in a task           default@1     20.0 µs  20.0 µs  1.00x   516 µs   1/26
                              workers@2     20.0 µs  20.0 µs  1.00x   506 µs   1/25
    blocking                  default@1     20.0 ms  20.0 ms  1.00x  20.0 ms  1.00x  5.02 ms  3.99x
                              workers@2     20.0 ms  20.0 ms  1.00x  10.0 ms  2.00x  5.02 ms  3.99x
      10 more scenarios with other questions: --details

    Claims, 18 for each configuration; docs/CLAIMS.md explains them
    smol default@1  8 hold, 1 refuted by design, 2 inconclusive, 7 not testable here
      spawn-uses-cores refuted by design: one executing thread
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    smol workers@2  10 hold, 2 inconclusive, 6 not testable here
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    Measured in 340 blocks, 0 disturbed by other work and left out; 0 of 101 predictions missed

    Next
      all that was measured  cargo run -p harness -- report results/20260102T030405-abcd --details
      who ran when, waiting  cargo run -p harness -- timeline smol/timers/compose smol/timers/spawn
      what else to measure   cargo run -p harness -- list
    "#);
}

#[test]
fn several_runtimes_stand_in_one_table() {
    assert_snapshot!(summary(&several(), COLUMNS), @r#"
    What join and spawn buy on async-std, glommio, smol, threads, tokio (flavour@worker threads)
    Made-up CPU, 2 cores allowed, linux 6.1; wrong anywhere with a chance of at most 1 %

    digest: 2 branches that compute, joined (compose) and spawned: which thread ran which, and when
    smol workers@2: spawned on 2 threads, 2.00 times as fast as joined (4.00 ms, not 8.00 ms)
    compose  thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
    spawn    thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA········································
             thread 2  BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB········································
    smol default@1: spawned on 1 thread, 1.00 times as fast as joined (8.00 ms, not 8.00 ms)
    compose  thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
    spawn    thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
                       0 ms      1         2         3         4         5         6         7         8
                       branches A–B; · no poll; a column is 0.0987 ms; 1 poll too short for a letter

    Join or spawn?
    async-std default@2        join what waits; spawn what computes: 2.00 times as fast
    glommio local@1            join what waits; spawn gains no core: 1.00 times as fast
    glommio pool@2             join what waits; dispatch what computes: 2.00 times as fast
    smol default@1             join what waits; spawn gains no core: 1.00 times as fast
    smol workers@2             join what waits; spawn what computes: 2.00 times as fast
    threads threads@2          join what waits; spawn what computes: 2.00 times as fast
    threads thread-a-branch@1  join what waits; spawn what computes: 2.00 times as fast
    tokio multi-thread@2       join what waits; spawn what computes: 2.00 times as fast
    tokio current-thread@1     join what waits; spawn gains no core: 1.00 times as fast

    Joined, spawned: times as fast as one branch after the other; of a heartbeat, how late it came
                                  timers     digest  sync-account  heartbeat, late by
    async-std default@2        2.99 2.99  1.00 2.00     1.25 2.00           24ms 70µs
    glommio local@1            2.99 2.99  1.00 1.00     1.25 1.25           24ms 24ms
    glommio pool@2             2.99 2.99  1.00 2.00     1.25 2.00           24ms 70µs
    smol default@1             2.99 2.99  1.00 1.00     1.25 1.25           24ms 24ms
    smol workers@2             2.99 2.99  1.00 2.00     1.25 2.00           24ms 70µs
    threads threads@2          2.99 2.99  1.00 2.00     1.25 2.00           24ms 70µs
    threads thread-a-branch@1  2.99 2.99  1.00 2.00     1.25 2.00           24ms 70µs
    tokio multi-thread@2       2.99 2.99  1.00 2.00     1.25 2.00           24ms 70µs
    tokio current-thread@1     2.99 2.99  1.00 1.00     1.25 1.25           24ms 24ms
                               heartbeat-woken, late by  ready in block_on  ready in a task   blocking
    async-std default@2                       24ms 70µs          1.00 1/25        1.00 1/25  1.00 2.00
    glommio local@1                           24ms 24ms          1.00 1/26        1.00 1/26  1.00 1.00
    glommio pool@2                            24ms 70µs          1.00 1/25        1.00 1/25  1.00 2.00
    smol default@1                            24ms 24ms          1.00 1/26        1.00 1/26  1.00 1.00
    smol workers@2                            24ms 70µs          1.00 1/25        1.00 1/25  1.00 2.00
    threads threads@2                         24ms 70µs          1.00 1/25        1.00 1/25  1.00 2.00
    threads thread-a-branch@1                 24ms 70µs          1.00 1/25        1.00 1/25  1.00 3.99
    tokio multi-thread@2                      24ms 70µs          1.00 1/25        1.00 1/25  1.00 2.00
    tokio current-thread@1                    24ms 24ms          1.00 1/26        1.00 1/26  1.00 1.00
      10 more scenarios with other questions: --details

    Claims, 18 for each configuration; docs/CLAIMS.md explains them
    async-std default@2        10 hold, 2 inconclusive, 6 not testable here
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    glommio local@1            8 hold, 1 refuted by design, 2 inconclusive, 7 not testable here
      spawn-uses-cores refuted by design: one executing thread
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    glommio pool@2             10 hold, 2 inconclusive, 6 not testable here
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    smol default@1             8 hold, 1 refuted by design, 2 inconclusive, 7 not testable here
      spawn-uses-cores refuted by design: one executing thread
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    smol workers@2             10 hold, 2 inconclusive, 6 not testable here
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    threads threads@2          10 hold, 2 inconclusive, 6 not testable here
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    threads thread-a-branch@1  9 hold, 2 inconclusive, 7 not testable here
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    tokio multi-thread@2       10 hold, 2 inconclusive, 6 not testable here
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    tokio current-thread@1     8 hold, 1 refuted by design, 2 inconclusive, 7 not testable here
      spawn-uses-cores refuted by design: one executing thread
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    Measured in 2040 blocks, 0 disturbed by other work and left out; 0 of 461 predictions missed

    Next
      all that was measured  cargo run -p harness -- report results/20260102T030405-abcd --details
      who ran when, waiting  cargo run -p harness -- timeline smol/timers/compose smol/timers/spawn
      what else to measure   cargo run -p harness -- list
    "#);
}

/// Each thing that did not come out as claimed has its line and its reason in words.
#[test]
fn what_went_wrong_is_named() {
    let of = |bundle: &Bundle| -> Vec<String> {
        let text = summary(bundle, COLUMNS);
        let claims = text
            .lines()
            .skip_while(|line| !line.starts_with("Claims, "));
        claims
            .take_while(|line| !line.is_empty())
            .skip(1)
            .map(str::to_owned)
            .collect()
    };
    assert_snapshot!(of(&with_failures(one(), "digest")).join("\n"), @r#"
    smol default@1  5 hold, 6 inconclusive, 7 not testable here
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    smol workers@2  7 hold, 5 inconclusive, 6 not testable here
      spawn-costs-more inconclusive: from block_on a pair of spawns: not known, as its adapter counts n…
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
      6 cells, such as smol:default@1/digest/sequential@2 crashed, so that 7 claims are inconclusive: a…
    Measured in 346 blocks, 0 disturbed by other work and left out; 0 of 95 predictions missed
    "#);
    // Too few blocks: what would decide it is said.
    let early = run(vec![unasked(threads()), smol()], options(), 2, 2);
    assert_snapshot!(of(&early).join("\n"), @r#"
    smol default@1  1 holds, 10 inconclusive, 7 not testable here
      8 claims inconclusive: about 2 s more of measuring would decide
      compose-shares-its-stall inconclusive: about 1 s more of measuring would decide
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    smol workers@2  1 holds, 11 inconclusive, 6 not testable here
      9 claims inconclusive: about 2 s more of measuring would decide
      compose-shares-its-stall inconclusive: about 1 s more of measuring would decide
      yield-gives-turns-not-cores inconclusive: about 1 s more of measuring would decide
    Measured in 34 blocks, 0 disturbed by other work and left out
    "#);
}

/// A file of somebody's own: classed, with a remedy, and what went wrong in the place of claims.
#[test]
fn somebodys_own_workload_is_answered_and_nothing_is_claimed_of_it() {
    let options = || Options {
        scenarios: vec!["try/handler+work=4ms".to_owned()],
        branches: Some(2),
        unverified: true,
        ..options()
    };
    let mut bundle = run(vec![smol()], options(), 2, 6);
    let text = summary(&bundle, 100);
    for part in [
        "try/handler on smol 1.2.3, default@1, workers@2 (flavour@worker threads)\nMade-up CPU, 2 cores allowed, linux 6.1; --work 4ms\n",
        "try/handler: 2 branches, joined (compose) and spawned",
        "smol workers@2: spawn needed. ",
        "smol default@1: spawned on one thread. ",
        "Median times",
        "timeline smol/try/handler/compose smol/try/handler/spawn",
    ] {
        assert!(text.contains(part), "no {part}: {text}");
    }
    assert!(
        !text.contains("Claims") && !text.contains("What went wrong"),
        "{text}"
    );
    for name in ["sequential", "compose", "spawn"] {
        failed(
            &mut bundle,
            &format!("smol:workers@2/try/handler+work=4ms/{name}@2"),
            CellStatus::Timeout,
            "not done within 20s",
        );
    }
    let text = summary(&bundle, 100);
    // Wherever a line ends.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("and 2 others"), "{text}");
    assert!(text.contains("`const TOGETHER: bool = true;`"), "{text}");
}
