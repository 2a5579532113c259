//! The shell that comes back to the intruder.

use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use crate::fault::{Doing, Fault};

/// So long the shell may take to come, and each command to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often the intruder looks whether the shell has come.
const GLANCE: Duration = Duration::from_millis(5);

/// Longest answer of a command, in bytes.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// A shell at the other end of a connection.
pub(super) struct Shell {
    stream: TcpStream,
    /// How many commands have ended.
    ended: usize,
}

impl Shell {
    /// Waits for the shell; hands out what it says before the first command, too.
    pub(super) fn accept(listener: &TcpListener) -> Result<(Shell, String), Fault> {
        listener.set_nonblocking(true).doing("waiting for the shell")?;
        let begin = Instant::now();
        let stream = loop {
            match listener.accept() {
                Ok((stream, _)) => break stream,
                Err(why) if why.kind() == ErrorKind::WouldBlock && begin.elapsed() < PATIENCE => {
                    thread::sleep(GLANCE);
                }
                Err(why) => return Err(why).doing("waiting for the shell"),
            }
        };
        stream.set_nonblocking(false).doing("waiting for the shell")?;
        stream.set_read_timeout(Some(PATIENCE)).doing("waiting for the shell")?;
        let mut shell = Shell { stream, ended: 0 };
        let greeting = shell.ask(":")?;
        Ok((shell, greeting))
    }

    /// Types a command, waits until it has ended, and hands out what it printed.
    pub(super) fn ask(&mut self, command: &str) -> Result<String, Fault> {
        self.ended += 1;
        let mark = format!("[{} done]\n", self.ended);
        write!(self.stream, "{command}\necho '[{} done]'\n", self.ended).doing("typing")?;
        let mut answer = String::new();
        let mut piece = [0; 4096];
        while !answer.ends_with(&mark) {
            let count = self.stream.read(&mut piece).doing("reading what the shell says")?;
            if count == 0 || answer.len() > LONGEST_ANSWER {
                return Err(Fault::Astray(format!("the shell did not finish: {command}")));
            }
            answer.push_str(&String::from_utf8_lossy(piece.get(..count).unwrap_or_default()));
        }
        answer.truncate(answer.len() - mark.len());
        Ok(answer)
    }

    /// Types the last command, and waits until the shell has gone.
    pub(super) fn leave(mut self, command: &str) -> Result<(), Fault> {
        writeln!(self.stream, "{command}").doing("leaving")?;
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).map(drop).doing("waiting for the shell's end")
    }
}
