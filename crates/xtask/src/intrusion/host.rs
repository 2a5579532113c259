//! The machine as it stood before the first event: `web-1`, which serves pages, and
//! runs the container of a shop.

use std::{collections::BTreeMap, net::Ipv4Addr};

use event::{
    schema::Symbol,
    snapshot::{
        FdEntry, FdKind, FdTarget, Group, Interface, L4Proto, Machine, Record, ThreadEntry, User,
    },
    symbols::FILE_FLAGS,
};

use super::{
    shop,
    stage::{AtExec, BOOT_TS_NS, NOBODY, Place, Process, inode, nul_separated},
};

/// The machine's own address, and that of its name server.
pub(super) const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
pub(super) const RESOLVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 53);
/// Users.
pub(super) const WWW_DATA: u32 = 33;
pub(super) const APT: u32 = 42;
pub(super) const ADA: u32 = 1_000;
/// Descriptor of the access log in workers of nginx.
pub(super) const ACCESS_LOG: i64 = 5;
/// Socket at which PHP waits for requests.
pub(super) const PHP_SOCKET: &str = "/run/php/php-fpm.sock";

/// Processes that run all the while.
pub(super) const INIT: i64 = 1;
pub(super) const JOURNALD: i64 = 412;
pub(super) const CRON: i64 = 498;
pub(super) const CHRONYD: i64 = 540;
pub(super) const SSHD: i64 = 612;
pub(super) const NGINX_MASTER: i64 = 731;
pub(super) const NGINX: i64 = 732;
pub(super) const SHOP_INIT: i64 = 804;
/// Workers in the shop: a pair for the attacker, and a pair for everybody else.
pub(super) const SHOP_NGINX: [i64; 2] = [812, 813];
pub(super) const SHOP_PHP: [i64; 2] = [911, 912];

/// What a descriptor stood for.
#[derive(Clone, Copy)]
enum Open {
    Null,
    Pipe(u64),
    Listening(u16),
    Datagrams(u16),
    Unix(&'static str),
    Log(&'static str),
}

/// A process that ran before the first event.
struct Resident {
    pid: i64,
    parent: i64,
    file: &'static str,
    /// Its first argument, and the others.
    title: &'static str,
    args: &'static [&'static str],
    user: u32,
    place: Place,
    /// Beside input, output and errors.
    open: &'static [(i64, Open)],
}

const fn daemon(
    pid: i64,
    file: &'static str,
    args: &'static [&'static str],
    unit: &'static str,
) -> Resident {
    let parent = if pid == INIT { 0 } else { INIT };
    Resident { pid, parent, file, title: file, args, user: 0, place: Place::Host(unit), open: &[] }
}

const RESIDENTS: [Resident; 15] = [
    Resident {
        title: "/sbin/init",
        ..daemon(INIT, "/usr/lib/systemd/systemd", &[], "/init.scope")
    },
    daemon(412, "/usr/lib/systemd/systemd-journald", &[], "/system.slice/systemd-journald.service"),
    daemon(CRON, "/usr/sbin/cron", &["-f"], "/system.slice/cron.service"),
    Resident {
        open: &[(5, Open::Datagrams(323))],
        ..daemon(CHRONYD, "/usr/sbin/chronyd", &["-F", "1"], "/system.slice/chrony.service")
    },
    Resident {
        title: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",
        open: &[(3, Open::Listening(22))],
        ..daemon(SSHD, "/usr/sbin/sshd", &[], "/system.slice/ssh.service")
    },
    daemon(655, "/usr/bin/dockerd", &["-H", "fd://"], "/system.slice/docker.service"),
    Resident {
        title: "nginx: master process /usr/sbin/nginx",
        open: WEB_FDS,
        ..daemon(NGINX_MASTER, "/usr/sbin/nginx", &[], "/system.slice/nginx.service")
    },
    Resident {
        parent: NGINX_MASTER,
        title: "nginx: worker process",
        user: WWW_DATA,
        open: WEB_FDS,
        ..daemon(NGINX, "/usr/sbin/nginx", &[], "/system.slice/nginx.service")
    },
    daemon(
        790,
        "/usr/bin/containerd-shim-runc-v2",
        &["-namespace", "moby", "-id", shop::ID, "-address", "/run/containerd/containerd.sock"],
        "/system.slice/containerd.service",
    ),
    Resident {
        parent: 790,
        title: "/usr/bin/python3",
        place: Place::Shop,
        ..daemon(SHOP_INIT, "/usr/bin/supervisord", &["/usr/bin/supervisord", "-n"], "")
    },
    Resident {
        parent: SHOP_INIT,
        title: "nginx: master process nginx -g daemon off;",
        place: Place::Shop,
        open: SHOP_WEB_FDS,
        ..daemon(811, "/usr/sbin/nginx", &[], "")
    },
    shop_nginx(SHOP_NGINX[0]),
    shop_nginx(SHOP_NGINX[1]),
    shop_php(SHOP_PHP[0]),
    shop_php(SHOP_PHP[1]),
];

