//! Every recursion in every way, on threads that are there for the asking.

use futures_lite::future::block_on;
use runtime_threads::OsThreads;
use workload_api::{Env, Way, Workload};
use workload_catalogue::{Recursion, scenario};

use crate::{
    Fib, FibCuts, Matmul, Queens, Skynet,
    plain::{self, Calls, InTurn},
};

const WAYS: [Way; 4] = [Way::InTurn, Way::Compose, Way::Spawn, Way::Dispatch];

fn env(size: usize, nonce: u64) -> Env {
    Env {
        branches: size,
        nonce,
        ..workload_testing::env()
    }
}

/// By each way the answer that is expected, and another under another nonce.
fn answers(workload: impl Workload, name: &str, size: usize) {
    let [one, other] = [7, 8].map(|nonce| {
        let env = env(size, nonce);
        let expected = workload.expected(&env, 0);
        for way in WAYS {
            let answer = block_on(workload.forked::<OsThreads>(&env, way));
            assert_eq!(answer, expected, "{name} of {size}, {way:?}");
        }
        assert_eq!(plain::run::<InTurn>(recursion(name), size, nonce), expected);
        assert_eq!(plain::expected(recursion(name), size, nonce), expected);
        expected
    });
    assert_ne!(one, other);
}

#[test]
fn every_way_comes_to_what_is_expected() {
    for n in [1, 2, 9] {
        answers(Fib::WHOLE, "fork/fib", n);
    }
    answers(Fib::CUT, "fork/fib-cut", 9);
    answers(Fib::CUT, "fork/fib-cut", 22);
    answers(FibCuts, "fork/fib-cuts", 27);
    answers(Skynet, "fork/skynet", 2);
    answers(Queens::WHOLE, "fork/queens", 1);
    answers(Queens::WHOLE, "fork/queens", 6);
    answers(Queens::CUT, "fork/queens-cut", 6);
    answers(Matmul, "fork/matmul", 32);
    answers(Matmul, "fork/matmul", 128);
}

/// Beginning with 0 and 1, as everybody knows them: 55 is the tenth, and it takes 89 times the one and 34 the other.
#[test]
fn a_fibonacci_number_is_what_its_first_two_make_it() {
    let env = |nonce| env(10, nonce);
    let expected = |nonce| {
        let first = |index| workload_api::mix(nonce, index);
        first(0)
            .wrapping_mul(34)
            .wrapping_add(first(1).wrapping_mul(55))
    };
    assert_eq!(Fib::WHOLE.expected(&env(3), 0), expected(3));
}

/// Counts calls that another makes, one after the other.
struct Counted;

thread_local! {
    static CALLS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

impl Calls for Counted {
    fn pair(one: impl FnOnce() -> u64 + Send, other: impl FnOnce() -> u64 + Send) -> u64 {
        CALLS.set(CALLS.get() + 1);
        InTurn::pair(one, other)
    }

    fn all(count: usize, call: impl Fn(usize) -> u64 + Send + Sync) -> u64 {
        CALLS.set(CALLS.get() + count as u64);
        InTurn::all(count, call)
    }
}

fn recursion(name: &str) -> Recursion {
    scenario(name).unwrap().recursion().unwrap()
}

/// What the harness divides by. (Of queens a plain call is made for every column, so those are counted by the catalogue's
/// own test.)
#[test]
fn the_catalogue_counts_the_forks_that_are_made() {
    for (name, size) in [
        ("fork/fib", 2),
        ("fork/fib", 15),
        ("fork/fib-cut", 19),
        ("fork/fib-cut", 23),
        ("fork/fib-cuts", 25),
        ("fork/skynet", 3),
        ("fork/matmul", 128),
    ] {
        let recursion = recursion(name);
        CALLS.set(0);
        std::hint::black_box(plain::run::<Counted>(recursion, size, 7));
        assert_eq!(CALLS.get(), recursion.forks(size), "{name} of {size}");
    }
}

/// Eight queens: 92 solutions.
#[test]
fn the_solutions_are_those_that_are_known() {
    for (size, solutions) in [(4, 2), (5, 10), (6, 4), (8, 92)] {
        let weight = workload_api::mix(7, 0);
        let counted = plain::run::<InTurn>(Recursion::Queens { rows: 0 }, size, 7);
        assert_eq!(counted, weight.wrapping_mul(solutions), "{size}");
    }
}
