//! HTTP over a Unix socket: one connection, one request after the other.

use std::{
    io::{self, Write},
    time::Duration,
};

use http_body_util::{BodyExt, Empty, LengthLimitError, Limited, combinators::BoxBody};
use hyper::{
    Request, Response, StatusCode,
    body::{Body, Bytes, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use tokio::{net::UnixStream, time::timeout};

use crate::{
    failure::{Failure, Said},
    task::Task,
};

/// Most bytes of the head of an answer.
const HEAD_BYTES: usize = 64 << 10;

/// A connection of HTTP/1.1.
pub(crate) struct Http {
    sender: http1::SendRequest<Empty<Bytes>>,
    most_bytes: usize,
    _driver: Task<()>,
}

impl Http {
    pub(crate) async fn begin(stream: UnixStream, most_bytes: usize) -> Result<Self, Failure> {
        let mut builder = http1::Builder::new();
        let (sender, connection) =
            builder.max_buf_size(HEAD_BYTES).handshake(TokioIo::new(stream)).await?;
        Ok(Self { sender, most_bytes, _driver: drive(connection) })
    }

    /// The body of what is at `path`; none if there is nothing.
    pub(crate) async fn get(&mut self, path: &str) -> Said<Bytes> {
        let answer = self.send(path).await?;
        let status = answer.status();
        let body = body(answer, self.most_bytes).await?.to_bytes();
        match status {
            StatusCode::OK => Ok(Some(body)),
            StatusCode::NOT_FOUND => Ok(None),
            _ => Err(Failure::status(status.as_u16(), &String::from_utf8_lossy(&body))),
        }
    }

    /// Writes the body of what is at `path` as it comes; none of it may take longer than so.
    pub(crate) async fn take(
        &mut self,
        path: &str,
        to: &mut dyn Write,
        patience: Duration,
    ) -> Result<Taken, Failure> {
        let late = |_| Failure::Late(patience);
        let answer = timeout(patience, self.send(path)).await.map_err(late)??;
        match answer.status() {
            StatusCode::OK => write(answer.into_body(), to, patience).await,
            StatusCode::NOT_FOUND => Ok(Taken::Nothing),
            status => {
                let body = timeout(patience, body(answer, self.most_bytes)).await;
                let body = body.map_err(late)??.to_bytes();
                Err(Failure::status(status.as_u16(), &String::from_utf8_lossy(&body)))
            }
        }
    }

    async fn send(&mut self, path: &str) -> Result<Response<Incoming>, Failure> {
        self.sender.ready().await?;
        let request = Request::get(path).header(header::HOST, "localhost");
        let request = request.body(Empty::new()).map_err(Failure::garbage)?;
        Ok(self.sender.send_request(request).await?)
    }
}

/// What came of what was to be written.
pub(crate) enum Taken {
    All,
    /// There is no such thing.
    Nothing,
    /// It could not be written.
    Unwritten(io::Error),
}

/// Writes a body as it comes; no part of it may take longer than so.
async fn write(
    mut body: Incoming,
    to: &mut dyn Write,
    patience: Duration,
) -> Result<Taken, Failure> {
    let late = |_| Failure::Late(patience);
    while let Some(frame) = timeout(patience, body.frame()).await.map_err(late)? {
        let Ok(bytes) = frame?.into_data() else { continue };
        if let Err(error) = to.write_all(&bytes) {
            return Ok(Taken::Unwritten(error));
        }
    }
    Ok(Taken::All)
}

/// Moves the bytes of a connection for as long as there is one. What goes wrong is told to whoever
/// waits for an answer.
pub(crate) fn drive(
    connection: impl Future<Output = Result<(), hyper::Error>> + Send + 'static,
) -> Task<()> {
    Task::spawn(async { drop(connection.await) })
}

/// The whole body of an answer.
pub(crate) async fn body(
    answer: Response<Incoming>,
    most_bytes: usize,
) -> Result<http_body_util::Collected<Bytes>, Failure> {
    // What is announced as too long is not even begun.
    if answer.body().size_hint().lower() > most_bytes as u64 {
        return Err(Failure::TooLong { most_bytes });
    }
    let limited: BoxBody<_, _> = BoxBody::new(Limited::new(answer.into_body(), most_bytes));
    limited.collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            return Failure::TooLong { most_bytes };
        }
        match error.downcast::<hyper::Error>() {
            Ok(error) => Failure::Transport(*error),
            Err(error) => Failure::garbage(error),
        }
    })
}
