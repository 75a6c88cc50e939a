//! What is wrong with a record, and where: file, line, field, and what was expected.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde_json::value::RawValue;

/// One thing that is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The field, such as `samples[0].wall_ns`; empty for a whole line or file.
    pub field: String,
    /// What is wrong, and what was expected, on one line.
    pub why: String,
}

impl Problem {
    /// With a whole file.
    pub fn of(file: &Path, why: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            field: String::new(),
            why: why.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.why)
    }
}

impl std::error::Error for Problem {}

/// A JSON pointer as people write a field: `/samples/0/wall_ns` is `samples[0].wall_ns`.
pub fn field(pointer: &str) -> String {
    let mut field = String::new();
    for part in parts(pointer) {
        if part.parse::<usize>().is_ok() {
            field.push_str(&format!("[{part}]"));
        } else {
            if !field.is_empty() {
                field.push('.');
            }
            field.push_str(&part);
        }
    }
    field
}

fn parts(pointer: &str) -> impl Iterator<Item = String> + '_ {
    let parts = pointer.split('/').skip(1);
    parts.map(|part| part.replace("~1", "/").replace("~0", "~"))
}

/// The line on which the value of a JSON pointer begins, counted from 1; of what is not there, the line
/// of the nearest thing around it.
pub fn line(text: &str, pointer: &str) -> usize {
    let mut at = text;
    for part in parts(pointer) {
        let inner = match part.parse::<usize>() {
            Ok(index) => serde_json::from_str::<Vec<&RawValue>>(at)
                .ok()
                .and_then(|list| list.get(index).copied()),
            Err(_) => None,
        };
        let inner = inner.or_else(|| {
            let object: std::collections::HashMap<String, &RawValue> =
                serde_json::from_str(at).ok()?;
            object.get(&part).copied()
        });
        match inner {
            Some(inner) => at = inner.get(),
            None => break,
        }
    }
    // Each is a part of the text that it was read from.
    let before = (at.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let before = text.get(..before).unwrap_or_default();
    1 + before.matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_called_as_people_write_it() {
        assert_eq!(field("/samples/0/wall_ns"), "samples[0].wall_ns");
        assert_eq!(field("/host/cores"), "host.cores");
        assert_eq!(field(""), "");
    }

    #[test]
    fn a_value_is_found_on_its_line() {
        let text =
            "{\n  \"a\": 1,\n  \"b\": [\n    {\"c\": 2},\n    {\n      \"d\": 3\n    }\n  ]\n}\n";
        for (pointer, expected) in [
            ("", 1),
            ("/a", 2),
            ("/b", 3),
            ("/b/0/c", 4),
            ("/b/1", 5),
            ("/b/1/d", 6),
            // What is not there.
            ("/b/1/e", 5),
            ("/z", 1),
        ] {
            assert_eq!(line(text, pointer), expected, "{pointer}");
        }
    }
}
