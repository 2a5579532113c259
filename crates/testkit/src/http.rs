//! A server on this machine that has files as servers of files do, and fails as it is told to.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

/// What was asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Path and query.
    pub path: String,
    /// By their names in small letters.
    pub headers: BTreeMap<String, String>,
}

impl Request {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// From which byte on.
    pub fn from(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// What goes wrong with one answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The connection ends behind so many bytes of what is asked for.
    Cut(usize),
    /// So many bytes more are announced than there are.
    Announces(usize),
    /// Another answer, with these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// Other bytes, with everything else as it should be.
    Instead(Vec<u8>),
    /// Another part than the one that is asked for.
    OtherPart,
    /// No answer, for as long as the other end waits.
    Silence,
}

#[derive(Default)]
struct Stock {
    files: BTreeMap<String, (Vec<u8>, String)>,
    faults: BTreeMap<String, VecDeque<Fault>>,
    requests: Vec<Request>,
    made: String,
}

/// It serves until the test ends.
#[derive(Clone)]
pub struct Server {
    /// `127.0.0.1:PORT`.
    pub host: String,
    stock: Arc<Mutex<Stock>>,
}

impl Server {
    /// One that has nothing yet.
    ///
    /// # Panics
    /// If there is no port left.
    #[expect(clippy::expect_used, reason = "for tests")]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let server = Self { host, stock: Arc::default() };
        let serving = server.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.serve(&connection));
            }
        });
        server
    }

    fn stock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a file; its version is told by its bytes.
    pub fn publish(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        let sum =
            bytes.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
        let etag = format!("\"{sum:x}-{}\"", bytes.len());
        self.stock().files.insert(path.to_owned(), (bytes, etag));
    }

    /// Says of all files that they were made at this time (RFC 9110, 5.6.7).
    pub fn date(&self, made: &str) {
        made.clone_into(&mut self.stock().made);
    }

    /// Has a file no more.
    pub fn withdraw(&self, path: &str) {
        self.stock().files.remove(path);
    }

    /// Answers for a path go wrong so, one after another; then they are as they should be.
    pub fn fail(&self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        self.stock().faults.insert(path.to_owned(), faults.into_iter().collect());
    }

    /// What it was asked since this was called last.
    pub fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.stock().requests)
    }

    /// That the other end goes away is no failure.
    fn serve(&self, connection: &TcpStream) -> Option<()> {
        let request = read(connection)?;
        let (file, fault, made) = {
            let mut stock = self.stock();
            stock.requests.push(request.clone());
            let fault = stock.faults.get_mut(&request.path).and_then(VecDeque::pop_front);
            (stock.files.get(&request.path).cloned(), fault, stock.made.clone())
        };
        match (fault, file) {
            (Some(Fault::Silence), _) => {
                let mut wait = String::new();
                // It ends when the other end goes.
                BufReader::new(connection).read_line(&mut wait).ok().map(|_| ())
            }
            (Some(Fault::Status(status, headers)), _) => {
                write(connection, status, &headers, b"no", 2).ok()
            }
            (_, None) => write(connection, 404, &[], b"gone", 4).ok(),
            (fault, Some((bytes, etag))) => {
                answer(connection, &request, fault, &bytes, (etag, made)).ok()
            }
        }
    }
}

fn answer(
    connection: &TcpStream,
    request: &Request,
    fault: Option<Fault>,
    bytes: &[u8],
    (etag, made): (String, String),
) -> std::io::Result<()> {
    if request.header("if-none-match") == Some(&etag) {
        return write(connection, 304, &[("ETag", etag)], b"", 0);
    }
    let is_same = request.header("if-range").is_none_or(|version| version == etag);
    let from = request.from().filter(|_| is_same);
    if from.is_some_and(|from| from >= bytes.len()) {
        return write(connection, 416, &[], b"", 0);
    }
    let bytes = match &fault {
        Some(Fault::Instead(other)) => other,
        _ => bytes,
    };
    let mut headers = vec![("ETag", etag)];
    if !made.is_empty() {
        headers.push(("Last-Modified", made));
    }
    let rest = bytes.get(from.unwrap_or(0)..).unwrap_or_default();
    if let Some(from) = from {
        let begin = if matches!(fault, Some(Fault::OtherPart)) { from + 1 } else { from };
        headers
            .push(("Content-Range", format!("bytes {begin}-{}/{}", bytes.len() - 1, bytes.len())));
    }
    let status = if from.is_some() { 206 } else { 200 };
    match fault {
        Some(Fault::Cut(at)) => {
            write(connection, status, &headers, rest.get(..at).unwrap_or(rest), rest.len())
        }
        Some(Fault::Announces(more)) => {
            write(connection, status, &headers, rest, rest.len() + more)
        }
        _ => write(connection, status, &headers, rest, rest.len()),
    }
}

fn read(connection: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split_whitespace().nth(1)?.to_owned();
    let mut request = Request { path, ..Request::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { return Some(request) };
        request.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
}

fn write(
    mut connection: &TcpStream,
    status: u16,
    headers: &[(&'static str, String)],
    body: &[u8],
    length: usize,
) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} Said\r\nConnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if status != 304 {
        head += &format!("Content-Length: {length}\r\n");
    }
    connection.write_all(format!("{head}\r\n").as_bytes())?;
    connection.write_all(body)
}
