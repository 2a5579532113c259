//! Facts of live threads, against what is known of them.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    ffi::OsStr,
    fs::{self, File},
    os::{
        fd::AsRawFd,
        unix::{
            ffi::OsStrExt,
            fs::MetadataExt,
            process::{CommandExt, ExitStatusExt},
        },
    },
    process::{Child, Command, Stdio},
    sync::mpsc,
};

use capture::proc::{Error, ExeFacts, Extent, Facts};
use rustix::fs::MemfdFlags;

/// A process that is ended when the test is.
struct Running(Child);

impl Running {
    fn spawn(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        // A spawn is done before the kernel tells the new arguments.
        while fs::read(format!("/proc/{}/cmdline", child.id())).unwrap().is_empty() {
            std::thread::yield_now();
        }
        Self(child)
    }

    fn pid(&self) -> i32 {
        self.0.id() as i32
    }

    fn facts(&self, extent: Extent) -> Facts {
        let mut facts = Facts::new(4096);
        facts.read(self.pid(), self.pid(), extent).unwrap();
        facts
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `cat`, which waits for input as long as nothing ends it.
fn cat() -> Command {
    Command::new("/bin/cat")
}

fn strings(list: &[u8]) -> Vec<&[u8]> {
    list.strip_suffix(b"\0").unwrap_or(list).split(|&byte| byte == 0).collect()
}

#[test]
fn a_process_is_told_as_it_was_started() {
    let folder = tempfile::tempdir().unwrap();
    let odd = OsStr::from_bytes(b"\xff\xfe (x)\n");
    let mut command = cat();
    command.arg0("c)at").args(["-u", ""]).arg("-").arg(odd);
    command.env_clear().env("A", "1").env("B", odd).current_dir(folder.path());
    // Reads `-` first, and waits.
    let cat = Running::spawn(&mut command);
    let facts = cat.facts(Extent::Whole);
    assert_eq!(facts.comm(), b"cat");
    assert_eq!(facts.exe(), b"c)at");
    assert_eq!(strings(facts.args()), [&b"-u"[..], b"", b"-", odd.as_bytes()]);
    let mut env = strings(facts.env());
    env.sort_unstable();
    assert_eq!(env, [&b"A=1"[..], b"B=\xff\xfe (x)\n"]);
    let cwd = fs::canonicalize(folder.path()).unwrap();
    assert_eq!(facts.cwd(), cwd.as_os_str().as_bytes());
    assert_eq!(facts.root(), b"/");
    let exe = fs::canonicalize("/bin/cat").unwrap();
    assert_eq!(facts.exepath(), exe.as_os_str().as_bytes());
    assert_eq!(facts.status.tgid, i64::from(cat.pid()));
    assert_eq!(facts.status.ppid, i64::from(std::process::id()));
    assert!(!facts.cut && facts.unread == 0);
}

#[test]
fn ids_and_limits_are_those_of_the_process() {
    let cat = Running::spawn(&mut cat());
    let facts = cat.facts(Extent::Clone);
    let me = fs::metadata(format!("/proc/{}", cat.pid())).unwrap();
    assert_eq!((facts.status.uid, facts.status.gid), ([me.uid(); 4], [me.gid(); 4]));
    let limits = fs::read_to_string(format!("/proc/{}/limits", cat.pid())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    assert_eq!(facts.fd_limit.to_string(), line.split_whitespace().nth(3).unwrap());
    assert!(facts.status.vmsize_kb >= facts.status.vmrss_kb && facts.status.vmrss_kb > 0);
    assert!(facts.minflt > 0 && facts.pgid > 0);
    let subsystems: Vec<_> =
        strings(facts.cgroups()).iter().map(|g| g.split(|&b| b == b'=').next().unwrap()).collect();
    assert_eq!(subsystems, [&b"cpuset"[..], b"cpu", b"cpuacct", b"io", b"memory"]);
    assert!(facts.env().is_empty() && facts.cwd().is_empty(), "not asked for");
}

#[test]
fn the_executable_is_the_one_that_runs_even_if_it_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine");
    fs::copy("/bin/cat", &path).unwrap();
    let before = fs::metadata(&path).unwrap();
    let cat = Running::spawn(&mut Command::new(&path));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "another").unwrap();
    let facts = cat.facts(Extent::Exec);
    assert!(facts.exepath().ends_with(b"/mine (deleted)"));
    assert_eq!(facts.exe_facts.ino, before.ino());
    assert_eq!(
        facts.exe_facts.mtime_ns,
        (before.mtime() * 1_000_000_000 + before.mtime_nsec()) as u64
    );
    assert!(facts.exe_facts.ctime_ns >= facts.exe_facts.mtime_ns);
    let layers = ExeFacts::UPPER_LAYER | ExeFacts::LOWER_LAYER;
    assert_eq!(facts.exe_facts.flags & !layers, ExeFacts::WRITABLE);
}

#[test]
fn a_program_in_memory_is_known_as_one() {
    let memory = File::from(rustix::fs::memfd_create("prog", MemfdFlags::empty()).unwrap());
    fs::copy("/bin/cat", format!("/proc/self/fd/{}", memory.as_raw_fd())).unwrap();
    let path = format!("/proc/{}/fd/{}", std::process::id(), memory.as_raw_fd());
    let cat = Running::spawn(&mut Command::new(path));
    let facts = cat.facts(Extent::Exec);
    assert_eq!(facts.exepath(), b"/memfd:prog (deleted)");
    assert_ne!(facts.exe_facts.flags & ExeFacts::FROM_MEMFD, 0);
}

#[test]
fn what_is_too_long_is_cut() {
    let long = "x".repeat(10_000);
    let cat = Running::spawn(cat().args(["-", &long]).env("LONG", &long));
    let facts = cat.facts(Extent::Exec);
    assert!(facts.cut);
    assert_eq!((facts.args().len(), facts.env().len()), (4096, 4096));
    assert!(facts.args().starts_with(b"-\0xxx") && facts.args().ends_with(b"x\0"));
    let mut facts = Facts::new(16);
    facts.read(cat.pid(), cat.pid(), Extent::Clone).unwrap();
    assert!(facts.cut && facts.args().len() == 16);
}

#[test]
fn threads_have_their_own_command_and_ids() {
    let (sender, tids) = mpsc::channel();
    let (stop, wait) = mpsc::channel::<()>();
    let thread = std::thread::Builder::new().name(") S 1 (\n2".to_owned());
    let thread = thread.spawn(move || {
        let link = fs::read_link("/proc/thread-self").unwrap();
        let tid = link.file_name().unwrap().to_str().unwrap().parse::<i32>().unwrap();
        sender.send(tid).unwrap();
        let _ = wait.recv();
    });
    let (pid, tid) = (std::process::id() as i32, tids.recv().unwrap());
    let mut facts = Facts::new(4096);
    facts.read(pid, tid, Extent::Whole).unwrap();
    assert_eq!(facts.comm(), b") S 1 (\n2");
    assert_eq!((facts.status.tgid, facts.status.tid), (pid.into(), tid.into()));
    drop(stop);
    thread.unwrap().join().unwrap();
    while fs::exists(format!("/proc/{pid}/task/{tid}")).unwrap() {
        std::thread::yield_now();
    }
    assert!(matches!(facts.read(pid, tid, Extent::Whole), Err(Error::Gone { tid: t }) if t == tid));
    assert!(facts.comm().is_empty());
}

#[test]
fn a_process_that_has_ended_and_was_not_reaped_still_has_ids() {
    let mut cat = Running::spawn(&mut cat());
    drop(cat.0.stdin.take());
    let stat = format!("/proc/{}/stat", cat.pid());
    while !fs::read_to_string(&stat).unwrap().contains(") Z ") {
        std::thread::yield_now();
    }
    let facts = cat.facts(Extent::Whole);
    assert_eq!((facts.comm(), facts.exepath()), (&b"cat"[..], &b""[..]));
    assert!(facts.unread > 0);
    assert_eq!(cat.0.wait().unwrap().signal(), None);
    let gone = Facts::new(4096).read(cat.pid(), cat.pid(), Extent::Clone);
    assert!(matches!(gone, Err(Error::Gone { .. })));
}

#[test]
fn a_pid_namespace_began_with_its_first_process() {
    let namespace = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child"];
    let script = "sleep 0.2; sleep 1000 & wait";
    let mut outer =
        Running::spawn(Command::new("unshare").args(namespace).args(["sh", "-c", script]));
    let sleeper = loop {
        if outer.0.try_wait().unwrap().is_some() {
            return; // Not allowed here.
        }
        if let Some(pid) = descendant(outer.pid(), "sleep\x001000\0") {
            break pid;
        }
        std::thread::yield_now();
    };
    let mut facts = Facts::new(4096);
    facts.read(sleeper, sleeper, Extent::Clone).unwrap();
    assert!(facts.status.pidns_depth > 1 && facts.status.vpid > 1);
    let start_ns = facts.start_ns;
    let began_ns = facts.pidns_init_start_ns;
    facts.read(facts.status.ppid as i32, facts.status.ppid as i32, Extent::Clone).unwrap();
    assert_eq!((facts.status.vpid, facts.start_ns), (1, began_ns));
    assert!(began_ns < start_ns);
}

/// The descendant of a process with this command line.
fn descendant(pid: i32, cmdline: &str) -> Option<i32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    let mut children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
    children.find_map(|child: i32| {
        let found = fs::read(format!("/proc/{child}/cmdline")).ok()? == cmdline.as_bytes();
        if found { Some(child) } else { descendant(child, cmdline) }
    })
}
