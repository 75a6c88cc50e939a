//! Branches that wait, and those whose work is all input and output.
//!
//! | workload | a branch |
//! | --- | --- |
//! | [`Timers`] | sleeps |
//! | [`Http`] | makes one HTTP/1.1 request, answered after a delay |
//! | [`SocketAndTimer`] | reads from a socket that answers after a delay, or sleeps |
//! | [`StoreAndConfig`] | reads a record from an embedded store, or a configuration file |
//! | [`Echo`] | makes many small round trips over one connection, with no delay |

mod echo;
mod http;
mod socket_and_timer;
mod store_and_config;
mod timers;

pub use echo::Echo;
pub use http::Http;
pub use socket_and_timer::SocketAndTimer;
pub use store_and_config::StoreAndConfig;
pub use timers::Timers;
