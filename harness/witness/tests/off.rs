//! With the feature `off` a wrapper is what it wraps: `cargo test -p poll-witness --features off --test off`.
#![cfg(feature = "off")]

use std::future::ready;

use futures_lite::future::block_on;
use poll_witness::{Site, Witness as _};

static SITE: Site = Site::new("off");

#[test]
fn a_wrapper_is_as_large_as_what_it_wraps_and_nothing_is_watched() {
    let call = SITE.enter();
    assert!(!call.is_watched());
    let branch = ready([1_u8; 7]).witness(&call, "a");
    assert_eq!(size_of_val(&branch), size_of_val(&ready([1_u8; 7])));
    let scope = call.scope(branch);
    assert_eq!(size_of_val(&scope), size_of_val(&ready([1_u8; 7])));
    assert_eq!(block_on(scope), [1; 7]);
    assert_eq!(call.blocking("b", || 3)(), 3);
    let report = call.finish();
    assert!(!report.watched && report.branches.is_empty());
    let totals = SITE.totals();
    assert_eq!((totals.calls, totals.watched), (0, 0));
}
