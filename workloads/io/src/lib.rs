//! Branches that wait, and those whose work is all input and output.
//!
//! | workload | a branch |
//! | --- | --- |
//! | [`Timers`] | sleeps |
//! | [`Http`] | makes one HTTP/1.1 request, answered after a delay |
//! | [`SocketAndTimer`] | reads from a socket that answers after a delay, or sleeps |
//! | [`StoreAndConfig`] | reads a record from an embedded store, or a configuration file |
//! | [`ManyTimers`], [`ManyBuffers`], [`ManyYields`] | waits for an instant, holds 1 KiB meanwhile, or gives way once |
//! | [`Connections`] | makes small round trips on one of many connections that are all held open |
//! | [`Echo`] | makes many small round trips over one connection, with no delay |

mod connections;
mod echo;
mod http;
mod many;
mod socket_and_timer;
mod store_and_config;
mod timers;

pub use connections::Connections;
pub use echo::Echo;
pub use http::Http;
pub use many::{ManyBuffers, ManyTimers, ManyYields};
pub use socket_and_timer::SocketAndTimer;
pub use store_and_config::StoreAndConfig;
pub use timers::Timers;
