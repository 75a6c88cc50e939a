//! A table for a terminal.

use std::fmt::Write as _;

/// Columns as wide as they must be, two blanks before each. Those of words, by their number, begin at the left; the others hold
/// figures, which end at the right.
pub(crate) fn table(
    header: &[String],
    rows: &[Vec<String>],
    is_words: impl Fn(usize) -> bool,
) -> String {
    let all = || std::iter::once(header).chain(rows.iter().map(Vec::as_slice));
    let width = |column: usize| {
        let cells = all().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut out = String::new();
    for row in all() {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if is_words(column) {
                write!(line, "  {cell:<width$}")
            } else {
                write!(line, "  {cell:>width$}")
            };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}
