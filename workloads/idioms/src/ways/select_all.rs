//! A `select_all` loop

use std::future::Future;

use futures_util::future::select_all;
use runtime_api::Runtime;

use crate::{Failed, Idiom};

/// [`select_all`] of what is left, again and again: `select!` for a list. It polls from the first on until one is done.
#[derive(Clone, Copy, Debug)]
pub struct SelectAll;

impl Idiom for SelectAll {
    async fn run<R, F>(self, branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        let mut answers = Vec::with_capacity(branches.len());
        let mut left = branches;
        while !left.is_empty() {
            let (answer, _, others) = select_all(left).await;
            answers.push(answer?);
            left = others;
        }
        Ok(answers)
    }
}
