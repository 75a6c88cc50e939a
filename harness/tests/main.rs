//! The end-to-end tests of this package, in one program: each file would be linked by itself, and that takes longer than
//! most of them run.

mod common;

mod campaign;
mod claim_pages;
mod demands;
mod documents;
mod extremes;
mod faults;
mod field;
mod flavours;
mod fork;
mod house_rules;
mod idioms;
mod interrupt;
mod liars;
mod own;
mod pinned;
mod places;
mod report;
mod resume;
mod scale;
mod second;
mod structure;
mod together;
