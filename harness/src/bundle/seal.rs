//! The seal of a finished record: what its two files hold, as SHA-256.
//!
//! A plausible figure that was changed to another plausible one breaks no rule of the schema. It
//! breaks the seal. A seal is no signature: who changes a record on purpose can make another.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{EVENTS, HEADER, Problem};

/// The file's name.
pub(crate) const SEAL: &str = "seal.json";

/// What `seal.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// The SHA-256 of each file, in hexadecimal.
    pub sha256: Sums,
}

/// The sum of each file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sums {
    /// Of the head.
    #[serde(rename = "run.json")]
    pub run: String,
    /// Of the events.
    #[serde(rename = "samples.jsonl")]
    pub samples: String,
}

/// The SHA-256 of some bytes, in hexadecimal.
#[must_use]
pub fn sum(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // A string takes whatever is written to it.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Seals the record in a folder: the last thing that a run does.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    let of = |name: &str| Ok::<_, io::Error>(sum(&fs::read(folder.join(name))?));
    let seal = Seal {
        sha256: Sums {
            run: of(HEADER)?,
            samples: of(EVENTS)?,
        },
    };
    let mut text = serde_json::to_vec_pretty(&seal)?;
    text.push(b'\n');
    // Under another name first: half a seal would be a broken one.
    let draft = folder.join(format!("{SEAL}.part"));
    let mut file = File::create(&draft)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(draft, folder.join(SEAL))
}

/// Whether there is a seal.
///
/// # Errors
///
/// Each file that is not what the seal says, or what is wrong with the seal.
pub(super) fn verify(folder: &Path, run: &[u8], samples: &[u8]) -> Result<bool, Vec<Problem>> {
    let path = folder.join(SEAL);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(vec![Problem::of(&path, format!("cannot read it: {error}"))]),
    };
    let seal: Seal = serde_json::from_slice(&bytes).map_err(|error| {
        let why = format!("this is no seal: {error}; a run writes it when it ends");
        vec![Problem::of(&path, why)]
    })?;
    let is_broken = |name: &str, bytes: &[u8], sealed: &str| {
        let why = || {
            format!("it was changed after the run had ended: its SHA-256 is not the one in {SEAL}")
        };
        (sum(bytes) != sealed).then(|| Problem::of(&folder.join(name), why()))
    };
    let broken: Vec<Problem> = [
        is_broken(HEADER, run, &seal.sha256.run),
        is_broken(EVENTS, samples, &seal.sha256.samples),
    ]
    .into_iter()
    .flatten()
    .collect();
    if broken.is_empty() {
        Ok(true)
    } else {
        Err(broken)
    }
}
