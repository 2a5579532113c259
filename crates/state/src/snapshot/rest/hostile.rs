//! Notices that are made to cost more than they may, and states that are hard to tell.

use event::{
    EventBuilder,
    snapshot::Record,
    syscalls::{ASYNCEVENT_E, GETUID_X},
};

use super::{
    FD, FORGOTTEN, GROUP, MOST_RECORD_BYTES, NAME, NOTICE_BYTES, Notices, THREAD, VERSION,
    wire::{MOST_TEXT_BYTES, Write},
};
use crate::{Fd, Limits, State, Text, Thread};

const TS_NS: u64 = 1_000;

/// Gives `state` a notice of these records.
fn tell(state: &mut State, records: &[(u8, Vec<u8>)]) {
    let mut data = vec![VERSION];
    for (kind, body) in records {
        data.push(*kind);
        data.text(body);
    }
    let mut builder = EventBuilder::default();
    builder.start(ASYNCEVENT_E, TS_NS, -1, 0).u32(0).text(NAME).raw(&data);
    state.event(builder.event().unwrap());
}

fn long(tid: i64) -> Text {
    [&tid.to_le_bytes()[..], &vec![b'x'; 3 * MOST_TEXT_BYTES]].concat().into()
}

fn thread(tid: i64) -> Thread {
    let text = long(tid);
    let [comm, exe, container_id] = [(); 3].map(|()| text.clone());
    Thread { comm, exe, container_id, ..Thread::unknown(tid) }
}

/// A record of a thread with all that differs from one of which nothing is known, texts uncut.
fn thread_record(thread: &Thread, texts: [&[u8]; 3]) -> (u8, Vec<u8>) {
    let plain = Thread {
        comm: Text::default(),
        exe: Text::default(),
        container_id: Text::default(),
        ..thread.clone()
    };
    let mut body = Vec::new();
    super::thread::write(thread, &plain, None, TS_NS, &mut body);
    let fields: usize = 3 * (3 + MOST_TEXT_BYTES);
    body.truncate(body.len() - fields);
    texts.iter().for_each(|text| body.text(text));
    (THREAD, body)
}

#[test]
fn texts_that_are_read_are_cut() {
    let mut state = State::new(Limits::default());
    let told = thread(5);
    let texts = [&told.comm, &told.exe, &told.container_id].map(|text| &**text);
    let mut fd = vec![];
    fd.signed(5);
    fd.signed(3);
    fd.number(1 << 9 | 1 << 10 | 1 << 11);
    fd.text(&long(1));
    for at in 0..2 {
        fd.push(2);
        fd.text(&long(at));
    }
    tell(&mut state, &[thread_record(&told, texts), (FD, fd)]);
    let thread = state.thread(5).unwrap();
    let Fd { name, old_name, name_raw, .. } = thread.fds.get(&3).unwrap();
    let texts = [&thread.comm, &thread.exe, &thread.container_id, name, old_name, name_raw];
    assert_eq!(texts.map(|text| text.len()), [MOST_TEXT_BYTES; 6]);
}

#[test]
fn names_of_threads_count_as_texts() {
    let limits = Limits { text_bytes: 1 << 20, ..Limits::default() };
    let mut state = State::new(limits);
    for tid in 1..200 {
        let told = thread(tid);
        let texts = [&told.comm, &told.exe, &told.container_id].map(|text| &**text);
        tell(&mut state, &[thread_record(&told, texts)]);
    }
    assert!(state.counters().threads_evicted > 0);
    assert!(state.approx_bytes() < 3 << 20, "{}", state.approx_bytes());
}

#[test]
fn fds_told_again_with_longer_names_count() {
    let mut state = State::new(Limits { fds: 1024, ..Limits::default() });
    tell(&mut state, &[(THREAD, vec![10, 0])]);
    for name in [&b"x"[..], &[b'x'; 8000]] {
        for num in 0..200 {
            let mut fd = vec![];
            fd.signed(5);
            fd.signed(num);
            fd.number(1 << 9);
            fd.text(name);
            tell(&mut state, &[(FD, fd)]);
        }
    }
    assert!(state.counters().fds_evicted > 0);
}

#[test]
fn processes_without_threads_have_a_limit() {
    // Of no thread, of one that is not known, of one that goes from each to the next.
    for members in [&[][..], &[7], &[5]] {
        let mut state = State::new(Limits::default());
        tell(&mut state, &[(THREAD, vec![10, 0])]);
        let groups = (0..70_000i64).map(|pid| {
            let mut body = vec![1];
            body.signed(1000 + pid);
            body.number(1);
            members.iter().for_each(|&tid| body.signed(tid));
            (GROUP, body)
        });
        tell(&mut state, &groups.collect::<Vec<_>>());
        let groups = state.threads.group_facts().len();
        assert!((65_536..=65_538).contains(&groups), "{members:?}: {groups}");
    }
}

