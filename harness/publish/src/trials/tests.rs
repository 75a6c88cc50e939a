//! What made-up records say.

use super::{
    findings::{Arm, Finding, findings, noise, seconds_a_block},
    *,
};
use harness_judge::stats::{Family, Rule};
use harness_record::fabricated::{cell, header, options, smol};

const ALONE: Family = Family {
    alpha: 0.05,
    comparisons: 1,
};

/// So many comparisons, the blocks of each with these ratios of the arms to the first.
fn record(comparisons: usize, slower: &[f64], ratios: &[&[f64]]) -> Record {
    let header = header(vec![smol()], options(), 2);
    let mut record = Record {
        schema: SCHEMA,
        started: header.started,
        command: vec!["harness".to_owned(), "control".to_owned()],
        host: header.host,
        cores: 2,
        seed: 7,
        steps: 400,
        slower: slower.to_vec(),
        comparisons: vec![cell("smol:workers@2/digest/compose@2"); comparisons],
        blocks: Vec::new(),
    };
    // They take turns, as they are measured.
    for ratios in ratios {
        for comparison in 0..comparisons {
            let wall = |ratio: &f64| (8e6 * ratio).round() as u64;
            record.blocks.push(Block {
                comparison,
                walls_ns: std::iter::once(8_000_000)
                    .chain(ratios.iter().map(wall))
                    .collect(),
                took_ns: 30_000_000,
                disturbed: false,
            });
        }
    }
    record
}

fn find(record: &Record, arm: Arm, rule: Rule, family: Family) -> Finding {
    findings(record, &[family])
        .into_iter()
        .find(|found| found.arm == arm && found.rule == rule)
        .unwrap()
}

/// Two that are alike and a third that takes a twentieth longer, in every block: it takes 2·2⁻ᵗ ≤ 0.01/25
/// and so thirteen blocks by the interval, fourteen by evidence; alone at 5 % six and seven, since
/// E(6, 6) = 36.7 and E(7, 7) = 68.5.
#[test]
fn a_slowdown_in_every_block_by_hand() {
    let blocks: Vec<[f64; 2]> = (0..40).map(|i| [[0.99, 1.01][i % 2], 1.05]).collect();
    let blocks: Vec<&[f64]> = blocks.iter().map(|b| &b[..]).collect();
    let record = record(20, &[5.0], &blocks);
    for (family, by_interval, by_evidence) in [(Family::of(25), 13, 14), (ALONE, 6, 7)] {
        for (rule, needed) in [(Rule::Fixed, by_interval), (Rule::Sequential, by_evidence)] {
            let found = find(&record, Arm::Slower(5.0), rule, family);
            assert_eq!((found.comparisons, found.slower, found.faster), (20, 20, 0));
            assert_eq!(found.blocks, Some(needed));
            // All of twenty: 0.05^(1/20).
            assert!((found.found_at_least().unwrap() - 0.8609).abs() < 1e-4);
            let alarms = find(&record, Arm::Again, rule, family);
            assert_eq!((alarms.comparisons, alarms.decided()), (20, 0));
            assert!((alarms.decided_at_most().unwrap() - 0.1391).abs() < 1e-4);
        }
    }
    // Two rounds of three.
    assert!((seconds_a_block(&record).unwrap() - 0.02).abs() < 1e-9);
}

#[test]
fn a_difference_between_two_that_are_alike_is_a_false_alarm_on_either_side() {
    for (ratio, slower) in [(1.01, 3), (0.99, 0)] {
        let record = record(3, &[], &[&[ratio][..]; 20]);
        for rule in [Rule::Fixed, Rule::Sequential] {
            let found = find(&record, Arm::Again, rule, Family::of(25));
            assert_eq!((found.decided(), found.slower), (3, slower));
        }
    }
}

