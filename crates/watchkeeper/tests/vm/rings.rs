//! Calls that a program makes through a ring (io_uring) are recorded like those that it makes itself:
//! done at once, by workers, or by the thread that polls the ring. And what is refused takes no room from
//! programs that begin.

use std::{
    ffi::CString,
    fs,
    io::Error,
    mem,
    net::{Ipv4Addr, TcpListener},
    os::{
        fd::{AsRawFd, IntoRawFd},
        unix::net::UnixStream,
    },
    process,
};

use io_uring::{IoUring, opcode, squeue, types::Fd};

use super::{
    Left, Step,
    handed::{send, with_message},
};
use testkit::vm::Kernel;

pub(super) const STEP: Step = Step {
    name: "rings",
    script: "\
cat >rules.yaml <<'END'
- {rule: Moved, desc: d, condition: evt.type = sendto or evt.type = recvfrom, output: moved, priority: DEBUG}
END
agent --rules rules.yaml --output host.scap
/bin/steps --exact rings::operations --ignored --nocapture >acts 2>&1
# Nobody reads while a program has more calls of privileges refused than there is room for.
sleep 1
kill -STOP $agent
/bin/steps --exact rings::refusals --ignored >refused 2>&1
for each in $(seq 20); do /bin/true flooded; done
kill -CONT $agent
caught_up
end INT
watchkeeper replay host.scap --filter 'evt.type = execve and proc.args = flooded' \\
    --print '%proc.args' >flooded
watchkeeper replay host.scap --filter \"proc.exepath = /bin/steps\" \\
    --print '%evt.type|%evt.args|%thread.tid' >replayed",
    check,
};

/// How the kernel is to do what a ring is given.
#[derive(Clone, Copy)]
enum Way {
    AtOnce,
    ByWorkers,
    ByPoller,
}

impl Way {
    const ALL: [(Way, &str); 3] =
        [(Way::AtOnce, "once"), (Way::ByWorkers, "workers"), (Way::ByPoller, "poller")];
}

const SLEEPS_AFTER_MS: u32 = 1000;

struct Ring {
    ring: IoUring,
    way: Way,
}

impl Ring {
    fn new(way: Way) -> Self {
        let mut builder = IoUring::builder();
        if matches!(way, Way::ByPoller) {
            builder.setup_sqpoll(SLEEPS_AFTER_MS);
        }
        Self { ring: builder.build(8).unwrap(), way }
    }

    /// Does it, and says its result.
    fn run(&mut self, entry: squeue::Entry) -> i32 {
        let entry = match self.way {
            Way::ByWorkers => entry.flags(squeue::Flags::ASYNC),
            Way::AtOnce | Way::ByPoller => entry,
        };
        // SAFETY: what the entry points to lives until its result is there, which is waited for.
        unsafe { self.ring.submission().push(&entry).unwrap() };
        self.ring.submit_and_wait(1).unwrap();
        self.ring.completion().next().unwrap().result()
    }

    /// The same of what has to succeed.
    fn succeed(&mut self, entry: squeue::Entry) -> i32 {
        let result = self.run(entry);
        assert!(result >= 0, "{}", Error::from_raw_os_error(-result));
        result
    }
}

const HERE: Fd = Fd(libc::AT_FDCWD);

#[test]
#[ignore = "what the step runs in a guest"]
fn operations() {
    // SAFETY: it takes nothing and cannot fail.
    let tid = unsafe { libc::gettid() };
    println!("\nthread {tid} process {}", process::id());
    for (way, name) in Way::ALL {
        let mut ring = Ring::new(way);
        files(&mut ring, name);
        sockets(&mut ring);
        handed(&mut ring, name);
    }
}

fn files(ring: &mut Ring, name: &str) {
    let path = |end: &str| CString::new(format!("{name}-{end}")).unwrap();
    let [made, linked, pointing, renamed, folder, missing] =
        ["made", "linked", "pointing", "renamed", "folder", "missing"].map(path);
    let open = opcode::OpenAt::new(HERE, made.as_ptr()).flags(libc::O_CREAT | libc::O_WRONLY);
    let fd = ring.succeed(open.mode(0o640).build());
    ring.succeed(opcode::Close::new(Fd(fd)).build());
    let failed = ring.run(opcode::OpenAt::new(HERE, missing.as_ptr()).build());
    assert_eq!(failed, -libc::ENOENT);
    ring.succeed(opcode::MkDirAt::new(HERE, folder.as_ptr()).mode(0o700).build());
    ring.succeed(opcode::SymlinkAt::new(HERE, made.as_ptr(), pointing.as_ptr()).build());
    ring.succeed(opcode::LinkAt::new(HERE, made.as_ptr(), HERE, linked.as_ptr()).build());
    ring.succeed(opcode::RenameAt::new(HERE, linked.as_ptr(), HERE, renamed.as_ptr()).build());
    ring.succeed(opcode::UnlinkAt::new(HERE, renamed.as_ptr()).build());
    assert!(fs::exists(format!("{name}-made")).unwrap());
}

