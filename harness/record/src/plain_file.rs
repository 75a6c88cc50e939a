//! Reading files that a folder of somebody else's holds: what is no plain file there, a pipe or a device, may have no
//! end, or wait for ever for somebody to write to it.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

/// Opens a plain file, or what a link to one leads to.
///
/// # Errors
///
/// When it is none, or cannot be read.
pub fn open(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::other("it is no plain file"))
    }
}

/// All that is in it.
///
/// # Errors
///
/// As [`open`].
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
