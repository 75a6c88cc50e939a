//! The store: a table of records, made once for a run and opened read-only by each process.

use std::{io, path::Path, process, sync::OnceLock};

use cdb2::{CDB, CDBWriter};
use workload_api::mix;

/// Records in the store.
const RECORDS: u64 = 1024;

/// The length of a record in words of eight bytes.
const WORDS: u64 = 32;

/// Opened once a process. What a record holds depends on its key alone, so a store in one folder is
/// like a store in another.
static STORE: OnceLock<CDB> = OnceLock::new();

/// Makes the store in `folder` if it is missing, and opens it.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    if STORE.get().is_some() {
        return Ok(());
    }
    let path = folder.join("store-1.cdb");
    if !path.try_exists()? {
        create(&path)?;
    }
    let store = CDB::open(path)?;
    STORE.get_or_init(|| store);
    Ok(())
}

fn create(path: &Path) -> io::Result<()> {
    // Another process of the run must find all of it or nothing: it is renamed when it is whole.
    let unfinished = path.with_extension(format!("{}.unfinished", process::id()));
    let mut store = CDBWriter::with_filenames(path, unfinished)?;
    for key in 0..RECORDS {
        store.add(&key.to_le_bytes(), &record(key))?;
    }
    store.finish()
}

/// Reads the record that `seed` points to. Blocks.
pub(super) fn read(seed: u64) -> io::Result<Vec<u8>> {
    let store = STORE
        .get()
        .expect("`prepare` runs before any branch and opens the store");
    found(store, seed % RECORDS)
}

fn found(store: &CDB, key: u64) -> io::Result<Vec<u8>> {
    store
        .get(&key.to_le_bytes())
        .unwrap_or_else(|| Err(io::Error::new(io::ErrorKind::NotFound, "no such record")))
}

/// What the record that `seed` points to holds.
pub(super) fn record(seed: u64) -> Vec<u8> {
    let key = seed % RECORDS;
    (0..WORDS)
        .flat_map(|word| mix(key, word).to_le_bytes())
        .collect()
}

/// Takes in every byte.
pub(super) fn fingerprint(record: &[u8]) -> u64 {
    record.iter().fold(record.len() as u64, |print, byte| {
        mix(print, (*byte).into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_made_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        create(&path).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let store = CDB::open(path).unwrap();
        for key in 0..RECORDS {
            assert_eq!(found(&store, key).unwrap(), record(key));
        }
        let missing = found(&store, RECORDS).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn every_byte_changes_the_fingerprint() {
        let of = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut record = record(3);
            change(&mut record);
            fingerprint(&record)
        };
        let plain = of(&|_| ());
        assert_ne!(of(&|r| r[0] ^= 1), plain);
        assert_ne!(of(&|r| r[255] ^= 1), plain);
        assert_ne!(of(&|r| r.swap(0, 1)), plain);
    }
}
