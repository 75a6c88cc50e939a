//! Which calls of a site are watched, and what they add up to.
#![cfg(not(feature = "off"))]

use std::{future::pending, pin::pin, task::Context, task::Waker};

use poll_witness::{Report, Site, Witness as _};

fn a_call(site: &'static Site) -> Report {
    let call = site.enter();
    futures_lite::future::block_on(call.scope(async {}.witness(&call, "a")));
    call.finish()
}

#[test]
fn one_of_so_many_and_the_first_is_one_of_them() {
    static SITE: Site = Site::new("one in three").one_in(3);

    let watched = [(); 7].map(|()| a_call(&SITE).watched);
    assert_eq!(watched, [true, false, false, true, false, false, true]);
    let totals = SITE.totals();
    assert_eq!((totals.calls, totals.watched, totals.abandoned), (7, 3, 0));
    assert_eq!(
        totals
            .diagnoses
            .iter()
            .map(|diagnosis| diagnosis.times)
            .sum::<u64>(),
        3
    );
    assert!(
        totals
            .to_string()
            .starts_with("one in three: 3 of 7 calls watched\n"),
        "{totals}"
    );
}

#[test]
fn so_many_at_once_and_a_branch_that_is_left_over_counts() {
    static SITE: Site = Site::new("at once").at_once(1);

    let first = SITE.enter();
    assert!(!a_call(&SITE).watched);
    {
        let mut left_over = pin!(pending::<()>().witness(&first, "left over"));
        let mut context = Context::from_waker(Waker::noop());
        assert!(left_over.as_mut().poll(&mut context).is_pending());
        assert!(first.finish().watched);
        assert!(!a_call(&SITE).watched, "what it recorded is still held");
    }
    assert!(a_call(&SITE).watched);
    let totals = SITE.totals();
    assert_eq!(
        (totals.calls, totals.watched, totals.passed_over),
        (4, 2, 2)
    );
}

#[test]
fn a_site_that_is_switched_off_does_nothing_until_it_is_switched_on() {
    static SITE: Site = Site::new("switched");

    SITE.switch(false);
    assert!(!a_call(&SITE).watched);
    SITE.switch(true);
    assert!(a_call(&SITE).watched);
    assert_eq!(SITE.totals().calls, 1);
}

#[test]
fn a_call_that_is_dropped_is_abandoned_and_the_slowest_is_kept() {
    static SITE: Site = Site::new("abandoned");

    drop(SITE.enter());
    let reports = [a_call(&SITE), a_call(&SITE)];
    let totals = SITE.totals();
    assert_eq!((totals.watched, totals.abandoned), (2, 1));
    let slowest = reports.iter().map(|report| report.wall_ns).max();
    assert_eq!(totals.slowest.map(|report| report.wall_ns), slowest);
}

#[test]
fn a_call_lets_go_of_what_it_recorded_however_it_ends() {
    static SITE: Site = Site::new("lets go").at_once(1);

    for _ in 0..3 {
        let call = SITE.enter();
        assert!(call.is_watched(), "the one before is still held");
        let handle = call.handle();
        drop(async {}.witness(&call, "never polled"));
        drop(call.scope(async {}));
        drop(call);
        // Named after the end: of no call.
        futures_lite::future::block_on(async {}.witness(&handle, "late"));
    }
    assert!(a_call(&SITE).watched);
    assert!(a_call(&SITE).watched);
    assert_eq!(SITE.totals().abandoned, 3);
}
