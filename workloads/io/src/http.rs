//! One HTTP request.

use runtime_api::Runtime;
use workload_api::{Env, Workload};
use workload_wire::{Ask, converse, number};

/// n branches, each one `GET /answer` over a connection of its own, answered after `env.wait`.
#[derive(Clone, Copy, Debug)]
pub struct Http;

impl Workload for Http {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let Some(origin) = env.origin else {
            panic!("http: no origin was given");
        };
        let target = ask(&env, index).target("/answer");
        converse::<R, _, _>(origin.http, async move |mut client| {
            number(&client.get(&target).await?)
        })
        .await
        .unwrap_or_else(|error| panic!("http: {error}"))
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        ask(env, index).answer()
    }
}

fn ask(env: &Env, index: usize) -> Ask {
    Ask {
        delay: env.wait,
        nonce: env.nonce,
        branch: index as u64,
    }
}
