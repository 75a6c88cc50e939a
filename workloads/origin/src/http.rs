//! HTTP/1.1.

use std::{convert::Infallible, net::TcpStream, time::Instant};

use async_io::{Async, Timer};
use http_body_util::{BodyExt, Limited};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn,
};
use workload_wire::{Account, Ask, HyperIo};

/// More than any body that is put here.
const LONGEST_BODY: usize = 1024;

/// Serves one connection until it ends.
pub(crate) async fn serve(stream: Async<TcpStream>) {
    // A client that goes away in the middle is its own affair.
    let _: hyper::Result<()> = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(HyperIo(stream), service_fn(respond))
        .await;
}

async fn respond(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    let (status, body) = match answer(request).await {
        Ok(body) => (StatusCode::OK, body),
        Err((status, reason)) => (status, reason + "\n"),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    Ok(response)
}

/// What is answered, or the status and the one line with which it is refused.
async fn answer(request: Request<Incoming>) -> Result<String, (StatusCode, String)> {
    let received = Instant::now();
    let bad = |reason| (StatusCode::BAD_REQUEST, reason);
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let ask = || Ask::from_query(head.uri.query().unwrap_or_default()).map_err(bad);

    match (&head.method, path) {
        (&Method::GET, "/answer") => {
            let ask = ask()?;
            Timer::at(received + ask.delay).await;
            Ok(ask.answer().to_string())
        }
        (&Method::GET, "/account") => {
            let ask = ask()?;
            let account = serde_json::to_string(&Account::of(&ask))
                .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
            Timer::at(received + ask.delay).await;
            Ok(account)
        }
        (&Method::PUT, "/account") => {
            let ask = ask()?;
            let result = result(body).await.map_err(bad)?;
            // From here and not from the head: the whole request has been received now.
            Timer::at(Instant::now() + ask.delay).await;
            Ok(Account::acknowledgement(&ask, result).to_string())
        }
        (method, path) => Err((
            StatusCode::NOT_FOUND,
            format!("there is no {method} {path} here"),
        )),
    }
}

/// The body of a write: one number.
async fn result(body: Incoming) -> Result<u64, String> {
    let bytes = Limited::new(body, LONGEST_BODY)
        .collect()
        .await
        .map_err(|error| format!("no body: {error}"))?
        .to_bytes();
    std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| String::from("the body is not a number"))
}