const WEB_FDS: &[(i64, Open)] = &[
    (3, Open::Null),
    (4, Open::Null),
    (5, Open::Log("/var/log/nginx/access.log")),
    (6, Open::Listening(80)),
];
const SHOP_WEB_FDS: &[(i64, Open)] = &[
    (3, Open::Null),
    (4, Open::Null),
    (5, Open::Log("/var/log/nginx/access.log")),
    (6, Open::Listening(443)),
];

const fn shop_nginx(pid: i64) -> Resident {
    let title = "nginx: worker process";
    let worker = daemon(pid, "/usr/sbin/nginx", &[], "");
    Resident {
        parent: 811,
        title,
        user: WWW_DATA,
        place: Place::Shop,
        open: SHOP_WEB_FDS,
        ..worker
    }
}

const fn shop_php(pid: i64) -> Resident {
    let worker = daemon(pid, "/usr/local/sbin/php-fpm", &[], "");
    Resident {
        parent: SHOP_INIT,
        title: "php-fpm: pool www",
        user: WWW_DATA,
        place: Place::Shop,
        open: &[(3, Open::Unix(PHP_SOCKET)), (4, Open::Null)],
        ..worker
    }
}

impl Resident {
    fn process(&self) -> Process {
        let argv = [&[self.title], self.args].concat();
        let env: &[&str] = match self.place {
            Place::Shop => shop::ENVIRONMENT,
            Place::Host(_) => {
                &["LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"]
            }
        };
        let closed = self.open.iter().map(|(fd, _)| (*fd, AtExec::Closed));
        Process {
            pid: self.pid,
            parent: self.parent,
            group: self.pid,
            file: self.file.to_owned(),
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            user: self.user,
            login: NOBODY,
            tty: 0,
            place: self.place,
            env: env.iter().map(|&pair| pair.to_owned()).collect(),
            fds: (0..3).map(|fd| (fd, AtExec::Kept)).chain(closed).collect::<BTreeMap<_, _>>(),
        }
    }

    fn standard(&self) -> [(i64, Open); 3] {
        match self.place {
            Place::Host(_) => [(0, Open::Null), (1, Open::Null), (2, Open::Null)],
            Place::Shop => [(0, Open::Null), (1, Open::Pipe(60_811)), (2, Open::Pipe(60_812))],
        }
    }
}

/// A process that runs all the while.
pub(super) fn running(pid: i64) -> Process {
    let found = RESIDENTS.iter().find(|resident| resident.pid == pid);
    found.unwrap_or(&RESIDENTS[0]).process()
}

