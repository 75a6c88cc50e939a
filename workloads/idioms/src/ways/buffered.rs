//! `buffer_unordered(n)`

use std::future::Future;

use futures_util::stream::{StreamExt, TryStreamExt, iter};
use runtime_api::Runtime;

use crate::{Failed, Idiom};

/// Branches at once.
const AT_ONCE: usize = 10;

/// [`StreamExt::buffer_unordered`] over a stream of the branches, ten at once.
#[derive(Clone, Copy, Debug)]
pub struct Buffered;

impl Idiom for Buffered {
    async fn run<R, F>(self, branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        let answers = iter(branches).buffer_unordered(AT_ONCE);
        answers.try_collect().await
    }
}
