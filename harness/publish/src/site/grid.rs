//! Claims against configurations: a word for each.

use harness_record::format::figure;
use serde::Serialize;

use super::{
    run::{Run, key},
    templates::Templates,
};
use harness_judge::{claims::CLAIMS, judge::Verdict};
use harness_report::ClaimReport;

/// How a verdict is written: its word, its sign, its class.
pub(super) fn word(claim: &ClaimReport) -> (&'static str, &'static str, &'static str) {
    match (claim.verdict, claim.by_design) {
        (Verdict::Holds, _) => ("holds", "✓", "holds"),
        (Verdict::Refuted, true) => ("refuted by design", "✗", "refuted"),
        (Verdict::Refuted, false) => ("refuted", "✗", "refuted"),
        (Verdict::Inconclusive, _) => ("inconclusive", "?", "open"),
        (Verdict::NotTestable, _) => ("not testable", "–", "none"),
    }
}

/// The grid of one run.
#[derive(Serialize)]
pub(super) struct Grid {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
    pub(super) counts: Vec<Count>,
    /// Which runtimes are made of the same, a sentence each.
    kin: Vec<String>,
}

/// A configuration.
#[derive(Serialize)]
pub(super) struct Column {
    pub(super) runtime: String,
    pub(super) flavour: String,
    pub(super) workers: usize,
    key: String,
}

/// A claim.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) id: &'static str,
    sentence: &'static str,
    pub(super) cells: Vec<Entry>,
}

/// A word on a claim.
#[derive(Serialize)]
pub(super) struct Entry {
    runtime: String,
    key: String,
    title: String,
    pub(super) word: &'static str,
    pub(super) sign: &'static str,
    pub(super) class: &'static str,
    pub(super) by_design: bool,
    pub(super) measured: String,
}

/// How often a word was said.
#[derive(Serialize)]
pub(super) struct Count {
    pub(super) word: &'static str,
    pub(super) sign: &'static str,
    pub(super) class: &'static str,
    pub(super) times: usize,
}

impl Grid {
    pub(super) fn of(run: &Run<'_>) -> Self {
        let columns: Vec<Column> = run
            .configs()
            .map(|config| Column {
                runtime: config.id.runtime.clone(),
                flavour: config.id.flavour.clone(),
                workers: config.id.workers,
                key: key(config),
            })
            .collect();
        let mut rows: Vec<Row> = CLAIMS
            .iter()
            .map(|claim| Row {
                id: claim.id,
                sentence: claim.sentence,
                cells: Vec::new(),
            })
            .collect();
        let mut counts: Vec<Count> = Vec::new();
        for config in run.configs() {
            for ((case, claim), row) in run.claims_on(config).zip(&mut rows) {
                debug_assert_eq!(case.claim.id, row.id);
                let (word, sign, class) = word(claim);
                row.cells.push(Entry {
                    runtime: config.id.runtime.clone(),
                    key: key(config),
                    title: config.title(),
                    word,
                    sign,
                    class,
                    by_design: claim.by_design,
                    measured: claim.measured.map_or_else(String::new, figure),
                });
                match counts.iter_mut().find(|count| count.word == word) {
                    Some(count) => count.times += 1,
                    None => counts.push(Count {
                        word,
                        sign,
                        class,
                        times: 1,
                    }),
                }
            }
        }
        let order = [
            "holds",
            "refuted",
            "refuted by design",
            "inconclusive",
            "not testable",
        ];
        counts.sort_by_key(|count| order.iter().position(|word| *word == count.word));
        Self {
            columns,
            rows,
            counts,
            kin: run.kin().to_vec(),
        }
    }

    /// As the page shows it.
    ///
    /// # Errors
    ///
    /// As [`Templates::fill`].
    pub(super) fn html(&self, templates: &Templates) -> anyhow::Result<String> {
        templates.fill("grid.html", self)
    }
}
