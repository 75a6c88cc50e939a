//! Reading a record again, whole or cut short by a kill.

use super::{
    Bundle, Event, HEADER, Header, Problem, READS_OLDER, SCHEMA, Samples, Seal, problem,
    shape::{self, Found},
    stream::{self, Stopped, Streamed},
};
use crate::{plain_file, plan::MOST_WORKERS, text::fit};
use serde_json::Value;
use std::{
    borrow::Cow,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// So many texts of a head are said to hold what no screen should get: each is looked for from the beginning.
const MOST_FOUND: usize = 100;

/// The two files, as they lie there.
#[derive(Debug)]
pub struct Files {
    /// The head: where it lies, and its bytes.
    pub run: (PathBuf, Vec<u8>),
    /// The events: where they lie, and their lines as they were recorded, once they are read.
    pub samples: (Samples, Vec<u8>),
}

impl Files {
    /// The head as it lies there, and where the events are.
    pub fn begin(folder: &Path) -> Result<Self, Problem> {
        let path = folder.join(HEADER);
        let run = plain_file::read(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Problem::of(
                folder,
                format!(
                    "this is no record of a run: it has no {HEADER}; `harness run` names the folder that \
                     it writes"
                ),
            ),
            _ => unreadable(&path, &error),
        })?;
        Ok(Self {
            run: (path, run),
            samples: (Samples::of(folder)?, Vec::new()),
        })
    }

    /// Both, whole.
    pub fn open(folder: &Path) -> Result<Self, Problem> {
        let mut files = Self::begin(folder)?;
        let samples = files.samples.0.read();
        files.samples.1 = samples.map_err(|error| files.missing(&error))?;
        Ok(files)
    }

    /// Where the events are, if both can be read: what is no record at all is told so before anything else is tried.
    pub fn are_there(folder: &Path) -> Result<Samples, Problem> {
        let files = Self::begin(folder)?;
        match files.samples.0.open() {
            Ok(_) => Ok(files.samples.0),
            Err(error) => Err(files.missing(&error)),
        }
    }

    /// What is said where the events cannot be read. A head that makes no sense comes before what is missing
    /// beside it.
    fn missing(&self, error: &io::Error) -> Problem {
        let wrong = self.head(false).err();
        wrong
            .and_then(|wrong| wrong.into_iter().next())
            .unwrap_or_else(|| self.samples.0.unreadable(error))
    }

    /// The lines that have an end, with their numbers. A last line without its end was cut short, perhaps
    /// within a character.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let end = self.samples.1.iter().rposition(|byte| *byte == b'\n');
        self.samples.1[..end.map_or(0, |end| end + 1)]
            .split_inclusive(|byte| *byte == b'\n')
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// The text of the head, and what it holds: in the version that this harness reads.
    fn text(&self) -> Result<(&str, Value), Problem> {
        let at = |line, field, why| self.at_head(line, field, why);
        let text = str::from_utf8(&self.run.1)
            .map_err(|error| at(None, "", format!("this is no text: {error}")))?;
        let head: Value = serde_json::from_str(text)
            .map_err(|error| at(Some(error.line()), "", no_json(&error)))?;
        // The version first: another version's head may look otherwise.
        let line = problem::line(text, "/schema");
        let version = head.get("schema");
        let why = match version.map(|version| (version, version.as_u64())) {
            Some((_, Some(version))) if version == u64::from(SCHEMA) => return Ok((text, head)),
            Some((_, Some(version))) if (1..u64::from(SCHEMA)).contains(&version) => format!(
                "the record has schema {version}, and this harness reads {SCHEMA}: the last that reads it is \
                 of revision {READS_OLDER}"
            ),
            Some((_, Some(version))) => format!(
                "the record has schema {version}, and this harness reads {SCHEMA}: read it with the harness \
                 that wrote it, or a later one"
            ),
            Some((other, None)) => {
                format!("{other} stands where the version of the record is expected")
            }
            None => "it is missing; expected the version of the record".to_owned(),
        };
        Err(at(Some(line), "schema", why))
    }

    /// What is wrong with the head.
    fn at_head(&self, line: Option<usize>, field: &str, why: String) -> Problem {
        Problem {
            file: self.run.0.clone(),
            line,
            field: field.to_owned(),
            why,
        }
    }

    /// The head, or what is wrong with it. `strictly`: so is what no run writes so, as a field that nobody knows.
    pub fn head(&self, strictly: bool) -> Result<Header, Vec<Problem>> {
        let (text, as_it_is) = self.text().map_err(|problem| vec![problem])?;
        let marked: Option<Value> = match fit(text.as_bytes()) {
            Cow::Borrowed(_) => None,
            Cow::Owned(json) => serde_json::from_slice(&json).ok(),
        };
        let head = marked.as_ref().unwrap_or(&as_it_is);
        let header = match shape::header(head) {
            Ok(header) if !strictly => return Ok(header),
            header => header.map_err(|fault| fault.said),
        };
        let mut found = shape::of_header(head);
        found.extend(shape::unfit(&as_it_is).into_iter().take(MOST_FOUND));
        all_wrong(header, found, strictly, |pointer, why| {
            let line = problem::line(text, pointer);
            self.at_head(Some(line), &problem::field(pointer), why)
        })
    }

    /// That a plan can be made of a head: one that names thousands of numbers of workers has cells by the million, and no
    /// run writes it.
    pub fn can_be_planned(&self, header: &Header) -> Result<(), Problem> {
        let workers = header.options.workers.len();
        if workers <= MOST_WORKERS {
            return Ok(());
        }
        let why = format!("there are {workers}, and no run names more than {MOST_WORKERS}");
        Err(self.at_head(None, "options.workers", why))
    }

    /// The event of a line, or what is wrong with it. `strictly`: so is what no run writes so.
    pub fn event(
        &self,
        (number, line): (usize, &[u8]),
        strictly: bool,
    ) -> Result<Event, Vec<Problem>> {
        let at = |field: String, why: String| self.at(number, field, why);
        let value = |line: &[u8]| -> Result<Value, Vec<Problem>> {
            serde_json::from_slice(line).map_err(|error| vec![at(String::new(), no_json(&error))])
        };
        let as_it_is = line;
        let line = &fit(line);
        let is_fit = matches!(line, Cow::Borrowed(_));
        let event = match Event::of_line(line) {
            Ok(event) if !strictly || (is_fit && event.is_written(line)) => return Ok(event),
            event => event.map_err(|error| plain(&error)),
        };
        let mut found = shape::of_event(&value(line)?);
        if !is_fit {
            found.extend(shape::unfit(&value(as_it_is)?));
        }
        all_wrong(event, found, strictly, |pointer, why| {
            at(problem::field(pointer), why)
        })
    }

    /// What is wrong on a line of the events.
    pub fn at(&self, line: usize, field: String, why: String) -> Problem {
        Problem {
            file: self.samples.0.path.clone(),
            line: Some(line),
            field,
            why,
        }
    }

    /// Takes the events in order, each with its line; how much there was, and the seal, to which it was held.
    fn each_event(
        &self,
        folder: &Path,
        mut take: impl FnMut(usize, Event) -> Result<(), Vec<Problem>>,
    ) -> Result<(Streamed, Option<Seal>), Vec<Problem>> {
        let samples = &self.samples.0;
        let cannot = |error: io::Error| vec![samples.unreadable(&error)];
        let seal = Seal::open(folder);
        let events = stream::lines(
            samples.open().map_err(cannot)?,
            matches!(seal, Ok(Some(_))),
            |line| self.event(line, false),
            |(number, event)| take(number, event?),
        );
        let events = events.map_err(|stopped| match stopped {
            Stopped::Io(error) => cannot(error),
            Stopped::Taken(problems) => problems,
        })?;
        let seal = seal?;
        if let (Some(seal), Some(sum)) = (&seal, &events.sha256) {
            seal.holds(&self.run, samples, sum)?;
        }
        Ok((events, seal))
    }
}

