//! What only a runtime can have

use std::future::Future;

use runtime_api::Runtime;

use crate::{Failed, Idiom};

/// A way that stands in the adapters of those runtimes that have it, by its name in the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Native;

impl Idiom for Native {
    const NATIVE: bool = true;

    async fn run<R, F>(self, _branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        unreachable!("an adapter has it, or it is refused")
    }
}
