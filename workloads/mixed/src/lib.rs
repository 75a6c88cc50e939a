//! Branches that wait and compute, or do either as they should not.
//!
//! | workload | a branch |
//! | --- | --- |
//! | [`SyncAccount`] | fetches over HTTP, computes, and writes back |
//! | [`Heartbeat`] | ticks every millisecond, beside branches that hog their thread |
//! | [`WokenHog`] | sleeps, beside a branch that is woken before it and hogs its thread |
//! | [`Turns`] | computes in pieces, and yields between them |
//! | [`Blocking`] | waits by blocking its thread |
//! | [`Ready`] | is ready at once |
//!
//! What they compute is [`workload_cpu::DigestKernel`], so that a step costs here what it costs in
//! `digest`.

mod blocking;
mod heartbeat;
mod ready;
mod sync_account;
mod turns;
mod woken_hog;

pub use blocking::Blocking;
pub use heartbeat::Heartbeat;
pub use ready::Ready;
pub use sync_account::SyncAccount;
pub use turns::Turns;
pub use woken_hog::WokenHog;
