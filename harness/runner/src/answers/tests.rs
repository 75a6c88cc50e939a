//! Answers checked against work done again, and against what another process left.

use std::{
    future::{Future, ready},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use runtime_api::Runtime;
use workload_api::{Lateness, Shared, Stretch, Workload};

use super::*;

/// How often the work was done again, by nonce: tests run side by side.
static DONE: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];

#[derive(Clone, Copy)]
struct Doubles;

impl Workload for Doubles {
    fn branch<R: Runtime>(self, _: Env, _: usize) -> impl Future<Output = u64> + Send + 'static {
        ready(0)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        DONE[env.nonce as usize].fetch_add(1, Ordering::Relaxed);
        0x1000 * (env.nonce + 1) + 2 * index as u64 * env.steps
    }
}

fn env(folder: &Path, nonce: u64) -> Env {
    Env {
        branches: 3,
        wait: Duration::from_millis(5),
        steps: 7,
        nonce,
        start: Instant::now(),
        origin: None,
        folder: Arc::from(folder),
        lateness: Lateness::default(),
        stretch: Stretch::default(),
        shared: Shared::default(),
    }
}

fn right(env: &Env) -> Vec<u64> {
    (0..3)
        .map(|i| 0x1000 * (env.nonce + 1) + 2 * i * env.steps)
        .collect()
}

fn check(env: &Env, answers: &[u64]) -> Option<String> {
    wrong(
        "doubles",
        &|index| Doubles.expected(env, index),
        env,
        &[0, 1, 2],
        answers,
    )
}

fn done(env: &Env) -> u64 {
    DONE[env.nonce as usize].load(Ordering::Relaxed)
}

/// The one file of answers in the folder.
fn left(folder: &Path) -> PathBuf {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "no draft stays behind");
    files.remove(0)
}

#[test]
fn the_work_is_done_once_for_all_arms_and_a_wrong_answer_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let env = env(folder.path(), 0);
    assert_eq!(check(&env, &right(&env)), None);
    assert_eq!(check(&env, &right(&env)), None);
    assert_eq!(done(&env), 3, "the second arm found the answers");
    let mut answers = right(&env);
    answers[2] += 1;
    assert_eq!(
        check(&env, &answers).as_deref(),
        Some("branch 2 answered 0x101d, expected 0x101c")
    );
    assert_eq!(
        check(&env, &answers[..2]).as_deref(),
        Some("3 branches gave 2 answers")
    );
}

#[test]
fn answers_in_another_order_are_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let env = env(folder.path(), 1);
    let mut answers = right(&env);
    answers.swap(0, 1);
    assert!(check(&env, &answers).is_some());
}

/// Cut short anywhere, or with any one character another: neither is a right answer wrong, nor a wrong
/// one right.
#[test]
fn a_spoilt_file_changes_no_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let env = env(folder.path(), 2);
    assert_eq!(check(&env, &right(&env)), None);
    let path = left(folder.path());
    let whole = fs::read_to_string(&path).unwrap();
    let mut spoilt: Vec<String> = (0..whole.len())
        .map(|cut| whole[..cut].to_owned())
        .collect();
    for at in 0..whole.len() {
        for other in ["0", "f", "\n"] {
            let mut text = whole.clone();
            text.replace_range(at..=at, other);
            if text != whole {
                spoilt.push(text);
            }
        }
    }
    spoilt.push(format!("{whole}{whole}"));
    for text in spoilt {
        fs::write(&path, &text).unwrap();
        // An answer as the spoilt file has it.
        let as_spoilt: Vec<u64> = text
            .lines()
            .map_while(|line| u64::from_str_radix(line, 16).ok())
            .take(3)
            .collect();
        if as_spoilt.len() == 3 && as_spoilt != right(&env) {
            assert!(check(&env, &as_spoilt).is_some(), "{text:?}");
            fs::write(&path, &text).unwrap();
        }
        assert_eq!(check(&env, &right(&env)), None, "{text:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), whole, "mended");
    }
}

/// Whole and sealed, but of other work: believed of nobody whose answer it contradicts.
#[test]
fn no_answer_is_called_wrong_on_a_files_word() {
    let folder = tempfile::tempdir().unwrap();
    let env = env(folder.path(), 3);
    assert_eq!(check(&env, &right(&env)), None);
    let path = left(folder.path());
    let name = path.file_name().unwrap().to_str().unwrap();
    fs::write(&path, sealed(name, &[1, 2, 3])).unwrap();
    assert_eq!(check(&env, &right(&env)), None);
    // Under the name of other work the seal breaks.
    fs::write(&path, sealed("answers-of-another", &[1, 2, 3])).unwrap();
    assert!(check(&env, &[1, 2, 3]).is_some());
}

#[test]
fn other_work_has_another_name() {
    let folder = tempfile::tempdir().unwrap();
    let first = env(folder.path(), 4);
    assert_eq!(check(&first, &right(&first)), None);
    let before = done(&first);
    let others = [
        Env {
            wait: Duration::from_millis(6),
            ..first.clone()
        },
        Env {
            steps: 8,
            ..first.clone()
        },
        Env {
            branches: 4,
            ..first.clone()
        },
    ];
    for (i, other) in others.iter().enumerate() {
        assert_eq!(check(other, &right(other)), None);
        assert_eq!(
            done(&first),
            before + 3 * (i as u64 + 1),
            "found none of them"
        );
    }
    let other_nonce = env(folder.path(), 5);
    assert_eq!(check(&other_nonce, &right(&other_nonce)), None);
    assert_eq!(done(&other_nonce), 3);
    let expected = right(&first)[1..].to_vec();
    assert_eq!(
        wrong(
            "doubles",
            &|index| Doubles.expected(&first, index),
            &first,
            &[1, 2],
            &expected
        ),
        None
    );
    assert_eq!(
        wrong(
            "triples",
            &|index| Doubles.expected(&first, index),
            &first,
            &[0, 1, 2],
            &right(&first)
        ),
        None
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 7);
}

#[test]
fn without_steps_no_file_is_left_and_without_a_folder_nothing_fails() {
    let folder = tempfile::tempdir().unwrap();
    let no_steps = Env {
        steps: 0,
        ..env(folder.path(), 6)
    };
    assert_eq!(check(&no_steps, &right(&no_steps)), None);
    assert!(check(&no_steps, &[1, 2, 3]).is_some());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let nowhere = env(&folder.path().join("absent"), 7);
    assert_eq!(check(&nowhere, &right(&nowhere)), None);
    assert!(check(&nowhere, &[1, 2, 3]).is_some());
}
