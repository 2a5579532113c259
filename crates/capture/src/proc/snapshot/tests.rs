use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream, UdpSocket},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::{ffi::OsStrExt, fs::MetadataExt, net::UnixListener},
    },
    sync::mpsc,
};

use event::snapshot::{FdEntry, FdKind, FdTarget, L4Proto, ThreadEntry};
use rustix::fs::MemfdFlags;

use super::*;

fn of_this_process() -> Snapshot {
    Snapshot::read(&[std::process::id() as i32], Limits::default())
}

fn threads(snapshot: &Snapshot) -> Vec<ThreadEntry<'_>> {
    let thread = |record| if let Record::Thread(thread) = record { Some(thread) } else { None };
    snapshot.records().filter_map(thread).collect()
}

fn fd<'a>(snapshot: &'a Snapshot, file: &impl AsRawFd) -> FdEntry<'a> {
    let number = i64::from(file.as_raw_fd());
    let mut fds = snapshot.records().filter_map(|record| match record {
        Record::Fd(pid, entry) => Some((pid, entry)),
        _ => None,
    });
    let (pid, entry) = fds.find(|(_, entry)| entry.fd == number).unwrap();
    assert_eq!(pid, i64::from(std::process::id()));
    entry
}

#[test]
fn entries_come_in_the_order_of_recordings_and_can_be_counted() {
    let snapshot = of_this_process();
    let rank = |record: &Record<'_>| match record {
        Record::Machine(_) => 0,
        Record::Interface(_) => 1,
        Record::User(_) => 2,
        Record::Group(_) => 3,
        Record::Thread(_) => 4,
        Record::Fd(..) => 5,
        Record::Section | Record::Event(_) => unreachable!("not in a snapshot"),
    };
    let ranks: Vec<_> = snapshot.records().map(|record| rank(&record)).collect();
    assert!(ranks.is_sorted() && ranks.len() == snapshot.len());
    assert_eq!(ranks.iter().filter(|rank| **rank == 0).count(), 1);
    assert!(snapshot.record(snapshot.len()).is_none() && snapshot.record(usize::MAX).is_none());
    assert!(Snapshot::default().is_empty() && Snapshot::default().record(0).is_none());
}

#[test]
fn the_machine_is_this_one() {
    let snapshot = of_this_process();
    let Some(Record::Machine(machine)) = snapshot.record(0) else { unreachable!("it is first") };
    let hostname = fs::read("/proc/sys/kernel/hostname").unwrap();
    assert_eq!(machine.hostname, hostname.trim_ascii_end());
    assert!(machine.cpus > 0 && machine.memory_bytes > 1 << 20 && machine.max_pid > 1);
    let now_ns = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    assert!(machine.boot_ts_ns > 0 && machine.boot_ts_ns < now_ns);
    let mut users = snapshot.records().filter_map(|record| match record {
        Record::User(user) => Some(user),
        _ => None,
    });
    assert!(users.any(|user| user.uid == 0 && user.name == b"root"));
}

#[test]
fn a_process_is_told_with_its_threads_and_ancestors() {
    let (stop, wait) = mpsc::channel::<()>();
    let (started, begun) = mpsc::channel();
    let thread = std::thread::Builder::new().name("second".to_owned()).spawn(move || {
        started.send(()).unwrap();
        let _ = wait.recv();
    });
    begun.recv().unwrap();
    let snapshot = of_this_process();
    drop(stop);
    thread.unwrap().join().unwrap();
    let me = i64::from(std::process::id());
    let all = threads(&snapshot);
    let main = all.iter().find(|thread| thread.tid == me).unwrap();
    let second = all.iter().find(|thread| thread.comm == b"second").unwrap();
    assert_eq!((main.flags, second.flags), (0, 0x2001));
    assert_eq!((second.pid, second.ptid, second.exepath), (me, main.ptid, main.exepath));
    let exe = std::env::current_exe().unwrap();
    assert_eq!(main.exepath, exe.as_os_str().as_bytes());
    assert_eq!(main.exe_ino, fs::metadata(exe).unwrap().ino());
    let mut ancestor = main.ptid;
    while ancestor != 0 {
        ancestor = all.iter().find(|thread| thread.tid == ancestor).unwrap().ptid;
    }
}

#[test]
fn files_have_their_flags_and_devices() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a file");
    let file = OpenOptions::new().append(true).create(true).open(&path).unwrap();
    let inside = File::open(folder.path()).unwrap();
    let null = File::open("/dev/null").unwrap();
    let snapshot = of_this_process();
    let (entry, meta) = (fd(&snapshot, &file), file.metadata().unwrap());
    assert_eq!(entry.ino, meta.ino());
    let FdTarget::File { open_flags, name, dev } = entry.target else { panic!("{entry:?}") };
    // Write, append, large file, close on exec.
    assert_eq!(open_flags & !(1 << 11), 2 | 1 << 3 | 1 << 12);
    assert_eq!(name, path.as_os_str().as_bytes());
    assert_eq!(u64::from(dev), meta.dev());
    let name = folder.path().as_os_str().as_bytes();
    assert_eq!(fd(&snapshot, &inside).target, FdTarget::Named(FdKind::Directory, name));
    assert!(matches!(fd(&snapshot, &null).target, FdTarget::File { name: b"/dev/null", .. }));
}