/// Hands the whole snapshot to `sink`, in the order of capture files.
pub(super) fn tell<E>(sink: &mut impl FnMut(Record<'_>) -> Result<(), E>) -> Result<(), E> {
    sink(Record::Machine(Machine {
        cpus: 2,
        memory_bytes: 4 << 30,
        max_pid: 4_194_304,
        hostname: b"web-1",
        boot_ts_ns: BOOT_TS_NS,
        flags: 0,
    }))?;
    sink(Record::Interface(interface(b"lo", Ipv4Addr::LOCALHOST, [255, 0, 0, 0])))?;
    sink(Record::Interface(interface(b"eth0", ADDRESS, [255, 255, 255, 128])))?;
    sink(Record::Interface(interface(b"docker0", shop::GATEWAY, [255, 255, 255, 128])))?;
    users(sink)?;
    RESIDENTS.iter().try_for_each(|resident| thread(&resident.process(), sink))?;
    RESIDENTS.iter().try_for_each(|resident| fds(resident, sink))
}

fn interface(name: &'static [u8], address: Ipv4Addr, netmask: [u8; 4]) -> Interface<'static> {
    let netmask = Ipv4Addr::from(netmask);
    Interface::V4 { name, address, netmask, broadcast: address | !netmask, speed: 0 }
}

fn users<E>(sink: &mut impl FnMut(Record<'_>) -> Result<(), E>) -> Result<(), E> {
    let rows = [
        (0, "root", "/root", "/bin/bash"),
        (WWW_DATA, "www-data", "/var/www", "/usr/sbin/nologin"),
        (APT, "_apt", "/nonexistent", "/usr/sbin/nologin"),
        (ADA, "ada", "/home/ada", "/bin/bash"),
        (ADA + 1, "deploy", "/home/deploy", "/bin/bash"),
    ];
    for (id, name, home, shell) in rows {
        let (name, home, shell) = (name.as_bytes(), home.as_bytes(), shell.as_bytes());
        sink(Record::User(User { uid: id, gid: id, name, home, shell }))?;
        sink(Record::Group(Group { gid: id, name }))?;
    }
    Ok(())
}

fn thread<E>(
    process: &Process,
    sink: &mut impl FnMut(Record<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let has = |flag| process.exe_flags().contains(&flag);
    let inner = process.inner(process.pid);
    let started = if process.in_container() { shop::STARTED_TS_NS } else { BOOT_TS_NS };
    sink(Record::Thread(ThreadEntry {
        tid: process.pid,
        pid: process.pid,
        ptid: process.parent,
        sid: process.pid,
        vpgid: inner,
        pgid: process.group,
        vtid: inner,
        vpid: inner,
        comm: process.comm().as_bytes(),
        exe: process.argv.first().map_or(b"", |exe| exe.as_bytes()),
        exepath: process.path().as_bytes(),
        args: &process.args(),
        cwd: if process.in_container() { b"/var/www/html" } else { b"/" },
        root: b"/",
        env: &nul_separated(&process.env),
        cgroups: &process.cgroups(),
        fd_limit: process.fd_limit(),
        uid: process.user,
        gid: process.user,
        vmsize_kb: 15_432,
        vmrss_kb: 6_204,
        pfminor: 1_204,
        pidns_init_start_ts_ns: started,
        loginuid: process.login,
        exe_writable: has("EXE_WRITABLE"),
        exe_lower_layer: has("EXE_LOWER_LAYER"),
        cap_permitted: process.capabilities(),
        cap_effective: process.capabilities(),
        exe_ino: inode(&process.path()),
        exe_ino_ctime_ns: BOOT_TS_NS,
        exe_ino_mtime_ns: BOOT_TS_NS,
        ..ThreadEntry::default()
    }))
}

fn fds<E>(
    resident: &Resident,
    sink: &mut impl FnMut(Record<'_>) -> Result<(), E>,
) -> Result<(), E> {
    for &(fd, open) in resident.standard().iter().chain(resident.open) {
        let pipe = if let Open::Pipe(ino) = open { format!("pipe:[{ino}]") } else { String::new() };
        let (ino, target) = target(open, &pipe);
        sink(Record::Fd(resident.pid, FdEntry { fd, ino, target }))?;
    }
    Ok(())
}

fn target(open: Open, pipe: &str) -> (u64, FdTarget<'_>) {
    let file = |name: &'static str, dev, names: &[&str]| {
        let open_flags = names.iter().map(|name| value(FILE_FLAGS, name)).sum();
        (inode(name), FdTarget::File { open_flags, name: name.as_bytes(), dev })
    };
    let server = |port: u16, l4| {
        let ip = Ipv4Addr::UNSPECIFIED;
        (20_000 + u64::from(port), FdTarget::Ipv4Server { ip, port, l4 })
    };
    match open {
        Open::Null => file("/dev/null", 5, &["O_RDWR"]),
        Open::Log(path) => file(path, 0xfe01, &["O_WRONLY", "O_CREAT", "O_APPEND"]),
        Open::Pipe(ino) => (ino, FdTarget::Named(FdKind::Fifo, pipe.as_bytes())),
        Open::Listening(port) => server(port, L4Proto::Tcp),
        Open::Datagrams(port) => server(port, L4Proto::Udp),
        Open::Unix(path) => {
            let source = 0xffff_8880_9afc_6c00;
            (20_900, FdTarget::Unix { source, destination: 0, name: path.as_bytes() })
        }
    }
}

fn value(table: &[Symbol], name: &str) -> u32 {
    table.iter().find(|symbol| symbol.name == name).map_or(0, |symbol| symbol.value)
}
