//! Fetch, compute, write back: what most services do all day.

use runtime_api::Runtime;
use workload_api::{Env, Origin, Workload};
use workload_cpu::DigestKernel;
use workload_wire::{Account, Ask, Error, converse, number};

/// n branches. Each gets an account from the origin, does `env.steps` steps of the digest kernel over
/// it, and puts the result back, all over one connection.
///
/// The origin takes half of `env.wait` over each of the two requests, so that a branch waits, computes
/// in one piece, and waits again.
#[derive(Clone, Copy, Debug)]
pub struct SyncAccount;

impl Workload for SyncAccount {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let Some(origin) = env.origin else {
            panic!("sync-account: no origin was given");
        };
        sync::<R>(origin, ask(&env, index), env.steps)
            .await
            .unwrap_or_else(|error| panic!("sync-account: {error}"))
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let ask = ask(env, index);
        let result = DigestKernel::compute(Account::of(&ask).seed(), env.steps);
        Account::acknowledgement(&ask, result)
    }
}

fn ask(env: &Env, index: usize) -> Ask {
    Ask {
        delay: env.wait / 2,
        nonce: env.nonce,
        branch: index as u64,
    }
}

async fn sync<R: Runtime>(origin: Origin, ask: Ask, steps: u64) -> Result<u64, Error> {
    let target = ask.target("/account");
    converse::<R, _, _>(origin.http, async move |mut client| {
        let body = client.get(&target).await?;
        let account = Account::parse(&body)?;
        let result = DigestKernel::compute(account.seed(), steps);
        number(&client.put(&target, result.to_string()).await?)
    })
    .await
}
