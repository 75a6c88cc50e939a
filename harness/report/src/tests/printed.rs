//! A small report, printed in every format.

use super::*;
use crate::screen::plain;
use crate::{csv, markdown, terminal};

const AGAIN: &str = "smol:workers@2/digest/compose@2/again";

/// One flavour of smol, one failed cell, one disturbed block and one exhibit.
fn small() -> Bundle {
    let mut one = smol();
    one.flavours.remove(0);
    let mut bundle = only(&["digest", "heartbeat"], vec![unasked(threads()), one]);
    for i in 0..13 {
        let off = f64::from(i % 3) * 0.1;
        block(
            &mut bundle,
            &[
                (S, sample(8.0 + off, 1.0)),
                (C, sample(8.1 + off, 1.0)),
                (AGAIN, sample(8.2 - off / 2.0, 1.0)),
                (P, overlapping(4.1 + off / 2.0, 1.92, 2)),
                (T, overlapping(4.1, 1.95, 2)),
            ],
        );
    }
    disturbed_block(&mut bundle, &[(S, sample(16.0, 0.5))]);
    let ticks = harness_protocol::Sample {
        stall_ns: Some(24_200_000),
        ..sample(25.3, 1.0)
    };
    block(
        &mut bundle,
        &[("smol:workers@2/heartbeat/compose@2", ticks)],
    );
    failed(
        &mut bundle,
        "smol:workers@2/heartbeat/spawn@2",
        CellStatus::Crashed,
        "aborted (SIGABRT: an abort, or a stack overflow): 0 of 1 samples | no end line",
    );
    bundle.ended = Some(false);
    bundle
}

