//! Criterion's own files: for each benchmark a folder `new` with `benchmark.json`, `sample.json` and
//! `estimates.json`, as criterion 0.8 writes them below `$CRITERION_HOME`, or `target/criterion`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, de::DeserializeOwned};

use harness_record::{
    costs::{self, Estimate, Side, Statistic},
    text::fit,
};

/// What criterion found of one side of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// `RUNTIME/FLAVOUR@WORKERS`, taken apart.
    pub configuration: (String, String, usize),
    /// The operation.
    pub operation: String,
    /// Which way it was done.
    pub side: Side,
    /// How often each sample did it.
    pub iterations: Vec<u64>,
    /// What each sample took, in nanoseconds.
    pub times_ns: Vec<u64>,
    /// What criterion makes of them.
    pub estimate: Estimate,
}

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
}

#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

#[derive(Deserialize)]
struct Estimates {
    mean: One,
    slope: Option<One>,
}

#[derive(Deserialize)]
struct One {
    confidence_interval: Interval,
    point_estimate: f64,
}

#[derive(Deserialize)]
struct Interval {
    confidence_level: f64,
    lower_bound: f64,
    upper_bound: f64,
}

/// Everything below a folder that is a cost, in the order of configuration, operation and side. Other
/// benchmarks are passed over.
///
/// # Errors
///
/// When the folder cannot be read, or a file in it is not criterion's.
pub fn read(folder: &Path) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut ahead = vec![folder.to_path_buf()];
    while let Some(folder) = ahead.pop() {
        let cannot = || format!("cannot read {}", folder.display());
        for entry in fs::read_dir(&folder).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            if !entry.file_type().with_context(cannot)?.is_dir() {
                continue;
            }
            let path = entry.path();
            // What lies in `base` is what `new` was before.
            if entry.file_name() == "new" && path.join("benchmark.json").is_file() {
                found.extend(benchmark(&path)?);
            } else {
                ahead.push(path);
            }
        }
    }
    found.sort_by(|a, b| {
        let key = |f: &Found| {
            let order = costs::branches(&f.operation);
            (
                f.configuration.clone(),
                stem(&f.operation).to_owned(),
                order,
                f.side,
            )
        };
        key(a).cmp(&key(b))
    });
    Ok(found)
}

/// An operation's name without its number of branches.
fn stem(operation: &str) -> &str {
    match operation.rsplit_once('/') {
        Some((stem, number)) if number.parse::<u64>().is_ok() => stem,
        _ => operation,
    }
}

/// What lies in one folder; `None` where it is no cost.
fn benchmark(folder: &Path) -> anyhow::Result<Option<Found>> {
    let Benchmark {
        group_id,
        function_id,
        value_str,
    } = file(folder, "benchmark.json")?;
    let side = value_str.as_deref().and_then(Side::of);
    let (Some(configuration), Some(operation), Some(side)) =
        (configuration(&group_id), function_id, side)
    else {
        return Ok(None);
    };
    let Sample { iters, times } = file(folder, "sample.json")?;
    let Estimates { mean, slope } = file(folder, "estimates.json")?;
    ensure!(
        !iters.is_empty() && iters.len() == times.len(),
        "{}: it has {} iterations and {} times",
        folder.join("sample.json").display(),
        iters.len(),
        times.len()
    );
    let whole = |values: Vec<f64>| {
        values
            .into_iter()
            .map(|value| value.round() as u64)
            .collect()
    };
    let (statistic, one) = match slope {
        Some(slope) => (Statistic::Slope, slope),
        None => (Statistic::Mean, mean),
    };
    Ok(Some(Found {
        configuration,
        operation,
        side,
        iterations: whole(iters),
        times_ns: whole(times),
        estimate: Estimate {
            statistic,
            ns: one.point_estimate,
            low_ns: one.confidence_interval.lower_bound,
            high_ns: one.confidence_interval.upper_bound,
            confidence: one.confidence_interval.confidence_level,
        },
    }))
}

fn file<T: DeserializeOwned>(folder: &Path, name: &str) -> anyhow::Result<T> {
    let path: PathBuf = folder.join(name);
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&fit(&bytes))
        .with_context(|| format!("{}: this is not criterion's", path.display()))
}

/// `smol/workers@2` is flavour `workers` of smol with two workers.
fn configuration(group: &str) -> Option<(String, String, usize)> {
    let (runtime, rest) = group.split_once('/')?;
    let (flavour, workers) = rest.rsplit_once('@')?;
    Some((
        runtime.to_owned(),
        flavour.to_owned(),
        workers.parse().ok()?,
    ))
}
