//! On a terminal: the command has it, with its job control.

use std::{
    fs::File,
    io::{Read, Write},
    os::{
        fd::{AsRawFd, FromRawFd},
        unix::process::{CommandExt, ExitStatusExt},
    },
    process::{Child, Command},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use crate::common::{Fixture, wait_for};

/// A shell on a terminal of its own.
struct Terminal {
    keys: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
    shell: Child,
}

/// Both ends of a terminal: ours, which no other program gets, and theirs.
fn pair() -> (File, File) {
    let (mut ours, mut theirs) = (0, 0);
    let null = std::ptr::null_mut();
    // SAFETY: both ends are ours; nothing else is asked for.
    let opened =
        unsafe { libc::openpty(&raw mut ours, &raw mut theirs, null, null.cast(), null.cast()) };
    assert_eq!(opened, 0);
    // SAFETY: both were just opened, and nobody else has them.
    let ends = unsafe { (File::from_raw_fd(ours), File::from_raw_fd(theirs)) };
    for end in [ours, theirs] {
        // SAFETY: no memory is passed.
        assert_eq!(unsafe { libc::fcntl(end, libc::F_SETFD, libc::FD_CLOEXEC) }, 0);
    }
    ends
}

/// The command will lead a session on this terminal.
fn lead(command: &mut Command, terminal: &File) {
    let end = || terminal.try_clone().unwrap();
    command.stdin(end()).stdout(end()).stderr(end());
    // SAFETY: only calls that a forked child may make.
    unsafe {
        command.pre_exec(|| {
            if libc::setsid() == -1 || libc::ioctl(0, libc::TIOCSCTTY, 0) == -1 {
                return Err(std::io::Error::last_os_error());
            }
            Ok(())
        });
    }
}

impl Terminal {
    fn new(fixture: &Fixture) -> Self {
        let (keys, theirs) = pair();
        let mut command = Command::new("sh");
        command.arg("-i").current_dir(fixture.folder());
        command.env("PS1", "$ ").env("TERM", "dumb").env_remove("ENV");
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_watchkeeper")).parent().unwrap();
        command.env("PATH", format!("{}:/usr/bin:/bin", program.display()));
        lead(&mut command, &theirs);
        let shell = command.spawn().unwrap();
        let (tell, screen) = channel();
        let mut reader = keys.try_clone().unwrap();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                if tell.send(bytes[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let mut terminal = Self { keys, screen, seen: String::new(), shell };
        terminal.shows("$ ");
        terminal
    }

    /// Types this.
    fn types(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
    }

    /// Waits until this is on the screen, behind what was waited for before.
    fn shows(&mut self, text: &str) {
        for _ in 0..300 {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            if let Ok(bytes) = self.screen.recv_timeout(Duration::from_millis(100)) {
                self.seen.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        panic!("'{text}' is not on the screen: {}", self.seen);
    }

    /// The process group that has the terminal.
    fn foreground(&self) -> i32 {
        // SAFETY: no memory is passed.
        unsafe { libc::tcgetpgrp(self.keys.as_raw_fd()) }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

#[test]
fn a_key_that_interrupts_reaches_the_command_once() {
    let fixture = Fixture::new();
    let mut terminal = Terminal::new(&fixture);
    fixture.file(
        "count",
        "trap 'n=$((n+1)); echo times=$n' INT\necho re''ady\nread x\nsleep 0.3\nread x\necho e''nd\n",
        0o755,
    );
    terminal.types("watchkeeper trace -q sh ./count\n");
    terminal.shows("ready");
    terminal.types("\x03");
    terminal.shows("times=1");
    terminal.types("x\nx\n");
    terminal.shows("end");
    assert!(!terminal.seen.contains("times=2"));
    terminal.types("watchkeeper trace -q sleep 600\n");
    let shell = terminal.shell.id().cast_signed();
    wait_for("the command", || terminal.foreground() != shell);
    thread::sleep(Duration::from_millis(700));
    terminal.types("\x03");
    terminal.shows("$ ");
    terminal.types("echo code=$?\n");
    terminal.shows("code=130");
}

#[test]
fn stop_and_go_on() {
    let fixture = Fixture::new();
    let mut terminal = Terminal::new(&fixture);
    fixture.file("ask", "echo re''ady\nread x\necho got=$x\nread y\necho got=$y\n", 0o755);
    terminal.types("watchkeeper trace -o x.scap -q sh ./ask\n");
    terminal.shows("ready");
    for word in ["one", "two"] {
        terminal.types("\x1a");
        terminal.shows("Stopped");
        terminal.types("fg\n");
        terminal.shows("ask");
        thread::sleep(Duration::from_millis(200));
        terminal.types(&format!("{word}\n"));
        terminal.shows(&format!("got={word}"));
    }
    terminal.types("echo code=$?\n");
    terminal.shows("code=0");
}

#[test]
fn a_shell_that_takes_the_terminal_works_and_alerts_do_not_stop_us() {
    let fixture = Fixture::new();
    let rule = "- rule: Read\n  desc: d\n  condition: fd.name = /etc/hostname and evt.type in \
        (open, openat)\n  output: was %fd.name read\n  priority: NOTICE\n";
    fixture.file("rules.yaml", rule, 0o644);
    let mut terminal = Terminal::new(&fixture);
    terminal.types("stty tostop\n");
    terminal.types("PS1='in> ' watchkeeper trace --rules rules.yaml sh -i\n");
    terminal.shows("in> ");
    terminal.types("cat /etc/hostname\n");
    terminal.shows("was /etc/hostname read");
    terminal.types("sleep 600\n");
    thread::sleep(Duration::from_millis(500));
    terminal.types("\x1a");
    terminal.shows("Stopped");
    terminal.types("kill -9 %1; sleep 0.3\ntrue\n");
    terminal.shows("Killed");
    terminal.types("exit 3\n");
    terminal.shows("1 alert from");
    terminal.types("echo code=$?\n");
    terminal.shows("code=3");
}

#[test]
fn a_command_that_handles_stop_signals_itself_is_stopped_when_it_wants_to_be() {
    let fixture = Fixture::new();
    let mut terminal = Terminal::new(&fixture);
    fixture.file(
        "tidy",
        "trap 'echo tidy; trap - TSTP; kill -TSTP $$; echo ba''ck' TSTP\necho re''ady\n\
         while [ ! -e end ]; do read x; done\necho do''ne\n",
        0o755,
    );
    terminal.types("watchkeeper trace -q sh ./tidy\n");
    terminal.shows("ready");
    terminal.types("\x1a");
    terminal.shows("tidy");
    terminal.shows("Stopped");
    terminal.types("touch end; fg\n");
    terminal.shows("back");
    terminal.types("x\n");
    terminal.shows("done");
    fixture.file("deaf", "trap '' TSTP\necho re''ady\nread x\necho got=$x\n", 0o755);
    terminal.types("watchkeeper trace -q sh ./deaf\n");
    terminal.shows("ready");
    terminal.types("\x1a");
    thread::sleep(Duration::from_millis(300));
    terminal.types("one\n");
    terminal.shows("got=one");
}

#[test]
fn a_terminal_that_goes_away_ends_the_command_where_we_lead_its_session() {
    let fixture = Fixture::new();
    let (ours, theirs) = pair();
    let mut command = fixture.command(&["trace", "-q", "sh", "-c", "echo >begun; exec sleep 600"]);
    lead(&mut command, &theirs);
    let mut child = command.spawn().unwrap();
    drop((command, theirs));
    wait_for("the command", || fixture.path("begun").exists());
    drop(ours);
    let mut status = None;
    wait_for("the end", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().signal(), Some(libc::SIGHUP));
}