#[test]
fn holders_are_bounded_and_go_with_the_notices() {
    let mut state = State::new(Limits { threads: 8, ..Limits::default() });
    let before = state.approx_bytes();
    let records = (1..1000).map(|tid| {
        let mut body = vec![];
        super::thread::write(
            &Thread::unknown(tid),
            &Thread::unknown(tid),
            Some(Some(1)),
            TS_NS,
            &mut body,
        );
        (THREAD, body)
    });
    tell(&mut state, &records.collect::<Vec<_>>());
    assert_eq!(state.holders.len(), 16);
    let threads = state.threads.len() * (size_of::<Thread>() + 128);
    assert!(state.approx_bytes() >= before + threads + 16 * size_of::<(i64, Option<i64>)>());
    let mut builder = EventBuilder::default();
    builder.start(GETUID_X, TS_NS, 1, 0).u32(0);
    state.event(builder.event().unwrap());
    assert_eq!(state.holders.capacity(), 0);
}

#[test]
fn counts_of_what_was_forgotten_do_not_overflow() {
    let limits =
        Limits { threads: 1, fds: 1, fds_per_process: 2, containers: 1, ..Limits::default() };
    let mut state = State::new(limits);
    let mut counts = vec![];
    (0..3).for_each(|_| counts.number(u64::MAX));
    let mut records = vec![(FORGOTTEN, counts)];
    for tid in 0..4 {
        records.push((THREAD, vec![tid * 2, 0]));
        records.extend((0..4).map(|num| (FD, vec![tid * 2, num * 2, 0])));
    }
    tell(&mut state, &records);
    let mut builder = EventBuilder::default();
    for id in ["a", "b", "c"] {
        let json = format!(r#"{{"container":{{"id":"{id}","name":"n"}}}}"#);
        builder.start(event::syscalls::CONTAINER_JSON_2_E, TS_NS, -1, 0).text(json);
        state.event(builder.event().unwrap());
    }
    let counters = state.counters();
    let counts = [counters.threads_evicted, counters.fds_evicted, counters.containers_evicted];
    assert_eq!(counts, [u64::MAX; 3]);
}

#[test]
fn no_notice_is_too_large_for_a_recording() {
    let mut state = State::new(Limits::default());
    state.end_snapshot();
    for tid in 0..20 {
        let args = vec![b'x'; 4 << 20].into();
        state.threads.add(Thread { args, env: long(tid), ..thread(tid) });
    }
    let mut copy = State::new(Limits::default());
    let mut largest = 0;
    state.snapshot(TS_NS, &mut |record| match record {
        Record::Event(event) => {
            largest = largest.max(event.bytes(2).map_or(0, <[u8]>::len));
            copy.event(event);
        }
        entry => copy.record(&entry),
    });
    assert!(largest < 9 * MOST_TEXT_BYTES + 8192, "{largest}");
    let args: Vec<_> = (0..20).map(|tid| copy.thread(tid).unwrap().args.len()).collect();
    assert_eq!(args, [MOST_TEXT_BYTES; 20]);
}

#[test]
fn notices_are_full_but_not_over_and_what_none_takes_is_counted() {
    let mut sizes = Vec::new();
    let mut out = |record: Record<'_>| {
        if let Record::Event(event) = record {
            sizes.push(event.bytes(2).map_or(0, <[u8]>::len));
        }
    };
    let mut notices = Notices::new(TS_NS, &mut out);
    for bytes in [200_000, 62_000, 200_000, MOST_RECORD_BYTES + 1, MOST_RECORD_BYTES] {
        notices.body.resize(bytes, 0);
        notices.record(FD);
    }
    notices.hand_out();
    assert_eq!(notices.lost, 1);
    assert_eq!(sizes.len(), 3);
    assert!(sizes[..2].iter().all(|&size| size <= NOTICE_BYTES), "{sizes:?}");
    // What was lost is told as forgotten.
    let mut copy = State::new(Limits::default());
    let mut out = |record: Record<'_>| {
        if let Record::Event(event) = record {
            copy.event(event);
        }
    };
    let mut notices = Notices::new(TS_NS, &mut out);
    notices.lost = 3;
    let state = State::new(Limits::default());
    state.tell_forgotten(&State::new(Limits::default()), &mut notices);
    notices.hand_out();
    assert_eq!(copy.counters().threads_evicted, 3);
}
