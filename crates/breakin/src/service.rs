//! The service: a web page that tells the address of a host, and has a hole.
//!
//! It hands what the visitor typed to `sh -c`. Only who knows the secret of this run gets that far.

use std::{
    ffi::OsStr,
    fs::OpenOptions,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Signal, kill_current_process_group, setsid};

use crate::fault::{Doing, Fault};

const USAGE: &str = "httpd [start]; started by breakin";

/// So long a visitor may take to say what he wants.
const PATIENCE: Duration = Duration::from_secs(3);

/// Longest request, in bytes.
const LONGEST_REQUEST: usize = 16 * 1024;

const PAGE: &str = "<title>Look-up</title>\n\
    <form action=\"/lookup\">Which address has <input name=\"host\">?</form>\n";

/// `start` puts the service into the background; without arguments it is the service.
///
/// # Errors
///
/// When the system refuses something.
pub(crate) fn run(called: &OsStr, args: &[&str]) -> Result<(), Fault> {
    match args {
        // Who starts it ends at once, so it becomes a child of the first process, as services are.
        ["start"] => Command::new(called).spawn().map(drop).doing("starting in the background"),
        [] => serve(),
        _ => Err(Fault::Usage(USAGE)),
    }
}

fn serve() -> Result<(), Fault> {
    let secret = std::env::var("STAGE_SECRET").or(Err(Fault::Usage(USAGE)))?;
    setsid().doing("leaving the session")?;
    thread::spawn(end_with_the_stage);
    let listener = TcpListener::bind(("127.0.0.1", 0)).doing("listening")?;
    let address = listener.local_addr().doing("listening")?;
    println!("{address}");
    for visitor in listener.incoming() {
        // A visitor who goes away in the middle is no reason to stop.
        let _ = visitor.and_then(|visitor| receive(visitor, &secret));
    }
    Ok(())
}

/// Standard input is a pipe from the stage. When it closes, this process goes, and with it all
/// that it started: they share its process group.
fn end_with_the_stage() {
    let mut nothing = [0];
    while !matches!(io::stdin().read(&mut nothing), Ok(0)) {}
    let _ = kill_current_process_group(Signal::KILL);
}

fn receive(mut visitor: TcpStream, secret: &str) -> io::Result<()> {
    visitor.set_read_timeout(Some(PATIENCE))?;
    let request = read_request(&mut visitor)?;
    let target = request.split(' ').nth(1).unwrap_or_default();
    let may = request.lines().any(|line| line == format!("Cookie: stage={secret}"));
    let (status, body) = match target.strip_prefix("/lookup?host=") {
        _ if !may => ("403 Forbidden", "not for you\n".into()),
        Some(host) => ("200 OK", look_up(&decoded(host))?),
        None if target == "/" => ("200 OK", PAGE.into()),
        None => ("404 Not Found", "no such page\n".into()),
    };
    log(&format!("{} \"GET {target}\" {status}\n", visitor.peer_addr()?.ip()))?;
    write!(visitor, "HTTP/1.0 {status}\r\nConnection: close\r\n\r\n{body}")
}

/// Everything up to the empty line.
fn read_request(visitor: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    let mut piece = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") && request.len() < LONGEST_REQUEST {
        match visitor.read(&mut piece)? {
            0 => break,
            count => request.extend(piece.iter().take(count)),
        }
    }
    Ok(String::from_utf8_lossy(&request).into_owned())
}

/// The hole: `host` may hold more than the name of a host.
fn look_up(host: &str) -> io::Result<String> {
    let mut shell = Command::new("/bin/sh");
    let output =
        shell.arg("-c").arg(format!("getent hosts {host}")).stdin(Stdio::null()).output()?;
    let all = [output.stdout, output.stderr].concat();
    Ok(String::from_utf8_lossy(&all).into_owned())
}

fn log(line: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open("access.log")?.write_all(line.as_bytes())
}

/// Undoes the `%41` of a URL.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, coded)) = rest.split_once('%') {
        bytes.extend(plain.bytes());
        let byte = coded.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = byte.and_then(|_| coded.get(2..)).unwrap_or(coded);
    }
    bytes.extend(rest.bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn what_a_url_escapes_comes_back() {
        let cases = [
            ("localhost", "localhost"),
            ("a%3B%20id", "a; id"),
            ("100%", "100%"),
            ("%4", "%4"),
            ("%zz%41", "%zzA"),
            ("%c3%a4", "ä"),
            ("%ä", "%ä"),
        ];
        for (text, meaning) in cases {
            assert_eq!(decoded(text), meaning, "{text}");
        }
    }
}