/// What was read, or everything that is wrong with it, each at its place.
fn all_wrong<T>(
    read: Result<T, String>,
    found: Vec<Found>,
    strictly: bool,
    at: impl Fn(&str, String) -> Problem,
) -> Result<T, Vec<Problem>> {
    let found = found
        .into_iter()
        .filter(|found| strictly || !found.readable);
    let mut problems: Vec<Problem> = found.map(|found| at(&found.pointer, found.why)).collect();
    match read {
        Ok(read) if problems.is_empty() => return Ok(read),
        // As a field that stands there twice.
        Err(said) if problems.is_empty() => problems.push(at("", said)),
        _ => {}
    }
    Err(problems)
}

fn no_json(error: &serde_json::Error) -> String {
    format!(
        "this is no JSON: {}, column {}",
        plain(error),
        error.column()
    )
}

/// An error without the place, which is said beside it.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((plain, _)) => plain.to_owned(),
        None => text,
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::of(path, format!("cannot read it: {error}"))
}

/// A record that was read, and how much of its events there is.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bundle: Bundle,
    pub(super) events: Streamed,
}

impl Whole {
    /// Reads a record. What is not whole at its end is passed over; a record that is sealed must be what was
    /// sealed.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        Self::of(folder).map_err(first)
    }

    fn of(folder: &Path) -> Result<Self, Vec<Problem>> {
        let files = Files::begin(folder).map_err(|problem| vec![problem])?;
        let header = files.head(false)?;
        files
            .can_be_planned(&header)
            .map_err(|problem| vec![problem])?;
        let mut bundle = Bundle::new(header);
        let (events, seal) = files.each_event(folder, |number, event| {
            bundle
                .follows(&event)
                .map_err(|(field, why)| vec![files.at(number, field.to_owned(), why)])?;
            bundle.add(event);
            Ok(())
        })?;
        bundle.sealed = seal.is_some();
        Ok(Self { bundle, events })
    }
}

