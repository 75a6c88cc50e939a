//! Writing a record, so that a kill at any moment leaves one that can be read and gone on with.
//!
//! A folder appears under its name with the whole head and an empty list of events, in one step. Each
//! event is one write, so a process that is killed leaves at most its last line short: what was written
//! is the kernel's, and not lost with the process. Only a machine that loses its power can lose it, so
//! the head, the end of each block, and the end of the run are flushed to the disk before anything goes
//! on. That comes between blocks, when nothing is measured; left to the kernel it would come within one.

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};

use super::{
    Bundle, EVENTS, Event, HEADER, Header, PACKED, header,
    private::Private,
    reader::{Files, Whole},
    seal::{self, sum},
};
use crate::{
    replace::{leads_to, replace},
    text::fit,
};

/// Digits of what a machine is in the name of a share.
const HOST_DIGITS: usize = 6;

/// What a record is called: when it began, and the low bits of its seed.
#[must_use]
pub fn name(started: &str, seed: u64) -> String {
    let plain = started.chars().filter(|c| !":-".contains(*c));
    let stamp: String = plain.take(15).collect();
    format!("{stamp}-{:x}", seed & 0xffff)
}

/// A name, or where others have that, the same with a number behind it: `NAME`, `NAME-2`, `NAME-3`.
#[must_use]
pub fn numbered(name: &str, number: usize) -> String {
    match number {
        1 => name.to_owned(),
        number => format!("{name}-{number}"),
    }
}

/// The same of a head. The shares of a plan have one seed, may begin in one second, and are brought to one folder: so behind
/// it stand some digits of what the machine is, and which share it is.
fn name_of(header: &Header) -> String {
    let name = name(&header.started, header.options.seed);
    match header.options.partition {
        None => name,
        Some(partition) => {
            // Which is made of strings and numbers, and has a JSON form.
            let host = serde_json::to_vec(&header.host).unwrap_or_default();
            let host = &sum(&host)[..HOST_DIGITS];
            format!("{name}-{host}-{}-of-{}", partition.share(), partition.of())
        }
    }
}

/// Appends a run to its folder.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    events: File,
    private: Private,
    /// The same run, as a reader would see it.
    pub bundle: Bundle,
}

impl Recorder {
    /// Starts a record under `results`, in a folder named after the time and the seed; with a number behind it where
    /// another run of this second has that name.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made or written.
    pub fn create(results: &Path, header: Header) -> anyhow::Result<Self> {
        let header = header.scrubbed();
        let name = name_of(&header);
        let cannot = |folder: &Path| format!("cannot write the record {}", folder.display());
        fs::create_dir_all(results).with_context(|| cannot(&results.join(&name)))?;
        let mut number = 1;
        let folder = loop {
            let name = numbered(&name, number);
            let folder = results.join(&name);
            if place(results, &name, &header).with_context(|| cannot(&folder))? {
                break folder;
            }
            number += 1;
        };
        flush_folder(results).with_context(|| cannot(&folder))?;
        Ok(Self {
            events: open(&folder)?,
            folder,
            private: Private::here(),
            bundle: Bundle::new(header),
        })
    }

    /// Where the record lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Adds one event.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn add(&mut self, mut event: Event) -> anyhow::Result<()> {
        for text in event.texts() {
            self.private.scrub(text);
        }
        let mut line = serde_json::to_vec(&event)?;
        if let Cow::Owned(fit) = fit(&line) {
            event = Event::of_line(&fit)?;
            line = fit;
        }
        line.push(b'\n');
        let flush = matches!(
            event,
            Event::Comparisons { .. }
                | Event::Block { .. }
                | Event::Resumed { .. }
                | Event::End { .. }
        );
        self.events
            .write_all(&line)
            .and_then(|()| {
                if flush {
                    self.events.sync_data()
                } else {
                    Ok(())
                }
            })
            .with_context(|| format!("cannot append to {}", self.folder.join(EVENTS).display()))?;
        let is_costly = flush || matches!(event, Event::Cost(_));
        self.bundle.add(event);
        if is_costly { self.is_there() } else { Ok(()) }
    }

    /// That what is written can be found: a folder that somebody removed or moved takes all that is written, and
    /// nobody would ever see it.
    fn is_there(&self) -> anyhow::Result<()> {
        let whole =
            leads_to(&self.folder.join(EVENTS), &self.events) && self.folder.join(HEADER).is_file();
        ensure!(
            whole,
            "the record {} has gone: somebody removed or moved it, or a part of it, while the run went on",
            self.folder.display()
        );
        Ok(())
    }

    /// Seals the record, which has come to its end.
    ///
    /// # Errors
    ///
    /// When the seal cannot be written.
    pub fn seal(&mut self) -> anyhow::Result<()> {
        seal(&self.folder)?;
        self.bundle.sealed = true;
        Ok(())
    }
}

/// Puts the folder of a record that begins into its place, whole; false where something has its name.
fn place(results: &Path, name: &str, header: &Header) -> anyhow::Result<bool> {
    let folder = results.join(name);
    if folder.symlink_metadata().is_ok() {
        return Ok(false);
    }
    // Under another name first: a reader finds both files, and the whole head, or no folder.
    let draft = results.join(format!(".{name}.part"));
    match fs::create_dir(&draft) {
        // Another harness is about to take the name, or was killed then.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        made => made?,
    }
    let placed = begin(&draft, header).and_then(|()| match fs::rename(&draft, &folder) {
        // Since we looked.
        Err(_) if folder.is_dir() => Ok(false),
        renamed => Ok(renamed.map(|()| true)?),
    });
    if !matches!(placed, Ok(true)) {
        // What cannot be written may not be removable either.
        let _ = fs::remove_dir_all(&draft);
    }
    placed
}

