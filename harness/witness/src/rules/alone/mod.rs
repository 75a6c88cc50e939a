//! The rules for branches that were recorded joined or spawned, and not both: one call of a program.
//!
//! What the other way would have taken is foretold ([`Gain`](super::Gain)) or it is not; and the wakers tell what two
//! arms would have shown: who was ready and not polled, and whose wake ended a wait.

mod joined;
mod placed;

pub(super) use joined::{joined, late_without_load};
pub(super) use placed::placed;
