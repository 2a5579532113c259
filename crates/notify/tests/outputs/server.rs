//! An HTTP server that answers as it is told.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// What the server does with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// A status, with this header line if it is not empty.
    Status(u16, &'static str),
    /// Nothing at all, for a long time.
    Hang,
    /// Half a status line.
    Cut,
}

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Connections before this one.
    pub(crate) connection: usize,
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Gives these answers, then 200.
    pub(crate) fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self::of(listener.local_addr().unwrap().port(), answers);
        let serving = server.clone();
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (server, stream) = (serving.clone(), stream.unwrap());
                thread::spawn(move || server.serve(connection, stream));
            }
        });
        server
    }

    /// The same without a listener.
    pub(crate) fn of(port: u16, answers: &[Answer]) -> Self {
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect()));
        Self { port, answers, requests: Arc::default() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/alerts?key=secret", self.port)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.body).collect()
    }

    /// Answers the requests of one connection.
    pub(crate) fn serve(&self, connection: usize, stream: impl Read + Write) {
        let mut stream = BufReader::new(stream);
        while let Some((head, body)) = read_request(&mut stream) {
            self.requests.lock().unwrap().push(Request { connection, head, body });
            let answer = self.answers.lock().unwrap().pop_front();
            let out = stream.get_mut();
            match answer.unwrap_or(Answer::Status(200, "")) {
                Answer::Status(status, header) => {
                    let header = if header.is_empty() { "" } else { &format!("{header}\r\n") };
                    let text =
                        format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\n{header}\r\nok");
                    if out.write_all(text.as_bytes()).is_err() {
                        return;
                    }
                    let _ = out.flush();
                }
                Answer::Hang => thread::sleep(Duration::from_secs(60)),
                Answer::Cut => {
                    let _ = out.write_all(b"HTTP/1.1 20");
                    return;
                }
            }
        }
    }
}

fn read_request(stream: &mut impl BufRead) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length?.trim().parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).ok()?))
}
