//! Rows as CSV, Markdown and JSON.

use std::io::{self, Write};

use harness_report::md;

use super::{COLUMNS, Row, Run, Value, rows};

/// CSV with a header. What is not known is empty.
///
/// # Errors
///
/// As the writer of CSV reports them; writing to memory, it has no reason to.
pub fn csv(runs: &[Run<'_>]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.iter().map(|column| column.name))?;
    for row in all(runs) {
        writer.write_record(COLUMNS.iter().map(|column| plain(&(column.value)(&row))))?;
    }
    Ok(writer.into_inner()?)
}

/// A table in Markdown. What is not known is empty.
///
/// # Errors
///
/// Writing to memory, it has no reason to.
pub fn markdown(runs: &[Run<'_>]) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    line(
        &mut out,
        COLUMNS.iter().map(|column| column.name.to_owned()),
    )?;
    line(&mut out, COLUMNS.iter().map(|_| "---".to_owned()))?;
    for row in all(runs) {
        let values = COLUMNS.iter().map(|column| plain(&(column.value)(&row)));
        line(&mut out, values.map(|text| md::cell(&text)))?;
    }
    Ok(out)
}

fn line(out: &mut Vec<u8>, texts: impl Iterator<Item = String>) -> io::Result<()> {
    for text in texts {
        write!(out, "| {text} ")?;
    }
    writeln!(out, "|")
}

/// An array of objects, one a line. What is not known is null.
///
/// # Errors
///
/// Writing to memory, it has no reason to.
pub fn json(runs: &[Run<'_>]) -> anyhow::Result<Vec<u8>> {
    let mut out = b"[".to_vec();
    for (index, row) in all(runs).enumerate() {
        out.extend_from_slice(if index == 0 { b"\n{" } else { b",\n{" });
        // By hand, since the order of the columns is to stay.
        for (place, column) in COLUMNS.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            write!(out, "\"{}\":", column.name)?;
            match (column.value)(&row) {
                Value::Null => out.extend_from_slice(b"null"),
                Value::Text(text) => serde_json::to_writer(&mut out, text)?,
                Value::Integer(number) => serde_json::to_writer(&mut out, &number)?,
                // Not a number, and infinity, are null in JSON.
                Value::Number(number) => serde_json::to_writer(&mut out, &number)?,
                Value::Bool(truth) => serde_json::to_writer(&mut out, &truth)?,
            }
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"\n]\n");
    Ok(out)
}

fn all<'a>(runs: &'a [Run<'a>]) -> impl Iterator<Item = Row<'a>> {
    runs.iter().flat_map(|&run| rows(run))
}

fn plain(value: &Value<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => (*text).to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
    }
}
