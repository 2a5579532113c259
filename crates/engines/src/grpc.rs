//! Unary calls of gRPC over a Unix socket.
//!
//! A call is an HTTP/2 POST to `/SERVICE/METHOD`. Either body is one message behind a flag that says
//! whether it is compressed, which nobody asked for, and its length; how the call went stands in
//! trailers, or in the headers if there is no message
//! (`PROTOCOL-HTTP2.md` of the gRPC project).

use http_body_util::Full;
use hyper::{
    HeaderMap, Request, StatusCode,
    body::Bytes,
    client::conn::http2,
    header::{CONTENT_TYPE, HeaderValue, TE},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tokio::net::UnixStream;

use crate::{
    failure::{Failure, Said},
    http::{body, drive},
    task::Task,
};

/// Flag and length.
const PREFIX_BYTES: usize = 5;
/// Codes of the `grpc-status`.
const OK: u16 = 0;
const NOT_FOUND: u16 = 5;
const UNIMPLEMENTED: u16 = 12;

/// A connection.
pub(crate) struct Grpc {
    sender: http2::SendRequest<Full<Bytes>>,
    /// Sent along with each call, if it is not empty: see [`Self::in_namespace`].
    namespace: Option<HeaderValue>,
    most_bytes: usize,
    _driver: Task<()>,
}

impl Grpc {
    pub(crate) async fn begin(stream: UnixStream, most_bytes: usize) -> Result<Self, Failure> {
        let stream = TokioIo::new(stream);
        let (sender, connection) =
            http2::Builder::new(TokioExecutor::new()).handshake(stream).await?;
        Ok(Self { sender, namespace: None, most_bytes, _driver: drive(connection) })
    }

    /// The calls that follow are about this namespace of containerd.
    pub(crate) fn in_namespace(&mut self, namespace: &str) -> Result<(), Failure> {
        self.namespace = Some(HeaderValue::from_str(namespace).map_err(Failure::garbage)?);
        Ok(())
    }

    /// Calls `/SERVICE/METHOD`; none if what is asked for is not there.
    pub(crate) async fn call<T: Message + Default>(
        &mut self,
        path: &str,
        message: &impl Message,
    ) -> Said<T> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(self.request(path, message)?).await?;
        if answer.status() != StatusCode::OK {
            return Err(Failure::status(answer.status().as_u16(), "no gRPC"));
        }
        let head = answer.headers().clone();
        let collected = body(answer, self.most_bytes).await?;
        let trailers = collected.trailers().cloned().unwrap_or_default();
        match outcome(&head).or_else(|| outcome(&trailers)) {
            Some((OK, _)) => message_of(&collected.to_bytes()).map(Some),
            Some((NOT_FOUND, _)) => Ok(None),
            Some((UNIMPLEMENTED, _)) => Err(Failure::NoInterface),
            Some((status, message)) => Err(Failure::status(status, &message)),
            None => Err(Failure::garbage("a call that does not say how it went")),
        }
    }

    fn request(&self, path: &str, message: &impl Message) -> Result<Request<Full<Bytes>>, Failure> {
        let mut request = Request::post(format!("http://localhost{path}"))
            .header(CONTENT_TYPE, "application/grpc")
            .header(TE, "trailers");
        if let Some(namespace) = &self.namespace {
            request = request.header("containerd-namespace", namespace);
        }
        request.body(Full::new(framed(message).into())).map_err(Failure::garbage)
    }
}

fn framed(message: &impl Message) -> Vec<u8> {
    let message = message.encode_to_vec();
    // Questions are short.
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    [&[0][..], &length.to_be_bytes(), &message].concat()
}

fn message_of<T: Message + Default>(body: &[u8]) -> Result<T, Failure> {
    let Some((prefix, message)) = body.split_at_checked(PREFIX_BYTES) else {
        return Err(Failure::garbage("a body without a message"));
    };
    let said = prefix[1..].iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
    if prefix[0] != 0 || said != message.len() {
        return Err(Failure::garbage("a body that is not one plain message"));
    }
    T::decode(message).map_err(Failure::garbage)
}

fn outcome(headers: &HeaderMap) -> Option<(u16, String)> {
    let status = headers.get("grpc-status")?.to_str().ok()?.parse().ok()?;
    let message = headers.get("grpc-message").map(HeaderValue::as_bytes).unwrap_or_default();
    Some((status, String::from_utf8_lossy(message).into_owned()))
}