fn begin(folder: &Path, header: &Header) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec_pretty(header)?;
    text.push(b'\n');
    let mut head = File::create_new(folder.join(HEADER))?;
    head.write_all(&text)?;
    head.sync_all()?;
    File::create_new(folder.join(EVENTS))?.sync_all()?;
    Ok(flush_folder(folder)?)
}

/// Writes a record whose events are all there, under the name that it has as a run, and seals it. It takes its place when
/// it is whole, and `sound` finds nothing wrong with it. One that lies there already and is the same is left as it is;
/// beside others it has a number behind its name.
///
/// # Errors
///
/// When it cannot be written; and those of `sound`.
pub fn assemble(
    results: &Path,
    header: &Header,
    events: &[Event],
    sound: impl Fn(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    let name = name_of(header);
    let cannot = || format!("cannot write the record {}", results.join(&name).display());
    let draft = results.join(format!(".{name}.part"));
    fs::create_dir_all(results).with_context(cannot)?;
    // What a kill left of another try.
    if draft.exists() {
        fs::remove_dir_all(&draft).with_context(cannot)?;
    }
    fs::create_dir(&draft).with_context(cannot)?;
    let write = || {
        begin(&draft, header)?;
        let mut lines = Vec::new();
        for event in events {
            serde_json::to_writer(&mut lines, event)?;
            lines.push(b'\n');
        }
        replace(&draft.join(EVENTS), &lines)?;
        seal(&draft)?;
        sound(&draft)?;
        // The seal holds the sums of both files.
        let sealed = |folder: &Path| fs::read(folder.join(seal::SEAL)).ok();
        for folder in (1..).map(|number| results.join(numbered(&name, number))) {
            if !folder.exists() {
                fs::rename(&draft, &folder)?;
                flush_folder(results)?;
                return Ok(folder);
            }
            if sealed(&folder) == sealed(&draft) {
                return Ok(folder);
            }
        }
        bail!("there are too many records of this name");
    };
    let written = write().with_context(cannot);
    if draft.exists() {
        // What cannot be written may not be removable either.
        let _ = fs::remove_dir_all(&draft);
    }
    written
}

fn seal(folder: &Path) -> anyhow::Result<()> {
    seal::write(folder).with_context(|| format!("cannot seal the record {}", folder.display()))
}

/// That a file is there is said by its folder. Windows cannot flush one.
pub fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Opens the events to append to them, for us alone.
fn open(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join(EVENTS);
    let events = File::options().append(true).open(&path);
    let events = events.with_context(|| format!("cannot append to {}", path.display()))?;
    // Elsewhere a lock would keep readers out too.
    if cfg!(unix) && matches!(events.try_lock(), Err(fs::TryLockError::WouldBlock)) {
        bail!(
            "another harness is recording in {}: wait for it, or stop it",
            folder.display()
        );
    }
    Ok(events)
}

/// Why a compressed record is not gone on with.
fn packed(folder: &Path) -> anyhow::Error {
    let path = folder.join(PACKED);
    anyhow::anyhow!(
        "{}: it is compressed, and a run goes on by appending to {EVENTS}: `gunzip {}` first",
        path.display(),
        path.display()
    )
}

/// A record that may be gone on with. Nothing of it has been changed yet.
#[derive(Debug)]
pub struct Reopened {
    folder: PathBuf,
    /// None of a record that was packed, to which nothing is appended.
    events: Option<File>,
    whole: u64,
    cut: u64,
    /// What is there.
    pub bundle: Bundle,
}

impl Reopened {
    /// Opens the record in a folder, and keeps other harnesses from it.
    ///
    /// # Errors
    ///
    /// As [`Bundle::read`], when it cannot be written, or when it is not complete and is compressed.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        // First what is no record at all.
        let samples = Files::are_there(folder)?;
        let file = match samples.packed {
            true => None,
            false => Some(open(folder)?),
        };
        let Whole { bundle, events } = Whole::read(folder)?;
        if samples.packed && bundle.ended != Some(false) {
            return Err(packed(folder));
        }
        Ok(Self {
            folder: folder.to_owned(),
            events: file,
            whole: events.whole,
            cut: events.len - events.whole,
            bundle,
        })
    }

    /// Bytes of a last line that a kill cut short.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.cut
    }

    /// Seals it, as its run would have done if nothing had killed it between its end and its seal.
    ///
    /// # Errors
    ///
    /// When the seal cannot be written.
    pub fn seal(&mut self) -> anyhow::Result<()> {
        seal(&self.folder)?;
        self.bundle.sealed = true;
        Ok(())
    }

    /// Goes on with it: takes away a line that was cut short, and records that it goes on.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn resume(self) -> anyhow::Result<Recorder> {
        let path = self.folder.join(EVENTS);
        let cannot = || format!("cannot go on with {}", path.display());
        let Some(events) = self.events else {
            return Err(packed(&self.folder));
        };
        match fs::remove_file(self.folder.join(seal::SEAL)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(cannot);
            }
            _ => {}
        }
        if self.cut > 0 {
            let file = File::options().write(true).open(&path);
            file.and_then(|file| file.set_len(self.whole))
                .with_context(cannot)?;
        }
        let mut recorder = Recorder {
            folder: self.folder,
            events,
            private: Private::here(),
            bundle: self.bundle,
        };
        let at = header::now();
        recorder.add(Event::Resumed { at })?;
        Ok(recorder)
    }
}
