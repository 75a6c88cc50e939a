//! A tree, ten calls each, whose leaves are added up.

use std::future::Future;

use runtime_api::Runtime;
use workload_api::{Env, Way, Workload};

use crate::{
    calls::Calls,
    ways::{Call, Ways, by},
};

/// A tree that is `env.branches` deep. A leaf gives its number and the nonce.
#[derive(Clone, Copy, Debug)]
pub struct Skynet;

const CHILDREN: u64 = 10;

impl Workload for Skynet {
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
        by!(way, call::<R>(env.nonce, leaves(env.branches)))
    }

    fn expected(self, env: &Env, _: usize) -> u64 {
        expected(env.branches, env.nonce)
    }
}

/// By the sum of the first numbers.
pub(crate) fn expected(depth: usize, nonce: u64) -> u64 {
    let leaves = leaves(depth);
    (leaves * (leaves - 1) / 2).wrapping_add(leaves.wrapping_mul(nonce))
}

fn leaves(depth: usize) -> u64 {
    CHILDREN.pow(u32::try_from(depth).unwrap_or(u32::MAX))
}

/// The leaves from the first on.
fn call<R: Runtime, W: Ways>(first: u64, leaves: u64) -> Call {
    Box::pin(async move {
        if leaves == 1 {
            return first;
        }
        let each = leaves / CHILDREN;
        let child = move |index| call::<R, W>(first.wrapping_add(index * each), each);
        W::all::<R>((0..CHILDREN).map(child)).await
    })
}

/// The same as a plain function.
pub(crate) fn plain<C: Calls>(depth: usize, nonce: u64) -> u64 {
    sum::<C>(nonce, leaves(depth))
}

fn sum<C: Calls>(first: u64, leaves: u64) -> u64 {
    if leaves == 1 {
        return first;
    }
    let each = leaves / CHILDREN;
    C::all(CHILDREN as usize, |index| {
        sum::<C>(first.wrapping_add(index as u64 * each), each)
    })
}
