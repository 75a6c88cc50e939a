//! What a run writes down, and how it is read again.
//!
//! A [`plan`] follows from what was asked ([`plan::Options`]) and from what the adapters said of themselves. Of its
//! [`cell`]s the [`laws`] say beforehand what they should take. What happens is written to a [`bundle`], an event at
//! a time, and whoever judges, prints or publishes a run reads it back from there. The rest are the parts of
//! an event: the [`host`], the [`load`] beside a block, what spawns [`demands`], what came of a [`promise`],
//! what primitives [`costs`].
//!
//! Nothing here starts a process, judges, or prints.

pub mod built;
pub mod bundle;
pub mod cell;
pub mod config_id;
pub mod costs;
pub mod demands;
#[cfg(any(test, feature = "fabricated"))]
#[allow(clippy::unwrap_used, reason = "only tests use it")]
pub mod fabricated;
pub mod format;
pub mod host;
pub mod laws;
pub mod lineage;
pub mod load;
pub mod numbers;
pub mod plain_file;
pub mod plan;
pub mod promise;
pub mod replace;
pub mod shared;
pub mod text;
