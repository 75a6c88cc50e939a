//! A table in Markdown for many columns.

use std::fmt::Write as _;

/// A table whose columns are not padded: with a dozen of them most of it would be blanks.
#[must_use]
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
    let rule = header.iter().map(|_| "---".to_owned()).collect();
    let mut out = String::new();
    for row in [header, rule].into_iter().chain(rows) {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}
