//! The second program: what is done with records afterwards, and wants libraries that a first run should not wait for.
//!
//! [`publish`] moves a run among the published ones and makes all that is derived from them: sections of texts, and
//! the page ([`site`]). [`shares`] makes one record of the shares of a plan, [`merge`] joins runs, [`compare`] holds one
//! against another, [`export`] and [`trace`] write them for other tools, [`schemas`] are the published descriptions of
//! documents, and [`trials`] tries the detector.

pub mod commands;
pub mod compare;
pub mod export;
pub mod merge;
pub mod publish;
pub mod schemas;
pub mod shares;
pub mod site;
pub mod trace;
pub mod trials;
