//! Branches that stand in a program's source one by one, as those of `join!` and `select!` do.

/// Calls a macro with as many names as there are branches: 10 or 30, which is what the catalogue asks of a way whose branches
/// stand in its source.
#[macro_export]
macro_rules! written_out {
    ($branches:ident, $each:ident) => {
        match $branches.len() {
            10 => $each!($branches, 10; a b c d e f g h i j),
            30 => $each!($branches, 30; a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd),
            n => panic!("10 or 30 branches are written out, and not {n}"),
        }
    };
}

/// The numbers that [`written_out!`] knows.
pub const WRITTEN_OUT: &[usize] = &[10, 30];
