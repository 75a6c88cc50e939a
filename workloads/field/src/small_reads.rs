//! Many small files, each read by itself.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// Files that each branch reads.
const FILES: u64 = 100;
/// Numbers in a file, of eight bytes each.
const NUMBERS: u64 = 128;

/// n branches. Each reads a hundred files of a kilobyte, one after the other, by the runtime's own call: on most runtimes
/// each of them is handed to the blocking pool by itself, and the answer handed back.
#[derive(Clone, Copy, Debug)]
pub struct SmallReads;

impl Workload for SmallReads {
    fn prepare(self, env: &Env) -> Result<(), String> {
        (0..FILES).try_for_each(|file| {
            let path = path(&env.folder, file);
            prepare(&path, file)
                .map_err(|error| format!("cannot write {}: {error}", path.display()))
        })
    }

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let mut answer = mix(env.nonce, index as u64);
        for file in 0..FILES {
            let path = path(&env.folder, file);
            let bytes = R::read_file(path.clone())
                .await
                .unwrap_or_else(|error| panic!("field/small-reads: {}: {error}", path.display()));
            let (numbers, _) = bytes.as_chunks();
            answer = numbers.iter().fold(answer, |answer, bytes| {
                mix(answer, u64::from_le_bytes(*bytes))
            });
        }
        answer
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        (0..FILES).flat_map(numbers).fold(seed, mix)
    }
}

fn path(folder: &Path, file: u64) -> PathBuf {
    folder.join(format!("small-1-{file}"))
}

fn numbers(file: u64) -> impl Iterator<Item = u64> {
    (0..NUMBERS).map(move |number| mix(file, number))
}

fn prepare(path: &Path, file: u64) -> io::Result<()> {
    if path.try_exists()? {
        return Ok(());
    }
    // Another process of the run must find all of it or nothing.
    let unfinished = path.with_extension(format!("{}.unfinished", process::id()));
    let bytes: Vec<u8> = numbers(file).flat_map(u64::to_le_bytes).collect();
    fs::write(&unfinished, bytes)?;
    fs::rename(unfinished, path)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        let folder = tempfile::tempdir().unwrap();
        let env = Env {
            folder: Arc::from(folder.path()),
            ..env()
        };
        Answers::of(SmallReads, &env).are_expected_and_differ();
        // Every byte of every file is looked at.
        let before = Answers::one(SmallReads, &env, 0);
        for file in [0, FILES - 1] {
            let path = path(folder.path(), file);
            let whole = fs::read(&path).unwrap();
            for byte in [0, whole.len() - 1] {
                let mut spoilt = whole.clone();
                spoilt[byte] ^= 1;
                fs::write(&path, spoilt).unwrap();
                assert_ne!(Answers::one(SmallReads, &env, 0), before);
            }
            fs::write(&path, whole).unwrap();
        }
        assert_eq!(Answers::one(SmallReads, &env, 0), before);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), FILES as usize);
    }
}
