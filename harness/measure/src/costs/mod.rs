//! What a primitive costs, and what our layer adds to it.
//!
//! An adapter may have a bench target `costs`: a criterion executable that does each operation through the
//! trait and, beside it, written by hand in the runtime's own idiom, its twin. We start it for what it can
//! tell (`executable`): criterion's times, what the allocator was asked for, and, under valgrind, how many
//! instructions were executed. `measure` does so in turn and records it; [`cargo_bench`] reads what
//! `cargo bench` left. What follows from a record is in `report/costs/`.

pub mod cargo_bench;
pub mod executable;
pub mod measure;
pub mod process;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_callgrind_is_found() {
        let text = "version: 1
events: Ir
summary: 12

fn=(1) main
16 5

totals: 17
";
        assert_eq!(executable::total(text), Some(17));
        assert_eq!(
            executable::total(
                "events: Ir
summary: 12
"
            ),
            Some(12)
        );
        assert_eq!(
            executable::total(
                "events: Ir
"
            ),
            None
        );
    }
}
