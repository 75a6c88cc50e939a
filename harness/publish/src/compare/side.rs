//! What is compared: a run, a runtime of it, or one of its configurations, as a person names it.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
};

use harness_record::{bundle::Bundle, plan::Config};

/// One side of a comparison, as written: `DIR`, `DIR:RUNTIME`, `DIR:RUNTIME:FLAVOUR` or
/// `DIR:RUNTIME:FLAVOUR@WORKERS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The folder of the run.
    pub folder: PathBuf,
    /// What of it.
    pub choice: Choice,
}

/// What of a run is compared; all of it, if nothing is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The runtime's name.
    pub runtime: Option<String>,
    /// The flavour's name.
    pub flavour: Option<String>,
    /// Workers.
    pub workers: Option<usize>,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.runtime.as_deref().unwrap_or("all of it"))?;
        if let Some(flavour) = &self.flavour {
            write!(f, ":{flavour}")?;
        }
        match self.workers {
            Some(workers) => write!(f, "@{workers}"),
            None => Ok(()),
        }
    }
}

impl Side {
    /// Reads a side. A colon may be part of the folder: the longest folder that is there counts.
    ///
    /// # Errors
    ///
    /// In a line, what is wrong with it.
    pub fn parse(text: &OsStr) -> Result<Self, String> {
        if Path::new(text).is_dir() {
            return Ok(Self {
                folder: PathBuf::from(text),
                choice: Choice::default(),
            });
        }
        let name = text.display();
        for (folder, choice) in at_colons(text) {
            if folder.is_dir() {
                let choice = Choice::parse(choice).ok_or_else(|| {
                    format!("`{name}`: {choice:?} is no RUNTIME[:FLAVOUR][@WORKERS]")
                })?;
                return Ok(Self { folder, choice });
            }
        }
        Err(format!(
            "`{name}`: there is no such folder; write DIR, DIR:RUNTIME or DIR:RUNTIME:FLAVOUR[@WORKERS]"
        ))
    }
}

/// What stands before each colon, and behind it; the longest first. A folder is called as it likes, and all else is
/// text.
#[cfg(unix)]
fn at_colons(text: &OsStr) -> impl Iterator<Item = (PathBuf, &str)> {
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = text.as_bytes();
    let colons = (0..bytes.len()).rev().filter(|&at| bytes[at] == b':');
    colons.filter_map(|at| {
        let choice = str::from_utf8(&bytes[at + 1..]).ok()?;
        Some((PathBuf::from(OsStr::from_bytes(&bytes[..at])), choice))
    })
}

/// The same where only what is text can be cut.
#[cfg(not(unix))]
fn at_colons(text: &OsStr) -> impl Iterator<Item = (PathBuf, &str)> {
    let text = text.to_str().unwrap_or_default();
    let colons = text.rmatch_indices(':');
    colons.map(move |(at, _)| (PathBuf::from(&text[..at]), &text[at + 1..]))
}

impl Choice {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        let (names, workers) = match text.split_once('@') {
            Some((names, workers)) => (names, Some(workers.parse().ok().filter(|&n| n > 0)?)),
            None => (text, None),
        };
        let (runtime, flavour) = match names.split_once(':') {
            Some((runtime, flavour)) => (runtime, Some(flavour)),
            None => (names, None),
        };
        let whole = !runtime.is_empty() && flavour.is_none_or(|flavour| !flavour.is_empty());
        whole.then(|| Self {
            runtime: Some(runtime.to_owned()),
            flavour: flavour.map(str::to_owned),
            workers,
        })
    }

    fn takes(&self, config: &Config) -> bool {
        self.runtime
            .as_ref()
            .is_none_or(|name| *name == config.id.runtime)
            && self
                .flavour
                .as_ref()
                .is_none_or(|name| *name == config.id.flavour)
            && self
                .workers
                .is_none_or(|workers| workers == config.id.workers)
    }

    /// The configurations of a run that it names.
    ///
    /// # Errors
    ///
    /// In a line, that there is none, and which there are.
    pub fn configs<'a>(&self, bundle: &'a Bundle) -> Result<Vec<&'a Config>, String> {
        let chosen: Vec<&Config> = bundle
            .plan
            .configs
            .iter()
            .filter(|config| self.takes(config))
            .collect();
        if chosen.is_empty() {
            let there: Vec<String> = bundle
                .plan
                .configs
                .iter()
                .map(|config| {
                    format!(
                        "{}:{}@{}",
                        config.id.runtime, config.id.flavour, config.id.workers
                    )
                })
                .collect();
            return Err(format!("has no {self}; there are {}", there.join(", ")));
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_a_folder_and_what_of_it() {
        let parent = tempfile::TempDir::new().unwrap();
        let of = |name: &str| parent.path().join(name);
        std::fs::create_dir(of("run")).unwrap();
        std::fs::create_dir(of("a:b")).unwrap();
        let parse = |name: &str| Side::parse(of(name).as_os_str()).map(|side| side.choice);
        let choice = |runtime: &str, flavour: Option<&str>, workers| Choice {
            runtime: Some(runtime.to_owned()),
            flavour: flavour.map(str::to_owned),
            workers,
        };
        assert_eq!(parse("run"), Ok(Choice::default()));
        assert_eq!(parse("run:smol"), Ok(choice("smol", None, None)));
        assert_eq!(parse("run:smol@2"), Ok(choice("smol", None, Some(2))));
        assert_eq!(
            parse("run:smol:workers@2"),
            Ok(choice("smol", Some("workers"), Some(2)))
        );
        assert_eq!(parse("a:b"), Ok(Choice::default()));
        assert_eq!(parse("a:b:smol"), Ok(choice("smol", None, None)));
        for bad in ["run::workers", "run:smol:", "run:smol@0", "run:smol@two"] {
            assert!(
                parse(bad).unwrap_err().contains("RUNTIME[:FLAVOUR]"),
                "{bad}"
            );
        }
        assert!(parse("nowhere").unwrap_err().contains("no such folder"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_folder_is_called_as_the_system_lets_it() {
        use std::os::unix::ffi::OsStringExt as _;
        let parent = tempfile::TempDir::new().unwrap();
        let named = |end: &[u8]| {
            let mut name = parent.path().as_os_str().to_owned().into_encoded_bytes();
            name.extend_from_slice(b"/r\xffn");
            name.extend_from_slice(end);
            std::ffi::OsString::from_vec(name)
        };
        std::fs::create_dir(named(b"")).unwrap();
        let side = Side::parse(&named(b":smol")).unwrap();
        assert_eq!(side.folder.as_os_str(), named(b""));
        assert_eq!(side.choice.runtime.as_deref(), Some("smol"));
        assert_eq!(Side::parse(&named(b"")).unwrap().choice, Choice::default());
        assert!(Side::parse(&named(b":\xfe")).is_err());
    }
}
