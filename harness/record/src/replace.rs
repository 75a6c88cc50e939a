//! Files that are there whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

/// Writes a file under another name first, hidden beside its place, and then puts it there: whoever opens it finds
/// all of it, or what was there before.
///
/// # Errors
///
/// When it cannot be written; then nothing of it is left.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.part"));
    let written = File::create(&draft)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // It may not be there, and what went wrong is said below.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Whether a path still leads to the file that was opened there, which whoever has it open can write to even if it does
/// not: somebody removed it, or moved a folder around it.
#[must_use]
pub fn leads_to(path: &Path, opened: &File) -> bool {
    let (Ok(there), Ok(ours)) = (fs::metadata(path), opened.metadata()) else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        (there.dev(), there.ino()) == (ours.dev(), ours.ino())
    }
    // Elsewhere what is open cannot be removed.
    #[cfg(not(unix))]
    {
        there.is_file() && ours.is_file()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_file_that_was_removed_or_replaced_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let file = File::create(&path).unwrap();
        assert!(leads_to(&path, &file));
        fs::rename(&path, folder.path().join("moved")).unwrap();
        assert!(!leads_to(&path, &file));
        fs::write(&path, "another").unwrap();
        assert!(!leads_to(&path, &file));
        assert!(leads_to(&folder.path().join("moved"), &file));
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let names = || -> Vec<_> {
            let entries = fs::read_dir(folder.path()).unwrap();
            entries.map(|entry| entry.unwrap().file_name()).collect()
        };
        let path = folder.path().join("trace.json");
        replace(&path, b"first").unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(), ["trace.json"]);
        assert!(replace(&folder.path().join("none/trace.json"), b"").is_err());
        // Where it cannot be put in its place the draft goes too.
        fs::create_dir_all(folder.path().join("taken/inside")).unwrap();
        assert!(replace(&folder.path().join("taken"), b"").is_err());
        assert_eq!(names().len(), 2);
    }
}
