//! What came of the promises, for people: how many each configuration kept, those that were broken,
//! and a table of what was seen, a row an aspect and a column a configuration.

use super::{PromiseState, Standing};
use crate::{md, screen::painted};
use comfy_table::{ContentArrangement, Table, presets};
use owo_colors::Style;
use std::fmt::Write as _;

/// As text. The table is `width` wide at most, where a width is given.
#[must_use]
pub fn text(standings: &[Standing], width: Option<usize>) -> String {
    let mut out = lines(standings);
    let rows = rows(standings);
    if rows.is_empty() {
        return out;
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width.try_into().unwrap_or(u16::MAX));
    }
    let mut header = vec!["seen".to_owned()];
    header.extend(columns(standings).map(|standing| {
        let title = standing.title();
        title.replacen(' ', "\n", 1)
    }));
    table.set_header(header);
    for (aspect, words) in rows {
        table.add_row(std::iter::once(aspect).chain(words));
    }
    let _ = writeln!(out, "\n{table}");
    out
}

/// How many promises each configuration kept, a line each, and below it those that it broke.
#[must_use]
pub fn lines(standings: &[Standing]) -> String {
    let mut out = String::new();
    let widest = standings.iter().map(|s| s.title().chars().count()).max();
    let widest = widest.unwrap_or(0);
    for standing in standings {
        let summary = painted(&standing.summary(), style(standing.word));
        let _ = writeln!(out, "{:<widest$}  {summary}", standing.title());
        for broken in &standing.broken {
            let word = painted(broken.word(), style(standing.word));
            let _ = writeln!(out, "  {word}  {}: {}", broken.check, broken.why);
        }
    }
    out
}

/// As Markdown.
#[must_use]
pub fn markdown(standings: &[Standing]) -> String {
    let mut out = list(standings);
    let rows = rows(standings);
    if rows.is_empty() {
        return out;
    }
    let titles = columns(standings).map(|standing| md::text(&standing.title()));
    let header: Vec<String> = std::iter::once("seen".to_owned()).chain(titles).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows = rows.into_iter();
    let rows = rows.map(|(aspect, words)| {
        let cells = std::iter::once(aspect).chain(words);
        cells.map(|text| md::text(&text)).collect()
    });
    let _ = write!(out, "\n{}", crate::unpadded::table(&header, rows.collect()));
    out
}

/// The same as [`lines`], as a list in Markdown.
#[must_use]
pub fn list(standings: &[Standing]) -> String {
    let mut out = String::new();
    for standing in standings {
        let line = format!("{}: {}", standing.title(), standing.summary());
        let _ = writeln!(out, "- {}", md::text(&line));
        for broken in &standing.broken {
            let line = format!("{}: {}", broken.check, broken.why);
            let word = broken.word();
            let _ = writeln!(out, "  - **{word}** {}", md::text(&line));
        }
    }
    out
}

/// The configurations of which anything was seen.
fn columns(standings: &[Standing]) -> impl Iterator<Item = &Standing> {
    standings
        .iter()
        .filter(|standing| !standing.seen.is_empty())
}

/// Every aspect, as the checks come, and what each configuration showed of it.
fn rows(standings: &[Standing]) -> Vec<(String, Vec<String>)> {
    let mut aspects: Vec<&str> = Vec::new();
    for seen in standings.iter().flat_map(|standing| &standing.seen) {
        if !aspects.contains(&seen.aspect.as_str()) {
            aspects.push(&seen.aspect);
        }
    }
    let row = |aspect: &str| {
        columns(standings)
            .map(|standing| standing.seen_of(aspect).unwrap_or_default())
            .collect()
    };
    aspects
        .into_iter()
        .map(|aspect| (aspect.to_owned(), row(aspect)))
        .collect()
}

fn style(word: PromiseState) -> Style {
    match word {
        PromiseState::Kept => Style::new().green(),
        PromiseState::Broken => Style::new().red(),
        PromiseState::BrokenAsDeclared | PromiseState::NotVerified => Style::new().yellow(),
        PromiseState::Unavailable => Style::new().dimmed(),
    }
}