fn sockets(ring: &mut Ring) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let address = libc::sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(Ipv4Addr::LOCALHOST).to_be() },
        sin_zero: [0; 8],
    };
    let length = mem::size_of_val(&address) as u32;
    let listening = Fd(listener.as_raw_fd());
    let fd = ring.succeed(opcode::Socket::new(libc::AF_INET, libc::SOCK_STREAM, 0).build());
    ring.succeed(opcode::Connect::new(Fd(fd), (&raw const address).cast(), length).build());
    let accept = opcode::Accept::new(listening, std::ptr::null_mut(), std::ptr::null_mut());
    let other = ring.succeed(accept.build());
    let sent = b"through a ring";
    ring.succeed(opcode::Send::new(Fd(fd), sent.as_ptr(), sent.len() as u32).build());
    let mut got = [0; 32];
    let received = opcode::Recv::new(Fd(other), got.as_mut_ptr(), got.len() as u32).build();
    assert_eq!(ring.succeed(received) as usize, sent.len());
    ring.succeed(opcode::Shutdown::new(Fd(fd), libc::SHUT_WR).build());
    ring.succeed(opcode::Close::new(Fd(fd)).build());
    ring.succeed(opcode::Close::new(Fd(other)).build());
}

/// An fd comes in with a message, and is closed.
fn handed(ring: &mut Ring, name: &str) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    // It is never closed: what is closed is the other one.
    let made = fs::File::options().write(true).open(format!("{name}-made")).unwrap().into_raw_fd();
    send(&ours, made);
    let (received, came) = with_message(-1, |header| {
        ring.run(opcode::RecvMsg::new(Fd(theirs.as_raw_fd()), header).build())
    });
    assert_eq!(received, 1);
    assert!(came >= 0 && came != made);
    ring.succeed(opcode::Close::new(Fd(came)).build());
}

/// What is recorded each time, with a part that has to be in the line of it.
const EVENTS: [(&str, &str); 15] = [
    ("openat", "flags=16390(O_CREAT|O_WRONLY|O_F_CREATED) mode=0640"),
    ("close", "-made"),
    ("openat", "ENOENT"),
    ("mkdirat", "-folder"),
    ("symlinkat", "-pointing"),
    ("linkat", "-linked"),
    ("renameat2", "-renamed"),
    ("unlinkat", "-renamed"),
    ("socket", "AF_INET"),
    ("connect", "->127.0.0.1:"),
    ("accept4", "->127.0.0.1:"),
    ("sendto", "data=through a ring"),
    ("recvfrom", "data=through a ring"),
    ("shutdown", "SHUT_WR"),
    ("close", "-made"),
];

/// More than the ring of life and privileges has room for.
const REFUSALS: u32 = 300_000;

#[test]
#[ignore = "what the step runs in a guest"]
fn refusals() {
    for _ in 0..REFUSALS {
        // SAFETY: nobody may have so many groups, so the list is not looked at. The library would have
        // all threads make the call.
        assert_eq!(unsafe { libc::syscall(libc::SYS_setgroups, usize::MAX, 0) }, -1);
    }
}

fn check(left: &Left<'_>) {
    left.has("code", &["code 0"]);
    left.has("refused", &["1 passed"]);
    let flooded = left.text("flooded");
    assert_eq!(flooded.lines().count(), 20, "{}: programs: {}", left.kernel, left.text("said"));
    left.has("said", &["events were lost", "the buffer of files and network was full"]);
    // Linux before 6.0 does not keep results of what rings do, and this one lacks some of it.
    if left.kernel == Kernel::V5_10 {
        return left.has("replayed", &["io_uring_setup"]);
    }
    left.has("acts", &["1 passed"]);
    let acts = left.text("acts");
    let [thread, process] = ids(&acts);
    for (way, name) in Way::ALL {
        // A poller is a thread of the process that it does not know of: the first stands for it.
        let tid = if matches!(way, Way::ByPoller) { process } else { thread };
        let replayed = of_way(&left.text("replayed"), name);
        let mut lines = replayed.iter().filter(|line| line.ends_with(&format!("|{tid}")));
        for (call, part) in EVENTS {
            let is_it =
                |line: &&String| line.starts_with(&format!("{call}|")) && line.contains(part);
            let found = lines.by_ref().find(is_it);
            let all = replayed.join("\n");
            assert!(found.is_some(), "{}: {name}: {call} {part}:\n{all}", left.kernel);
        }
    }
}

/// The ids of thread and process that were told.
fn ids(acts: &str) -> [&str; 2] {
    let line = acts.lines().find_map(|line| line.strip_prefix("thread ")).unwrap();
    line.split_once(" process ").unwrap().into()
}

/// Lines from the first that has a way's file to the first of the next way.
fn of_way(replayed: &str, name: &str) -> Vec<String> {
    let others = Way::ALL.iter().map(|(_, other)| other).filter(|other| **other != name);
    let others: Vec<String> = others.map(|other| format!("{other}-made")).collect();
    let lines = replayed.lines().skip_while(|line| !line.contains(&format!("{name}-made")));
    let lines = lines.take_while(|line| !others.iter().any(|other| line.contains(other)));
    lines.map(str::to_owned).collect()
}
