//! Families: who takes orphans, ids in namespaces, and that whatever began has ended.

use std::collections::HashSet;

use event::syscalls::{CLONE_20_X, CLONE3_X, FORK_20_X, PROCEXIT_1_E, VFORK_20_X};

use crate::{
    harness::{Acts, Kept, Notes, trace},
    process::{SIGCHLD, child, end, flags, own_pid, own_tid, own_uid, reap},
    telling::sys,
};

pub(crate) const ACTS: Acts =
    &[("families::reapers", act_reapers), ("families::namespace", act_namespace)];

/// Whatever began has ended, and whatever a call made has begun, before that call returned, or ended.
pub(crate) fn all_that_began_ended(events: &[Kept]) {
    assert!(events.is_sorted_by_key(|event| event.ts_ns), "time goes back");
    let (mut begun, mut ended) = (Vec::new(), Vec::new());
    let (mut made, mut without) = (Vec::new(), Vec::new());
    for event in events {
        match event.kind {
            FORK_20_X | VFORK_20_X | CLONE_20_X | CLONE3_X => match event.int("res").unwrap() {
                0 => begun.push(event.tid),
                new if new > 0 => {
                    made.push(new);
                    if !begun.contains(&new) {
                        without.push(new);
                    }
                }
                _ => {}
            },
            PROCEXIT_1_E => ended.push(event.tid),
            _ => {}
        }
    }
    let late: Vec<&i64> = without.iter().filter(|tid| begun.contains(tid)).collect();
    assert!(late.is_empty(), "began when those who made them had gone on: {late:?}");
    let known: HashSet<i64> = begun.iter().chain(&ended).copied().collect();
    let lost: Vec<&i64> = made.iter().filter(|tid| !known.contains(tid)).collect();
    assert!(lost.is_empty(), "made, and never told of: {lost:?}");
    // Ids may come again.
    for tid in known {
        let of = |list: &[i64]| list.iter().filter(|other| **other == tid).count();
        assert!(of(&begun) <= of(&ended), "{tid} began {} and ended {}", of(&begun), of(&ended));
    }
}

/// A child that leaves a grandchild behind.
fn leave_behind(notes: &mut Notes, name: &str, body: impl FnOnce()) {
    let mut ends = [[0; 2]; 2];
    for pipe in &mut ends {
        // SAFETY: pipe is ours.
        assert_eq!(unsafe { libc::pipe(pipe.as_mut_ptr()) }, 0);
    }
    let [tell, wait] = ends;
    let pid = child(|| {
        body();
        let orphan = child(|| {
            let mut byte = 0_u8;
            sys(libc::SYS_close, [i64::from(wait[1])]);
            sys(libc::SYS_read, [i64::from(wait[0]), (&raw mut byte) as i64, 1]);
            let parent = sys(libc::SYS_getppid, []);
            sys(libc::SYS_write, [i64::from(tell[1]), (&raw const parent) as i64, 8]);
        });
        sys(libc::SYS_write, [i64::from(tell[1]), (&raw const orphan) as i64, 8]);
    });
    let mut orphan = 0_i64;
    sys(libc::SYS_read, [i64::from(tell[0]), (&raw mut orphan) as i64, 8]);
    reap(pid);
    sys(libc::SYS_close, [i64::from(wait[1])]);
    let mut parent = 0_i64;
    sys(libc::SYS_read, [i64::from(tell[0]), (&raw mut parent) as i64, 8]);
    notes.note(name, pid);
    notes.note(&format!("{name}.orphan"), orphan);
    notes.note(&format!("{name}.taken_by"), parent);
}

fn act_reapers(notes: &mut Notes) {
    leave_behind(notes, "far", || {});
    // SAFETY: no memory is passed.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
    leave_behind(notes, "near", || {});
    reap(notes.of("near.orphan"));
    notes.note("pid", own_pid());
    // A thread that makes a child and ends: another thread is the parent.
    let made = std::thread::spawn(|| {
        let pid = child(|| std::thread::sleep(std::time::Duration::from_millis(100)));
        (own_tid(), pid)
    });
    let (thread, pid) = made.join().unwrap();
    notes.note("thread", thread);
    reap(pid);
}

#[test]
fn orphans_are_told_with_who_takes_them() {
    let outcome = trace("families::reapers");
    for name in ["far", "near"] {
        let ended = outcome.only(PROCEXIT_1_E, outcome.notes.of(name));
        let taken_by = outcome.notes.of(&format!("{name}.taken_by"));
        assert_eq!(ended.int("reaper_tid"), Some(taken_by), "{name}");
    }
    assert_eq!(outcome.notes.of("near.taken_by"), outcome.notes.of("pid"));
    let thread = outcome.only(PROCEXIT_1_E, outcome.notes.of("thread"));
    let pid = outcome.notes.of("pid");
    assert_eq!(thread.int("reaper_tid"), Some(pid), "the first thread, which still runs");
}

fn act_namespace(notes: &mut Notes) {
    let flags = i64::from(libc::CLONE_NEWPID) | SIGCHLD;
    let own = sys(libc::SYS_clone, [flags, 0, 0, 0, 0]);
    if own == 0 {
        // An orphan in here goes to the first process of the namespace.
        let middle = child(|| {
            child(|| std::thread::sleep(std::time::Duration::from_millis(100)));
        });
        reap(middle);
        sys(libc::SYS_wait4, [-1, 0, 0, 0]);
        end(0);
    }
    notes.note("first", own);
    if own > 0 {
        notes.note("status", reap(own));
    }
}

#[test]
fn processes_in_a_pid_namespace_have_both_ids() {
    if own_uid() != 0 {
        eprintln!("skipped: pid namespaces need root");
        return;
    }
    let outcome = trace("families::namespace");
    let first = outcome.notes.of("first");
    let began = outcome.birth(first);
    assert_eq!([began.int("vtid"), began.int("vpid")], [Some(1), Some(1)]);
    assert_eq!(flags(began), ["CLONE_NEWPID", "CLONE_CHILD_IN_PIDNS"]);
    let (inner, _) = outcome.lives();
    let inner: Vec<i64> = inner.iter().map(|event| event.int("vpid").unwrap()).collect();
    assert_eq!(inner, [1, 2, 3]);
    let reapers: Vec<i64> = outcome
        .of(PROCEXIT_1_E)
        .iter()
        .map(|event| event.int("reaper_tid").unwrap())
        .filter(|reaper| *reaper != 0)
        .collect();
    assert_eq!(reapers, [first], "{}", outcome.story());
}
