//! An engine with a gRPC API: an HTTP/2 server of `hyper`, and what gRPC adds to that.

use std::{path::PathBuf, sync::Arc, thread};

use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Request, Response,
    body::{Body, Bytes, Incoming},
    server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::UnixListener, sync::oneshot};

/// What is done with a call.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A message.
    Message(Vec<u8>),
    /// A status other than 'ok', alone.
    Status(u16),
    /// This body, whatever it is, with the status 'ok'.
    Body(Vec<u8>),
}

pub(crate) const NOT_FOUND: u16 = 5;
pub(crate) const UNIMPLEMENTED: u16 = 12;

/// A call that came in.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// `/SERVICE/METHOD`
    pub(crate) path: String,
    pub(crate) message: Vec<u8>,
    /// containerd's.
    pub(crate) namespace: String,
}

type Respond = dyn Fn(Call) -> Reply + Send + Sync;

/// Ends when it is dropped.
pub(crate) struct GrpcServer(Option<oneshot::Sender<()>>);

impl GrpcServer {
    pub(crate) fn start(
        socket: PathBuf,
        respond: impl Fn(Call) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = std::os::unix::net::UnixListener::bind(socket).unwrap();
        listener.set_nonblocking(true).unwrap();
        let respond: Arc<Respond> = Arc::new(respond);
        let (end, ended) = oneshot::channel();
        thread::spawn(move || {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let runtime = builder.enable_io().enable_time().build().unwrap();
            runtime.block_on(async move {
                tokio::spawn(accept(UnixListener::from_std(listener).unwrap(), respond));
                // It ends with the one who waits for it.
                let _ = ended.await;
            });
        });
        Self(Some(end))
    }
}

impl Drop for GrpcServer {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

async fn accept(listener: UnixListener, respond: Arc<Respond>) {
    while let Ok((stream, _)) = listener.accept().await {
        let respond = Arc::clone(&respond);
        let service = service_fn(move |request| serve(request, Arc::clone(&respond)));
        let server = http2::Builder::new(TokioExecutor::new());
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
    }
}

type Answer =
    Response<Box<dyn Body<Data = Bytes, Error = std::convert::Infallible> + Send + Unpin>>;

async fn serve(request: Request<Incoming>, respond: Arc<Respond>) -> hyper::Result<Answer> {
    assert_eq!(request.headers()["content-type"], "application/grpc");
    assert_eq!(request.headers()["te"], "trailers");
    let namespace = request.headers().get("containerd-namespace");
    let namespace = namespace.map_or("", |name| name.to_str().unwrap()).to_owned();
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await?.to_bytes();
    let length = u32::from_be_bytes(body[1..5].try_into().unwrap()) as usize;
    assert_eq!((body[0], length), (0, body.len() - 5));
    Ok(match respond(Call { path, message: body[5..].to_vec(), namespace }) {
        Reply::Message(message) => {
            let prefix = u32::try_from(message.len()).unwrap().to_be_bytes();
            with_trailers([&[0][..], &prefix, &message].concat())
        }
        Reply::Body(body) => with_trailers(body),
        Reply::Status(status) => {
            let head = Response::builder().header("content-type", "application/grpc");
            let head = head.header("grpc-status", status).header("grpc-message", "no");
            head.body(Box::new(Full::default()) as _).unwrap()
        }
    })
}

fn with_trailers(body: Vec<u8>) -> Answer {
    let trailers = HeaderMap::from_iter([(
        hyper::header::HeaderName::from_static("grpc-status"),
        hyper::header::HeaderValue::from_static("0"),
    )]);
    let body = Full::new(Bytes::from(body)).with_trailers(async { Some(Ok(trailers)) });
    Response::new(Box::new(Box::pin(body)))
}
