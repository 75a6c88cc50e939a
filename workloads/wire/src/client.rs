//! An HTTP/1.1 client that spawns nothing.

use std::{error::Error as _, fmt, future::Future, io, net::SocketAddr};

use futures_lite::future;
use http_body_util::BodyExt;
use hyper::{Method, Request, StatusCode, body::Incoming, client::conn::http1, header::HOST};
use runtime_api::Runtime;

use crate::HyperIo;

/// Why a conversation failed.
#[derive(Debug)]
pub enum Error {
    /// There was no connection to be had.
    Connect(SocketAddr, io::Error),
    /// The connection broke, or what came over it was not HTTP.
    Http(hyper::Error),
    /// A request could not be made.
    Request(hyper::http::Error),
    /// The origin refused.
    Refused(StatusCode, String),
    /// The body was not what was asked for.
    Body(&'static str, String),
}

// By hand: a derive would be one more macro to build before everything else.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(address, why) => write!(f, "cannot connect to {address}: {why}"),
            Self::Http(error) => write!(f, "{error}{}", cause(error)),
            Self::Request(why) => write!(f, "not a request: {why}"),
            Self::Refused(status, why) => write!(f, "the origin answered {status}: {why}"),
            Self::Body(wanted, body) => write!(f, "the body is not {wanted}: {body:?}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connect(_, why) => Some(why),
            Self::Http(error) => Some(error),
            Self::Request(why) => Some(why),
            Self::Refused(..) | Self::Body(..) => None,
        }
    }
}

impl From<hyper::Error> for Error {
    fn from(error: hyper::Error) -> Self {
        Self::Http(error)
    }
}

impl From<hyper::http::Error> for Error {
    fn from(error: hyper::http::Error) -> Self {
        Self::Request(error)
    }
}

/// hyper says only what it was doing; what went wrong is the source.
fn cause(error: &hyper::Error) -> String {
    error
        .source()
        .map(|source| format!(": {source}"))
        .unwrap_or_default()
}

/// One side of a connection that [`converse`] drives.
#[derive(Debug)]
pub struct Client {
    requests: http1::SendRequest<String>,
    host: String,
}

/// Opens a connection to `address` and talks over it. The connection is kept alive until `talk` is
/// done, and then dropped.
///
/// Connection and conversation are polled together, inside the future that this returns. The usual
/// way is to spawn the connection, and a composed branch that did so would be a spawned one in part.
///
/// # Errors
///
/// What `talk` fails with, and what the connection fails with.
pub async fn converse<R, F, T>(
    address: SocketAddr,
    talk: impl FnOnce(Client) -> F + Send,
) -> Result<T, Error>
where
    R: Runtime,
    F: Future<Output = Result<T, Error>> + Send,
    T: Send,
{
    let stream = R::connect(address)
        .await
        .map_err(|error| Error::Connect(address, error))?;
    let (requests, connection) = http1::handshake(HyperIo(stream)).await?;
    let host = address.to_string();
    let driven = async {
        match connection.await {
            // The origin has closed it. What was read before is still there for the conversation,
            // which learns the rest from its next request.
            Ok(()) => future::pending().await,
            Err(error) => Err(error.into()),
        }
    };
    future::or(talk(Client { requests, host }), driven).await
}

impl Client {
    /// Gets `target`, and returns the body of a good answer.
    ///
    /// # Errors
    ///
    /// When the connection breaks, or the origin refuses.
    pub async fn get(&mut self, target: &str) -> Result<String, Error> {
        self.request(Method::GET, target, String::new()).await
    }

    /// Puts `body` to `target`, and returns the body of a good answer.
    ///
    /// # Errors
    ///
    /// When the connection breaks, or the origin refuses.
    pub async fn put(&mut self, target: &str, body: String) -> Result<String, Error> {
        self.request(Method::PUT, target, body).await
    }

    async fn request(
        &mut self,
        method: Method,
        target: &str,
        body: String,
    ) -> Result<String, Error> {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header(HOST, &self.host)
            .body(body)?;
        self.requests.ready().await?;
        let response = self.requests.send_request(request).await?;
        let status = response.status();
        let body = text(response.into_body()).await?;
        if status == StatusCode::OK {
            Ok(body)
        } else {
            Err(Error::Refused(status, body))
        }
    }
}

async fn text(body: Incoming) -> Result<String, Error> {
    let bytes = body.collect().await?.to_bytes();
    String::from_utf8(bytes.to_vec()).map_err(|error| Error::Body("text", error.to_string()))
}

/// Reads a body that is one number.
///
/// # Errors
///
/// When it is not one.
pub fn number(body: &str) -> Result<u64, Error> {
    body.parse()
        .map_err(|_| Error::Body("a number", body.to_owned()))
}