/// One comparison in twenty is never found, and 95 % are all the same; two are too many.
#[test]
fn a_budget_is_for_95_of_a_hundred() {
    for (never, budget) in [(1, Some(14)), (2, None)] {
        let mut record = record(20, &[5.0], &[&[1.0, 1.05][..]; 30]);
        for block in &mut record.blocks {
            if block.comparison < never {
                block.walls_ns[2] = 8_000_000;
            }
        }
        let found = find(&record, Arm::Slower(5.0), Rule::Sequential, Family::of(25));
        assert_eq!((found.slower, found.blocks), (20 - never, budget));
        let fixed = find(&record, Arm::Slower(5.0), Rule::Fixed, Family::of(25));
        assert_eq!(fixed.blocks, budget.map(|blocks| blocks - 1));
    }
}

/// The interval takes a decision back when later blocks fall on the other side, so a budget counts from
/// where it stays decided. At 5 % alone: six below from the first; then up to two of nine, eleven …
#[test]
fn a_budget_counts_from_where_it_stays_enough() {
    let blocks = |i: usize| if (6..8).contains(&i) { 0.9 } else { 1.05 };
    let blocks: Vec<[f64; 2]> = (0..30).map(|i| [1.0, blocks(i)]).collect();
    let blocks: Vec<&[f64]> = blocks.iter().map(|b| &b[..]).collect();
    let found = find(
        &record(20, &[5.0], &blocks),
        Arm::Slower(5.0),
        Rule::Fixed,
        ALONE,
    );
    // Two of n may fall on the other side from n = 12 on: 2·(1 + 12 + 66)/4096 = 0.039; at 11 it is
    // 2·(1 + 11 + 55)/2048 = 0.065.
    assert_eq!(found.blocks, Some(12));
}

#[test]
fn blocks_that_hang_together_decide_nothing() {
    let blocks: Vec<[f64; 1]> = (0..60)
        .map(|i| [if i < 50 { 1.02 } else { 0.98 }])
        .collect();
    let blocks: Vec<&[f64]> = blocks.iter().map(|b| &b[..]).collect();
    let found = find(
        &record(2, &[], &blocks),
        Arm::Again,
        Rule::Fixed,
        Family::of(25),
    );
    assert_eq!((found.decided(), found.drifting), (0, 2));
}

/// Seven on one side and then all on the other: it takes 23 more before these outweigh them, but two runs
/// are drift, and a run with `--rounds auto` would not have stopped.
#[test]
fn a_look_that_finds_drift_does_not_stop() {
    let blocks: Vec<[f64; 1]> = (0..60).map(|i| [if i < 7 { 0.98 } else { 1.02 }]).collect();
    let blocks: Vec<&[f64]> = blocks.iter().map(|b| &b[..]).collect();
    let record = record(2, &[], &blocks);
    let found = find(&record, Arm::Again, Rule::Sequential, Family::of(25));
    assert_eq!((found.decided(), found.drifting), (0, 2));
}

#[test]
fn disturbed_blocks_form_no_ratio_unless_it_is_asked() {
    let mut record = record(2, &[], &[&[1.02][..]; 20]);
    for block in &mut record.blocks {
        block.disturbed = true;
    }
    assert_eq!(noise(&record), None);
    let found = |record: &Record| find(record, Arm::Again, Rule::Sequential, Family::of(25));
    assert_eq!(
        (found(&record).comparisons, found(&record).decided_at_most()),
        (0, None)
    );
    assert_eq!(found(&record.with_disturbed()).decided(), 2);
}

/// Half of the ratios at e^−0.02 and half at e^0.02: the quartiles are 0.04 apart, and a normal
/// distribution's 1.349 deviations.
#[test]
fn the_noise_by_hand() {
    let (low, high) = ((-0.02_f64).exp(), 0.02_f64.exp());
    let record = record(4, &[], &[&[low][..], &[high], &[low], &[high]]);
    let noise = noise(&record).unwrap();
    assert!((noise.spread - 0.04 / 1.349).abs() < 1e-6, "{noise:?}");
    assert_eq!(noise.outliers, 0.0);
}

