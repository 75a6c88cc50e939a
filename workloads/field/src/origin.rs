//! The origin, as cases talk to it: whoever cannot says so and panics.

use std::net::SocketAddr;

use runtime_api::{AsyncRead, AsyncWrite, Runtime};
use workload_api::{Env, Origin};
use workload_wire::Delayed;

/// A connection to one of the origin's sockets.
pub(crate) async fn connected<R: Runtime>(
    case: &str,
    env: &Env,
    socket: fn(Origin) -> SocketAddr,
) -> R::Stream {
    let Some(origin) = env.origin else {
        panic!("{case}: no origin was given");
    };
    let address = socket(origin);
    R::connect(address)
        .await
        .unwrap_or_else(|error| panic!("{case}: {address}: {error}"))
}

/// The reply of the delayed socket.
pub(crate) async fn reply(
    case: &str,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: Delayed,
) -> u64 {
    request
        .ask(stream)
        .await
        .unwrap_or_else(|error| panic!("{case}: the origin: {error}"))
}
