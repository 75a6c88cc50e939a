//! Files and their names: what is published, what differs and where.

use anyhow::Context as _;
use harness_record::{
    bundle::{EVENTS, HEADER, SEAL, Samples},
    text::one_line,
};
use std::{fs, io, path::Path};

/// Characters of a differing line that are shown, and how many of them stand before the difference.
const SHOWN: usize = 80;
const BEFORE: usize = 30;

/// Whether a folder of this name is a published run: it begins with a day, as in
/// `2026-01-02-some-cpu-2-cores-vm`. Runs that nobody published begin with a time without dashes.
pub(super) fn is_published(name: &str) -> bool {
    let day = name.as_bytes().get(..11);
    day.is_some_and(|day| {
        day.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 | 10 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
    })
}

/// The names in a folder, sorted; none where there is no folder.
pub(super) fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let cannot = || format!("cannot read {}", folder.display());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(cannot),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.with_context(cannot)?.file_name();
        names.extend(name.into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// The first file of two records that is not the same in both. Events are the same however they are stored.
pub(super) fn differing(one: &Path, other: &Path) -> anyhow::Result<Option<&'static str>> {
    let cannot = |path: &Path| format!("cannot read {}", path.display());
    let whole = |file: &str| {
        let read = |folder: &Path| {
            let path = folder.join(file);
            match fs::read(&path) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error).with_context(|| cannot(&path)),
            }
        };
        anyhow::Ok(read(one)? != read(other)?)
    };
    let events = |folder: &Path| {
        let samples = Samples::of(folder)?;
        samples.read().with_context(|| cannot(&samples.path))
    };
    Ok(if whole(HEADER)? {
        Some(HEADER)
    } else if events(one)? != events(other)? {
        Some(EVENTS)
    } else {
        whole(SEAL)?.then_some(SEAL)
    })
}

/// Where a file leaves what it should be, in a few words; `None` where it does not.
pub(super) fn first_difference(bytes: &[u8], text: &str) -> Option<String> {
    if bytes == text.as_bytes() {
        return None;
    }
    let there: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    let wanted: Vec<&[u8]> = text.as_bytes().split(|&byte| byte == b'\n').collect();
    let line = there
        .iter()
        .zip(&wanted)
        .position(|(there, wanted)| there != wanted)
        .unwrap_or(there.len().min(wanted.len()));
    let line_of = |lines: &[&[u8]]| lines.get(line).map(|line| line.to_vec());
    let (there, wanted) = (line_of(&there), line_of(&wanted));
    let same = match (&there, &wanted) {
        (Some(there), Some(wanted)) => there.iter().zip(wanted).take_while(|(a, b)| a == b).count(),
        _ => 0,
    };
    // A page has lines that nobody wants to see whole.
    let shown = |line: Option<Vec<u8>>| match line {
        Some(line) => {
            let from = same.saturating_sub(BEFORE);
            let cut = if from > 0 { "…" } else { "" };
            let rest = String::from_utf8_lossy(&line[from..]);
            format!("`{cut}{}`", one_line(&rest, SHOWN))
        }
        None => "its end".to_owned(),
    };
    Some(format!(
        "differs in line {}: {} where {} is made of the published runs",
        line + 1,
        shown(there),
        shown(wanted)
    ))
}
