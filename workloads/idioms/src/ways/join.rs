//! `join!`

use std::future::Future;

use runtime_api::{Runtime, WRITTEN_OUT, written_out};

use crate::{Failed, Idiom};

/// [`futures_util::join!`]: it polls every branch that is not done at every wake.
#[derive(Clone, Copy, Debug)]
pub struct Join;

impl Idiom for Join {
    const WRITTEN_OUT: &'static [usize] = WRITTEN_OUT;

    async fn run<R, F>(self, branches: Vec<F>) -> Result<Vec<u64>, Failed>
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static,
    {
        macro_rules! joined {
            ($branches:ident, $n:literal; $($name:ident)*) => {{
                let Ok([$($name),*]) = <[F; $n]>::try_from($branches) else {
                    unreachable!("so many there are")
                };
                let ($($name),*) = futures_util::join!($($name),*);
                Ok(vec![$($name?),*])
            }};
        }
        written_out!(branches, joined)
    }
}
