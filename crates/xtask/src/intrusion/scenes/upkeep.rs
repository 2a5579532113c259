//! What a host does by itself: jobs of cron, logs turned, lists of packages brought up to date, the
//! clock set; and a look from outside whether SSH answers.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::super::{
    host::{self, APT, CHRONYD, CRON, INIT, JOURNALD, NGINX_MASTER, SSHD},
    stage::{APPEND, AtExec, CREATE, End, Place, Process, Stage},
};

const TIME_SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 123);
const PACKAGE_SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 80);
const WATCHER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 20);
const SIGUSR1: u8 = 10;
const ERRORS: &str = "/var/log/nginx/error.log";

/// A service that systemd starts, in a control group of its own.
pub(crate) fn service(stage: &mut Stage, unit: &'static str, line: &str) -> Process {
    let mut child = stage.fork(&host::running(INIT));
    child.place = Place::Host(unit);
    stage.new_session(&mut child);
    stage.become_command(&mut child, line);
    child
}

/// The service ends.
pub(crate) fn service_ends(stage: &mut Stage, service: &Process) {
    stage.end(&host::running(INIT), service, End::Code(0));
}

/// The job of every minute.
pub(crate) fn cron_minute(stage: &mut Stage) {
    let cron = host::running(CRON);
    let mut runner = stage.fork(&cron);
    stage.read_file(&mut runner, "/etc/pam.d/cron", "# The PAM configuration file for cron\n");
    stage.read_file(&mut runner, "/etc/security/limits.conf", "# /etc/security/limits.conf\n");
    let mut shell = stage.fork(&runner);
    shell.login = 0;
    stage.new_session(&mut shell);
    let job = "find /var/tmp -maxdepth 1 -mtime +30 -delete";
    stage.become_command(&mut shell, &format!("sh -c '{job}'"));
    stage.run(&shell, job, |stage, find| {
        stage.list(find, "/var/tmp");
        stage.look_at(find, "/var/tmp/systemd-private-ssh");
    });
    stage.end(&runner, &shell, End::Code(0));
    stage.end(&cron, &runner, End::Code(0));
}

/// The clock is compared with a server's.
pub(crate) fn set_clock(stage: &mut Stage) {
    let mut chronyd = host::running(CHRONYD);
    let link = stage.datagrams(&mut chronyd, SocketAddrV4::new(TIME_SERVER, 123));
    stage.send(&chronyd, link, [b"\x23".as_slice(), &[0; 47]].concat());
    stage.wait_ms(14);
    stage.receive(&chronyd, link, [b"\x24\x02\x06\xe8".as_slice(), &[0; 44]].concat());
    stage.close(&mut chronyd, link.fd);
}

/// The logs are turned.
pub(crate) fn turn_logs(stage: &mut Stage) {
    let mut logrotate =
        service(stage, "/system.slice/logrotate.service", "logrotate /etc/logrotate.conf");
    let settings = "/var/log/*.log {\n\tweekly\n\trotate 4\n\tcompress\n}\n";
    stage.read_file(&mut logrotate, "/etc/logrotate.conf", settings);
    stage.list(&mut logrotate, "/etc/logrotate.d");
    for name in ["apt", "dpkg", "nginx", "rsyslog"] {
        stage.read_file(&mut logrotate, &format!("/etc/logrotate.d/{name}"), settings);
    }
    turn_log(stage, &mut logrotate);
    let state = "logrotate state -- version 2\n";
    stage.write_file(&mut logrotate, "/var/lib/logrotate/status", CREATE, state);
    service_ends(stage, &logrotate);
}

fn turn_log(stage: &mut Stage, logrotate: &mut Process) {
    let turned = format!("{ERRORS}.1");
    stage.look_at(logrotate, ERRORS);
    stage.rename(logrotate, ERRORS, &turned);
    let fd = stage.open(logrotate, ERRORS, CREATE);
    stage.set_mode(logrotate, fd, 0o640);
    stage.close(logrotate, fd);
    stage.send_signal(logrotate, NGINX_MASTER, SIGUSR1);
    stage.run(logrotate, &format!("gzip {turned}"), |stage, gzip| {
        stage.read_file(gzip, &turned, "2026/11/22 23:58:07 [error] 732#732: open() failed\n");
        stage.write_file(gzip, &format!("{turned}.gz"), CREATE, "\x1f\u{8b}\x08");
        stage.remove(gzip, &turned);
    });
}

