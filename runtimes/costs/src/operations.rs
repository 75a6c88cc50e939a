//! What an adapter writes by hand.

use std::{future::Future, io, net::SocketAddr, path::PathBuf, time::Duration};

use crate::{Job, Measured};

/// Bytes of one message of a round trip.
pub const MESSAGE: usize = 64;

/// The operations that are done in two ways. Each gives what its branches gave, summed, so that none can be left out.
///
/// A *ready* branch is `async move { i }`, for the number `i` of the branch. One that *yields* gives its turn back once
/// first, with the runtime's own call.
pub trait Operations: 'static {
    /// A TCP stream.
    type Stream;

    /// Joins two ready branches.
    fn join_two_ready() -> impl Future<Output = u64>;

    /// Joins two branches that yield.
    fn join_two_yielding() -> impl Future<Output = u64>;

    /// Joins a list of ready branches.
    fn join_ready(branches: u64) -> impl Future<Output = u64>;

    /// Joins a list of branches that yield.
    fn join_yielding(branches: u64) -> impl Future<Output = u64>;

    /// Spawns two ready branches, and awaits the one and then the other.
    fn spawn_two_ready() -> impl Future<Output = u64>;

    /// Spawns two branches that yield, and awaits the one and then the other.
    fn spawn_two_yielding() -> impl Future<Output = u64>;

    /// Spawns a list of ready branches, and awaits one after the other.
    fn spawn_ready(branches: u64) -> impl Future<Output = u64>;

    /// Spawns a list of branches that yield, and awaits one after the other.
    fn spawn_yielding(branches: u64) -> impl Future<Output = u64>;

    /// Spawns a ready branch and drops its handle; what becomes of the branch, the runtime says.
    fn drop_handle();

    /// Hands a closure that gives 1 to the blocking pool, and awaits it.
    fn spawn_blocking() -> impl Future<Output = u64>;

    /// Sleeps.
    fn sleep(duration: Duration) -> impl Future<Output = ()>;

    /// Connects.
    ///
    /// # Errors
    ///
    /// As the system reports them.
    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>>;

    /// Writes the message, flushes it, and reads as much back into its place.
    ///
    /// # Errors
    ///
    /// As the system reports them.
    fn round_trip(
        stream: &mut Self::Stream,
        message: &mut [u8; MESSAGE],
    ) -> impl Future<Output = io::Result<()>>;

    /// Reads a whole file.
    ///
    /// # Errors
    ///
    /// As the system reports them.
    fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>>;

    /// Does a job in a task: spawns [`perform::<Self>(job)`](crate::perform) with the runtime's own call, and awaits
    /// it. Not part of what is measured; it is here since only the runtime knows what its tasks may be.
    fn in_a_task(job: Job) -> impl Future<Output = Measured>;
}
