//! Whose turn it is: yields, and the order of polls in a join.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use runtime_api::Config;

use crate::{
    Outcome, Seen,
    subject::{compose, compose2, start, yield_now},
    support::{ensure, turn},
};

pub(crate) fn yield_now_is_pending_once(config: &Config, _seen: &Seen) -> Outcome {
    start(config, || async {
        let mut pending = 0;
        let mut yielding = pin!(yield_now());
        poll_fn(|context| {
            let poll = yielding.as_mut().poll(context);
            pending += u32::from(poll.is_pending());
            poll
        })
        .await;
        ensure!(pending == 1, "a yield was pending {pending} times");

        let turns = Mutex::new(Vec::new());
        let branch = |name: char| {
            let turns = &turns;
            async move {
                for _ in 0..3 {
                    turns.lock().unwrap().push(name);
                    yield_now().await;
                }
            }
        };
        compose2(branch('a'), branch('b')).await;
        let turns = turns.into_inner().unwrap();
        let longest = turns.chunk_by(|a, b| a == b).map(<[char]>::len).max();
        ensure!(
            longest <= Some(2),
            "a branch had more than two turns running: {turns:?}"
        );
        Ok(())
    })
}

/// Who was polled, in order.
#[derive(Clone, Default)]
struct Turns(Arc<Mutex<Vec<usize>>>);

impl Turns {
    /// A branch that takes so many turns, and is ready for the next at once.
    async fn take(self, branch: usize, turns: usize) {
        for _ in 0..turns {
            self.0.lock().unwrap().push(branch);
            turn().await;
        }
    }

    fn taken(&self) -> Vec<usize> {
        self.0.lock().unwrap().clone()
    }
}

/// How a join of `n` branches polls them.
fn order(taken: &[usize], n: usize) -> &'static str {
    let rounds = || taken.chunks(n).enumerate();
    let begins_at = |round: &[usize], first: usize| {
        round
            .iter()
            .enumerate()
            .all(|(i, &branch)| branch == (first + i) % n)
    };
    if rounds().all(|(_, round)| begins_at(round, 0)) {
        "fixed"
    } else if rounds().all(|(i, round)| begins_at(round, i % n)) {
        "rotates"
    } else if taken.starts_with(&(0..n).collect::<Vec<_>>()) {
        "first in order, then otherwise"
    } else {
        "otherwise"
    }
}

/// Nothing is promised but that each has its turns.
pub(crate) fn compose_polls_in_its_own_order(config: &Config, seen: &Seen) -> Outcome {
    const ROUNDS: usize = 6;
    let noted = seen.clone();
    start(config, || async move {
        let turns = Turns::default();
        compose2(turns.clone().take(0, ROUNDS), turns.clone().take(1, ROUNDS)).await;
        let pair = turns.taken();
        ensure!(pair.len() == 2 * ROUNDS, "a pair had the turns {pair:?}");
        noted.note("order of polls, pair", order(&pair, 2));
        for n in [5, 31] {
            let turns = Turns::default();
            let branches = (0..n).map(|branch| turns.clone().take(branch, ROUNDS));
            compose(branches).await;
            let list = turns.taken();
            ensure!(
                list.len() == n * ROUNDS,
                "a list of {n} had {} turns of {}",
                list.len(),
                n * ROUNDS
            );
            noted.note(&format!("order of polls, list of {n}"), order(&list, n));
        }
        Ok(())
    })
}

/// A branch that is ready again whenever it was polled, until its sibling has had its turns.
pub(crate) fn compose_starves_no_branch(config: &Config, seen: &Seen) -> Outcome {
    const TURNS: usize = 10;
    const FAR_TOO_MANY: usize = 10_000;
    /// Branch 0 is always ready, the others need some turns.
    async fn branch(turns: Turns, branch: usize, done: Arc<AtomicBool>) {
        if branch == 0 {
            for _ in 0..FAR_TOO_MANY {
                if done.load(SeqCst) {
                    return;
                }
                turns.clone().take(0, 1).await;
            }
        } else {
            turns.take(branch, TURNS).await;
            done.store(true, SeqCst);
        }
    }
    let noted = seen.clone();
    start(config, || async move {
        let mut longest = 0;
        let mut judge = |how: &str, turns: &Turns, done: &AtomicBool| {
            let taken = turns.taken();
            let greedy = taken.iter().filter(|&&branch| branch == 0).count();
            ensure!(
                done.load(SeqCst) && greedy < FAR_TOO_MANY,
                "{how}: a branch that is always ready had {greedy} turns before its sibling had {TURNS}"
            );
            let runs = taken.chunk_by(|a, b| a == b).filter(|run| run[0] == 0);
            longest = longest.max(runs.map(<[usize]>::len).max().unwrap_or(0));
            Ok(())
        };
        for (first, last) in [(0, 1), (1, 0)] {
            let (turns, done) = (Turns::default(), Arc::new(AtomicBool::new(false)));
            let new = |index| branch(turns.clone(), index, done.clone());
            compose2(new(first), new(last)).await;
            judge("a pair", &turns, &done)?;
        }
        for n in [5, 31] {
            let (turns, done) = (Turns::default(), Arc::new(AtomicBool::new(false)));
            let new = |index| branch(turns.clone(), index, done.clone());
            compose((0..n).map(new)).await;
            judge("a list", &turns, &done)?;
        }
        noted.note("turns running of a branch that is always ready", longest);
        Ok(())
    })
}
