//! The intruder's requests to the service.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use rustix::net::{self, AddressFamily, SocketFlags, SocketType};

use super::ADDRESS;
use crate::fault::{Doing, Fault};

/// So long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The date that is asked about.
const DATE: &str = "2026-01-01";

/// Requests to one service.
pub(super) struct Web {
    pub(super) service: SocketAddr,
    /// Without it the service answers nobody.
    pub(super) secret: String,
}

/// A request that is not answered yet.
pub(super) struct Pending(TcpStream);

impl Web {
    /// Asks for a page.
    pub(super) fn ask(&self, target: &str) -> Result<Pending, Fault> {
        let doing = "asking the service";
        let mut stream = self.connect()?;
        stream.set_read_timeout(Some(PATIENCE)).doing(doing)?;
        let secret = &self.secret;
        write!(stream, "GET {target} HTTP/1.0\r\nCookie: stage={secret}\r\n\r\n").doing(doing)?;
        Ok(Pending(stream))
    }

    /// Asks for the weekday of a date, and more.
    pub(super) fn inject(&self, command: &str) -> Result<Pending, Fault> {
        self.ask(&format!("/weekday?date={}", escaped(&format!("{DATE}; {command}"))))
    }

    /// Connects from the intruder's own address.
    fn connect(&self) -> Result<TcpStream, Fault> {
        let socket =
            net::socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None);
        let socket = socket.doing("making a socket")?;
        net::bind(&socket, &SocketAddr::from((ADDRESS, 0))).doing(format!("using {ADDRESS}"))?;
        net::connect(&socket, &self.service).doing(format!("connecting to {}", self.service))?;
        Ok(socket.into())
    }
}

impl Pending {
    /// Waits for the answer.
    pub(super) fn answer(mut self) -> Result<String, Fault> {
        let mut answer = Vec::new();
        self.0.read_to_end(&mut answer).doing("waiting for an answer")?;
        let answer = String::from_utf8_lossy(&answer);
        match answer.split_once("\r\n\r\n") {
            Some((head, body)) if head.starts_with("HTTP/1.0 200 ") => Ok(body.into()),
            _ => Err(Fault::Astray(format!(
                "the service refuses: {}",
                answer.lines().next().unwrap_or("no answer")
            ))),
        }
    }
}

/// A parameter of a URL.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_means_something_in_a_url_is_escaped() {
        assert_eq!(escaped("a; cat /etc/x&"), "a%3B%20cat%20/etc/x%26");
    }
}
