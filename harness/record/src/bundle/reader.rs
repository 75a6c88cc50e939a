//! Reading a record again, whole or cut short by a kill.

use super::{
    Bundle, Event, HEADER, Header, Problem, SCHEMA, Samples, Seal, migrate, problem, schema,
    stream::{self, Stopped, Streamed},
};
use serde_json::Value;
use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

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
        let run = fs::read(&path).map_err(|error| match error.kind() {
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

    /// The text of the head, what it holds, and the version that it was written in.
    pub fn version(&self) -> Result<(&str, Value, u32), Problem> {
        let at = |line, field, why| self.at_head(line, field, why);
        let text = str::from_utf8(&self.run.1)
            .map_err(|error| at(None, "", format!("this is no text: {error}")))?;
        let head: Value = serde_json::from_str(text)
            .map_err(|error| at(Some(error.line()), "", no_json(&error)))?;
        // The version first: another version's head may look otherwise.
        let line = problem::line(text, "/schema");
        let version = match head.get("schema") {
            None => Err("it is missing; expected the version of the record".to_owned()),
            Some(version) => match version.as_u64() {
                Some(version) if version == 0 || version > u64::from(SCHEMA) => Err(format!(
                    "the record has schema {version}, and this harness reads 1 to {SCHEMA}: read it with \
                     the harness that wrote it, or a later one"
                )),
                Some(version) => u32::try_from(version).map_err(|error| error.to_string()),
                None => Err(format!(
                    "{version} stands where the version of the record is expected"
                )),
            },
        };
        let version = version.map_err(|why| at(Some(line), "schema", why))?;
        Ok((text, head, version))
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

    /// The head, lifted to this version, and the version that it was written in; or what is wrong with
    /// it. `strictly`: fields that nobody knows are wrong too.
    pub fn head(&self, strictly: bool) -> Result<(Header, u32), Vec<Problem>> {
        let at = |line, field: &str, why| self.at_head(line, field, why);
        let (text, mut head, version) = self.version().map_err(|problem| vec![problem])?;
        if version != SCHEMA {
            migrate::header(&mut head, version);
        }
        let header = Header::deserialize_from(&head);
        if header.is_ok() && !strictly {
            return header
                .map(|header| (header, version))
                .map_err(|_| Vec::new());
        }
        let found = schema::of_header(&head, version);
        let found = found.iter().filter(|found| strictly || !found.unknown);
        let mut problems: Vec<Problem> = found
            .map(|found| {
                let line = problem::line(text, &found.pointer);
                at(
                    Some(line),
                    &problem::field(&found.pointer),
                    found.why.clone(),
                )
            })
            .collect();
        match header {
            Ok(header) if problems.is_empty() => Ok((header, version)),
            Ok(_) => Err(problems),
            Err(error) => {
                if problems.is_empty() {
                    problems.push(at(None, "", plain(&error)));
                }
                Err(problems)
            }
        }
    }

    /// The event of a line, or what is wrong with it.
    pub fn event(
        &self,
        (number, line): (usize, &[u8]),
        version: u32,
        strictly: bool,
    ) -> Result<Event, Vec<Problem>> {
        let at = |field: String, why: String| self.at(number, field, why);
        let event = Event::of_line(line);
        if !strictly && let Ok(event) = event {
            return Ok(event);
        }
        let value: Value = serde_json::from_slice(line)
            .map_err(|error| vec![at(String::new(), no_json(&error))])?;
        let found = schema::of_event(&value, version);
        let found = found.iter().filter(|found| strictly || !found.unknown);
        let mut problems: Vec<Problem> = found
            .map(|found| at(problem::field(&found.pointer), found.why.clone()))
            .collect();
        match event {
            Ok(event) if problems.is_empty() => Ok(event),
            Ok(_) => Err(problems),
            Err(error) => {
                if problems.is_empty() {
                    problems.push(at(String::new(), plain(&error)));
                }
                Err(problems)
            }
        }
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
}

impl Header {
    fn deserialize_from(head: &Value) -> Result<Self, serde_json::Error> {
        serde::Deserialize::deserialize(head)
    }
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
        let (header, version) = files.head(false)?;
        let mut bundle = Bundle::new(header);
        bundle.version = version;
        let samples = &files.samples.0;
        let cannot = |error: io::Error| vec![samples.unreadable(&error)];
        let seal = Seal::open(folder);
        let events = stream::lines(
            samples.open().map_err(cannot)?,
            matches!(seal, Ok(Some(_))),
            |line| files.event(line, version, false),
            |(number, event)| {
                let event = event?;
                bundle
                    .follows(&event)
                    .map_err(|(field, why)| vec![files.at(number, field.to_owned(), why)])?;
                bundle.add(event);
                Ok(())
            },
        );
        let events = events.map_err(|stopped| match stopped {
            Stopped::Io(error) => cannot(error),
            Stopped::Taken(problems) => problems,
        })?;
        if let (Some(seal), Some(sum)) = (seal?, &events.sha256) {
            seal.holds(&files.run, samples, sum)?;
            bundle.sealed = true;
        }
        Ok(Self { bundle, events })
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
            Event::Round { block, .. } | Event::Block { block, .. }
                if *block > self.blocks.len() as u64 =>
            {
                let next = self.blocks.len();
                Err((
                    "block",
                    format!("block {block} stands where block {next} is the next"),
                ))
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

/// The first of several problems, and how to see the others.
fn first(problems: Vec<Problem>) -> anyhow::Error {
    let more = problems.len().saturating_sub(1);
    match problems.into_iter().next() {
        Some(problem) if more == 0 => problem.into(),
        Some(problem) => anyhow::anyhow!("{problem}; `harness check` names {more} more"),
        None => anyhow::anyhow!("the record cannot be read"),
    }
}
