//! Watches the branches of one call, poll by poll.

pub mod rules;
