//! Where the events of a record lie: in `samples.jsonl`, to which a run appends, or compressed in
//! `samples.jsonl.gz`, as it is published. What is read is the same lines either way.

use std::{
    io::{self, BufReader, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder, bufread::MultiGzDecoder};

use super::{EVENTS, PACKED, Problem, Seal, sum};
use crate::plain_file;

/// The file that holds the events of a record.
#[derive(Debug)]
pub struct Samples {
    /// Where it lies.
    pub path: PathBuf,
    /// Whether it is compressed.
    pub packed: bool,
}

impl Samples {
    /// That of the record in a folder; the plain one where there is none.
    ///
    /// # Errors
    ///
    /// When there are both, and which of them to remove.
    pub fn of(folder: &Path) -> Result<Self, Problem> {
        let [plain, packed] = [(EVENTS, false), (PACKED, true)].map(|(name, packed)| Self {
            path: folder.join(name),
            packed,
        });
        match (plain.path.exists(), packed.path.exists()) {
            (true, true) => Err(one_too_many(folder, &plain, &packed)),
            (false, true) => Ok(packed),
            (_, false) => Ok(plain),
        }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        if self.packed { PACKED } else { EVENTS }
    }

    /// Opens it, to read the lines as they were recorded.
    pub fn open(&self) -> io::Result<Box<dyn Read>> {
        let file = plain_file::open(&self.path)?;
        Ok(match self.packed {
            true => Box::new(MultiGzDecoder::new(BufReader::new(file))),
            false => Box::new(file),
        })
    }

    /// All lines as they were recorded.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// What is said where it cannot be read.
    pub fn unreadable(&self, error: &io::Error) -> Problem {
        let damaged = matches!(
            error.kind(),
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof
        );
        let why = match self.packed && damaged {
            true => {
                format!(
                    "it is damaged, no whole gzip file: {error}; take it again from where it was published"
                )
            }
            false => format!("cannot read it: {error}"),
        };
        Problem::of(&self.path, why)
    }
}

/// What is said where the events are there twice: the one to remove is the one that is not what was sealed; of the same
/// lines the longer file; and where nothing was sealed the one that no run writes.
fn one_too_many(folder: &Path, plain: &Samples, packed: &Samples) -> Problem {
    let (ours, theirs) = (plain.read().ok(), packed.read().ok());
    let sealed = Seal::open(folder).ok().flatten();
    let is_sealed = |bytes: &Option<Vec<u8>>| {
        let sums = bytes.as_ref().zip(sealed.as_ref());
        sums.is_some_and(|(bytes, seal)| sum(bytes) == seal.sha256.samples)
    };
    let (why, remove) = if ours.is_some() && ours == theirs {
        ("hold the same", plain)
    } else {
        match (is_sealed(&ours), is_sealed(&theirs)) {
            (true, _) => ("differ, and the first is what was sealed", packed),
            (_, true) => ("differ, and the second is what was sealed", plain),
            _ => ("differ, and a run writes the first", packed),
        }
    };
    Problem::of(
        folder,
        format!("its {EVENTS} and {PACKED} {why}: remove {}", remove.name()),
    )
}

/// Compresses what is read. The same bytes become the same file: its head names no time and no system.
pub fn pack(from: &mut impl Read, to: impl Write) -> io::Result<()> {
    const UNKNOWN: u8 = 255;
    let mut packing = GzBuilder::new()
        .mtime(0)
        .operating_system(UNKNOWN)
        .write(to, Compression::best());
    io::copy(from, &mut packing)?;
    packing.finish()?.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        pack(&mut &bytes[..], &mut out).unwrap();
        out
    }

    const LINES: &[u8] = b"{\"event\":\"a\"}\n{\"event\":\"b\"}\n{\"event\":\"a\"}\n";

    /// RFC 1952: the magic, deflate, no flags, no time, the slowest compression, no system.
    #[test]
    fn the_same_bytes_become_the_same_file() {
        let once = packed(LINES);
        assert_eq!(once, packed(LINES));
        assert_eq!(once[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
        // Its last eight bytes are the CRC-32 and the length of what was compressed.
        let length = u32::try_from(LINES.len()).unwrap();
        assert_eq!(once[once.len() - 4..], length.to_le_bytes());
    }

    /// What comes of a file of these bytes.
    fn read(bytes: &[u8]) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(PACKED), bytes).unwrap();
        let samples = Samples::of(folder.path()).unwrap();
        assert_eq!(samples.name(), PACKED);
        samples
            .read()
            .map_err(|error| samples.unreadable(&error).to_string())
    }

    /// Wherever it is cut, and wherever a bit of it is another: told, or the lines are what they were.
    #[test]
    fn damage_anywhere_is_told_or_harmless() {
        let whole = packed(LINES);
        assert_eq!(read(&whole).unwrap(), LINES);
        let told = |bytes: &[u8], what: &str| {
            let said = read(bytes).expect_err(what);
            let clear = said.contains(".gz: it is damaged, no whole gzip file: ");
            assert!(clear && said.lines().count() == 1, "{what}: {said}");
        };
        for end in 0..whole.len() {
            told(&whole[..end], &format!("cut at {end}"));
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut wrong = whole.clone();
                wrong[at] ^= 1 << bit;
                // Some bits say nothing of the lines: the time, the system, what pads the last byte.
                if !read(&wrong).is_ok_and(|lines| lines == LINES) {
                    told(&wrong, &format!("bit {bit} of {at}"));
                }
            }
        }
        told(&[&whole[..], b"more"].concat(), "something behind it");
        // Files behind one another are one, as for zcat.
        let twice = read(&[&whole[..], &whole].concat()).unwrap();
        assert_eq!(twice, [LINES, LINES].concat());
    }
}