#[test]
fn as_it_is_printed() {
    let blocks: Vec<[f64; 2]> = (0..20).map(|i| [[0.99, 1.01][i % 2], 1.05]).collect();
    let blocks: Vec<&[f64]> = blocks.iter().map(|b| &b[..]).collect();
    let mut record = record(20, &[5.0], &blocks);
    record.blocks[3].disturbed = true;
    insta::assert_snapshot!(print::of(&record, 25, false), @r#"
Made-up CPU, 2 cores allowed, linux 6.1; 2026-01-02T03:04:05Z; `harness control`; seed 7
20 comparisons on smol:workers@2/digest/compose@2; 400 blocks, 1 of them disturbed by other work; 20 ms a block of two rounds
noise: the log ratio of two rounds that are alike spreads by 1.48 %, 0.0 % of them are off by a tenth or more; median ratio 1.0100

| the same again: rule   | error allowed      | comparisons | false alarms | rate  | at most (95 %) | drifting |
|------------------------|--------------------|-------------|--------------|-------|----------------|----------|
| fixed number of blocks | one of 25, 0.040 % | 20          | 0            | 0.0 % | 13.9 %         | 0        |
| after every block      | one of 25, 0.040 % | 20          | 0            | 0.0 % | 13.9 %         | 0        |
| fixed number of blocks | one alone, 5 %     | 20          | 0            | 0.0 % | 13.9 %         | 0        |
| after every block      | one alone, 5 %     | 20          | 0            | 0.0 % | 13.9 %         | 0        |

| slower by | rule                   | error allowed      | comparisons | found | share   | at least (95 %) | called faster | drifting | 95 % found within |
|-----------|------------------------|--------------------|-------------|-------|---------|-----------------|---------------|----------|-------------------|
| 5 %       | fixed number of blocks | one of 25, 0.040 % | 20          | 20    | 100.0 % | 86.1 %          | 0             | 0        | 13 blocks, 0.3 s  |
| 5 %       | after every block      | one of 25, 0.040 % | 20          | 20    | 100.0 % | 86.1 %          | 0             | 0        | 14 blocks, 0.3 s  |
| 5 %       | fixed number of blocks | one alone, 5 %     | 20          | 20    | 100.0 % | 86.1 %          | 0             | 0        | 6 blocks, 0.1 s   |
| 5 %       | after every block      | one alone, 5 %     | 20          | 20    | 100.0 % | 86.1 %          | 0             | 0        | 7 blocks, 0.1 s   |
"#);
    assert!(print::of(&record, 25, true).contains("disturbed blocks are counted like the others"));
}

#[test]
fn a_record_is_read_again_and_a_bad_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("deep");
    let good = record(2, &[5.0], &[&[1.0, 1.05][..]; 3]);
    let log = Log::begin(&deep, "control", &good).unwrap();
    let path = deep.join("control.jsonl");
    assert_eq!(log.path(), path);
    assert_eq!(Record::read(&path).unwrap(), good);
    // A kill cuts the last line short, and takes that block only.
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() - 5]).unwrap();
    let mut short = good.clone();
    short.blocks.pop();
    assert_eq!(Record::read(&path).unwrap(), short);
    // Records were one line once.
    fs::write(&path, serde_json::to_vec(&good).unwrap()).unwrap();
    assert_eq!(Record::read(&path).unwrap(), good);
    let error = |spoil: fn(&mut Record)| {
        let mut bad = good.clone();
        spoil(&mut bad);
        // Of the same second, and not in the place of the first.
        let log = Log::begin(&deep, "control", &bad).unwrap();
        assert_ne!(log.path(), path);
        let text = format!("{:#}", Record::read(log.path()).unwrap_err());
        text.replace(&*log.path().to_string_lossy(), "FILE")
    };
    insta::assert_snapshot!(error(|r| r.schema = 9), @"FILE has schema 9, and this harness reads 1");
    insta::assert_snapshot!(error(|r| r.blocks[1].comparison = 2), @"FILE: block 1 is not whole");
    insta::assert_snapshot!(error(|r| r.blocks[2].walls_ns[0] = 0), @"FILE: block 2 is not whole");
    insta::assert_snapshot!(error(|r| _ = r.blocks[4].walls_ns.pop()), @"FILE: block 4 is not whole");
}

#[test]
fn slowed_steps_are_whole() {
    assert_eq!(measure::slowed(400, 5.0), 420);
    assert_eq!(measure::slowed(399, 2.0), 407);
    assert_eq!(measure::slowed(400, 0.0), 400);
}
