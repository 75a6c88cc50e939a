//! A handler of a web service on tokio: it looks three things up, one of which takes a core, and counts in a task beside.

use std::{hint::black_box, time::Duration};

use poll_witness::{By, Ending, Placement, Site, Witness as _, rules::Class};
use tokio::{
    task::{spawn, spawn_blocking},
    time::{sleep, timeout},
};

#[derive(Debug)]
struct Failed;

async fn stock(id: u32) -> Result<u32, Failed> {
    sleep(Duration::from_millis(5)).await;
    Ok(id)
}

async fn price(id: u32) -> Result<u32, Failed> {
    sleep(Duration::from_millis(8)).await;
    if id == 0 { Err(Failed) } else { Ok(3 * id) }
}

fn render(id: u32) -> u64 {
    (0..8_000_000).fold(u64::from(id), |sum, i| black_box(sum.rotate_left(1) ^ i))
}

fn runtime(workers: usize) -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder
        .worker_threads(workers)
        .enable_time()
        .build()
        .unwrap()
}

#[test]
fn a_joined_handler() {
    static CHECKOUT: Site = Site::new("checkout").workers(2);

    async fn checkout(id: u32) -> Result<(u32, u64), Failed> {
        let call = CHECKOUT.enter();
        let found = call
            .scope(async {
                let (stock, price, page) = tokio::try_join!(
                    stock(id).witness(&call, "stock"),
                    price(id).witness(&call, "price"),
                    async { Ok(render(id)) }.witness(&call, "render"),
                )?;
                Ok((stock + price, page))
            })
            .await?;
        let report = call.finish();
        assert_eq!(report.placement, Placement::Composed, "{report}");
        assert_eq!(
            (report.branches.len(), report.peak_overlap),
            (3, 1),
            "{report}"
        );
        assert_eq!(
            report.branch("stock").unwrap().ended.unwrap().how,
            Ending::Done
        );
        Ok(found)
    }

    let runtime = runtime(2);
    // As a server does: the handler is a task, so it must be `Send`.
    let found = runtime.block_on(async { spawn(checkout(7)).await.unwrap() });
    assert_eq!(found.unwrap(), (28, render(7)));
    // It returned early, and the call with it.
    assert!(
        runtime
            .block_on(async { spawn(checkout(0)).await.unwrap() })
            .is_err()
    );
    let totals = CHECKOUT.totals();
    assert_eq!(
        (totals.calls, totals.watched, totals.abandoned),
        (2, 1, 1),
        "{totals}"
    );
    assert_eq!(totals.slowest.unwrap().branches.len(), 3);
}

#[test]
fn the_same_spawned_and_with_a_blocking_pool() {
    static CHECKOUT: Site = Site::new("checkout, spawned").workers(2);

    let report = runtime(2).block_on(async {
        let call = CHECKOUT.enter();
        let scope = call.scope(async {
            let stock = spawn(stock(7).witness(&call, "stock"));
            let price = spawn(price(7).witness(&call, "price"));
            let page = spawn_blocking(call.blocking("render", || render(7)));
            (
                stock.await.unwrap(),
                price.await.unwrap(),
                page.await.unwrap(),
            )
        });
        let (stock, price, page) = scope.await;
        assert_eq!((stock.unwrap(), price.unwrap(), page), (7, 21, render(7)));
        call.finish()
    });
    assert_eq!(report.placement, Placement::Placed, "{report}");
    let render = report.branch("render").unwrap();
    assert!(render.closure && render.polls.len() == 1);
    assert!(!report.scope.polls.is_empty());
}

#[test]
fn a_look_up_with_a_timeout_and_a_task_with_branches_of_its_own() {
    static LOOKUP: Site = Site::new("look-up");

    let report = runtime(2).block_on(async {
        let call = LOOKUP.enter();
        let handle = call.handle();
        call.scope(async {
            let slow = sleep(Duration::from_secs(600)).witness(&call, "too slow");
            assert!(timeout(Duration::from_millis(2), slow).await.is_err());
            let batch = async move {
                let part = |i: u32| stock(i).witness(&handle, format!("part {i}"));
                tokio::join!(part(1), part(2))
            };
            let (one, two) = spawn(batch.witness(&call, "batch")).await.unwrap();
            assert_eq!((one.unwrap(), two.unwrap()), (1, 2));
        })
        .await;
        call.finish()
    });
    let of = |name| report.branch(name).unwrap();
    assert_eq!(of("too slow").ended.unwrap().how, Ending::Dropped);
    assert_eq!(of("batch").placement, Placement::Placed);
    assert_eq!(of("part 1").inside, Some(1), "{report}");
    assert_eq!(of("part 2").inside, Some(1));
}

#[test]
fn a_connection_for_all() {
    static BATCH: Site = Site::new("batch").workers(2);

    let report = runtime(2).block_on(async {
        let call = BATCH.enter();
        let connection = tokio::sync::Mutex::new(());
        let query = async |_: u32| {
            let _connection = connection.lock().await;
            sleep(Duration::from_millis(10)).await;
        };
        call.scope(async {
            let one = |i| query(i).witness(&call, format!("query {i}"));
            tokio::join!(one(0), one(1), one(2), one(3));
        })
        .await;
        call.finish()
    });
    is_serialised(&report);
}

#[track_caller]
fn is_serialised(report: &poll_witness::Report) {
    super::is(report, Class::SerialisedByWhatTheyShare);
    // Whoever has it lets go in its own poll, and so wakes the next.
    for i in 1..4_u32 {
        let woken = report.branches[i as usize]
            .polls
            .iter()
            .filter_map(|poll| poll.woken);
        assert!(
            woken.map(|wake| wake.by).any(|by| by == By::Branch(i - 1)),
            "{report}"
        );
    }
}
