//! A Fibonacci number by its definition: two calls each, and next to nothing to do in them.

use std::future::Future;

use runtime_api::Runtime;
use workload_api::{Env, Way, Workload, mix};
use workload_catalogue::CUT_FIB;

use crate::{
    calls::Calls,
    ways::{Call, Ways, by},
};

/// fib(n), of n = `env.branches`. It begins with two numbers that depend on the nonce, in the place of 0 and 1.
#[derive(Clone, Copy, Debug)]
pub struct Fib {
    /// What is below this is computed without forking.
    cut: usize,
}

impl Fib {
    /// Forks down to the leaves.
    pub const WHOLE: Self = Self { cut: 2 };
    /// What is below 20, some ten microseconds, does not fork.
    pub const CUT: Self = Self { cut: 20 };
}

impl Workload for Fib {
    const FORKS: bool = true;
    const UNWATCHED: bool = true;

    fn branch<R: Runtime>(self, env: Env, _: usize) -> impl Future<Output = u64> + Send + 'static {
        self.forked::<R>(&env, Way::InTurn)
    }

    fn forked<R: Runtime>(
        self,
        env: &Env,
        way: Way,
    ) -> impl Future<Output = u64> + Send + use<R> + 'static {
        by!(way, call::<R>(env.branches, self.cut, first(env.nonce)))
    }

    fn expected(self, env: &Env, _: usize) -> u64 {
        expected(env.branches, env.nonce)
    }
}

/// fib([`CUT_FIB`]), and `env.branches` is its cut-off.
#[derive(Clone, Copy, Debug)]
pub struct FibCuts;

impl Workload for FibCuts {
    const FORKS: bool = true;
    const UNWATCHED: bool = true;

    fn branch<R: Runtime>(self, env: Env, _: usize) -> impl Future<Output = u64> + Send + 'static {
        self.forked::<R>(&env, Way::InTurn)
    }

    fn forked<R: Runtime>(
        self,
        env: &Env,
        way: Way,
    ) -> impl Future<Output = u64> + Send + use<R> + 'static {
        by!(way, call::<R>(CUT_FIB, env.branches, first(env.nonce)))
    }

    fn expected(self, env: &Env, _: usize) -> u64 {
        expected(CUT_FIB, env.nonce)
    }
}

/// The first two numbers.
type First = [u64; 2];

fn first(nonce: u64) -> First {
    [mix(nonce, 0), mix(nonce, 1)]
}

/// By addition upwards.
pub(crate) fn expected(n: usize, nonce: u64) -> u64 {
    let [mut this, mut next] = first(nonce);
    for _ in 0..n {
        (this, next) = (next, this.wrapping_add(next));
    }
    this
}

fn call<R: Runtime, W: Ways>(n: usize, cut: usize, first: First) -> Call {
    Box::pin(async move {
        if n < cut.max(2) {
            return alone(n, first);
        }
        W::pair::<R>(
            call::<R, W>(n - 1, cut, first),
            call::<R, W>(n - 2, cut, first),
        )
        .await
    })
}

/// The same as a plain function.
pub(crate) fn plain<C: Calls>(n: usize, cut: usize, nonce: u64) -> u64 {
    by_definition::<C>(n, cut, first(nonce))
}

fn by_definition<C: Calls>(n: usize, cut: usize, first: First) -> u64 {
    if n < cut.max(2) || !C::FORKS {
        return alone(n, first);
    }
    C::pair(
        || by_definition::<C>(n - 1, cut, first),
        || by_definition::<C>(n - 2, cut, first),
    )
}

/// Without forking. Not generic, so that it is compiled here, once for all programs.
#[inline(never)]
fn alone(n: usize, first: First) -> u64 {
    match first.get(n) {
        Some(&leaf) => leaf,
        None => alone(n - 1, first).wrapping_add(alone(n - 2, first)),
    }
}
