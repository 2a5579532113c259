//! What the intruder runs on his side: a place to fetch the tool from and to send things to, a
//! name server, and an open ear for shells.

use std::{
    fs,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    thread,
    time::Duration,
};

use super::ADDRESS;
use crate::{
    dns,
    fault::{Doing, Fault},
};

/// The address of the intruder's name server.
const NAME_SERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 113, 53);

/// Where name servers listen, and where one must listen for its answers to be known as such.
const NAME_PORT: u16 = 53;

/// So long who connects may take to say what he wants.
const PATIENCE: Duration = Duration::from_secs(3);

/// Most bytes that are taken from who sends something.
const MOST_TAKEN: u64 = 1024 * 1024;

/// The addresses at which the intruder can be reached.
pub(super) struct Home {
    pub(super) files: SocketAddr,
    pub(super) names: SocketAddr,
    pub(super) shells: TcpListener,
    pub(super) shell_port: u16,
}

impl Home {
    /// Starts listening; the threads that answer end with the process.
    pub(super) fn open() -> Result<Home, Fault> {
        let tool = std::env::current_exe().and_then(fs::read).doing("reading the tool")?;
        let (files, files_at) = listen("listening for downloads")?;
        let (shells, shells_at) = listen("listening for shells")?;
        let names = name_server().doing("listening for questions about names")?;
        let names_at = names.local_addr().doing("listening for questions about names")?;
        thread::spawn(move || serve_files(&files, &tool));
        thread::spawn(move || serve_names(&names));
        Ok(Home { files: files_at, names: names_at, shells, shell_port: shells_at.port() })
    }
}

fn listen(doing: &str) -> Result<(TcpListener, SocketAddr), Fault> {
    let listener = TcpListener::bind((ADDRESS, 0)).doing(doing)?;
    let address = listener.local_addr().doing(doing)?;
    Ok((listener, address))
}

/// Without the privilege to listen where name servers do, any port serves: the tool is told which.
fn name_server() -> io::Result<UdpSocket> {
    UdpSocket::bind((NAME_SERVER, NAME_PORT)).or_else(|_| UdpSocket::bind((NAME_SERVER, 0)))
}

fn serve_files(listener: &TcpListener, tool: &[u8]) {
    for caller in listener.incoming() {
        // Who went away gets nothing.
        let _ = caller.and_then(|caller| serve(caller, tool));
    }
}

/// `GET`, as in HTTP/0.9, where an answer is the file and nothing else, gets the tool. Whatever
/// else comes is loot.
fn serve(mut caller: TcpStream, tool: &[u8]) -> io::Result<()> {
    caller.set_read_timeout(Some(PATIENCE))?;
    let mut begin = [0; 512];
    let count = caller.read(&mut begin)?;
    if begin.get(..count).is_some_and(|begin| begin.starts_with(b"GET /")) {
        return caller.write_all(tool);
    }
    io::copy(&mut caller.take(MOST_TAKEN), &mut io::sink()).map(drop)
}

fn serve_names(socket: &UdpSocket) {
    let mut question = [0; 512];
    while let Ok((count, asker)) = socket.recv_from(&mut question) {
        let question = question.get(..count).unwrap_or_default();
        if let Some(answer) = dns::answer(question, ADDRESS) {
            // Who asked and went away misses nothing.
            let _ = socket.send_to(&answer, asker);
        }
    }
}
