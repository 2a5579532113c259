//! The default rules on what happens now: alerts, incidents with the seconds before, a recording; what
//! the agent gave up; how it ends. And in a container, where it must not take another for itself.

use std::{path::Path, process::Command};

use super::{Left, Step};

pub(super) const STEP: Step = Step {
    name: "alerts",
    script: "\
agent --store store --before 20s --after 1s --output host.scap
cp /etc/passwd /tmp/before
cat /etc/shadow >/dev/null
wait_for 'Password file read' said
for thread in /proc/$agent/task/*; do cat $thread/status; done >status
cat /proc/$agent/task/*/stat | cut -d' ' -f2,19 >nice
cat /etc/shadow >/dev/null
script -q -c 'echo nobody asked' shown </dev/null >/dev/null 2>&1
end TERM
watchkeeper incident list --store store --format json >list
id=$(sed -n 's/.*\"id\":\"\\([0-9a-f]*\\)\".*/\\1/p' list | tail -n 1)
watchkeeper incident show $id --store store --all >shown
watchkeeper replay host.scap --filter 'fd.name in (/tmp/before, /etc/shadow)' --print '%fd.name' >replayed
watchkeeper replay host.scap --filter 'evt.type = watchkeeper.tty' >terminals
# In a container the agent is somebody else by its own count: process 3001, as is one of the host.
numbered() { echo 3000 >/proc/sys/kernel/ns_last_pid; \"$@\" & }
unshare -pf --mount-proc sh -c 'echo 3000 >/proc/sys/kernel/ns_last_pid
    watchkeeper run --for 5s --fail-on debug >inside 2>lasted & agent=$!
    wait $agent; echo \"code $? of $agent\" >>lasted' &
wait_for 'recording this host' lasted
until numbered sh -c 'exec cat /etc/shadow as-$$' >/dev/null; [ $! = 3001 ]; do wait $!; done
wait",
    check,
};

/// CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_BPF.
const KEPT: u64 = 1 << 2 | 1 << 19 | 1 << 39;

fn check(left: &Left<'_>) {
    left.has("alerts", &["Warning", "file=/etc/shadow"]);
    // The second one was made right before the end: what had happened was still told.
    assert_eq!(left.text("alerts").lines().count(), 2);
    left.has("said", &["recording this host", "2 alerts from", "2 incidents kept"]);
    left.has("said", &["recorded in host.scap"]);
    left.has("code", &["code 0"]);
    left.has("list", &["Password file read"]);
    left.has("shown", &["/tmp/before", "▲", "/etc/shadow"]);
    sysdig_reads(&left.folder.join("host.scap"));
    left.has("replayed", &["/tmp/before", "/etc/shadow", "/etc/shadow"]);
    assert_eq!(left.text("terminals"), "", "nobody asked for what they show");
    left.has("inside", &["Warning", "file=/etc/shadow", "as-3001"]);
    left.has("lasted", &["Password file read", "code 1 of 3001"]);
    gave_up(left);
    comes_first(left);
}

/// Where sysdig is installed, it reads the recording.
fn sysdig_reads(recording: &Path) {
    let mut sysdig = Command::new("sysdig");
    sysdig.arg("-r").arg(recording).args([
        "-p",
        "%fd.name",
        "evt.dir = < and fd.name = /etc/shadow",
    ]);
    let Ok(read) = sysdig.output() else {
        println!("skipped: sysdig is not installed");
        return;
    };
    let said = String::from_utf8_lossy(&read.stderr);
    let opened =
        String::from_utf8_lossy(&read.stdout).lines().filter(|it| *it == "/etc/shadow").count();
    assert!(read.status.success() && opened >= 2, "sysdig: {opened} times; {said}");
}

fn gave_up(left: &Left<'_>) {
    let status = left.text("status");
    let of = |key: &str| -> Vec<u64> {
        let lines = status.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(":\t"));
        lines.map(|value| u64::from_str_radix(value, 16).unwrap()).collect()
    };
    assert!(of("Seccomp").len() > 1, "it has threads:\n{status}");
    for (key, value) in [
        ("CapEff", KEPT),
        ("CapPrm", KEPT),
        ("CapBnd", KEPT),
        ("CapInh", 0),
        ("NoNewPrivs", 1),
        ("Seccomp", 2),
    ] {
        assert!(of(key).iter().all(|&it| it == value), "{key} of {}:\n{status}", left.kernel);
    }
}

/// The thread that reads comes before others by ten steps of nice, and those that it has made do not.
fn comes_first(left: &Left<'_>) {
    let nice = left.text("nice");
    let (first, others): (Vec<_>, Vec<_>) = nice.lines().partition(|it| it.ends_with(" -10"));
    assert_eq!(first, ["(watchkeeper) -10"], "and {others:?}");
    assert!(!others.is_empty() && others.iter().all(|it| it.ends_with(" 0")), "{others:?}");
}
