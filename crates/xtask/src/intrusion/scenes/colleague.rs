//! Somebody else, who has nothing to do with it: ada logs in and looks something up.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::{
    super::{
        host::{self, ADA, SSHD},
        stage::{APPEND, End, Place, Process, READ_WRITE, Stage},
    },
    upkeep,
    web::SEALED,
};

const OFFICE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 77), 58_204);
/// Device number of the first pseudo-terminal.
const PTS_0: u32 = 34_816;
const SESSION: Place = Place::Host("/user.slice/user-1000.slice/session-4.scope");
const HASHES: &str = "deploy:!:20000:0:99999:7:::\n";

/// Her session: the daemon's children for it, and the shell.
pub(crate) struct Session {
    privileged: Process,
    own: Process,
    shell: Process,
}

impl Session {
    pub(crate) fn log_in(stage: &mut Stage) -> Self {
        let mut privileged = upkeep::answer(stage, OFFICE);
        authenticate(stage, &mut privileged);
        let mut own = stage.fork(&privileged);
        stage.become_user(&mut own, ADA);
        let shell = open_terminal(stage, &own);
        Self { privileged, own, shell }
    }

    /// Runs one command at the prompt.
    fn type_in(&self, stage: &mut Stage, line: &str, act: impl FnOnce(&mut Stage, &mut Process)) {
        self.told(stage, line);
        stage.run(&self.shell, line, act);
        stage.write_of(&self.own, 1, SEALED, 212);
    }

    /// A line comes over the connection, and the shell gets it.
    fn told(&self, stage: &mut Stage, line: &str) {
        stage.read_of(&self.own, 0, SEALED, 36 + line.len());
        stage.told(&self.shell, line);
    }

    pub(crate) fn look_at_backup(&self, stage: &mut Stage) {
        self.type_in(stage, "ls -l /var/backups", |stage, ls| {
            stage.list(ls, "/var/backups");
            stage.look_at(ls, "/var/backups/site.tar.gz");
            stage.say(ls, "-rw-r--r-- 1 root root 114688 Nov 23 02:12 site.tar.gz\n");
        });
    }

    /// Is the account for releases locked? The answer stands among the password hashes.
    pub(crate) fn look_at_account(&self, stage: &mut Stage) {
        self.told(stage, "sudo grep deploy /etc/shadow");
        let mut sudo = stage.fork(&self.shell);
        stage.new_group(&mut sudo);
        stage.exec_as_owner(&mut sudo, "/usr/bin/sudo", &["sudo", "grep", "deploy", "/etc/shadow"]);
        stage.read_file(&mut sudo, "/etc/sudoers", "%sudo\tALL=(ALL:ALL) NOPASSWD: ALL\n");
        stage.become_user(&mut sudo, 0);
        stage.run(&sudo, "grep deploy /etc/shadow", |stage, grep| {
            stage.read_file(grep, "/etc/shadow", HASHES);
            stage.say(grep, HASHES);
        });
        stage.end(&self.shell, &sudo, End::Code(0));
        stage.write_of(&self.own, 1, SEALED, 108);
    }

    pub(crate) fn look_at_load(&self, stage: &mut Stage) {
        self.type_in(stage, "uptime", |stage, uptime| {
            stage.read_file(uptime, "/proc/loadavg", "0.31 0.24 0.19 1/142 5902\n");
            stage.say(uptime, " 02:13:18 up 2 days, 18:13,  1 user,  load average: 0.31\n");
        });
    }

    pub(crate) fn log_out(self, stage: &mut Stage) {
        self.told(stage, "exit");
        stage.end(&self.own, &self.shell, End::Code(0));
        stage.end(&self.privileged, &self.own, End::Code(0));
        stage.end(&host::running(SSHD), &self.privileged, End::Code(0));
    }
}

fn authenticate(stage: &mut Stage, session: &mut Process) {
    stage.read_file(session, "/etc/passwd", "ada:x:1000:1000:Ada,,,:/home/ada:/bin/bash\n");
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAdaAdaAdaAdaAdaAda ada@office\n";
    stage.read_file(session, "/home/ada/.ssh/authorized_keys", key);
    stage.wait_ms(120);
    let line = "Nov 23 02:12:31 web-1 sshd[612]: Accepted publickey for ada from 192.0.2.77\n";
    stage.write_file(session, "/var/log/auth.log", APPEND, line);
    stage.write_file(session, "/proc/self/loginuid", READ_WRITE, "1000");
    session.login = ADA;
    session.place = SESSION;
}

/// The login shell, at a terminal of its own.
fn open_terminal(stage: &mut Stage, own: &Process) -> Process {
    let mut shell = stage.fork(own);
    stage.new_session(&mut shell);
    let terminal = stage.open(&mut shell, "/dev/pts/0", READ_WRITE);
    (0..3).for_each(|fd| stage.copy_fd(&mut shell, terminal, fd));
    stage.close(&mut shell, terminal);
    shell.tty = PTS_0;
    let env = [
        "USER=ada",
        "HOME=/home/ada",
        "SHELL=/bin/bash",
        "TERM=xterm-256color",
        "SSH_CONNECTION=192.0.2.77 58204 192.0.2.10 22",
    ];
    shell.env = env.map(str::to_owned).to_vec();
    stage.change_directory(&shell, "/home/ada");
    stage.exec(&mut shell, "/bin/bash", &["-bash"]);
    stage.read_file(&mut shell, "/etc/profile", "# /etc/profile: system-wide .profile file\n");
    stage.read_file(&mut shell, "/home/ada/.bashrc", "case $- in *i*) ;; *) return;; esac\n");
    shell
}
