//! The configuration file: JSON, some eight kilobytes of it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use serde::{Deserialize, Serialize};
use workload_api::mix;

/// A service's configuration, such as a service reads when it starts.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Config {
    listen: String,
    workers: u32,
    upstreams: Vec<Upstream>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Upstream {
    name: String,
    url: String,
    weight: u32,
    timeout_ms: u64,
    enabled: bool,
}

impl Config {
    /// What the file holds.
    pub(super) fn standard() -> Self {
        let upstream = |index: u32| Upstream {
            name: format!("upstream-{index:03}"),
            url: format!("http://10.0.{}.{}:8080/service", index / 16, index % 16),
            weight: 1 + index % 7,
            timeout_ms: 100 * u64::from(1 + index % 30),
            enabled: !index.is_multiple_of(5),
        };
        Self {
            listen: String::from("127.0.0.1:8080"),
            workers: 4,
            upstreams: (0..64).map(upstream).collect(),
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> io::Result<Self> {
        Ok(serde_json::from_slice(bytes)?)
    }

    /// Takes in every field.
    pub(super) fn fingerprint(&self) -> u64 {
        let head = mix(text(&self.listen), self.workers.into());
        self.upstreams.iter().fold(head, |print, upstream| {
            [
                text(&upstream.name),
                text(&upstream.url),
                upstream.weight.into(),
                upstream.timeout_ms,
                upstream.enabled.into(),
            ]
            .into_iter()
            .fold(print, mix)
        })
    }
}

fn text(text: &str) -> u64 {
    text.bytes()
        .fold(text.len() as u64, |print, byte| mix(print, byte.into()))
}

/// Where the file is.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("config-1.json")
}

/// Makes the file in `folder` if it is missing.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    let path = path(folder);
    if path.try_exists()? {
        return Ok(());
    }
    // Another process of the run must find all of it or nothing.
    let unfinished = folder.join(format!("config-1.{}.unfinished", process::id()));
    fs::write(&unfinished, serde_json::to_vec_pretty(&Config::standard())?)?;
    fs::rename(unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_reads_back_and_is_made_only_once() {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path()).unwrap();
        let bytes = fs::read(path(folder.path())).unwrap();
        assert!((7_000..12_000).contains(&bytes.len()), "{}", bytes.len());
        assert_eq!(Config::parse(&bytes).unwrap(), Config::standard());

        fs::write(path(folder.path()), "kept").unwrap();
        prepare(folder.path()).unwrap();
        assert_eq!(fs::read(path(folder.path())).unwrap(), b"kept");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn every_field_changes_the_fingerprint() {
        let changes: [fn(&mut Config); 7] = [
            |c| c.listen.push('x'),
            |c| c.workers += 1,
            |c| c.upstreams[9].name.push('x'),
            |c| c.upstreams[9].url.push('x'),
            |c| c.upstreams[9].weight += 1,
            |c| c.upstreams[9].timeout_ms += 1,
            |c| c.upstreams[9].enabled ^= true,
        ];
        for (which, change) in changes.iter().enumerate() {
            let mut config = Config::standard();
            change(&mut config);
            assert_ne!(
                config.fingerprint(),
                Config::standard().fingerprint(),
                "change {which}"
            );
        }
    }
}
