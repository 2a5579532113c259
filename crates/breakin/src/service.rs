//! The service: a web page that tells the weekday of a date, and has a hole.
//!
//! It hands what the visitor typed to `sh -c`. Only who knows the secret of this run gets that far.

use std::{
    ffi::OsStr,
    fs::OpenOptions,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    process::{self, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
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

const PAGE: &str = "<title>Calendar</title>\n\
    <form action=\"/weekday\">Which day was <input name=\"date\">?</form>\n";

/// Whether a shell of the service's is running.
static BUSY: AtomicBool = AtomicBool::new(false);

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

/// Standard output is a pipe to the stage, and a copy of it goes to all that is started from here:
/// it closes when the last of them has ended.
fn serve() -> Result<(), Fault> {
    let secret = std::env::var("STAGE_SECRET").or(Err(Fault::Usage(USAGE)))?;
    setsid().doing("leaving the session")?;
    thread::spawn(end_with_the_stage);
    let listener = TcpListener::bind(("127.0.0.1", 0)).doing("listening")?;
    let address = listener.local_addr().doing("listening")?;
    println!("{address}");
    let _until_all_have_ended = rustix::io::dup(io::stdout()).doing("keeping the output")?;
    for visitor in listener.incoming() {
        // A visitor who goes away in the middle is no reason to stop.
        let _ = visitor.and_then(|visitor| receive(visitor, &secret));
    }
    Ok(())
}

/// Standard input is a pipe from the stage. When it closes, this process goes, and with it all
/// that it started, if anything still runs: they share its process group.
fn end_with_the_stage() {
    let mut nothing = [0];
    while !matches!(io::stdin().read(&mut nothing), Ok(0)) {}
    if BUSY.load(Ordering::Relaxed) {
        let _ = kill_current_process_group(Signal::KILL);
    }
    process::exit(0);
}

fn receive(mut visitor: TcpStream, secret: &str) -> io::Result<()> {
    visitor.set_read_timeout(Some(PATIENCE))?;
    let request = read_request(&mut visitor)?;
    let target = request.split(' ').nth(1).unwrap_or_default();
    let may = request.lines().any(|line| line == format!("Cookie: stage={secret}"));
    let (status, body) = match target.strip_prefix("/weekday?date=") {
        _ if !may => ("403 Forbidden", "not for you\n".into()),
        Some(date) => ("200 OK", weekday(&decoded(date))?),
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

/// The hole: `date` may hold more than a date.
fn weekday(date: &str) -> io::Result<String> {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(format!("date +%A -d {date}")).stdin(Stdio::null());
    BUSY.store(true, Ordering::Relaxed);
    let output = shell.output();
    BUSY.store(false, Ordering::Relaxed);
    let output = output?;
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
