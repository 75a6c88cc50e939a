//! What kind of situation some branches are in: is the join enough, is a spawn needed, or is it something that neither mends?

mod seen;

pub use seen::Seen;
