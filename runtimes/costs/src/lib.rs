//! What a runtime's primitives cost, and what the trait adds to them.
//!
//! Each [operation](Operation) is done in two ways, or *sides*. [`Through`] does it through the trait, for any
//! runtime. The *twin* does the same, written by hand in the runtime's own idiom, as its documentation would have
//! it, without anything of ours; an adapter brings it as its [`Operations`]. Both are compiled into one program, and
//! run in the same loop.
//!
//! That program is an adapter's bench target `costs`, whose `main` is one line, [`run`]. It can be asked:
//!
//! | arguments | what it does |
//! | --- | --- |
//! | `--bench`, with criterion's own options | times by criterion: `RUNTIME/FLAVOUR@WORKERS/OPERATION/SIDE` |
//! | `--operations` | a line of JSON for each operation |
//! | `--count OPERATION SIDE` | a line of JSON: what one operation asks of the allocator |
//! | `--run OPERATION SIDE TIMES` | does it so often, for callgrind |
//!
//! `--flavour NAME --workers N` says on which configuration. Without, criterion is run on each, in a process of its
//! own: a runtime is started once a process.

mod ask;
mod bench;
mod echo;
mod names;
mod operations;
mod perform;
mod started;
mod through;
mod wakes;

pub use ask::{run, same_allocations};
pub use harness_protocol::costs::Side;
pub use names::Operation;
pub use operations::{MESSAGE, Operations};
pub use perform::{Job, Measured, perform};
pub use through::Through;
