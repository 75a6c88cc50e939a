//! Published results: runs that are kept under `results/`, and the files that are made of them.
//!
//! What is derived follows from the published records and the code alone, so that anybody can make it again,
//! byte for byte, and CI does. A record is published whole or not at all: it is copied beside its place,
//! under a name that nothing reads, and renamed when it is complete.

use anyhow::Context as _;
use files::{differing, first_difference, is_published, names};
pub use fit::Allowed;
use harness::commands::Usage;
use harness_judge::check;
use harness_record::{
    bundle::{EVENTS, HEADER, PACKED, SEAL, Samples, flush_folder, pack},
    replace::replace,
};
use harness_report::recorded::Recorded;
use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};
use successor::{Standing, standing};
pub use superseded::Superseded;

mod commands;
mod costs;
mod featured;
mod files;
mod fit;
mod index;
mod links;
mod pictures;
mod sections;
mod splice;
mod successor;
mod superseded;
#[cfg(test)]
mod tests;

/// The files that a record may have.
const RECORD: [&str; 4] = [HEADER, EVENTS, PACKED, SEAL];
/// Where published records lie, from the root.
const RESULTS: &str = "results";
/// Texts that a clone of the workspace is known by.
const README: &str = "README.md";
const INDEX: &str = "results/README.md";
/// The page.
const PAGE: &str = "results/site/index.html";
/// The folder of the pictures.
const PICTURES: &str = "results/pictures";

/// A clone of the workspace, where results are published.
#[derive(Debug)]
pub struct Place {
    root: PathBuf,
}

/// What came of publishing.
#[derive(Debug)]
pub struct Published {
    /// Whether it was new.
    pub outcome: Outcome,
    /// The runs that it superseded, and that have left the tree.
    pub superseded: Vec<Superseded>,
    /// Runs of its kind that are still there, and why.
    pub stay: Vec<Stays>,
    /// The derived files that changed, from the root.
    pub changed: Vec<String>,
}

/// A run of the kind of another one that is still there.
#[derive(Debug, PartialEq, Eq)]
pub struct Stays {
    /// Which.
    pub name: String,
    /// Why, as the end of a sentence about it.
    pub why: String,
}

/// What became of the run.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is published now.
    Added {
        /// As what.
        name: String,
        /// Its old folder, where that holds other files and is still there.
        left: Option<PathBuf>,
    },
    /// It was published before.
    Known {
        /// As what.
        name: String,
    },
}

/// A derived file that is not what it should be.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file, from the root.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.file, self.what)
    }
}

/// Derived files by their path from the root, and what they hold.
type Derived = BTreeMap<String, String>;

impl Place {
    /// The workspace that a folder lies in.
    ///
    /// # Errors
    ///
    /// When it lies in none.
    pub fn around(here: &Path) -> Result<Self, Usage> {
        let is_root =
            |folder: &&Path| folder.join(README).is_file() && folder.join(INDEX).is_file();
        match here.ancestors().find(is_root) {
            Some(root) => Ok(Self {
                root: root.to_path_buf(),
            }),
            None => Err(Usage(format!(
                "no {README} with {INDEX} beside it, here or above; results are published in a clone of the workspace"
            ))),
        }
    }

    /// Publishes the run in a folder, and makes what is derived again. A run that is published already stays
    /// as it is. Runs that it supersedes leave the tree once it is there, unless all are to be kept.
    ///
    /// # Errors
    ///
    /// [`Usage`], before anything is changed; else what cannot be read or written.
    pub fn publish(
        &self,
        folder: &Path,
        allowed: Allowed,
        keep: bool,
    ) -> anyhow::Result<Published> {
        let mut record = read(folder)?;
        sound(folder)?;
        let mut published = self.published()?;
        let is_known = |known: &&Recorded| known.bundle.header == record.bundle.header;
        let known = published.iter().find(is_known);
        let known = known.map(|known| known.name.clone());
        if let Some(name) = &known {
            if let Some(file) = differing(folder, &self.results().join(name))? {
                return Err(Usage(format!(
                    "{RESULTS}/{name} is the same run, and its {file} is another than that of {}: remove one of them",
                    folder.display()
                ))
                .into());
            }
        } else {
            fit::check(&record, allowed)
                .map_err(|why| Usage(format!("{} is not published: {why}", folder.display())))?;
        }
        let listed = superseded::read(&self.results())?;
        let name = known.clone();
        let name = name.unwrap_or_else(|| self.free_name(&record, &listed));
        record.name.clone_from(&name);
        let (superseded, stay) = match keep {
            true => (Vec::new(), Vec::new()),
            false => self.superseded(&record, &published),
        };
        published.retain(|run| superseded.iter().all(|gone| gone.name != run.name));
        if known.is_none() {
            published.push(record);
            in_order(&mut published);
        }
        // Before anything is moved: a marker that is not there refuses the run as well.
        let listed = superseded::with(listed, &superseded);
        let derived = self.derived(&published, &listed)?;
        let outcome = match known {
            Some(name) => Outcome::Known { name },
            None => {
                self.copy(folder, &name)?;
                let left = remove(folder)?;
                Outcome::Added { name, left }
            }
        };
        superseded::remove(&self.results(), &listed, &superseded)?;
        Ok(Published {
            outcome,
            superseded,
            stay,
            changed: self.write(&derived)?,
        })
    }

