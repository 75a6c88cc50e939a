//! A `select!` loop

use std::future::Future;

use futures_util::{FutureExt, select};
use runtime_api::{Runtime, WRITTEN_OUT, written_out};

use crate::{Failed, Idiom};

/// [`select!`] in a loop until all are complete: it begins at a branch that it draws by lot and polls on until one is done.
#[derive(Clone, Copy, Debug)]
pub struct Select;

impl Idiom for Select {
    const WRITTEN_OUT: &'static [usize] = WRITTEN_OUT;

    async fn run<R, F>(self, branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        macro_rules! selected {
            ($branches:ident, $n:literal; $($name:ident)*) => {{
                let Ok([$($name),*]) = <[F; $n]>::try_from($branches) else {
                    unreachable!("so many there are")
                };
                $(let mut $name = $name.fuse();)*
                let mut answers = Vec::with_capacity($n);
                loop {
                    select! {
                        $(answer = $name => answers.push(answer?),)*
                        complete => break,
                    }
                }
                Ok(answers)
            }};
        }
        written_out!(branches, selected)
    }
}
