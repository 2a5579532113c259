//! Much at once, and recorders that are slow, killed, or come late: nothing hangs, what is lost is
//! counted, and the state at the end is the machine's.
//!
//! Each test is for a guest, and does nothing elsewhere. Sizes are what an emulated machine bears in
//! short; `WATCHKEEPER_STRESS=1` makes them those of a real one.

use std::{
    env, fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::{
    is_on,
    watch::{self, Recorder, Watched, wait_until},
};
use crate::{
    exec::exec,
    harness::{ACT, Acts, NOTES, Notes},
    process::{child, end, own_pid, reap},
    stress::size,
};

pub(crate) const ACTS: Acts = &[
    ("storms::recorder", watch::act),
    ("storms::short_lives", act_short_lives),
    ("storms::late_programs", act_late_programs),
];

const MAIN_BYTES: u32 = 8 << 20;
/// A ring that is full at once.
const SMALL_BYTES: u32 = 64 << 10;

/// An act that is done by a process of its own.
struct Doing {
    child: Child,
    folder: tempfile::TempDir,
}

impl Doing {
    fn begin(act: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let child = Command::new(env::current_exe().unwrap())
            .args(["harness::actor", "--exact", "--test-threads=1", "--nocapture"])
            .env(ACT, act)
            .env(NOTES, folder.path().join("notes"))
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, folder }
    }

    fn end(mut self) -> Notes {
        // What waits for its input to end ends by this.
        drop(self.child.stdin.take());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        Notes::of_text(&fs::read_to_string(self.folder.path().join("notes")).unwrap())
    }
}

/// Does an act that is recorded.
fn recorded(act: &str) -> (Notes, Watched) {
    let recorder = Recorder::start(MAIN_BYTES);
    let notes = Doing::begin(act).end();
    let watched = recorder.stop();
    watched.assert_accounted();
    (notes, watched)
}

/// Processes that end at once, some with a program.
fn act_short_lives(notes: &mut Notes) {
    let many = size(3_000, 100_000);
    for at in 0..many / 20 {
        let children: Vec<i64> = (0..20)
            .map(|of| {
                child(|| {
                    if at % 10 == 0 && of == 0 {
                        exec(c"/bin/true", &[c"true"], &[]);
                    }
                    end(0);
                })
            })
            .collect();
        children.into_iter().for_each(|pid| _ = reap(pid));
    }
    notes.note("pid", own_pid());
    notes.note("processes", many as i64);
}

#[test]
fn each_of_many_short_processes_is_recorded_or_counted_as_lost() {
    if !is_on() {
        return;
    }
    let (notes, watched) = recorded("storms::short_lives");
    if watched.notes.of("lost") == 0 {
        let births = watched.notes.of(&format!("births of {}", notes.of("pid")));
        // And the thread that does the act, whose parent is the process's.
        assert_eq!(births, notes.of("processes"));
        watched.assert_alive();
    }
}

#[test]
fn a_fork_bomb_leaves_no_process_behind() {
    if !is_on() {
        return;
    }
    let (notes, watched) = recorded("stress::bomb");
    let ends = watched.notes.of("ends") + watched.notes.of("interrupted");
    let [refused, made] = ["refused", "made"].map(|it| notes.of(it));
    let [lost, lives] = ["lost", "told of lives"].map(|it| watched.notes.of(it));
    let told = format!("{ends} of {made} ended, {refused} refused, {lost} lost, {lives} of lives");
    assert!(refused > 0 && ends >= made, "{told}");
    watched.assert_alive();
}

#[test]
fn of_threads_that_exec_and_end_at_once_one_program_is_left() {
    if !is_on() {
        return;
    }
    let (notes, watched) = recorded("stress::threads_exec");
    watched.assert_alive();
    let interrupted = watched.notes.of("interrupted");
    let [ends, programs] = ["ends", "programs"].map(|name| watched.notes.of(name) + interrupted);
    assert!(ends >= 201 * notes.of("rounds") && programs > notes.of("rounds"), "{ends} {programs}");
}

/// Opens files, and runs a program each time.
fn flood() {
    let times = size(60, 600);
    let script = format!(
        "i=0; while [ $i -lt {times} ]; do /bin/cat /etc/passwd /etc/group >/dev/null; i=$((i+1)); done"
    );
    assert!(Command::new("/bin/sh").args(["-c", &script]).status().unwrap().success());
}

#[test]
fn a_recorder_that_is_stopped_loses_files_and_no_lives() {
    if !is_on() {
        return;
    }
    let recorder = Recorder::start(SMALL_BYTES);
    recorder.signal(libc::SIGSTOP);
    flood();
    thread::sleep(Duration::from_secs(2));
    flood();
    recorder.signal(libc::SIGCONT);
    let watched = recorder.stop();
    watched.assert_accounted();
    watched.assert_alive();
    assert!(watched.notes.of("lost") > 0 && watched.notes.of("read") > 0);
}

/// Processes that run a program each, one after the other until there is a file `enough`, and wait for
/// the end of their input.
fn act_late_programs(notes: &mut Notes) {
    let mut children = Vec::new();
    while !Path::new("enough").exists() && children.len() < 2_000 {
        children.push(child(|| {
            thread::sleep(Duration::from_millis(10));
            exec(c"/bin/cat", &[c"cat"], &[]);
            end(9);
        }));
        thread::sleep(Duration::from_millis(20));
    }
    fs::write("all", "").unwrap();
    notes.note("processes", children.len() as i64);
    children.into_iter().for_each(|pid| assert_eq!(reap(pid), 0));
}

#[test]
fn no_program_that_begins_while_a_recorder_starts_is_missed() {
    if !is_on() {
        return;
    }
    // One that was killed leaves nothing attached, and nothing that is in the way of the next.
    let killed = Recorder::start(MAIN_BYTES);
    flood();
    killed.kill();
    let storm = Doing::begin("storms::late_programs");
    let late = Recorder::start(MAIN_BYTES);
    fs::write(storm.folder.path().join("enough"), "").unwrap();
    wait_until("the storm is over", || storm.folder.path().join("all").exists());
    let watched = late.stop();
    watched.assert_accounted();
    watched.assert_alive();
    let programs = watched.notes.of("programs");
    let processes = storm.end().of("processes");
    assert!(programs > 0 && processes > programs, "{programs} of {processes}");
}
