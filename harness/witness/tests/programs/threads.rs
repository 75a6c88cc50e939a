//! Plain threads: no runtime, a thread a branch.

use std::{sync::mpsc, thread, time::Duration};

use futures_lite::future::{block_on, yield_now};
use poll_witness::{Ending, Placement, Site, Witness as _};

#[test]
fn a_thread_a_branch() {
    static REPORT: Site = Site::new("report");

    let call = REPORT.enter();
    let numbers = async {
        yield_now().await;
        7
    };
    let numbers = numbers.witness(&call, "numbers");
    let numbers = thread::spawn(move || block_on(numbers));
    let letters = thread::spawn(call.blocking("letters", || {
        thread::sleep(Duration::from_millis(3));
        'a'
    }));
    assert_eq!((numbers.join().unwrap(), letters.join().unwrap()), (7, 'a'));
    let report = call.finish();
    assert_eq!(report.branch("numbers").unwrap().polls.len(), 2);
    let letters = report.branch("letters").unwrap();
    assert_eq!(
        (letters.polls.len(), letters.placement),
        (1, Placement::Placed)
    );
    if report.told {
        assert!(letters.blocked_ns > 0, "{report}");
    }
}

#[test]
fn a_thread_that_goes_on_after_the_report() {
    static AUDIT: Site = Site::new("audit");

    let call = AUDIT.enter();
    let (begun, has_begun) = mpsc::channel();
    let (end, ends) = mpsc::channel::<()>();
    let audit = async move {
        yield_now().await;
        begun.send(()).unwrap();
        ends.recv().unwrap();
    };
    let audit = audit.witness(&call, "audit");
    let audit = thread::spawn(move || block_on(audit));
    has_begun.recv().unwrap();
    // Its first poll has ended, its second goes on.
    let report = call.finish();
    assert_eq!(
        (report.branches[0].polls.len(), report.branches[0].ended),
        (1, None)
    );
    end.send(()).unwrap();
    audit.join().unwrap();
}

#[test]
fn a_thread_that_panics() {
    static PANICS: Site = Site::new("panics");

    let call = PANICS.enter();
    let panics = async { std::panic::resume_unwind(Box::new(3)) };
    let panics = panics.witness(&call, "panics");
    let outcome: thread::Result<()> = thread::spawn(move || block_on(panics)).join();
    assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&3));
    let report = call.finish();
    assert_eq!(report.branches[0].ended.unwrap().how, Ending::Panicked);
}
