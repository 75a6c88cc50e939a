//! The seal of a finished record: what its two files hold, as SHA-256.
//!
//! A plausible figure that was changed to another plausible one breaks no rule of the schema. It
//! breaks the seal. A seal is no signature: who changes a record on purpose can make another.

use super::{HEADER, Problem, Samples};
use crate::{plain_file, replace::replace};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// The file's name.
pub const SEAL: &str = "seal.json";

/// What `seal.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// The SHA-256 of each file, in hexadecimal.
    pub sha256: Sums,
    /// The first 32 bits of the SHA-256 of each line of each file, in hexadecimal, one behind the other: so that what
    /// was changed can be named.
    pub lines: Sums,
}

/// Something of each file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sums {
    /// Of the head.
    #[serde(rename = "run.json")]
    pub run: String,
    /// Of the events, as they were recorded: their lines, however they are stored.
    #[serde(rename = "samples.jsonl")]
    pub samples: String,
}

/// The SHA-256 of some bytes, in hexadecimal.
#[must_use]
pub fn sum(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        // A string takes whatever is written to it.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Hexadecimal digits of a line's sum.
const DIGITS: usize = 8;

/// The sums of the lines.
fn lines(bytes: &[u8]) -> String {
    let each = bytes.split_inclusive(|byte| *byte == b'\n');
    each.map(|line| sum(line)[..DIGITS].to_owned()).collect()
}

/// The first line that is not what was sealed, counted from 1: one that was changed, that is gone, or that is new.
fn changed(bytes: &[u8], sealed: &str) -> Option<usize> {
    let now = lines(bytes);
    let (each, then) = (
        now.as_bytes().chunks(DIGITS),
        sealed.as_bytes().chunks(DIGITS),
    );
    let same = each.zip(then).take_while(|(a, b)| a == b).count();
    (same * DIGITS < now.len().max(sealed.len())).then_some(same + 1)
}

/// The field that a line of `run.json` begins: `  "seed": 1,`.
fn field(bytes: &[u8], line: usize) -> String {
    let line = bytes.split(|byte| *byte == b'\n').nth(line - 1);
    let text = line.and_then(|line| std::str::from_utf8(line).ok());
    let name = text.and_then(|text| text.trim().strip_prefix('"')?.split_once("\":"));
    name.map(|(name, _)| name.to_owned()).unwrap_or_default()
}

/// Seals the record in a folder: the last thing that a run does.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    let samples = Samples::of(folder).map_err(io::Error::other)?;
    let (run, samples) = (fs::read(folder.join(HEADER))?, samples.read()?);
    let of = |sums: fn(&[u8]) -> String| Sums {
        run: sums(&run),
        samples: sums(&samples),
    };
    let seal = Seal {
        sha256: of(sum),
        lines: of(lines),
    };
    let mut text = serde_json::to_vec_pretty(&seal)?;
    text.push(b'\n');
    // Half a seal would be a broken one.
    replace(&folder.join(SEAL), &text)
}

impl Seal {
    /// The seal of the record in a folder, if there is one.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn open(folder: &Path) -> Result<Option<Self>, Vec<Problem>> {
        let path = folder.join(SEAL);
        let bytes = match plain_file::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(vec![Problem::of(&path, format!("cannot read it: {error}"))]),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            let why = format!("this is no seal: {error}; a run writes it when it ends");
            vec![Problem::of(&path, why)]
        })
    }

    /// Holds a record against it: the bytes of its head, and the SHA-256 of its events.
    ///
    /// # Errors
    ///
    /// Each file that is not what the seal says.
    pub fn holds(
        &self,
        (path, run): &(PathBuf, Vec<u8>),
        samples: &Samples,
        sha256: &str,
    ) -> Result<(), Vec<Problem>> {
        let broken = |path: &Path, of: &str, line: Option<usize>| {
            let why = format!(
                "it was changed after the run had ended: {of} SHA-256 is not the one in {SEAL}"
            );
            let mut problem = Problem::of(path, why);
            problem.line = line;
            problem
        };
        let mut problems = Vec::new();
        if sum(run) != self.sha256.run {
            let line = changed(run, &self.lines.run);
            let mut problem = broken(path, "its", line);
            problem.field = line.map(|line| field(run, line)).unwrap_or_default();
            problems.push(problem);
        }
        if sha256 != self.sha256.samples {
            // Only now is it worth having all of it at once.
            let bytes = samples.read().ok();
            let line = bytes.and_then(|bytes| changed(&bytes, &self.lines.samples));
            let of = if samples.packed { "its lines'" } else { "its" };
            problems.push(broken(&samples.path, of, line));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_was_changed_is_named() {
        let whole = b"{\n  \"seed\": 1,\n  \"cores\": 2\n}\n";
        let sealed = lines(whole);
        assert_eq!(sealed.len(), 4 * DIGITS);
        assert_eq!(changed(whole, &sealed), None);
        let other = b"{\n  \"seed\": 1,\n  \"cores\": 3\n}\n";
        assert_eq!(changed(other, &sealed), Some(3));
        assert_eq!(field(other, 3), "cores");
        assert_eq!(field(other, 1), "");
        // One that is gone, and one that is new.
        assert_eq!(
            changed(b"{\n  \"seed\": 1,\n  \"cores\": 2\n", &sealed),
            Some(4)
        );
        assert_eq!(
            changed(b"{\n  \"seed\": 1,\n  \"cores\": 2\n}\n\n", &sealed),
            Some(5)
        );
    }
}
