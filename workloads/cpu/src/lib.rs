//! Branches that compute in one piece: no await in them, so one poll each.
//!
//! | workload | bound by | a step |
//! | --- | --- | --- |
//! | [`Digest`] | arithmetic | SHA-256 over 16 KiB in the nearest cache |
//! | [`Pieces`] | arithmetic, with nothing to set up | SHA-256 over 512 bytes |
//! | [`Length`] | the multiplier, with nothing to set up | eight rounds of a mixing function, some nanoseconds |
//! | [`Scan`] | memory bandwidth | the sum of 64 KiB out of a buffer larger than the caches |
//! | [`Parse`] | the allocator | one JSON document into structs with strings |
//!
//! A branch does `env.steps` steps, a fixed amount of work: one that computed until a deadline would
//! look parallel on a single core. It calls nothing of the runtime, so that a blocking pool can run
//! it too.

mod digest;
mod kernel;
mod length;
mod parse;
mod pieces;
mod scan;

pub use digest::Digest;
pub use kernel::DigestKernel;
pub use length::Length;
pub use parse::Parse;
pub use pieces::Pieces;
pub use scan::Scan;
