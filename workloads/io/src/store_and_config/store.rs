//! The store: a table of records, made once for a run and opened read-only by each process.

use std::{fs, io, path::Path, process, sync::OnceLock};

use redb::{Database, ReadOnlyDatabase, ReadableDatabase, TableDefinition};
use workload_api::mix;

const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");

/// Records in the store.
const RECORDS: u64 = 1024;

/// The length of a record in words of eight bytes.
const WORDS: u64 = 32;

/// Opened once a process. What a record holds depends on its key alone, so a store in one folder is
/// like a store in another.
static STORE: OnceLock<ReadOnlyDatabase> = OnceLock::new();

/// Makes the store in `folder` if it is missing, and opens it.
pub(super) fn prepare(folder: &Path) -> Result<(), redb::Error> {
    if STORE.get().is_some() {
        return Ok(());
    }
    let path = folder.join("store-1.redb");
    if !path.try_exists()? {
        // Another process of the run must find all of it or nothing.
        let unfinished = folder.join(format!("store-1.{}.unfinished", process::id()));
        create(&unfinished)?;
        fs::rename(unfinished, &path)?;
    }
    let store = ReadOnlyDatabase::open(path)?;
    STORE.get_or_init(|| store);
    Ok(())
}

fn create(path: &Path) -> Result<(), redb::Error> {
    let store = Database::create(path)?;
    let write = store.begin_write()?;
    {
        let mut table = write.open_table(TABLE)?;
        for key in 0..RECORDS {
            table.insert(key, record(key).as_slice())?;
        }
    }
    write.commit()?;
    Ok(())
}

/// Reads the record that `seed` points to. Blocks.
pub(super) fn read(seed: u64) -> Result<Vec<u8>, redb::Error> {
    let store = STORE
        .get()
        .expect("`prepare` runs before any branch and opens the store");
    let table = store.begin_read()?.open_table(TABLE)?;
    let found = table.get(seed % RECORDS)?;
    found
        .map(|record| record.value().to_vec())
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such record").into())
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
        let store = ReadOnlyDatabase::open(path).unwrap();
        let table = store.begin_read().unwrap().open_table(TABLE).unwrap();
        for key in [0, 1, RECORDS - 1] {
            assert_eq!(table.get(key).unwrap().unwrap().value(), record(key));
        }
        assert!(table.get(RECORDS).unwrap().is_none());
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
