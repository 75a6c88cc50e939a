//! Connections that are all held open at once.

use std::{future::Future, io, net::SocketAddr};

use futures_lite::{AsyncReadExt, AsyncWriteExt};
use runtime_api::Runtime;
use workload_api::{Env, Stretch, Workload, mix};
use workload_wire::held::{GO, Group, MESSAGE, ROUND_TRIPS, answer, fold, message};

/// n branches. Each opens a connection, waits until all n are open, and makes 20 round trips of 64 bytes; none
/// closes before all are done.
#[derive(Clone, Copy, Debug)]
pub struct Connections;

impl Workload for Connections {
    const UNWATCHED: bool = true;

    fn branch<R: Runtime>(
        self,
        env: Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + 'static {
        self.branch_of::<R>(&env, index)
    }

    fn branch_of<R: Runtime>(
        self,
        env: &Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + use<R> + 'static {
        let held = env.origin.and_then(|origin| origin.held);
        let (seed, stretch) = (seed(env, index), env.stretch.clone());
        let group = Group {
            key: env.nonce,
            connections: env.branches as u64,
        };
        async move {
            let Some(address) = held else {
                panic!("connections: no origin was given that holds them");
            };
            exchange::<R>(address, group, seed, stretch)
                .await
                .unwrap_or_else(|error| panic!("connections: {address}: {error}"))
        }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        answer(seed(env, index))
    }
}

fn seed(env: &Env, index: usize) -> u64 {
    mix(env.nonce, index as u64)
}

async fn exchange<R: Runtime>(
    address: SocketAddr,
    group: Group,
    seed: u64,
    stretch: Stretch,
) -> io::Result<u64> {
    let mut stream = R::connect(address).await?;
    stream.write_all(&group.to_bytes()).await?;
    stream.flush().await?;
    let mut go = [0];
    stream.read_exact(&mut go).await?;
    if go != [GO] {
        return Err(invalid("it said something else than go"));
    }
    stretch.begin();
    let mut answer = seed;
    for trip in 0..ROUND_TRIPS {
        let sent = message(seed, trip);
        stream.write_all(&sent).await?;
        stream.flush().await?;
        let mut back = [0; MESSAGE];
        stream.read_exact(&mut back).await?;
        if back != sent {
            return Err(invalid(
                "a round trip brought back other bytes than it sent",
            ));
        }
        answer = fold(answer, &back);
    }
    stretch.end(group.connections, ROUND_TRIPS);
    // Comes when all have had their round trips: until then this one is held as well.
    let mut used = [0; 8];
    stream.read_exact(&mut used).await?;
    stretch.other(u64::from_le_bytes(used));
    Ok(answer)
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
