//! What the recorder found of threads after it had lost beginnings.

use event::{
    Event, EventBuilder,
    found::{Found, NOTICE},
    snapshot::ThreadEntry,
    syscalls::{ASYNCEVENT_E, EXECVE_19_X, GETUID_X, OPEN_X, PROCEXIT_1_E},
};

use proptest::prelude::*;
use state::Limits;

use crate::world::{Int, Text, World, text};

fn miner(tid: i64) -> ThreadEntry<'static> {
    ThreadEntry {
        tid,
        pid: tid,
        ptid: 100,
        vtid: tid,
        vpid: tid,
        comm: b"miner",
        exe: b"./miner",
        exepath: b"/tmp/miner",
        args: b"--pool\0",
        cwd: b"/tmp",
        uid: 33,
        exe_ino: 77,
        ..ThreadEntry::default()
    }
}

/// The recorder found this, reading from so long before now on.
fn find(world: &mut World, thread: ThreadEntry<'_>, ago_ns: u64) {
    let mut data = Vec::new();
    let found = Found { as_of_ns: world.now_ns - ago_ns, thread };
    found.write_notice(&mut data);
    tell(world, thread.tid, &data);
}

/// A notice with this data comes.
fn tell(world: &mut World, tid: i64, data: &[u8]) {
    let mut builder = EventBuilder::default();
    builder.start(ASYNCEVENT_E, world.now_ns, tid, 0).u32(0).text(NOTICE).raw(data);
    let event: Event<'_> = builder.event().unwrap();
    world.state.event(event);
}

fn comm(world: &World, tid: i64) -> String {
    text(&world.thread(tid).comm)
}

#[test]
fn one_that_nobody_knew_is_known() {
    let mut world = World::new();
    world.event(GETUID_X, 100, &[]);
    find(&mut world, miner(555), 0);
    let thread = world.thread(555);
    assert_eq!((text(&thread.comm), text(&thread.exepath)), ("miner".into(), "/tmp/miner".into()));
    assert_eq!((thread.uid, thread.ptid, world.cwd(555)), (33, 100, "/tmp/".into()));
    assert_eq!(world.state.thread_count(world.thread(555)), 1);
}

#[test]
fn one_that_acted_without_a_name_keeps_what_it_did() {
    let mut world = World::new();
    world.event(OPEN_X, 555, &[("fd", Int(3)), ("name", Text("/x"))]);
    assert_eq!(comm(&world, 555), "<NA>");
    find(&mut world, miner(555), 0);
    assert_eq!(comm(&world, 555), "miner");
    assert_eq!(world.fd_name(555, 3).as_deref(), Some("/x"));
}

#[test]
fn a_program_that_began_unseen_takes_the_place_of_the_one_before() {
    let mut world = World::new();
    world.event(GETUID_X, 100, &[]);
    find(&mut world, miner(555), 1000);
    let other = ThreadEntry { exe_ino: 78, comm: b"sh", exepath: b"/bin/sh", ..miner(555) };
    find(&mut world, ThreadEntry { ptid: 1, ..other }, 0);
    assert_eq!(comm(&world, 555), "sh");
    assert_eq!(world.thread(555).ptid, 100, "whose child it is was known");
    // A name alone may be one that it gave to itself.
    find(&mut world, ThreadEntry { comm: b"renamed", ..other }, 0);
    assert_eq!(comm(&world, 555), "sh");
}

#[test]
fn what_was_read_before_a_program_began_changes_nothing() {
    let mut world = World::new();
    let began = [("res", Int(0)), ("exe", Text("/bin/x")), ("comm", Text("x")), ("pid", Int(100))];
    world.event(EXECVE_19_X, 100, &began);
    find(&mut world, miner(100), 0);
    assert_eq!(comm(&world, 100), "x");
    world.event(GETUID_X, 100, &[]);
    find(&mut world, miner(100), 0);
    assert_eq!(comm(&world, 100), "miner");
}

#[test]
fn one_that_has_ended_is_not_brought_back() {
    let mut world = World::new();
    world.event(GETUID_X, 100, &[]);
    find(&mut world, miner(555), 0);
    world.event(PROCEXIT_1_E, 555, &[]);
    world.event(GETUID_X, 100, &[]);
    assert!(world.state.thread(555).is_none());
    find(&mut world, miner(555), 5);
    assert!(world.state.thread(555).is_none());
}

#[test]
fn nonsense_makes_nobody_known() {
    let mut world = World::new();
    world.event(GETUID_X, 100, &[]);
    for thread in [
        ThreadEntry { tid: 0, ..miner(555) },
        ThreadEntry { pid: -1, ..miner(555) },
        ThreadEntry { ptid: -7, ..miner(555) },
    ] {
        find(&mut world, thread, 0);
        assert!(world.state.thread(thread.tid).is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_notice_panics_or_breaks_the_limits(
        notices in prop::collection::vec((1i64..20, 1i64..20, 0i64..20, 0u64..9), 0..60),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        exits in prop::collection::vec(1i64..20, 0..20),
    ) {
        let mut world = World::with_limits(Limits { threads: 8, ..Limits::default() });
        world.event(GETUID_X, 100, &[]);
        for (at, &(tid, pid, ptid, ino)) in notices.iter().enumerate() {
            let thread = ThreadEntry { pid, ptid, exe_ino: ino, ..miner(tid) };
            let mut data = Vec::new();
            Found { as_of_ns: world.now_ns, thread }.write_notice(&mut data);
            for (place, byte) in &changes {
                let place = place.index(data.len());
                data[place] = *byte;
            }
            tell(&mut world, tid, &data);
            if let Some(&tid) = exits.get(at) {
                world.event(PROCEXIT_1_E, tid, &[]);
            }
            let known = (0..256).filter(|&tid| world.state.thread(tid).is_some()).count();
            prop_assert!(known <= 8, "{known} threads");
        }
        world.state.snapshot(world.now_ns, &mut |_| {});
    }
}
