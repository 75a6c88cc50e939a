//! Watches the branches of one call, poll by poll.

pub mod analysis;
#[cfg(feature = "lanes")]
pub mod lanes;
pub mod rules;
