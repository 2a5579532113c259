//! Programs that keep credentials: `docker-credential-NAME get` reads the name of a server and writes what
//! it has for it (the protocol of docker-credential-helpers).

use std::{
    io::{Read, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;

use super::Credential;
use crate::{Error, Secret};

/// Time that one may take; it may have to ask its user.
const TIME: Duration = Duration::from_secs(60);
/// How often one is looked at that ends its output before itself.
const LOOK: Duration = Duration::from_millis(5);
/// Most bytes that are read of what one writes.
const LONGEST_ANSWER_BYTES: u64 = 64 << 10;
/// What one says that has nothing.
const NOTHING: &str = "credentials not found";
/// The name of users that have a token in place of a password.
const TOKEN_USER: &str = "<token>";

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Username", default)]
    user: String,
    #[serde(rename = "Secret", default)]
    secret: String,
}

/// What the program of this name keeps for a server.
///
/// # Errors
/// If it can't be run, fails, or takes too long.
pub(super) fn get(name: &str, server: &str) -> Result<Option<Credential>, Error> {
    let program = format!("docker-credential-{name}");
    let failed = |why: String| Error::Helper { program: program.clone(), why };
    if name.contains('/') {
        return Err(failed("its name leads to another folder".to_owned()));
    }
    run(&program, server, TIME).and_then(read).map_err(failed)
}

/// What a program wrote, and whether it ended well.
struct Said {
    text: Vec<u8>,
    ended: Ended,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ended {
    Well,
    Badly,
}

fn read(said: Said) -> Result<Option<Credential>, String> {
    if said.ended == Ended::Badly {
        return match String::from_utf8_lossy(&said.text).contains(NOTHING) {
            true => Ok(None),
            // It may be anything, even a secret.
            false => Err("it failed; run it by hand to see why".to_owned()),
        };
    }
    let answer: Answer = serde_json::from_slice(&said.text)
        .map_err(|_| "what it wrote is not what such programs write".to_owned())?;
    if answer.secret.is_empty() {
        return Ok(None);
    }
    let secret = Secret::new(answer.secret);
    Ok(Some(match answer.user.as_str() {
        TOKEN_USER => Credential::IdentityToken(secret),
        _ => Credential::Password { user: answer.user, password: secret },
    }))
}

fn run(program: &str, server: &str, time: Duration) -> Result<Said, String> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("it cannot be run: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not read it says so itself.
        let _ = stdin.write_all(server.as_bytes());
    }
    let end = Instant::now() + time;
    let said = output(&mut child, time).and_then(|text| {
        let status = wait(&mut child, end)?.ok_or_else(|| late(time))?;
        let ended = if status.success() { Ended::Well } else { Ended::Badly };
        Ok(Said { text, ended })
    });
    if said.is_err() {
        kill(&child);
        let _ = child.wait();
    }
    said
}

/// How a program ends, if it does so in time: it may end its output and go on.
fn wait(child: &mut Child, end: Instant) -> Result<Option<ExitStatus>, String> {
    loop {
        let status = child.try_wait().map_err(|error| error.to_string())?;
        if status.is_some() || Instant::now() >= end {
            return Ok(status);
        }
        thread::sleep(LOOK);
    }
}

fn late(time: Duration) -> String {
    format!("it takes more than {} s", time.as_secs())
}

/// All that a program writes, if it does so in time.
fn output(child: &mut Child, time: Duration) -> Result<Vec<u8>, String> {
    let (sender, receiver) = mpsc::channel();
    let stdout = child.stdout.take();
    thread::Builder::new()
        .spawn(move || {
            let mut text = Vec::new();
            let read = stdout.map(|out| out.take(LONGEST_ANSWER_BYTES + 1).read_to_end(&mut text));
            let _ = sender.send((read.transpose().is_ok(), text));
        })
        .map_err(|error| format!("no thread can be started: {error}"))?;
    let (is_read, text) = receiver.recv_timeout(time).map_err(|_| late(time))?;
    match is_read && text.len() as u64 <= LONGEST_ANSWER_BYTES {
        true => Ok(text),
        false => Err(format!("it writes more than {LONGEST_ANSWER_BYTES} bytes")),
    }
}

/// Ends a program and those that it started.
fn kill(child: &Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let _ = group.map(|group| kill_process_group(group, Signal::KILL));
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    fn asked(script: &str, time: Duration) -> Result<Option<Credential>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("helper");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        run(path.to_str().unwrap(), "example.org", time).and_then(read)
    }

    #[test]
    fn programs_are_asked_and_not_trusted() {
        let password = |user: &str, password: &str| {
            let (user, password) = (user.to_owned(), Secret::new(password));
            Ok(Some(Credential::Password { user, password }))
        };
        let token = Ok(Some(Credential::IdentityToken(Secret::new("t"))));
        let failed = |why: &str| Err(why.to_owned());
        for (script, expected) in [
            (
                r#"read name; echo "{\"ServerURL\":\"x\",\"Username\":\"$1\",\"Secret\":\"$name\"}""#,
                password("get", "example.org"),
            ),
            (r#"echo '{"Username":"<token>","Secret":"t"}'"#, token),
            (r#"echo '{"Username":"","Secret":""}'"#, Ok(None)),
            ("echo credentials not found in native keychain; exit 1", Ok(None)),
            ("echo hunter2; exit 1", failed("it failed; run it by hand to see why")),
            ("echo hunter2", failed("what it wrote is not what such programs write")),
            ("yes", failed("it writes more than 65536 bytes")),
        ] {
            assert_eq!(asked(script, TIME), expected, "{script}");
        }
        let slow = asked("sleep 1000 & sleep 1000", Duration::ZERO);
        assert_eq!(slow, failed("it takes more than 0 s"));
        let silent = asked("exec >&-; exec sleep 1000", Duration::from_secs(1));
        assert_eq!(silent, failed("it takes more than 1 s"));
        assert!(get("no/folder", "x").is_err());
        assert!(get("that-nobody-has", "x").is_err());
    }
}
