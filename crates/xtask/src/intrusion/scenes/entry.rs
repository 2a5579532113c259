//! How they come in: the shop's status page hands a part of the request to a shell.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::{
    super::{
        host::{self, SHOP_NGINX, SHOP_PHP, WWW_DATA},
        stage::{AtExec, CREATE, EACCES, End, Link, Process, READ, Stage},
    },
    web,
};

const INTRUDER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(203, 0, 113, 9), 51_122);
pub(crate) const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
    daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
    www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n";
pub(crate) const ACCOUNTS: &str = "cat /etc/passwd /etc/shadow";
/// Where a search for programs with their owner's rights looks.
#[rustfmt::skip]
const SEARCHED: [&str; 18] = [
    "/", "/bin", "/boot", "/etc", "/etc/nginx", "/etc/php", "/home", "/opt", "/root", "/srv",
    "/tmp", "/usr/bin", "/usr/lib", "/usr/local/bin", "/usr/sbin", "/var", "/var/lib",
    "/var/www/html",
];
/// What it finds.
const SETUID: [&str; 4] = ["/usr/bin/chfn", "/usr/bin/passwd", "/usr/bin/pkexec", "/usr/bin/su"];

/// The intruder's connection to the shop, and the two workers at its other end.
pub(crate) struct Visit {
    pub(crate) worker: Process,
    pub(crate) link: Link,
    pub(crate) php: Process,
}

impl Visit {
    pub(crate) fn begin(stage: &mut Stage) -> Self {
        let mut worker = host::running(SHOP_NGINX[0]);
        let link = stage.accept(&mut worker, INTRUDER, 443);
        Self { worker, link, php: host::running(SHOP_PHP[0]) }
    }

    /// A page as it was meant.
    pub(crate) fn look(&mut self, stage: &mut Stage, what: &str) {
        self.ask(stage, what, |stage, php| {
            let page = "<?php echo shell_exec('ping -c1 '.$_POST['host']);\n";
            stage.read_file(php, "/var/www/html/status.php", page);
        });
    }

    /// A request whose parameter ends in a command.
    pub(crate) fn inject<T>(
        &mut self,
        stage: &mut Stage,
        command: &str,
        act: impl FnOnce(&mut Stage, &mut Process) -> T,
    ) -> T {
        self.ask(stage, "POST /status.php", |stage, php| php_runs(stage, php, command, act))
    }

    fn ask<T>(
        &mut self,
        stage: &mut Stage,
        what: &str,
        act: impl FnOnce(&mut Stage, &mut Process) -> T,
    ) -> T {
        web::request(stage, (&mut self.worker, self.link), &mut self.php, what, act)
    }

    pub(crate) fn end(mut self, stage: &mut Stage) {
        stage.close(&mut self.worker, self.link.fd);
    }
}

/// PHP runs a command and reads what it says.
fn php_runs<T>(
    stage: &mut Stage,
    php: &mut Process,
    command: &str,
    act: impl FnOnce(&mut Stage, &mut Process) -> T,
) -> T {
    let (said, saying) = stage.pipe(php, AtExec::Closed);
    let mut shell = stage.fork(php);
    stage.copy_fd(&mut shell, saying, 1);
    stage.become_command(&mut shell, &format!("sh -c '{command}'"));
    stage.close(php, saying);
    let outcome = act(stage, &mut shell);
    stage.exit(&shell, End::Code(0));
    stage.read(php, said, "uid=33(www-data) gid=33(www-data) groups=33(www-data)\n");
    stage.read(php, said, "");
    stage.close(php, said);
    stage.reap(php, &shell);
    outcome
}

pub(crate) fn who_am_i(stage: &mut Stage, shell: &Process) {
    stage.run(shell, "id", |stage, id| {
        stage.read_file(id, "/etc/passwd", PASSWD);
        let user = if id.user == WWW_DATA { "33(www-data)" } else { "0(root)" };
        stage.say(id, format!("uid={user} gid={user} groups={user}\n"));
    });
}

pub(crate) fn what_is_this(stage: &mut Stage, shell: &Process) {
    stage.run(shell, "uname -a", |stage, uname| {
        stage.say(uname, "Linux web-6d9f7c8b54-x2x7q 6.1.0-31-amd64 x86_64 GNU/Linux\n");
    });
}

/// Who has an account here? The second file is not for them.
pub(crate) fn list_accounts(stage: &mut Stage, shell: &Process) {
    stage.run_to(shell, ACCOUNTS, End::Code(1), |stage, cat| {
        stage.read_file(cat, "/etc/passwd", PASSWD);
        stage.say(cat, PASSWD);
        stage.open_fails(cat, "/etc/shadow", READ, EACCES);
        stage.complain(cat, "cat: /etc/shadow: Permission denied\n");
    });
}

/// A search for programs that run with their owner's rights.
pub(crate) fn search_setuid(stage: &mut Stage, shell: &Process) {
    let mut find = stage.vfork(shell);
    stage.redirect(&mut find, 2, "/dev/null", CREATE);
    stage.become_command(&mut find, "find / -perm -4000 -type f");
    for folder in SEARCHED {
        stage.list(&mut find, folder);
        stage.look_at(&find, folder);
    }
    stage.say(&find, SETUID.join("\n") + "\n");
    stage.end(shell, &find, End::Code(1));
}

/// Who else runs here?
pub(crate) fn list_processes(stage: &mut Stage, shell: &Process) {
    stage.run(shell, "ps aux", |stage, ps| {
        stage.list(ps, "/proc");
        for pid in [1, 8, 9, 10, 108, 109] {
            let path = format!("/proc/{pid}/stat");
            stage.read_file(ps, &path, format!("{pid} (nginx) S 1 8 8 0 -1\n"));
            stage.read_file(ps, &format!("/proc/{pid}/cmdline"), "nginx: worker process\0");
        }
        stage.say(ps, "USER  PID COMMAND\nroot    1 /usr/bin/python3 /usr/bin/supervisord -n\n");
    });
}
