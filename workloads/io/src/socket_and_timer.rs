//! A socket read beside a timer.

use std::{io, net::SocketAddr};

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_wire::Delayed;

/// Even branches ask the origin's delayed socket for a reply after `env.wait`; odd branches sleep as
/// long.
#[derive(Clone, Copy, Debug)]
pub struct SocketAndTimer;

impl Workload for SocketAndTimer {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        if reads(index) {
            let Some(origin) = env.origin else {
                panic!("socket-and-timer: no origin was given");
            };
            read::<R>(origin.delayed, request(&env, index))
                .await
                .unwrap_or_else(|error| panic!("socket-and-timer: {}: {error}", origin.delayed))
        } else {
            R::sleep(env.wait).await;
            mix(env.nonce, index as u64)
        }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        if reads(index) {
            request(env, index).reply()
        } else {
            mix(env.nonce, index as u64)
        }
    }
}

fn reads(index: usize) -> bool {
    index.is_multiple_of(2)
}

fn request(env: &Env, index: usize) -> Delayed {
    Delayed {
        delay: env.wait,
        nonce: mix(env.nonce, index as u64),
    }
}

async fn read<R: Runtime>(address: SocketAddr, request: Delayed) -> io::Result<u64> {
    request.ask(&mut R::connect(address).await?).await
}