/// The lists of packages are brought up to date.
pub(crate) fn update_lists(stage: &mut Stage) {
    let unit = "/system.slice/apt-daily.service";
    let daily = service(stage, unit, "/usr/lib/apt/apt.systemd.daily update");
    stage.run(&daily, "apt-get -qq -y update", |stage, apt| {
        for path in ["/etc/apt/apt.conf.d/20auto-upgrades", "/etc/apt/sources.list"] {
            stage.read_file(apt, path, "deb http://deb.example.org/debian bookworm main\n");
        }
        stage.list(apt, "/var/lib/apt/lists");
        fetch_lists(stage, apt);
        stage.write_file(apt, "/var/cache/apt/pkgcache.bin", CREATE, "\u{fe}\u{ed}APTcache");
    });
    service_ends(stage, &daily);
}

fn fetch_lists(stage: &mut Stage, apt: &mut Process) {
    let (results, method_writes) = stage.pipe(apt, AtExec::Kept);
    let mut http = stage.fork(apt);
    stage.copy_fd(&mut http, method_writes, 1);
    stage.become_command(&mut http, "/usr/lib/apt/methods/http");
    stage.become_user(&mut http, APT);
    stage.look_up(&mut http, "deb.example.org", PACKAGE_SERVER);
    let link = stage.connect(&mut http, SocketAddrV4::new(PACKAGE_SERVER, 80));
    let request = "GET /debian/dists/bookworm/InRelease HTTP/1.1\r\nHost: deb.example.org\r\n\r\n";
    stage.send(&http, link, request);
    stage.wait_ms(45);
    stage.receive(&http, link, "HTTP/1.1 304 Not Modified\r\nServer: Apache\r\n\r\n");
    stage.close(&mut http, link.fd);
    stage.say(&http, "201 URI Done\nIMS-Hit: true\n");
    stage.read(apt, results, "201 URI Done\nIMS-Hit: true\n");
    stage.end(apt, &http, End::Code(0));
}

/// Somebody outside looks whether SSH answers, and goes away.
pub(crate) fn knock(stage: &mut Stage, number: u16) {
    let mut session = answer(stage, SocketAddrV4::new(WATCHER, 51_000 + number * 14));
    stage.wait_ms(31);
    stage.read(&session, 0, "");
    let line = "Nov 23 02:11:00 web-1 sshd[612]: Connection closed by 192.0.2.20 [preauth]\n";
    stage.write_file(&mut session, "/var/log/auth.log", APPEND, line);
    stage.end(&host::running(SSHD), &session, End::Code(255));
}

/// The SSH daemon takes a connection: a child of its own talks to whoever it is.
pub(crate) fn answer(stage: &mut Stage, from: SocketAddrV4) -> Process {
    let mut daemon = host::running(SSHD);
    let link = stage.accept(&mut daemon, from, 22);
    let mut session = stage.fork(&daemon);
    stage.close(&mut daemon, link.fd);
    stage.new_session(&mut session);
    (0..2).for_each(|fd| stage.copy_fd(&mut session, link.fd, fd));
    stage.exec(&mut session, "/usr/sbin/sshd", &["/usr/sbin/sshd", "-D", "-R"]);
    let settings = "Include /etc/ssh/sshd_config.d/*.conf\n";
    stage.read_file(&mut session, "/etc/ssh/sshd_config", settings);
    stage.write(&session, 0, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n");
    session
}

/// The journal looks at what systemd does.
pub(crate) fn journal(stage: &mut Stage) {
    let mut journald = host::running(JOURNALD);
    for (file, text) in [("/proc/1/comm", "systemd\n"), ("/proc/1/cgroup", "0::/init.scope\n")] {
        stage.read_file(&mut journald, file, text);
    }
}