    /// The published runs that a run supersedes and git has; and those of its kind that stay.
    fn superseded(&self, by: &Recorded, published: &[Recorded]) -> (Vec<Superseded>, Vec<Stays>) {
        let (mut gone, mut stay) = (Vec::new(), Vec::new());
        for older in published {
            let why = match standing(by, older) {
                Standing::Apart => continue,
                Standing::HasLess(why) => format!("it {why}"),
                Standing::Supersedes => match Superseded::new(&self.results(), older, &by.name) {
                    Ok(one) => {
                        gone.push(one);
                        continue;
                    }
                    Err(why) => format!(
                        "{} supersedes it, but {why}: commit it, and publish {RESULTS}/{} again",
                        by.name, by.name
                    ),
                },
            };
            let name = older.name.clone();
            stay.push(Stays { name, why });
        }
        (gone, stay)
    }

    /// Makes what is derived again; the files that changed.
    ///
    /// # Errors
    ///
    /// [`Usage`], before anything is changed; else what cannot be read or written.
    pub fn rebuild(&self) -> anyhow::Result<Vec<String>> {
        superseded::sweep(&self.results())?;
        self.write(&self.derived_now()?)
    }

    /// Holds every derived file against what it should be.
    ///
    /// # Errors
    ///
    /// As [`rebuild`](Self::rebuild).
    pub fn check(&self) -> anyhow::Result<Vec<Difference>> {
        let derived = self.derived_now()?;
        let mut differences = Vec::new();
        for (file, text) in &derived {
            let what = match fs::read(self.root.join(file)) {
                Ok(bytes) => first_difference(&bytes, text),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    Some("is not there".to_owned())
                }
                Err(error) => return Err(error).with_context(|| format!("cannot read {file}")),
            };
            differences.extend(what.map(|what| Difference {
                file: file.clone(),
                what,
            }));
        }
        let strays = self.strays(&derived)?.into_iter();
        differences.extend(strays.map(|file| Difference {
            file,
            what: "is made of no published run".to_owned(),
        }));
        Ok(differences)
    }

    fn results(&self) -> PathBuf {
        self.root.join(RESULTS)
    }

    /// Every published run, the oldest first.
    fn published(&self) -> anyhow::Result<Vec<Recorded>> {
        let mut published = Vec::new();
        for name in names(&self.results())? {
            if !is_published(&name) {
                continue;
            }
            let folder = self.results().join(&name);
            let record = read(&folder)?;
            // Whoever put it there: what is not sound and fit is not derived from.
            sound(&folder)?;
            fit::check(&record, Allowed::ALL)
                .map_err(|why| Usage(format!("{RESULTS}/{name} cannot stay published: {why}")))?;
            published.push(record);
        }
        in_order(&mut published);
        Ok(published)
    }

    /// What is to be derived of the tree as it is.
    fn derived_now(&self) -> anyhow::Result<Derived> {
        self.derived(&self.published()?, &superseded::read(&self.results())?)
    }

    /// What the published runs make, and those that were, by file.
    fn derived(&self, published: &[Recorded], gone: &[Superseded]) -> anyhow::Result<Derived> {
        let mut derived = Derived::new();
        for (name, svg) in pictures::pictures(published)? {
            derived.insert(format!("{PICTURES}/{name}"), svg);
        }
        if let Some(page) = pictures::page(published)? {
            derived.insert(PAGE.to_owned(), page);
        }
        for text in &sections::TEXTS {
            let file = text.file;
            let path = self.root.join(file);
            let there = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let made = sections::Sections {
                published,
                gone,
                pictures: &derived,
                text,
            };
            let spliced = splice::splice(&there, text.kinds, |section| made.make(section))
                .map_err(|why| Usage(format!("{file}{why}")))?;
            derived.insert(file.to_owned(), spliced);
        }
        Ok(derived)
    }

    /// Writes what differs, and removes what nothing makes any more; the files that changed.
    fn write(&self, derived: &Derived) -> anyhow::Result<Vec<String>> {
        let mut changed = Vec::new();
        for (file, text) in derived {
            let path = self.root.join(file);
            if fs::read(&path).is_ok_and(|bytes| bytes == text.as_bytes()) {
                continue;
            }
            let cannot = || format!("cannot write {}", path.display());
            let folder = path.parent().unwrap_or(&self.root);
            fs::create_dir_all(folder).with_context(cannot)?;
            replace(&path, text.as_bytes()).with_context(cannot)?;
            changed.push(file.clone());
        }
        for file in self.strays(derived)? {
            let path = self.root.join(&file);
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            changed.push(file);
        }
        Ok(changed)
    }

    /// A page and pictures that are there and that nothing makes.
    fn strays(&self, derived: &Derived) -> anyhow::Result<Vec<String>> {
        let pictures = names(&self.root.join(PICTURES))?.into_iter();
        let found = pictures
            .filter(|name| name.ends_with(".svg"))
            .map(|name| format!("{PICTURES}/{name}"))
            .chain(std::iter::once(PAGE.to_owned()));
        let is_stray =
            |file: &String| !derived.contains_key(file) && self.root.join(file).is_file();
        Ok(found.filter(is_stray).collect())
    }

    /// What the run will be called: the day, the class of the machine, and a number if that is taken, or was by a run
    /// that has left the tree.
    fn free_name(&self, record: &Recorded, gone: &[Superseded]) -> String {
        let header = &record.bundle.header;
        let day: String = header.started.chars().take(10).collect();
        let class = header.host.class(header.cores);
        let name = format!("{day}-{class}");
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let is_free = |name: &String| {
            !self.results().join(name).exists() && gone.iter().all(|gone| gone.name != *name)
        };
        std::iter::once(name.clone())
            .chain(numbered)
            .find(is_free)
            .unwrap_or_else(|| name.clone())
    }

    /// Copies a record to its place, its events compressed. Until it is all there, and is a sound record, it has a name
    /// that nothing reads.
    fn copy(&self, from: &Path, name: &str) -> anyhow::Result<()> {
        let draft = self.results().join(format!(".publishing-{name}"));
        let copied = || -> anyhow::Result<()> {
            if draft.exists() {
                // Of somebody who was killed.
                fs::remove_dir_all(&draft)?;
            }
            fs::create_dir(&draft)?;
            for file in [HEADER, SEAL] {
                fs::copy(from.join(file), draft.join(file))?;
                fs::File::open(draft.join(file))?.sync_all()?;
            }
            let packed = fs::File::create(draft.join(PACKED))?;
            pack(&mut Samples::of(from)?.open()?, &packed)?;
            packed.sync_all()?;
            flush_folder(&draft)?;
            sound(&draft)?;
            fs::rename(&draft, self.results().join(name))?;
            // The source goes next: the copy's name must not be lost with the power.
            Ok(flush_folder(&self.results())?)
        };
        copied().with_context(|| {
            // Nobody reads it, and the next to publish would remove it too.
            let _ = fs::remove_dir_all(&draft);
            format!("cannot copy {} to {RESULTS}/{name}", from.display())
        })
    }
}

/// Removes a record that was copied; its folder, if that holds other files.
fn remove(folder: &Path) -> anyhow::Result<Option<PathBuf>> {
    for path in RECORD.map(|file| folder.join(file)) {
        if path.exists() {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(match fs::remove_dir(folder) {
        Ok(()) => None,
        Err(_) => Some(folder.to_path_buf()),
    })
}

fn read(folder: &Path) -> Result<Recorded, Usage> {
    Recorded::read(folder).map_err(|error| Usage(format!("{error:#}")))
}

/// Refuses what `harness check` does.
fn sound(folder: &Path) -> Result<(), Usage> {
    let checked = check::check(folder);
    let Some(first) = checked.problems.first() else {
        return Ok(());
    };
    let more = match checked.problems.len() - 1 + checked.more {
        0 => String::new(),
        more => format!("; and {more} more, which `harness check` names"),
    };
    Err(Usage(format!("{first}{more}")))
}

/// By when they began; the seed and the name settle what is left.
fn in_order(records: &mut [Recorded]) {
    records.sort_by(|a, b| {
        let key = |record: &Recorded| {
            let header = &record.bundle.header;
            (
                header.started.clone(),
                header.options.seed,
                record.name.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
}
