//! A record of trials as a person reads it, in tables that can be pasted into a document.

use harness_record::format::percent;
use std::fmt::Write as _;

use comfy_table::{Table, presets};

use super::{
    Record,
    findings::{Arm, Finding, findings, noise, seconds_a_block},
};
use harness_judge::stats::{Family, Rule};

/// The record, the noise, how often it erred, and how soon it found what was slower, for a comparison of
/// a report that makes so many, and for one alone at 5 %; `all`: from disturbed blocks, too.
#[must_use]
pub fn of(record: &Record, report: usize, all: bool) -> String {
    let mut out = heading(record);
    let record = if all {
        out.push_str("disturbed blocks are counted like the others\n");
        &record.clone().with_disturbed()
    } else {
        record
    };
    out.push_str(&spread(record));
    let families = [
        Family::of(report),
        Family {
            alpha: 0.05,
            comparisons: 1,
        },
    ];
    let all = findings(record, &families);
    let named = |finding: &Finding| {
        if finding.alpha == families[1].alpha {
            "one alone, 5 %".to_owned()
        } else {
            format!("one of {report}, {:.3} %", 100.0 * finding.alpha)
        }
    };

    let mut error = table(&[
        "the same again: rule",
        "error allowed",
        "comparisons",
        "false alarms",
        "rate",
        "at most (95 %)",
        "drifting",
    ]);
    for f in all.iter().filter(|f| f.arm == Arm::Again) {
        error.add_row([
            rule(f.rule).to_owned(),
            named(f),
            f.comparisons.to_string(),
            f.decided().to_string(),
            share(f.decided(), f.comparisons),
            f.decided_at_most()
                .map_or_else(String::new, |rate| percent(rate, 1)),
            f.drifting.to_string(),
        ]);
    }
    let _ = writeln!(out, "\n{error}");
    if record.slower.is_empty() {
        return out;
    }

    let seconds = seconds_a_block(record).unwrap_or(0.0);
    let mut power = table(&[
        "slower by",
        "rule",
        "error allowed",
        "comparisons",
        "found",
        "share",
        "at least (95 %)",
        "called faster",
        "drifting",
        "95 % found within",
    ]);
    for f in &all {
        let Arm::Slower(by) = f.arm else { continue };
        power.add_row([
            format!("{by} %"),
            rule(f.rule).to_owned(),
            named(f),
            f.comparisons.to_string(),
            f.slower.to_string(),
            share(f.slower, f.comparisons),
            f.found_at_least()
                .map_or_else(String::new, |rate| percent(rate, 1)),
            f.faster.to_string(),
            f.drifting.to_string(),
            f.blocks.map_or_else(
                || "not within these blocks".to_owned(),
                |blocks| format!("{blocks} blocks, {:.1} s", seconds * blocks as f64),
            ),
        ]);
    }
    let _ = writeln!(out, "\n{power}");
    out
}

fn heading(record: &Record) -> String {
    let mut out = String::new();
    let disturbed = record.blocks.iter().filter(|block| block.disturbed).count();
    let mut cells: Vec<String> = record.comparisons.iter().map(ToString::to_string).collect();
    cells.sort();
    cells.dedup();
    let _ = writeln!(
        out,
        "{}; {}; `{}`; seed {}",
        record.host.summary(record.cores),
        record.started,
        record.command.join(" "),
        record.seed
    );
    let _ = writeln!(
        out,
        "{} comparisons on {}; {} blocks, {disturbed} of them disturbed by other work; {:.0} ms a block of two rounds",
        record.comparisons.len(),
        cells.join(", "),
        record.blocks.len(),
        1e3 * seconds_a_block(record).unwrap_or(0.0),
    );
    out
}

fn spread(record: &Record) -> String {
    match noise(record) {
        Some(noise) => {
            format!(
                "noise: the log ratio of two rounds that are alike spreads by {:.2} %, {:.1} % of them are off by a tenth or more; median ratio {:.4}\n",
                100.0 * noise.spread,
                100.0 * noise.outliers,
                noise.median
            )
        }
        None => "no undisturbed block: nothing can be said\n".to_owned(),
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(header);
    table
}

fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Fixed => "fixed number of blocks",
        Rule::Sequential => "after every block",
    }
}

fn share(count: usize, of: usize) -> String {
    if of == 0 {
        String::new()
    } else {
        percent(count as f64 / of as f64, 1)
    }
}
