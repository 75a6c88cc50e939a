//! Folders for what is needed only while we run.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

/// Those that are there. Who holds the lock makes or removes one.
static THERE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn there() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    THERE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder in the system's temporary one. It is gone when this is dropped, and also when a second signal ends this
/// process at once.
#[derive(Debug)]
pub struct Scratch(TempDir);

impl Scratch {
    /// An empty one.
    ///
    /// # Errors
    ///
    /// When it cannot be made, or its path is no text: adapters are told of it in JSON.
    pub fn new() -> anyhow::Result<Self> {
        let parent = env::temp_dir();
        ensure!(
            parent.to_str().is_some(),
            "the folder for temporary files is called {}, which is not UTF-8, and adapters could not be told of it: \
             set TMPDIR to another",
            parent.display()
        );
        let mut all = there();
        let folder = tempfile::Builder::new().prefix("harness-").tempdir();
        let folder =
            folder.with_context(|| format!("cannot make a folder in {}", parent.display()))?;
        all.insert(folder.path().to_owned());
        Ok(Self(folder))
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let mut all = there();
        // While the lock is held, so that a signal finds it in the list or gone. What cannot be removed stays.
        let _ = fs::remove_dir_all(self.path());
        all.remove(self.path());
    }
}

/// Removes all of them. Nobody makes another until what is returned is dropped.
pub(crate) fn remove_all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    let all = there();
    for folder in all.iter() {
        // What cannot be removed stays, and nobody is left to be told.
        let _ = fs::remove_dir_all(folder);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_with_whoever_made_it() {
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        assert!(path.is_dir() && there().contains(&path));
        drop(scratch);
        assert!(!path.exists() && !there().contains(&path));
    }
}
