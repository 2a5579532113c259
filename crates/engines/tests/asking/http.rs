//! An engine with an HTTP API.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// What is done with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// 200 with this body.
    Json(Vec<u8>),
    /// The same in chunks of a few bytes.
    Chunked(Vec<u8>),
    /// 404
    NotFound,
    /// 500
    Fails,
    /// These bytes in place of HTTP, then the end.
    Bytes(&'static [u8]),
    /// A body without an end.
    Endless,
    /// Nothing, for as long as the other side waits.
    Hang,
}

/// Ends when it is dropped.
pub(crate) struct HttpServer {
    socket: PathBuf,
    ends: Arc<AtomicBool>,
    requests: Arc<Mutex<Vec<String>>>,
}

/// What is done with the n-th request for a path.
type Respond = dyn Fn(&str, usize) -> Reply + Send + Sync;

impl HttpServer {
    pub(crate) fn start(
        socket: PathBuf,
        respond: impl Fn(&str, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = UnixListener::bind(&socket).unwrap();
        let server = Self { socket, ends: Arc::default(), requests: Arc::default() };
        let (ends, requests) = (Arc::clone(&server.ends), Arc::clone(&server.requests));
        let respond: Arc<Respond> = Arc::new(respond);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let (requests, respond) = (Arc::clone(&requests), Arc::clone(&respond));
                thread::spawn(move || serve(stream.unwrap(), &requests, &*respond));
            }
        });
        server
    }

    /// Paths of all requests.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // It may have been removed already.
        let _ = UnixStream::connect(&self.socket);
        let _ = std::fs::remove_file(&self.socket);
    }
}

fn serve(stream: UnixStream, requests: &Mutex<Vec<String>>, respond: &Respond) {
    let mut out = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(first) = lines.next() {
        let path = first.split(' ').nth(1).unwrap().to_owned();
        lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
        let before = {
            let mut requests = requests.lock().unwrap();
            requests.push(path.clone());
            requests.iter().filter(|known| **known == path).count() - 1
        };
        if write(&mut out, respond(&path, before)).is_err() {
            return;
        }
    }
}

/// An error ends the connection.
fn write(out: &mut UnixStream, reply: Reply) -> std::io::Result<()> {
    let whole = |status: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    match reply {
        Reply::Json(body) => out.write_all(&whole("200 OK", &body)),
        Reply::NotFound => out.write_all(&whole("404 Not Found", br#"{"message":"none"}"#)),
        Reply::Fails => out.write_all(&whole("500 Oh", b"{\"message\":\"\x1b[31mbroken\"}")),
        Reply::Chunked(body) => {
            out.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            for chunk in body.chunks(7) {
                out.write_all(format!("{:x};x=y\r\n", chunk.len()).as_bytes())?;
                out.write_all(&[chunk, b"\r\n"].concat())?;
            }
            out.write_all(b"0\r\n\r\n")
        }
        Reply::Bytes(bytes) => {
            out.write_all(bytes)?;
            Err(std::io::ErrorKind::Other.into())
        }
        Reply::Endless => {
            out.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            loop {
                out.write_all(&[b"1000\r\n".as_slice(), &[b' '; 0x1000], b"\r\n"].concat())?;
            }
        }
        Reply::Hang => {
            let mut rest = out.try_clone()?;
            std::io::copy(&mut rest, &mut std::io::sink()).map(drop)
        }
    }
}

/// A running Docker or Podman with one container.
pub(crate) fn engine(socket: &Path, id: &str, container: Vec<u8>, image: Vec<u8>) -> HttpServer {
    let id = id.to_owned();
    HttpServer::start(socket.into(), move |path, _| match path.split('/').nth(1) {
        Some("containers") => {
            let asked = path.split('/').nth(2).unwrap();
            if id.starts_with(asked) { Reply::Json(container.clone()) } else { Reply::NotFound }
        }
        Some("images") => Reply::Json(image.clone()),
        _ => Reply::NotFound,
    })
}
