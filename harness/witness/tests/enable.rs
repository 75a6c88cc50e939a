//! The switch for all sites: a process of its own, since it is the process's.
#![cfg(not(feature = "off"))]

use poll_witness::{Site, enable};

static SITE: Site = Site::new("enabled");

#[test]
fn all_sites_are_switched_at_once() {
    assert!(SITE.enter().is_watched());
    enable(false);
    assert!(!SITE.enter().is_watched());
    enable(true);
    assert!(SITE.enter().is_watched());
}
