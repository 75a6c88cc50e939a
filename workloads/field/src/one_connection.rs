//! Requests over the one connection that there is.

use async_lock::Mutex;
use runtime_api::Runtime;
use workload_api::{Env, Shared, Workload, mix};
use workload_wire::Delayed;

use crate::origin;

const CASE: &str = "field/one-connection";

/// n branches, each with a request that the origin answers after `env.wait`. All of them share one connection, and
/// hold the lock around it from the request to its answer.
///
/// Whoever holds the lock connects anew: on a runtime with an executor a core no socket can go from one to another,
/// and one that could stay open would change nothing of who waits for whom.
#[derive(Clone, Copy, Debug)]
pub struct OneConnection;

/// The right to use the connection.
type Connection = Mutex<()>;

impl Workload for OneConnection {
    fn share(self, _env: &Env) -> Shared {
        Shared::new(Connection::new(()))
    }

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let _held = env.shared::<Connection>().lock().await;
        let mut stream = origin::connected::<R>(CASE, &env, |origin| origin.delayed).await;
        origin::reply(CASE, &mut stream, request(&env, index)).await
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        request(env, index).reply()
    }
}

fn request(env: &Env, index: usize) -> Delayed {
    Delayed {
        delay: env.wait,
        nonce: mix(env.nonce, index as u64),
    }
}
