//! `join_all`, `try_join_all`

use std::future::Future;

use futures_util::future::{join_all, try_join_all};
use runtime_api::Runtime;

use crate::{Failed, Idiom};

/// [`join_all`], whose outputs are looked at when all are there.
#[derive(Clone, Copy, Debug)]
pub struct JoinAll;

impl Idiom for JoinAll {
    async fn run<R, F>(self, branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        join_all(branches).await.into_iter().collect()
    }
}

/// [`try_join_all`].
#[derive(Clone, Copy, Debug)]
pub struct TryJoinAll;

impl Idiom for TryJoinAll {
    async fn run<R, F>(self, branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        try_join_all(branches).await
    }
}
