//! What the branches must answer.
//!
//! The work is done again to know, outside the timed region and by no runtime. The arms of a block
//! do the same work, each in a process of its own, so the first of them leaves the answers in the
//! scenario's folder for the others: checking costs a block once what it would cost each arm.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use workload_api::{Env, Workload};

/// What is wrong with the answers of these branches, if anything.
pub(crate) fn wrong<W: Workload>(
    scenario: &str,
    workload: W,
    env: &Env,
    indices: &[usize],
    answers: &[u64],
) -> Option<String> {
    if answers.len() != indices.len() {
        return Some(format!(
            "{} branches gave {} answers",
            indices.len(),
            answers.len()
        ));
    }
    let expected = expected(scenario, workload, env, indices);
    if expected.len() != indices.len() {
        return Some("the check of the answers itself panicked".to_owned());
    }
    let pairs = indices.iter().zip(answers).zip(&expected);
    pairs.into_iter().find_map(|((index, answer), expected)| {
        (answer != expected)
            .then(|| format!("branch {index} answered {answer:#x}, expected {expected:#x}"))
    })
}

fn expected<W: Workload>(scenario: &str, workload: W, env: &Env, indices: &[usize]) -> Vec<u64> {
    let compute = || computed(workload, env, indices);
    if env.steps == 0 {
        // Cheaper than a look into a file.
        return compute();
    }
    // Everything that an answer depends on stands in the name.
    let first = indices.first().copied().unwrap_or(0);
    let name = format!(
        "answers-{scenario}-{:x}-{}-{}-{}-{first}-{}",
        env.nonce,
        env.wait.as_nanos(),
        env.steps,
        env.branches,
        indices.len()
    );
    let path = env.folder.join(name);
    if let Some(known) = read(&path).filter(|known| known.len() == indices.len()) {
        return known;
    }
    let expected = compute();
    // A folder that cannot be written costs time, and no answer.
    let _ = write(&path, &expected);
    expected
}

/// On all cores, since nobody is timing it.
fn computed<W: Workload>(workload: W, env: &Env, indices: &[usize]) -> Vec<u64> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let of = |share: &[usize]| -> Vec<u64> {
        share
            .iter()
            .map(|&index| workload.expected(env, index))
            .collect()
    };
    if env.steps == 0 || cores == 1 || indices.len() < 2 {
        return of(indices);
    }
    std::thread::scope(|scope| {
        let of = &of;
        let shares: Vec<_> = indices
            .chunks(indices.len().div_ceil(cores))
            .map(|share| scope.spawn(move || of(share)))
            .collect();
        // A share that panicked is missing, and then the number of answers is wrong.
        shares
            .into_iter()
            .flat_map(|share| share.join().unwrap_or_default())
            .collect()
    })
}

fn read(path: &Path) -> Option<Vec<u64>> {
    fs::read_to_string(path)
        .ok()?
        .lines()
        .map(|line| line.parse().ok())
        .collect()
}

/// Under another name first, so that a reader finds all or nothing.
fn write(path: &Path, answers: &[u64]) -> std::io::Result<()> {
    let draft = PathBuf::from(format!("{}.{}", path.display(), std::process::id()));
    let mut file = fs::File::create(&draft)?;
    for answer in answers {
        writeln!(file, "{answer}")?;
    }
    fs::rename(draft, path)
}
