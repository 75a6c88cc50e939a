//! The lines of a record in order, read piece by piece: to be judged, a long record is never in memory as text, and
//! every core takes some of its lines apart.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::seal::hexadecimal;
use crate::shared::on_all_cores;

/// Bytes that are read at once.
const PIECE: u64 = 8 << 20;
/// A core that would get fewer bytes than this is not asked: to ask it takes longer.
const SHARE: usize = 256 << 10;

/// What a file was found to be.
#[derive(Debug)]
pub(super) struct Streamed {
    /// Its bytes.
    pub(super) len: u64,
    /// The bytes of its lines. What comes behind the last line's end was cut short.
    pub(super) whole: u64,
    /// Its SHA-256 in hexadecimal, if that was asked for.
    pub(super) sha256: Option<String>,
}

/// What stopped the reading.
#[derive(Debug)]
pub(super) enum Stopped<E> {
    /// The file could not be read.
    Io(io::Error),
    /// What takes the lines wants no more.
    Taken(E),
}

/// Takes each whole line of a file apart, on all cores, and hands over what came of it, in order. Lines are
/// counted from 1.
pub(super) fn lines<T: Send, E>(
    mut file: impl Read,
    summed: bool,
    apart: impl Fn((usize, &[u8])) -> T + Sync,
    mut take: impl FnMut((usize, T)) -> Result<(), E>,
) -> Result<Streamed, Stopped<E>> {
    let mut sum = summed.then(Sha256::new);
    let (mut piece, mut number) = (Vec::new(), 1);
    let (mut len, mut whole) = (0, 0);
    loop {
        let had = piece.len();
        let read = (&mut file).take(PIECE).read_to_end(&mut piece);
        if read.map_err(Stopped::Io)? == 0 {
            break;
        }
        len += (piece.len() - had) as u64;
        if let Some(sum) = &mut sum {
            sum.update(&piece[had..]);
        }
        // What was carried over has no end of a line in it.
        let end = piece[had..].iter().rposition(|byte| *byte == b'\n');
        let Some(end) = end.map(|end| had + end) else {
            continue;
        };
        let here: Vec<(usize, &[u8])> = (number..)
            .zip(piece[..=end].split_inclusive(|byte| *byte == b'\n'))
            .collect();
        for (line, parts) in
            (number..).zip(on_all_cores(&here, end / SHARE + 1, |line| apart(*line)))
        {
            take((line, parts)).map_err(Stopped::Taken)?;
        }
        number += here.len();
        whole += end as u64 + 1;
        piece.drain(..=end);
    }
    Ok(Streamed {
        len,
        whole,
        sha256: sum.map(|sum| hexadecimal(&sum.finalize())),
    })
}

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Write as _};

    use super::*;
    use crate::bundle::sum;

    fn file(bytes: &[u8]) -> File {
        let named = tempfile::NamedTempFile::new().unwrap();
        named.as_file().write_all(bytes).unwrap();
        named.reopen().unwrap()
    }

    /// Every line with its number, and what the file was.
    fn read(bytes: &[u8]) -> (Vec<(usize, Vec<u8>)>, Streamed) {
        let mut all = Vec::new();
        let streamed = lines(
            file(bytes),
            true,
            |(number, line)| (number, line.to_vec()),
            |(number, (same, line))| {
                assert_eq!(number, same);
                all.push((number, line));
                Ok::<(), ()>(())
            },
        );
        (all, streamed.unwrap())
    }

    #[test]
    fn lines_come_in_order_and_what_was_cut_short_does_not_come() {
        let (lines, streamed) = read(b"a\n\nbc\nd");
        assert_eq!(
            lines,
            [
                (1, b"a\n".to_vec()),
                (2, b"\n".to_vec()),
                (3, b"bc\n".to_vec())
            ]
        );
        assert_eq!((streamed.whole, streamed.len), (6, 7));
        assert_eq!(streamed.sha256, Some(sum(b"a\n\nbc\nd")));
        let (lines, streamed) = read(b"");
        assert_eq!((lines.len(), streamed.whole, streamed.len), (0, 0, 0));
        assert_eq!(read(b"half").1.whole, 0);
    }

    /// Lines that lie across the end of a piece, one that is longer than a piece, and pieces that are shared out.
    #[test]
    fn pieces_are_joined() {
        let mut bytes = Vec::new();
        let mut written = 0_usize;
        while bytes.len() < 2 * PIECE as usize {
            writeln!(bytes, "{written:0width$}", width = 1 + written % 977).unwrap();
            written += 1;
        }
        let long = vec![b'x'; PIECE as usize + 7];
        bytes.extend_from_slice(&long);
        bytes.push(b'\n');
        let (lines, streamed) = read(&bytes);
        assert_eq!(lines.len(), written + 1);
        for (index, (number, line)) in lines.iter().take(written).enumerate() {
            let text = std::str::from_utf8(line).unwrap();
            assert_eq!((*number, text.trim_end().parse()), (index + 1, Ok(index)));
        }
        assert_eq!(lines[written].1.len(), long.len() + 1);
        assert_eq!(streamed.whole, bytes.len() as u64);
        assert_eq!(streamed.sha256, Some(sum(&bytes)));
    }

    #[test]
    fn who_wants_no_more_gets_no_more() {
        let mut taken = Vec::new();
        let stopped = lines(
            file(b"1\n2\n3\n"),
            false,
            |(number, _)| number,
            |(number, _)| {
                taken.push(number);
                if number == 2 { Err("enough") } else { Ok(()) }
            },
        );
        assert!(matches!(stopped, Err(Stopped::Taken("enough"))));
        assert_eq!(taken, [1, 2]);
    }
}
