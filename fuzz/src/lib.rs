//! What fuzz targets share: a record that is read in every way.

use std::{fs, path::PathBuf, sync::OnceLock};

use harness_judge::check::check;
use harness_record::bundle::Bundle;
use harness_report::{Report, csv, markdown, summary, terminal};
use tempfile::TempDir;

/// A folder in memory, where the system has one: it is written thousands of times.
fn folder() -> PathBuf {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let made = if memory.is_dir() {
            TempDir::new_in(memory)
        } else {
            TempDir::new()
        };
        made.expect("a folder for the record")
    });
    folder.path().to_owned()
}

/// Whatever stands in the two files: `check` and every reader come to an end, and what `check` finds sound can be read.
///
/// # Panics
///
/// When it is not so.
pub fn read(run: &[u8], samples: &[u8]) {
    let folder = folder();
    fs::write(folder.join("run.json"), run).expect("it can be written");
    fs::write(folder.join("samples.jsonl"), samples).expect("it can be written");
    let checked = check(&folder);
    let is_sound = checked.found.is_some();
    assert_eq!(
        is_sound,
        checked.problems.is_empty(),
        "sound, or something is wrong"
    );
    for problem in &checked.problems {
        let text = problem.to_string();
        assert_eq!(text.lines().count(), 1, "a problem is one line: {text:?}");
    }
    let bundle = match Bundle::read(&folder) {
        Ok(bundle) => bundle,
        Err(error) => {
            assert!(
                !is_sound,
                "check finds nothing, and it cannot be read: {error:#}"
            );
            return;
        }
    };
    let report = Report::of(&bundle);
    serde_json::to_string(&report).expect("a report is JSON");
    let place = summary::Place {
        folder: &folder,
        called: "harness",
        width: 100,
        newest: true,
    };
    drop(summary::of(&bundle, &report, &place));
    drop(terminal::of(&bundle, &report, 100));
    drop(markdown::of(&report, &bundle.plan));
    csv::of(&report).expect("a report is a table");
}
