//! Spawn each, await each

use std::future::Future;

use runtime_api::Runtime;

use crate::{Failed, Idiom};

/// The runtime's own spawn, and its handles awaited one after the other.
#[derive(Clone, Copy, Debug)]
pub struct SpawnAwait;

impl Idiom for SpawnAwait {
    async fn run<R, F>(self, branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        let handles: Vec<_> = branches.into_iter().map(R::spawn).collect();
        let mut answers = Vec::with_capacity(handles.len());
        for handle in handles {
            answers.push(handle.await?);
        }
        Ok(answers)
    }
}
