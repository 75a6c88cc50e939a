//! The checks, by subject. Each is a question to the runtime; `catalogue` has their promises.

mod blocking;
mod cancel;
mod compose;
mod dispatch;
mod io;
mod lifetimes;
mod panics;
mod race;
mod root;
mod shutdown;
mod spawn;
mod time;
mod turns;

pub(crate) use blocking::*;
pub(crate) use cancel::*;
pub(crate) use compose::*;
pub(crate) use dispatch::*;
pub(crate) use io::*;
pub(crate) use lifetimes::*;
pub(crate) use panics::*;
pub(crate) use race::*;
pub(crate) use root::*;
pub(crate) use shutdown::*;
pub(crate) use spawn::*;
pub(crate) use time::*;
pub(crate) use turns::*;
