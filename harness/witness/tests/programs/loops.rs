//! A program on smol that spawned for speed, with one thread to execute; and a loop over futures whose body waits.

use std::{hint::black_box, pin::pin, time::Duration};

use poll_witness::{Placement, Site, Witness as _, rules::Class};
use smol::{Timer, future::FutureExt as _};

async fn digest(part: u64) -> u64 {
    (0..8_000_000).fold(part, |sum, i| black_box(sum.rotate_left(1) ^ i))
}

#[test]
fn spawned_for_speed_on_one_thread() {
    static DIGEST: Site = Site::new("digest").workers(1);

    let call = DIGEST.enter();
    let executor = smol::LocalExecutor::new();
    smol::block_on(executor.run(call.scope(async {
        let tasks: Vec<_> = (0..4)
            .map(|part| executor.spawn(digest(part).witness(&call, format!("part {part}"))))
            .collect();
        for task in tasks {
            task.await;
        }
    })));
    let report = call.finish();
    assert_eq!(
        (report.placement, report.threads),
        (Placement::Placed, 1),
        "{report}"
    );
    super::is(&report, Class::SpawnedOnOneThread);
}

#[test]
fn a_loop_whose_body_waits() {
    static CRAWL: Site = Site::new("crawl").workers(2);

    let report = smol::block_on(async {
        let call = CRAWL.enter();
        let fetch = |ms: u64| {
            let fetch = async move { Timer::after(Duration::from_millis(ms)).await };
            fetch.witness(&call, format!("fetch of {ms} ms"))
        };
        call.scope(async {
            let (first, second) = (pin!(fetch(2)), pin!(fetch(20)));
            let mut second = second;
            // Whichever comes first; and then the body of the loop, which polls neither.
            first.or(second.as_mut()).await;
            Timer::after(Duration::from_millis(80)).await;
            second.await;
        })
        .await;
        call.finish()
    });
    assert_eq!(report.placement, Placement::Composed);
    super::is(&report, Class::Unpolled);
}