/// A record as it was written, of which another is to be made.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its head.
    pub header: Header,
    /// Its events, in order.
    pub events: Vec<Event>,
    /// Its seal, which it was held to.
    pub seal: Option<Seal>,
}

impl Written {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// As [`Bundle::read`].
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let read = || {
            let files = Files::begin(folder).map_err(|problem| vec![problem])?;
            let header = files.head(false)?;
            let (mut events, mut next) = (Vec::new(), 0);
            let (_, seal) = files.each_event(folder, |line, event| {
                if let Event::Round { block, .. } | Event::Block { block, .. } = &event {
                    let wrong = |why| vec![files.at(line, "block".to_owned(), why)];
                    next = numbered(*block, next).map_err(wrong)?;
                }
                events.push(event);
                Ok(())
            })?;
            Ok(Self {
                header,
                events,
                seal,
            })
        };
        read().map_err(first)
    }
}

impl Header {
    /// Reads the head of a record, and nothing else of it.
    ///
    /// # Errors
    ///
    /// As [`Bundle::read`].
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let files = Files::begin(folder)?;
        files.head(false).map_err(first)
    }
}

impl Bundle {
    /// Reads a record. A last line that was cut short by a kill is passed over; a record that is sealed
    /// must be what was sealed.
    ///
    /// # Errors
    ///
    /// Which file, line and field is not right, and what was expected there.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        Ok(Whole::read(folder)?.bundle)
    }

    /// Blocks are numbered as they come: any other number is an error in the file, and a large one
    /// would be an allocation. And what is predicted once something was measured is no prediction.
    pub fn follows(&self, event: &Event) -> Result<(), (&'static str, String)> {
        match event {
            Event::Round { block, .. } | Event::Block { block, .. } => {
                let next = self.blocks.len() as u64;
                numbered(*block, next)
                    .map(drop)
                    .map_err(|why| ("block", why))
            }
            Event::Prediction { cell, .. } if !self.blocks.is_empty() => Err((
                "cell",
                format!(
                    "{cell} is predicted after the first block, and a prediction comes before any"
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// The number of the block after this one, where `next` is the next.
fn numbered(block: u64, next: u64) -> Result<u64, String> {
    if block > next {
        return Err(format!(
            "block {block} stands where block {next} is the next"
        ));
    }
    Ok(next.max(block + 1))
}

/// The first of several problems, and how to see the others.
fn first(problems: Vec<Problem>) -> anyhow::Error {
    let more = problems.len().saturating_sub(1);
    match problems.into_iter().next() {
        Some(problem) if more == 0 => problem.into(),
        Some(problem) => anyhow::anyhow!("{problem}; `harness check` names {more} more"),
        None => anyhow::anyhow!("the record cannot be read"),
    }
}
