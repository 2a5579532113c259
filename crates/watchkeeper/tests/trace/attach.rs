//! Attaching to what runs.

use std::process::{Child, Command, Stdio, id};

use crate::common::{Fixture, Running, runs, status, stderr, stdout, wait_for};

/// A shell that does something now and then.
struct Busy(Child);

impl Busy {
    fn new() -> Self {
        let line = "while :; do : </etc/hostname; sleep 0.05; done";
        Self(Command::new("sh").args(["-c", line]).stdin(Stdio::null()).spawn().unwrap())
    }

    fn pid(&self) -> i32 {
        self.0.id().cast_signed()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn tracer(pid: i32) -> String {
    status(pid, "TracerPid:").unwrap()
}

#[test]
fn a_process_is_attached_to_and_let_go_by_signals() {
    let fixture = Fixture::new();
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        let busy = Busy::new();
        let pid = busy.pid().to_string();
        let running = Running::of(fixture.command(&["trace", "--pid", &pid, "-o", "x.scap"]));
        wait_for("the tracer", || tracer(busy.pid()) != "0");
        std::thread::sleep(std::time::Duration::from_millis(500));
        running.signal(signal);
        assert_eq!(running.end().code(), Some(0));
        assert!(runs(busy.pid()));
        assert_eq!(tracer(busy.pid()), "0");
        let output = fixture.run(&["replay", "x.scap", "-p", "%evt.type %fd.name"]);
        assert!(stdout(&output).contains("openat /etc/hostname"), "{}", stdout(&output));
    }
}

#[test]
fn signals_that_we_are_started_to_ignore_end_nothing() {
    let fixture = Fixture::new();
    let busy = Busy::new();
    let line = format!("trap '' HUP INT; exec \"$0\" trace --pid {}", busy.pid());
    let mut command = Command::new("sh");
    command.args(["-c", &line, env!("CARGO_BIN_EXE_watchkeeper")]).current_dir(fixture.folder());
    let running = Running::of(command);
    wait_for("the tracer", || tracer(busy.pid()) != "0");
    std::thread::sleep(std::time::Duration::from_millis(300));
    running.signal(libc::SIGHUP);
    running.signal(libc::SIGINT);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_ne!(tracer(busy.pid()), "0");
    running.signal(libc::SIGTERM);
    assert_eq!(running.end().code(), Some(0));
}

#[test]
fn it_ends_when_the_process_does() {
    let fixture = Fixture::new();
    let mut busy = Busy::new();
    let running = Running::of(fixture.command(&["trace", "--pid", &busy.pid().to_string()]));
    wait_for("the tracer", || tracer(busy.pid()) != "0");
    busy.0.kill().unwrap();
    busy.0.wait().unwrap();
    assert_eq!(running.end().code(), Some(0));
}

#[test]
fn processes_that_cannot_be_traced_are_refused_with_the_reason() {
    let fixture = Fixture::new();
    let busy = Busy::new();
    let pid = busy.pid().to_string();
    let running = Running::of(fixture.command(&["trace", "--pid", &pid]));
    wait_for("the tracer", || tracer(busy.pid()) != "0");
    let mut ended = Command::new("true").spawn().unwrap();
    wait_for("its end", || !runs(ended.id().cast_signed()));
    for (pid, why) in [
        ("999999999", "there is none with this id".to_owned()),
        (&pid, format!("is traced already, by watchkeeper (process {})", running.pid())),
        (&ended.id().to_string(), "has ended already".to_owned()),
    ] {
        let output = fixture.run(&["trace", "--pid", pid]);
        assert_eq!(output.status.code(), Some(125));
        assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
        assert!(stderr(&output).contains(&format!("process {pid}: {why}")), "{}", stderr(&output));
    }
    let thread = std::thread::spawn(move || {
        // SAFETY: no memory is passed.
        let tid = unsafe { libc::gettid() };
        fixture.run(&["trace", "--pid", &tid.to_string()])
    });
    let output = thread.join().unwrap();
    let group = format!("is a thread of process {}; give that", id());
    assert!(stderr(&output).contains(&group), "{}", stderr(&output));
    ended.wait().unwrap();
    // An id that only a wrong one can be.
    for wrong in ["0", "-1", "x"] {
        let output = Fixture::new().run(&["trace", "--pid", wrong]);
        assert_eq!(output.status.code(), Some(125), "{}", stderr(&output));
    }
}