#[test]
fn files_without_a_path_have_their_kind() {
    let memory = rustix::fs::memfd_create("m", MemfdFlags::CLOEXEC).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    // SAFETY: the calls give a new fd or -1, which nothing else owns.
    let own = |fd: i32| unsafe { <OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd) };
    // SAFETY: no pointers.
    let (event, epoll, inotify) =
        unsafe { (libc::eventfd(0, 0), libc::epoll_create1(0), libc::inotify_init1(0)) };
    // SAFETY: no pointers.
    let timer = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, 0) };
    // SAFETY: no pointers.
    let pidfd = unsafe { libc::syscall(libc::SYS_pidfd_open, std::process::id(), 0) };
    let anonymous = [
        (own(event), FdKind::Event),
        (own(epoll), FdKind::EventPoll),
        (own(inotify), FdKind::Inotify),
        (own(timer), FdKind::TimerFd),
        (own(pidfd as i32), FdKind::PidFd),
    ];
    let snapshot = of_this_process();
    for (file, kind) in &anonymous {
        assert_eq!(fd(&snapshot, file).target, FdTarget::Named(*kind, b""));
    }
    let memfd = FdTarget::Named(FdKind::Memfd, b"/memfd:m (deleted)");
    assert_eq!(fd(&snapshot, &memory).target, memfd);
    let (one, other) = (fd(&snapshot, &reader), fd(&snapshot, &writer));
    let name = format!("pipe:[{}]", one.ino);
    assert_eq!(one.target, FdTarget::Named(FdKind::Fifo, name.as_bytes()));
    assert_eq!((one.ino, one.target), (other.ino, other.target));
}

#[test]
fn internet_sockets_have_their_addresses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    let bound = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (ip, l4) = (Ipv4Addr::LOCALHOST, L4Proto::Tcp);
    let snapshot = of_this_process();
    let sport = client.local_addr().unwrap().port();
    let dport = listener.local_addr().unwrap().port();
    let connection = FdTarget::Ipv4 { sip: ip, dip: ip, sport, dport, l4 };
    assert_eq!(fd(&snapshot, &client).target, connection);
    let connection = FdTarget::Ipv4 { sip: ip, dip: ip, sport: dport, dport: sport, l4 };
    assert_eq!(fd(&snapshot, &server).target, connection);
    let listening = FdTarget::Ipv4Server { ip, port: dport, l4 };
    assert_eq!(fd(&snapshot, &listener).target, listening);
    let port = bound.local_addr().unwrap().port();
    let udp = FdTarget::Ipv4Server { ip, port, l4: L4Proto::Udp };
    assert_eq!(fd(&snapshot, &bound).target, udp);
    if let Ok(listener) = TcpListener::bind("[::1]:0") {
        let snapshot = of_this_process();
        let port = listener.local_addr().unwrap().port();
        let want = FdTarget::Ipv6Server { ip: Ipv6Addr::LOCALHOST, port, l4 };
        assert_eq!(fd(&snapshot, &listener).target, want);
    }
}

#[test]
fn a_name_of_a_socket_cannot_pass_for_another_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain name");
    let plain = UnixListener::bind(&path).unwrap();
    let snapshot = of_this_process();
    let entry = fd(&snapshot, &plain);
    let FdTarget::Unix { name, .. } = entry.target else { panic!("{entry:?}") };
    assert_eq!(name, path.as_os_str().as_bytes());
    // A name, in which stands a line about the first socket.
    let forged = format!("x\n0: 2 0 0 1 1 {} forged", entry.ino);
    let _hostile = UnixListener::bind(folder.path().join(forged)).unwrap();
    let snapshot = of_this_process();
    let target = FdTarget::Unix { source: 0, destination: 0, name: b"" };
    assert_eq!(fd(&snapshot, &plain).target, target);
}

#[test]
fn sockets_of_no_table_are_told_by_their_inode() {
    // SAFETY: the call gives a new fd or -1, which nothing else owns.
    let socket = unsafe {
        let fd = libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0);
        <OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd)
    };
    let snapshot = of_this_process();
    let entry = fd(&snapshot, &socket);
    let name = format!("socket:[{}]", entry.ino);
    assert_eq!(entry.target, FdTarget::Named(FdKind::Unsupported, name.as_bytes()));
}

#[test]
fn what_is_left_out_is_counted() {
    let gone = Snapshot::read(&[i32::MAX - 1, -5, 0], Limits::default());
    assert_eq!(gone.left_out(), &LeftOut { gone: 1, ..LeftOut::default() });
    assert!(threads(&gone).is_empty());
    let limits = Limits { threads: 1, fds: 2, accounts: 0, ..Limits::default() };
    let short = Snapshot::read(&[std::process::id() as i32], limits);
    assert_eq!(threads(&short).len(), 1);
    let left_out = short.left_out();
    assert!(left_out.threads > 0 && left_out.fds > 0 && left_out.accounts > 0);
}

#[test]
fn a_snapshot_reads_back_from_a_capture() {
    let snapshot = of_this_process();
    let mut file = Vec::new();
    let mut writer = crate::file::Writer::new(&mut file, crate::file::Compression::None).unwrap();
    snapshot.records().for_each(|record| writer.write(&record).unwrap());
    writer.finish().unwrap();
    file.flush().unwrap();
    let mut reader = crate::file::Reader::new(&file[..]).unwrap();
    for record in snapshot.records() {
        assert_eq!(crate::Source::next(&mut reader).unwrap(), Some(record));
    }
    assert_eq!(crate::Source::next(&mut reader).unwrap(), None);
}
