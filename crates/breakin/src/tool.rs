//! The tool that is dropped: it looks up where home is, connects there, and hands over a shell.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket},
    os::fd::OwnedFd,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    dns,
    fault::{Doing, Fault},
};

const USAGE: &str = ".x NAME-SERVER NAME PORT; on loopback";

/// So long it waits for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Connects to `NAME`, as the name server says, and runs a shell with the connection as standard
/// input and output, until that ends.
///
/// # Errors
///
/// When an address is not on the loopback interface, or the system refuses something.
pub(crate) fn run(args: &[&str]) -> Result<(), Fault> {
    let [server, name, port] = args else { return Err(Fault::Usage(USAGE)) };
    let server: SocketAddr = server.parse().or(Err(Fault::Usage(USAGE)))?;
    let port: u16 = port.parse().or(Err(Fault::Usage(USAGE)))?;
    on_loopback(server.ip())?;
    let home = look_up(server, name)?;
    on_loopback(home.into())?;
    let home = TcpStream::connect((home, port)).doing("connecting")?;
    hand_over(home)
}

fn on_loopback(ip: IpAddr) -> Result<(), Fault> {
    if ip.is_loopback() { Ok(()) } else { Err(Fault::Astray(format!("{ip} is not on loopback"))) }
}

fn look_up(server: SocketAddr, name: &str) -> Result<Ipv4Addr, Fault> {
    let doing = format!("asking {server}");
    let question = dns::question(0x5157, name);
    let mut answer = [0; 512];
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).doing(&*doing)?;
    socket.connect(server).doing(&*doing)?;
    socket.set_read_timeout(Some(PATIENCE)).doing(&*doing)?;
    socket.send(&question).doing(&*doing)?;
    let count = socket.recv(&mut answer).doing(&*doing)?;
    answer
        .get(..count)
        .and_then(|answer| dns::address(answer, &question))
        .ok_or_else(|| Fault::Astray(format!("{server} does not know {name}")))
}

/// The shell is interactive, but reads no start file and edits no lines, so that what comes back
/// is what the commands print.
fn hand_over(home: TcpStream) -> Result<(), Fault> {
    let output = home.try_clone().doing("handing over")?;
    let errors = home.try_clone().doing("handing over")?;
    Command::new("bash")
        .args(["--norc", "--noediting", "-i"])
        .env("PS1", "")
        .stdin(Stdio::from(OwnedFd::from(home)))
        .stdout(Stdio::from(OwnedFd::from(output)))
        .stderr(Stdio::from(OwnedFd::from(errors)))
        .status()
        .map(drop)
        .doing("starting bash")
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn it_speaks_to_nobody_outside() {
        for server in ["192.0.2.1:53", "0.0.0.0:53", "[2001:db8::1]:53", "nonsense"] {
            assert!(run(&[server, "cdn.example.net", "4444"]).is_err(), "{server}");
        }
    }
}
