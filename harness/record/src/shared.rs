//! Work that is shared out among cores.

use std::{num::NonZero, panic, thread};

/// What comes of each item, in order. No more than so many threads take part: to ask one takes some fifty
/// microseconds.
pub fn on_all_cores<'a, I: Sync, T: Send>(
    items: &'a [I],
    at_most: usize,
    work: impl Fn(&'a I) -> T + Sync,
) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let shares = cores.min(at_most).min(items.len());
    if shares <= 1 {
        return items.iter().map(work).collect();
    }
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = items
            .chunks(items.len().div_ceil(shares))
            .map(|share| scope.spawn(move || share.iter().map(work).collect::<Vec<T>>()))
            .collect();
        let joined = threads.into_iter().flat_map(|thread| {
            thread
                .join()
                .unwrap_or_else(|panicked| panic::resume_unwind(panicked))
        });
        joined.collect()
    })
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn what_comes_of_items_is_in_their_order_however_many_take_part() {
        for count in [0, 1, 2, 7, 100] {
            let items: Vec<usize> = (0..count).collect();
            let twice: Vec<usize> = items.iter().map(|item| 2 * item).collect();
            for at_most in [0, 1, 2, 3, 1000] {
                assert_eq!(on_all_cores(&items, at_most, |item| 2 * item), twice);
            }
        }
    }

    #[test]
    fn a_panic_is_the_callers() {
        let work = |item: &usize| assert_ne!(*item, 1, "one");
        for at_most in [1, 2] {
            let panicked = catch_unwind(AssertUnwindSafe(|| on_all_cores(&[0, 1], at_most, work)));
            assert!(panicked.is_err());
        }
    }
}
