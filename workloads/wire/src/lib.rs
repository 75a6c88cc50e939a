//! What branches and the origin say to each other, written once for both sides.
//!
//! - [`Ask`]: what a request asks for, as the query of an HTTP request.
//! - [`Account`]: what `sync-account` fetches and writes back.
//! - [`Delayed`]: the few bytes of a request to the delayed socket.
//! - [`converse`]: the HTTP client, over a runtime's own stream.
//! - [`held`]: connections that are all held open while they echo.
//! - [`HyperIo`]: such a stream as hyper wants it; the origin uses it too.
//!
//! Every answer is a function of what was asked, so that a branch's answer can be foretold without
//! asking.

mod account;
mod ask;
mod client;
mod delayed;
pub mod held;
mod hyper_io;

pub use account::Account;
pub use ask::Ask;
pub use client::{Client, Error, converse, number};
pub use delayed::Delayed;
pub use hyper_io::HyperIo;
