//! `FuturesUnordered`

use std::future::Future;

use futures_util::stream::{FuturesUnordered, StreamExt};
use runtime_api::Runtime;

use crate::{Failed, Idiom};

/// [`FuturesUnordered`], whose outputs are taken as they come.
#[derive(Clone, Copy, Debug)]
pub struct Unordered;

impl Idiom for Unordered {
    async fn run<R, F>(self, branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        let mut answers = Vec::with_capacity(branches.len());
        let mut left: FuturesUnordered<F> = branches.into_iter().collect();
        while let Some(answer) = left.next().await {
            answers.push(answer?);
        }
        Ok(answers)
    }
}
