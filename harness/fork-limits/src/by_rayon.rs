//! Calls put together as rayon's documentation would have a user do it.

use rayon::prelude::*;
use workload_fork::plain::Calls;

/// A pair by [`rayon::join`], more by a parallel iterator, which splits as long as somebody is idle.
pub(crate) struct Rayon;

impl Calls for Rayon {
    fn pair(one: impl FnOnce() -> u64 + Send, other: impl FnOnce() -> u64 + Send) -> u64 {
        let (one, other) = rayon::join(one, other);
        one.wrapping_add(other)
    }

    fn all(count: usize, call: impl Fn(usize) -> u64 + Send + Sync) -> u64 {
        let calls = (0..count).into_par_iter().map(call);
        calls.reduce(|| 0, u64::wrapping_add)
    }
}

#[cfg(test)]
mod tests {
    use workload_catalogue::{SCENARIOS, Scenario};
    use workload_fork::plain;

    use super::Rayon;

    #[test]
    fn it_comes_to_what_is_expected() {
        let all = SCENARIOS.iter().filter_map(Scenario::recursion);
        let mut seen = 0;
        for recursion in all {
            let size = recursion.sizes()[0];
            let answer = plain::run::<Rayon>(recursion, size, 7);
            assert_eq!(answer, plain::expected(recursion, size, 7), "{recursion:?}");
            seen += 1;
        }
        assert!(seen >= 7, "{seen}");
    }
}
