//! Questions that are asked of every workload's answers.

use std::{collections::HashSet, marker::PhantomData, time::Instant};

use async_io::block_on;
use runtime_api::Runtime;
use workload_api::{Env, Workload};

use crate::OneThread;

/// The answers of a workload's branches, run one after the other, or joined.
#[derive(Debug)]
pub struct Answers<W, R = OneThread> {
    workload: W,
    env: Env,
    answers: Vec<u64>,
    run: fn(W, &Env) -> Vec<u64>,
    on: PhantomData<R>,
}

impl<W: Workload> Answers<W> {
    /// Prepares the workload and runs its branches.
    ///
    /// # Panics
    ///
    /// When the workload cannot be prepared, or a branch panics.
    #[must_use]
    pub fn of(workload: W, env: &Env) -> Self {
        Self::on(workload, env)
    }

    /// As [`Answers::of`], for branches that wait for each other: they are joined.
    ///
    /// # Panics
    ///
    /// When the workload cannot be prepared, or a branch panics.
    #[must_use]
    pub fn together(workload: W, env: &Env) -> Self {
        Self::by(workload, env, Self::composed)
    }

    /// Runs one branch.
    #[must_use]
    pub fn one(workload: W, env: &Env, index: usize) -> u64 {
        one::<W, OneThread>(workload, env, index)
    }

    /// Runs all branches at once, composed.
    #[must_use]
    pub fn composed(workload: W, env: &Env) -> Vec<u64> {
        let env = begun(workload, env);
        let branch = |index| workload.branch::<OneThread>(env.clone(), index);
        block_on(OneThread::compose((0..env.branches).map(branch).collect()))
    }
}

impl<W: Workload, R: Runtime> Answers<W, R> {
    /// As [`Answers::of`], on another runtime: for branches that spawn.
    ///
    /// # Panics
    ///
    /// When the workload cannot be prepared, or a branch panics.
    #[must_use]
    pub fn on(workload: W, env: &Env) -> Self {
        Self::by(workload, env, run::<W, R>)
    }

    fn by(workload: W, env: &Env, run: fn(W, &Env) -> Vec<u64>) -> Self {
        workload
            .prepare(env)
            .expect("the workload makes what it needs");
        Self {
            workload,
            env: env.clone(),
            answers: run(workload, env),
            run,
            on: PhantomData,
        }
    }

    /// The same under another nonce.
    fn others(&self) -> (Env, Vec<u64>) {
        let mut other = self.env.clone();
        other.nonce += 1;
        let answers = (self.run)(self.workload, &other);
        (other, answers)
    }

    /// Holds each answer against [`Workload::expected`], and sees that the answers of all branches,
    /// under this nonce and another, are all different.
    ///
    /// # Panics
    ///
    /// When they are not.
    pub fn are_expected_and_differ(&self) {
        let (other, others) = self.others();
        for (env, answers) in [(&self.env, &self.answers), (&other, &others)] {
            for (index, answer) in answers.iter().enumerate() {
                let expected = self.workload.expected(env, index);
                assert_eq!(*answer, expected, "branch {index}, nonce {}", env.nonce);
            }
        }
        let distinct: HashSet<_> = self.answers.iter().chain(&others).collect();
        assert_eq!(
            distinct.len(),
            2 * self.env.branches,
            "two answers are the same"
        );
    }

    /// Sees that one step more gives other answers, under this nonce and another, and that they are the
    /// expected ones.
    ///
    /// # Panics
    ///
    /// When they are not.
    pub fn differ_by_steps(&self) {
        let mut more = self.env.clone();
        more.steps += 1;
        let (_, others) = self.others();
        for (index, answer) in (self.run)(self.workload, &more).iter().enumerate() {
            assert!(!self.answers.contains(answer), "branch {index}");
            assert!(!others.contains(answer), "branch {index}");
            assert_eq!(*answer, self.workload.expected(&more, index));
        }
    }
}

fn run<W: Workload, R: Runtime>(workload: W, env: &Env) -> Vec<u64> {
    (0..env.branches)
        .map(|index| one::<W, R>(workload, env, index))
        .collect()
}

fn one<W: Workload, R: Runtime>(workload: W, env: &Env, index: usize) -> u64 {
    let env = begun(workload, env);
    block_on(workload.branch::<R>(env, index))
}

/// The environment of a sample that begins now, with a value of its own to share.
fn begun(workload: impl Workload, env: &Env) -> Env {
    Env {
        start: Instant::now(),
        shared: workload.share(env),
        ..env.clone()
    }
}
