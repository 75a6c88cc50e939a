//! Rows as Parquet, written without Arrow: a column of the file is a column of ours, and readers bring
//! their own Arrow.

use std::{fmt::Write as _, sync::Arc};

use anyhow::Context as _;
use parquet::{
    basic::Compression,
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::parser::parse_message_type,
};

use super::{COLUMNS, Column, Kind, Row, Run, Value, rows};

/// Rows of one row group: readers work on a group at a time.
const GROUP: usize = 1 << 16;

/// What the header of a run is called in the metadata of the file, before the run's name.
pub const HEADER_KEY: &str = "harness.run.";

/// A whole file. Its metadata hold the header of each run, as `run.json` has it.
///
/// # Errors
///
/// As the writer of Parquet reports them; writing to memory, it has little reason to.
pub fn of(runs: &[Run<'_>]) -> anyhow::Result<Vec<u8>> {
    let headers = runs.iter().map(|run| {
        let header = serde_json::to_string(&run.bundle.header)?;
        Ok(KeyValue::new(format!("{HEADER_KEY}{}", run.name), header))
    });
    let headers = headers.collect::<serde_json::Result<Vec<_>>>()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("harness {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(headers))
        .build();
    let schema = parse_message_type(&schema()).context("the schema of the columns")?;
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    for &run in runs {
        let rows: Vec<Row<'_>> = rows(run).collect();
        for group in rows.chunks(GROUP) {
            let mut columns = writer.next_row_group()?;
            for column in COLUMNS {
                let writer = columns
                    .next_column()?
                    .with_context(|| format!("the file has no column {}", column.name))?;
                write(column, group, writer)?;
            }
            columns.close()?;
        }
    }
    Ok(writer.into_inner()?)
}

/// The columns in the notation of the format's own specification.
fn schema() -> String {
    let mut schema = "message samples {\n".to_owned();
    for column in COLUMNS {
        let presence = if column.nullable {
            "OPTIONAL"
        } else {
            "REQUIRED"
        };
        let (stored, logical) = match column.kind {
            Kind::Text => ("BYTE_ARRAY", " (STRING)"),
            Kind::Integer => ("INT64", ""),
            Kind::Number => ("DOUBLE", ""),
            Kind::Bool => ("BOOLEAN", ""),
        };
        let _ = writeln!(schema, "  {presence} {stored} {}{logical};", column.name);
    }
    schema.push('}');
    schema
}

fn write(column: &Column, rows: &[Row<'_>], to: SerializedColumnWriter<'_>) -> anyhow::Result<()> {
    let values: Vec<Value<'_>> = rows.iter().map(column.value).collect();
    match column.kind {
        Kind::Text => put::<ByteArrayType>(column, &values, to, |value| match value {
            Value::Text(text) => Some(ByteArray::from(*text)),
            _ => None,
        }),
        Kind::Integer => put::<Int64Type>(column, &values, to, |value| match value {
            Value::Integer(number) => i64::try_from(*number).ok(),
            _ => None,
        }),
        Kind::Number => put::<DoubleType>(column, &values, to, |value| match value {
            Value::Number(number) => Some(*number),
            _ => None,
        }),
        Kind::Bool => put::<BoolType>(column, &values, to, |value| match value {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }),
    }
}

/// Writes the values that there are, and of a nullable column where they are (definition level 1) and
/// where not (0).
fn put<T: DataType>(
    column: &Column,
    values: &[Value<'_>],
    mut to: SerializedColumnWriter<'_>,
    stored: impl Fn(&Value<'_>) -> Option<T::T>,
) -> anyhow::Result<()> {
    let stored: Vec<Option<T::T>> = values.iter().map(stored).collect();
    let levels: Vec<i16> = stored.iter().map(|value| value.is_some().into()).collect();
    let there: Vec<T::T> = stored.into_iter().flatten().collect();
    anyhow::ensure!(
        column.nullable || there.len() == values.len(),
        "the column {} has no value in some row",
        column.name
    );
    let levels = column.nullable.then_some(levels.as_slice());
    to.typed::<T>().write_batch(&there, levels, None)?;
    to.close()?;
    Ok(())
}
