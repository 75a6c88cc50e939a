//! A slow handler in an axum service, over HTTP.
//!
//! `GET /checkout` asks another server for a price, and makes two documents meanwhile. Whoever wrote it used `join!`, so that
//! all three happen "at the same time". The price does come while the documents are made. But documents compute, and
//! what is joined is one task: a thread makes the one, then the other, and the answer takes as long as both.
//!
//! What to look for in the report: whose polls are long, and that the price was ready and not polled behind them. The
//! remedy is another thread for each document. A spawn would give them to the two workers, which would then look at no socket
//! until a document is done: that is what the report foretells. The blocking pool has threads beside the workers, and does better.
//!
//!     cargo run -p witness-examples --example service

use std::{future, net::SocketAddr, thread};

use axum::{Router, extract::State, routing::get};
use poll_witness::{Report, Site, Witness as _, rules::Class};
use tokio::{net::TcpListener, sync::mpsc, task::spawn_blocking};
use witness_examples::{
    Run, compute, example, http_get, millis, tokio_on_one_thread, tokio_workers,
};

static CHECKOUT: Site = Site::new("GET /checkout");

/// What the handlers are given: where prices are, and where reports go. A service would print them to its log.
#[derive(Clone)]
struct Shop {
    prices: SocketAddr,
    reports: mpsc::UnboundedSender<Report>,
}

/// Asks the other server. This waits.
async fn price(prices: SocketAddr) -> String {
    let asked = http_get(prices, "/price").await;
    asked.unwrap_or_else(|error| format!("no price: {error}"))
}

/// Makes a document. This computes.
fn document() -> u64 {
    compute(15)
}

async fn before(State(shop): State<Shop>) -> String {
    let call = CHECKOUT.enter();
    let (price, invoice, label) = call
        .scope(async {
            tokio::join!(
                price(shop.prices).witness(&call, "price"),
                async { document() }.witness(&call, "invoice"),
                async { document() }.witness(&call, "label"),
            )
        })
        .await;
    shop.reports.send(call.finish()).ok();
    format!("{price}, {invoice:x}, {label:x}")
}

async fn after(State(shop): State<Shop>) -> String {
    let call = CHECKOUT.enter();
    let (price, invoice, label) = call
        .scope(async {
            tokio::join!(
                price(shop.prices).witness(&call, "price"),
                spawn_blocking(call.blocking("invoice", document)),
                spawn_blocking(call.blocking("label", document)),
            )
        })
        .await;
    shop.reports.send(call.finish()).ok();
    let [invoice, label] = [invoice, label].map(|document| document.unwrap_or_default());
    format!("{price}, {invoice:x}, {label:x}")
}

/// The other server, which takes 10 ms. It has a thread and a runtime of its own: it is not what is watched.
fn price_server() -> SocketAddr {
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        tokio_on_one_thread().block_on(async {
            let answer = async || {
                tokio::time::sleep(millis(10)).await;
                "12.50"
            };
            let app = Router::new().route("/price", get(answer));
            tell.send(serve(app).await).ok();
            future::pending::<()>().await;
        });
    });
    told.recv().expect("it is up")
}

/// Serves both handlers, and asks one of them once.
fn ask(path: &'static str) -> Report {
    let prices = price_server();
    tokio_workers(2).block_on(async move {
        let (reports, mut finished) = mpsc::unbounded_channel();
        let shop = Router::new()
            .route("/checkout", get(before))
            .route("/checkout/after", get(after))
            .with_state(Shop { prices, reports });
        let shop = serve(shop).await;
        let answer = http_get(shop, path).await.expect("the shop is up");
        assert!(answer.starts_with("12.50, "), "{answer}");
        finished.recv().await.expect("a request has a report")
    })
}

/// Serves on a free port of this machine, until the runtime ends.
async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

example![
    Run::new("before", || ask("/checkout"), Class::SpawnNeeded),
    Run::new("after", || ask("/checkout/after"), Class::SpawnNeeded).done(),
];
