//! Shares of plans that came back from several machines: which belong together, which came twice, which are missing.
//!
//! A share is delivered at least once: a scheduler runs one again whose node was lost, and a file may be copied twice.
//! So of each share one record counts, and which one is not chosen by what it says: the first that was begun of those
//! that came to their end.

use std::path::{Path, PathBuf};

use anyhow::bail;
use harness_record::{
    bundle::{Bundle, Event, Header, Written, name},
    plan::{Options, Partition},
};

mod join;
#[cfg(test)]
mod tests;

pub use join::join;

/// The shares of a plan that lie somewhere.
#[derive(Clone, Debug)]
pub struct Shares {
    /// The head of the first that was found, which is like those of the others.
    head: Header,
    found: Vec<Found>,
}

#[derive(Clone, Debug)]
struct Found {
    partition: Partition,
    started: String,
    folder: PathBuf,
}

/// A share that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Which.
    pub partition: Partition,
    /// The seed of its plan.
    pub seed: u64,
    /// The class of the machines.
    pub class: String,
    /// Where there is one that did not come to its end.
    pub stopped: Option<PathBuf>,
    /// What fills it, to be typed.
    pub command: String,
}

/// Shares of a plan, joined.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The head of the record.
    pub header: Header,
    /// Its events.
    pub events: Vec<Event>,
    /// The shares that are not there.
    pub missing: Vec<Missing>,
}

impl Shares {
    /// Those of one, which lies in this folder; nothing where it is no share.
    #[must_use]
    pub fn of(head: Header, folder: &Path) -> Option<Self> {
        let found = Found {
            partition: head.options.partition?,
            started: head.started.clone(),
            folder: folder.to_owned(),
        };
        Some(Self {
            head,
            found: vec![found],
        })
    }

    /// Takes in the shares of the same plan; hands back those of another.
    ///
    /// # Errors
    ///
    /// When they say that they are of the same plan, and cannot be.
    pub fn take_in(&mut self, other: Self) -> anyhow::Result<Option<Self>> {
        let (one, two) = (&self.head, &other.head);
        let plan = |options: &Options| Options {
            partition: options.partition.and_then(|share| share.all().next()),
            ..options.clone()
        };
        let is_same = plan(&one.options) == plan(&two.options)
            && one.host.unlike(one.cores, &two.host, two.cores).is_empty();
        if !is_same {
            return Ok(Some(other));
        }
        if let (Some(why), Some(ours), Some(theirs)) =
            (unlike(one, two), self.found.first(), other.found.first())
        {
            bail!(
                "{} and {} are shares of one plan, and cannot be joined: {why}; measure those of one of them again, or merge \
                 the others alone",
                ours.folder.display(),
                theirs.folder.display()
            );
        }
        self.found.extend(other.found);
        Ok(None)
    }

    /// Joins them: each once, in their order.
    ///
    /// # Errors
    ///
    /// When one cannot be read, or they do not fit together.
    pub fn join(mut self) -> anyhow::Result<Joined> {
        // Not by what was measured, nor by the order in which they came.
        (self.found).sort_by(|a, b| (a.partition, &a.started).cmp(&(b.partition, &b.started)));
        let (mut there, mut missing): (Vec<Written>, Vec<Missing>) = (Vec::new(), Vec::new());
        let all = self.head.options.partition.into_iter();
        for partition in all.flat_map(Partition::all) {
            let mut stopped = None;
            let mut ended: Vec<Written> = Vec::new();
            for found in self.found.iter().filter(|one| one.partition == partition) {
                let written = Written::read(&found.folder)?;
                let is_whole = written.seal.is_some()
                    && written.events.last() == Some(&Event::End { interrupted: false });
                match is_whole {
                    true => ended.push(written),
                    false => stopped = stopped.or_else(|| Some(found.folder.clone())),
                }
            }
            // Of those that began in the same second any, but always the same.
            let first = |written: &Written| {
                let sums = written
                    .seal
                    .as_ref()
                    .map(|seal| seal.sha256.samples.clone());
                (written.header.started.clone(), sums)
            };
            match ended.into_iter().min_by_key(first) {
                Some(written) => there.push(written),
                None => missing.push(self.missing(partition, stopped)),
            }
        }
        let numbers = |written: &Written| {
            let mut events = written.events.iter();
            events.find_map(|event| match event {
                Event::Comparisons { comparisons } => Some(*comparisons),
                _ => None,
            })
        };
        if there
            .windows(2)
            .any(|two| numbers(&two[0]) != numbers(&two[1]))
        {
            bail!(
                "the shares of seed {} do not agree on how many comparisons their plan makes: they are of harnesses that differ; \
                 measure all of them with one",
                self.head.options.seed
            );
        }
        let (header, events) = join(there).unwrap_or_else(|| {
            let nothing = vec![Event::End { interrupted: true }];
            let mut header = self.head.clone();
            header.options.partition = None;
            (header, nothing)
        });
        Ok(Joined {
            header,
            events,
            missing,
        })
    }

    fn missing(&self, partition: Partition, stopped: Option<PathBuf>) -> Missing {
        let head = &self.head;
        Missing {
            partition,
            seed: head.options.seed,
            class: head.host.class(head.cores),
            stopped,
            command: command(&head.command, partition),
        }
    }
}

impl Joined {
    /// What it is called as a record.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.header.started, self.header.options.seed)
    }

    /// As a reader of the record would have it.
    #[must_use]
    pub fn bundle(self) -> Bundle {
        let mut bundle = Bundle::new(self.header);
        for event in self.events {
            bundle.add(event);
        }
        bundle
    }
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            partition,
            seed,
            class,
            command,
            ..
        } = self;
        write!(
            f,
            "share {partition} of the plan of seed {seed} on {class} "
        )?;
        match &self.stopped {
            None => write!(f, "is missing: `{command}` fills it"),
            Some(folder) => write!(
                f,
                "did not come to its end in {}: `{command}` fills it",
                folder.display()
            ),
        }
    }
}

/// What shows that two shares were not measured by the same programs on the same terms.
fn unlike(one: &Header, two: &Header) -> Option<String> {
    if one.program != two.program || one.host.harness != two.host.harness {
        return Some("they were measured by harnesses that differ".to_owned());
    }
    if one.built != two.built {
        return Some("their adapters were built otherwise".to_owned());
    }
    for entrant in &one.entrants {
        let name = entrant.name.as_str();
        if two.entrants.iter().all(|other| other != entrant) {
            let why = |header: &Header| {
                let mut entrants = header.entrants.iter();
                let found = entrants.find(|entrant| entrant.name == name)?;
                found.unavailable.clone()
            };
            let why = why(one).or_else(|| why(two));
            let why = why.map_or_else(String::new, |why| format!(" ({why})"));
            return Some(format!("what {name} says of itself differs{why}"));
        }
        let made = |header: &Header| {
            let mut made = header.adapters.iter();
            made.find(|made| made.runtime == name).cloned()
        };
        if made(one) != made(two) {
            return Some(format!("their adapters of {name} differ"));
        }
    }
    (one.entrants.len() != two.entrants.len()).then(|| "they have other runtimes".to_owned())
}

/// The command of a share, for another one.
fn command(words: &[String], partition: Partition) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut after_it = false;
    for word in words {
        let word = match word.strip_prefix("--partition=") {
            Some(_) => format!("--partition={partition}"),
            None if after_it => partition.to_string(),
            None => quoted(word),
        };
        after_it = word == "--partition";
        out.push(word);
    }
    out.join(" ")
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./,:@%+~".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
