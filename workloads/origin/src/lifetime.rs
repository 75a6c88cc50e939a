//! How long the origin lives.

use std::{io, process, thread};

/// Ends the process once standard input does.
///
/// Whoever starts the origin holds the other end of its standard input. The kernel closes that end
/// when the holder goes, however it goes, so an origin never outlives its harness, not even one that
/// was killed.
pub(crate) fn end_with_standard_input() {
    thread::spawn(|| {
        // An input that cannot be read has ended too.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        process::exit(0);
    });
}
