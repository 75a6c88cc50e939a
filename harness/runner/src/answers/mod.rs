//! What the branches must answer.
//!
//! The work is done again to know, outside the timed region and by no runtime. The arms of a block
//! do the same work, each in a process of its own, so the first of them leaves the answers in the
//! scenario's folder for the others: checking costs a block once what it would cost each arm.
//!
//! What was left there is believed only when it is whole and under the name of just this work, and
//! never against an answer: before one is called wrong, the work is done again here. So a file that was
//! cut short or spoilt costs time, and no verdict. A file that was forged could pass a wrong answer,
//! but only from an adapter, and one that forges could as well say that its answers were right: what
//! it must not skip is the CPU time, which the harness compares.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use workload_api::{Env, mix};

/// What is wrong with the answers of these branches, if anything.
pub(crate) fn wrong(
    scenario: &str,
    expected: &(dyn Fn(usize) -> u64 + Sync),
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
    // Everything that an answer depends on stands in the name.
    let first = indices.first().copied().unwrap_or(0);
    let name = format!(
        "answers-{}-{:x}-{}-{}-{}-{first}-{}",
        // A name of a scenario may hold a slash, and a file's may not.
        scenario.replace('/', "."),
        env.nonce,
        env.wait.as_nanos(),
        env.steps,
        env.branches,
        indices.len()
    );
    let path = env.folder.join(&name);
    // Without steps, knowing is cheaper than a look into a file.
    let known = match env.steps {
        0 => None,
        _ => read(&path, &name),
    };
    if known.is_some_and(|known| differing(indices, answers, &known).is_none()) {
        return None;
    }
    let expected = computed(expected, env.steps > 0, indices);
    if expected.len() != indices.len() {
        return Some("the check of the answers itself panicked".to_owned());
    }
    if env.steps > 0 {
        // A folder that cannot be written costs time, and no answer.
        let _ = write(&path, &sealed(&name, &expected));
    }
    differing(indices, answers, &expected)
}

/// The first answer that is not as expected, if any is not.
fn differing(indices: &[usize], answers: &[u64], expected: &[u64]) -> Option<String> {
    if expected.len() != indices.len() {
        return Some(format!("{} answers were expected", expected.len()));
    }
    let pairs = indices.iter().zip(answers).zip(expected);
    pairs.into_iter().find_map(|((index, answer), expected)| {
        (answer != expected)
            .then(|| format!("branch {index} answered {answer:#x}, expected {expected:#x}"))
    })
}

/// On all cores, since nobody is timing it.
fn computed(
    expected: &(dyn Fn(usize) -> u64 + Sync),
    takes_time: bool,
    indices: &[usize],
) -> Vec<u64> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let of = |share: &[usize]| -> Vec<u64> { share.iter().map(|&index| expected(index)).collect() };
    if !takes_time || cores == 1 || indices.len() < 2 {
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

/// The answers as text: a line each, and a last one that tells whether the others are whole and stand
/// under their own name.
fn sealed(name: &str, answers: &[u64]) -> String {
    let named = name.bytes().fold(0, |seal, byte| mix(seal, byte.into()));
    let seal = answers
        .iter()
        .fold(named, |seal, &answer| mix(seal, answer));
    let lines: String = answers
        .iter()
        .map(|answer| format!("{answer:x}\n"))
        .collect();
    format!("{lines}sealed {seal:x}\n")
}

fn read(path: &Path, name: &str) -> Option<Vec<u64>> {
    let text = fs::read_to_string(path).ok()?;
    let answers: Vec<u64> = text
        .lines()
        .map_while(|line| u64::from_str_radix(line, 16).ok())
        .collect();
    (sealed(name, &answers) == text).then_some(answers)
}

/// Under another name first, so that a reader finds all or nothing.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = PathBuf::from(format!("{}.{}", path.display(), std::process::id()));
    let mut file = fs::File::create(&draft)?;
    file.write_all(text.as_bytes())?;
    fs::rename(draft, path)
}

#[cfg(test)]
mod tests;