#[test]
fn in_a_terminal_without_colour() {
    let bundle = small();
    let text = plain(&terminal::of(&bundle, &Report::of(&bundle), 100));
    insta::assert_snapshot!(text, @r#"
Made-up CPU, 2 cores allowed, linux 6.1; 2026-01-02T03:04:05Z
7 comparisons share an error of 1 %; 16 blocks, 1 of them disturbed by other work; seed 7
A/A control: 0 of 1 comparisons of a cell with itself saw a difference, so fewer than 95.0 % do, at 95 % confidence
  block 13 (smol, digest): others used 0.90 of 2 cores

smol 1.2.3 workers@2  workers as it comes
  not verified  it offers no checks
  not testable  compose-overlaps-waits         needs the scenario timers, which was left out
  holds         compose-is-never-parallel      never two polled at once, in all 14 samples
  holds         compose-gains-no-core          digest compose/sequential 1.01 [1.01, 1.01], within 0.91 and 1.10; cores under compose 1.00 [1.00, 1.00], at most 1.05
  not testable  compose-shares-its-stall       needs the scenario heartbeat-hog-last, which was left out
  not testable  spawn-overlaps-waits           needs the scenario timers, which was left out
  holds         spawn-uses-cores               digest spawn/compose 0.51 [0.51, 0.51], at most 0.75; digest spawn/threads 1.01 [1.00, 1.02], at most 1.10; cores under spawn 1.92 [1.92, 1.92], at least 1.50; polled at once 2.00 [2.00, 2.00], at least 1.50
  not testable  spawn-needs-workers            it has 2 executing threads here, and the claim is about one; try --workers 1
  not testable  spawn-computes-between-awaits  needs the scenario sync-account, which was left out
  not testable  spawn-frees-siblings           needs the scenario heartbeat-woken, which was left out
  not testable  io-gains-nothing-from-spawn    needs the scenario timers, which was left out
  not testable  spawn-costs-more               needs the scenario ready, which was left out
  not testable  more-spawns-not-more-parallel  needs the scenario pieces, which was left out
  not testable  spawn-demands-send-static      the record does not say what its spawns demand: it was made before that was asked
  not testable  yield-gives-turns-not-cores    needs the scenario turns, which was left out
  not testable  blocking-defeats-both          needs the scenario blocking, which was left out
  not testable  spawn-outlives-its-frame       its adapter does not offer the check detached_task_finishes
  not testable  compose-dies-with-its-frame    its adapter does not offer the check compose_drops_its_branches_with_itself
  not testable  spawn-reports-failure          its adapter does not offer the check error_in_a_branch_is_its_output
  control       A/A                            digest 0.994 [0.976, 1.012] in 13 blocks: no difference shown

────────────────────────────────────────────────────────────────────────────────────────────
 scenario    sequential                 compose                    spawn                    
════════════════════════════════════════════════════════════════════════════════════════════
 digest      8.10 ms [8.00, 8.20]       8.20 ms [8.10, 8.30]       4.15 ms [4.10, 4.20]     
 n = 2       law 8.00 ms                law 8.00 ms, 0.99x         law 4.00 ms, 1.95x       
             1.01 [1.00, 1.02] of law   1.02 [1.01, 1.04] of law   1.04 [1.02, 1.05] of law 
             1.00 cores, peak 1         1.00 cores, peak 1         1.92 cores, peak 2       
────────────────────────────────────────────────────────────────────────────────────────────
 heartbeat   not measured               ~25.3 ms                   crashed                  
 n = 2                                  law 25.0 ms                                         
                                        1.01 of law                                         
                                        1.00 cores, peak 1                                  
                                        stall 24.2 ms                                       
────────────────────────────────────────────────────────────────────────────────────────────
Each cell: median wall time [95 % interval over rounds]; law: the time predicted beforehand, and how
many times as fast as sequential; measured over predicted time; cores used (CPU time over wall time),
peak: most threads inside branches at once.
! further from the prediction than the law allows; ~ information only: no claim rests on it, so it gets
2 rounds unless more are asked for.

crashed smol:workers@2/heartbeat/spawn@2: aborted (SIGABRT: an abort, or a stack overflow): 0 of 1 samples | no end line
    its last words

Join or spawn?
smol workers@2: whether joined waits overlap was not decided; spawn what computes: 2 branches by
    spawn took 0.51 of the joined time, on 1.92 cores instead of 1.00.
"#);
}

#[test]
fn in_a_terminal_with_colour() {
    let bundle = small();
    let report = Report::of(&bundle);
    let coloured = terminal::of(&bundle, &report, 100);
    let line = |id: &str| {
        coloured
            .lines()
            .find(|line| line.contains(id))
            .unwrap()
            .escape_debug()
            .to_string()
    };
    insta::assert_snapshot!(line("compose-gains-no-core")[..60], @r#"  \u{1b}[32mholds        \u{1b}[0m compose-gains-no-core"#);
    insta::assert_snapshot!(line("spawn-needs-workers")[..60], @r#"  \u{1b}[2mnot testable \u{1b}[0m spawn-needs-workers"#);
    insta::assert_snapshot!(line("spawn-frees-siblings")[..60], @r#"  \u{1b}[2mnot testable \u{1b}[0m spawn-frees-siblings"#);
}

#[test]
fn as_markdown() {
    let bundle = small();
    let text = markdown::of(&Report::of(&bundle), &bundle.plan);
    insta::assert_snapshot!(text, @r#"
Measured 2026-01-02T03:04:05Z on Made-up CPU, 2 cores allowed, by `harness run`. 7 comparisons share an error of 1 %; 16 blocks, 1 disturbed; seed 7.

A/A control: 0 of 1 comparisons of a cell with itself saw a difference, so fewer than 95.0 % do, at 95 % confidence.

### smol 1.2.3 workers@2

not verified: it offers no checks.

| claim                         | verdict      | evidence                                                                                                                                                                                                        |
|-------------------------------|--------------|-----------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------|
| compose-overlaps-waits        | not-testable | needs the scenario timers, which was left out                                                                                                                                                                   |
| compose-is-never-parallel     | holds        | never two polled at once, in all 14 samples                                                                                                                                                                     |
| compose-gains-no-core         | holds        | digest compose/sequential 1.01 [1.01, 1.01], within 0.91 and 1.10; cores under compose 1.00 [1.00, 1.00], at most 1.05                                                                                          |
| compose-shares-its-stall      | not-testable | needs the scenario heartbeat-hog-last, which was left out                                                                                                                                                       |
| spawn-overlaps-waits          | not-testable | needs the scenario timers, which was left out                                                                                                                                                                   |
| spawn-uses-cores              | holds        | digest spawn/compose 0.51 [0.51, 0.51], at most 0.75; digest spawn/threads 1.01 [1.00, 1.02], at most 1.10; cores under spawn 1.92 [1.92, 1.92], at least 1.50; polled at once 2.00 [2.00, 2.00], at least 1.50 |
| spawn-needs-workers           | not-testable | it has 2 executing threads here, and the claim is about one; try --workers 1                                                                                                                                    |
| spawn-computes-between-awaits | not-testable | needs the scenario sync-account, which was left out                                                                                                                                                             |
| spawn-frees-siblings          | not-testable | needs the scenario heartbeat-woken, which was left out                                                                                                                                                          |
| io-gains-nothing-from-spawn   | not-testable | needs the scenario timers, which was left out                                                                                                                                                                   |
| spawn-costs-more              | not-testable | needs the scenario ready, which was left out                                                                                                                                                                    |
| more-spawns-not-more-parallel | not-testable | needs the scenario pieces, which was left out                                                                                                                                                                   |
| spawn-demands-send-static     | not-testable | the record does not say what its spawns demand: it was made before that was asked                                                                                                                               |
| yield-gives-turns-not-cores   | not-testable | needs the scenario turns, which was left out                                                                                                                                                                    |
| blocking-defeats-both         | not-testable | needs the scenario blocking, which was left out                                                                                                                                                                 |
| spawn-outlives-its-frame      | not-testable | its adapter does not offer the check detached_task_finishes                                                                                                                                                     |
| compose-dies-with-its-frame   | not-testable | its adapter does not offer the check compose_drops_its_branches_with_itself                                                                                                                                     |
| spawn-reports-failure         | not-testable | its adapter does not offer the check error_in_a_branch_is_its_output                                                                                                                                            |
| A/A                           | control      | digest 0.994 [0.976, 1.012] in 13 blocks: no difference shown                                                                                                                                                   |

| scenario  | n | sequential                                           | compose                                              | spawn                                                |
|-----------|---|------------------------------------------------------|------------------------------------------------------|------------------------------------------------------|
| digest    | 2 | 8.10 ms, 1.01 [1.00, 1.02] of law, 1.00x, 1.00 cores | 8.20 ms, 1.02 [1.01, 1.04] of law, 0.99x, 1.00 cores | 4.15 ms, 1.04 [1.02, 1.05] of law, 1.95x, 1.92 cores |
| heartbeat | 2 | not measured                                         | ~25.3 ms, 1.01 of law, 1.00 cores                    | crashed                                              |

smol workers@2: whether joined waits overlap was not decided; spawn what computes: 2 branches by spawn took 0.51 of the joined time, on 1.92 cores instead of 1.00.
"#);
}

/// Six rounds of `sequential` that take 10 to 15 ms where the law says 8.
#[test]
fn a_missed_law_has_a_mark_and_a_line() {
    let bundle = blocks(6);
    let report = Report::of(&bundle);
    let line = format!("law missed: {S} took 1.56 [1.25, 1.88] of its law, band 0.90 to 1.10\n");
    for text in [
        plain(&terminal::of(&bundle, &report, 100)),
        markdown::of(&report, &bundle.plan),
    ] {
        assert_eq!(text.matches("law missed: ").count(), 1, "{text}");
        assert!(text.contains(&line), "{text}");
        assert!(text.contains("!1.56 [1.25, 1.88] of law"), "{text}");
        assert!(text.contains(" 1.00 [1.00, 1.00] of law"), "{text}");
    }
}

#[test]
fn as_csv() {
    let text = csv::of(&Report::of(&small())).unwrap();
    insta::assert_snapshot!(text, @r#"
runtime,version,flavour,workers,root,scenario,primitive,branches,status,reason,wall_ns,wall_ns_low,wall_ns_high,predicted_ns,measured_over_predicted,measured_over_predicted_low,measured_over_predicted_high,law_band_low,law_band_high,law,speedup,cores_used,peak_overlap,mean_overlap,mean_concurrency,threads,longest_poll_ns,stall_ns,allocations,allocated_bytes,rounds,exhibit
smol,1.2.3,workers,2,block_on,digest,sequential,2,ok,,8100000,8000000,8200000,8000000,1.0125,1,1.025,0.9,1.1,within,1,1,1,1,1.5,1,4050000,,,,13,false
smol,1.2.3,workers,2,block_on,digest,compose,2,ok,,8200000,8100000,8300000,8000000,1.025,1.0125,1.0375,0.9,1.1,within,0.9878048780487805,1,1,1,1.5,1,4100000,,,,13,false
smol,1.2.3,workers,2,block_on,digest,spawn,2,ok,,4150000,4100000,4200000,4000000,1.0375,1.025,1.05,0.9,1.1,within,1.9518072289156627,1.92,2,1.92,1.5,2,3984000,,,,13,false
smol,1.2.3,workers,2,block_on,heartbeat,sequential,2,ok,not measured: the run was stopped before it,,,,25010000,,,,0.9,1.1,,,,,,,,,,,,0,true
smol,1.2.3,workers,2,block_on,heartbeat,compose,2,ok,,25300000,,,25010000,1.011595361855258,,,0.9,1.1,open,,1,1,1,1.5,1,12650000,24200000,,,1,true
smol,1.2.3,workers,2,block_on,heartbeat,spawn,2,crashed,"aborted (SIGABRT: an abort, or a stack overflow): 0 of 1 samples | no end line",,,,25000000,,,,0.9,1.1,,,,,,,,,,,,0,true
threads,1.2.3,threads,2,block_on,digest,spawn,2,ok,,4100000,4100000,4100000,4000000,1.025,1.025,1.025,0.9,1.1,within,,1.95,2,1.95,1.5,2,3997500,,,,13,false
"#);
}

#[test]
fn as_json_it_is_read_again() {
    let report = Report::of(&small());
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
}
