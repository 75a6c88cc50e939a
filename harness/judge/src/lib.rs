//! What a record says of each claim.
//!
//! [`claims`] are the essay's sentences as predicates; [`judge`] holds a record's blocks against them by the
//! [`stats`]. Beside the claims: what came of the adapters' promises ([`standing`]), which kind of situation a
//! scenario is ([`mod@classify`]), and what is measured without a claim: from which length on spawn pays
//! ([`crossing`]), more workers ([`scaling`]), ever more branches ([`scale`]), [`connections`], recursions that [`fork`], and
//! the ways to put branches together ([`idioms`]).
//!
//! [`check`] says what cannot be true of a record.
//!
//! Nothing here starts a process or prints.

pub mod check;
pub mod claims;
pub mod classify;
pub mod connections;
pub mod crossing;
pub mod estimate;
pub mod foretold;
pub mod fork;
pub mod idioms;
pub mod judge;
pub mod scale;
pub mod scaling;
pub mod standing;
pub mod stats;
