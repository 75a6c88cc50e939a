//! The crate futures-concurrency

use std::future::Future;

use futures_concurrency::future::{Join as _, TryJoin as _};
use runtime_api::Runtime;

use crate::{Failed, Idiom};

/// Its `join` of a list, whose outputs are looked at when all are there.
#[derive(Clone, Copy, Debug)]
pub struct Concurrency;

impl Idiom for Concurrency {
    async fn run<R, F>(self, branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        branches.join().await.into_iter().collect()
    }
}

/// Its `try_join` of a list.
#[derive(Clone, Copy, Debug)]
pub struct TryConcurrency;

impl Idiom for TryConcurrency {
    async fn run<R, F>(self, branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        branches.try_join().await
    }
}
