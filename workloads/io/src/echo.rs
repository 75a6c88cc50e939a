//! Input and output that is all work and no wait.

use std::{io, net::SocketAddr};

use futures_lite::{AsyncReadExt, AsyncWriteExt};
use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_wire::held::{MESSAGE, fold, message};

/// Round trips a branch makes, one after the other.
const ROUND_TRIPS: u64 = 50;

/// n branches. Each opens a connection to the origin's echo port and makes 50 round trips of 64
/// bytes, and looks at every byte that comes back.
#[derive(Clone, Copy, Debug)]
pub struct Echo;

impl Workload for Echo {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let Some(origin) = env.origin else {
            panic!("echo: no origin was given");
        };
        exchange::<R>(origin.echo, mix(env.nonce, index as u64))
            .await
            .unwrap_or_else(|error| panic!("echo: {}: {error}", origin.echo))
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        (0..ROUND_TRIPS).fold(seed, |answer, trip| fold(answer, &message(seed, trip)))
    }
}

async fn exchange<R: Runtime>(address: SocketAddr, seed: u64) -> io::Result<u64> {
    let mut stream = R::connect(address).await?;
    let mut answer = seed;
    for trip in 0..ROUND_TRIPS {
        let sent = message(seed, trip);
        stream.write_all(&sent).await?;
        stream.flush().await?;
        let mut back = [0; MESSAGE];
        stream.read_exact(&mut back).await?;
        if back != sent {
            let reason = format!("round trip {trip} brought back other bytes than it sent");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        answer = fold(answer, &back);
    }
    Ok(answer)
}
