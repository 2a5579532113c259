//! What is read from a snapshot is the state that it was taken of, whatever happened before.

use std::{collections::BTreeSet, net::Ipv4Addr};

use event::{
    Event, EventBuilder, EventType, ParamType,
    batch::Batch,
    schema::EventFlags,
    snapshot::{FdEntry, FdKind, FdTarget, Interface, L4Proto, Machine, Record, ThreadEntry, User},
    syscalls::*,
};
use proptest::prelude::*;

use crate::{Limits, State, Thread, users::Users};

/// Everything that a thread is, but for keys, which become the ids of what they name. A field that
/// is added to threads has to be named here, and carried.
fn thread_facts(state: &State, thread: &Thread) -> String {
    let Thread {
        tid,
        pid,
        ptid,
        reaper_tid,
        sid,
        vtid,
        vpid,
        vpgid,
        pgid,
        comm,
        exe,
        exepath,
        args,
        env,
        cgroups,
        cwd,
        root,
        flags,
        fd_limit,
        uid,
        gid,
        loginuid,
        tty,
        cap_permitted,
        cap_effective,
        cap_inheritable,
        exe_writable,
        exe_upper_layer,
        exe_lower_layer,
        exe_from_memfd,
        exe_ino,
        exe_ino_ctime_ns,
        exe_ino_mtime_ns,
        exe_ino_ctime_duration_clone_ns,
        exe_ino_ctime_duration_pidns_start_ns,
        vmsize_kb,
        vmrss_kb,
        vmswap_kb,
        pfmajor,
        pfminor,
        pidns_init_start_ts_ns,
        clone_ts_ns,
        lastexec_ts_ns,
        lastevent_ts_ns,
        prevevent_ts_ns,
        lastevent_type,
        lastevent_fd,
        children,
        run_time_ns,
        cpu_ticks,
        fds,
        container_id,
        lastaccess_ts_ns,
        kids,
        kids_left: _,
        group: _,
        enter,
        enter_valid,
    } = thread;
    let ids = [tid, pid, ptid, reaper_tid, sid, vtid, vpid, vpgid, pgid, fd_limit, lastevent_fd];
    let numbers = [uid, gid, loginuid, tty, vmsize_kb, vmrss_kb, vmswap_kb];
    let texts = [comm, exe, exepath, args, env, cgroups, cwd, root, container_id]
        .map(|text| String::from_utf8_lossy(text).into_owned());
    let bits = [exe_writable, exe_upper_layer, exe_lower_layer, exe_from_memfd, enter_valid];
    let longs = [
        cap_permitted,
        cap_effective,
        cap_inheritable,
        exe_ino,
        exe_ino_ctime_ns,
        exe_ino_mtime_ns,
        exe_ino_ctime_duration_clone_ns,
        exe_ino_ctime_duration_pidns_start_ns,
        pfmajor,
        pfminor,
        pidns_init_start_ts_ns,
        clone_ts_ns,
        lastexec_ts_ns,
        lastevent_ts_ns,
        prevevent_ts_ns,
        lastaccess_ts_ns,
        children,
        run_time_ns,
    ];
    let kids: BTreeSet<i64> =
        kids.iter().filter_map(|&kid| state.threads.get(kid)).map(|kid| kid.tid).collect();
    let enter = enter.as_deref();
    let fds = fds.sorted();
    format!(
        "{ids:?} {numbers:?} {texts:?} {flags:?} {bits:?} {longs:?} {lastevent_type} \
         {cpu_ticks:?} {kids:?} {enter:?} {fds:?}"
    )
}

/// Everything known that later events can bring to light.
fn facts(state: &State) -> Vec<String> {
    let mut threads: Vec<&Thread> = state.threads.iter().collect();
    threads.sort_unstable_by_key(|thread| thread.tid);
    let mut containers: Vec<_> = state.containers.in_order().collect();
    containers.sort_unstable_by(|a, b| a.0.id.cmp(&b.0.id));
    let mut facts: Vec<String> =
        threads.into_iter().map(|thread| thread_facts(state, thread)).collect();
    facts.push(format!("{:?}", state.threads.group_facts()));
    facts.push(format!("{:?}", state.exits.iter().collect::<Vec<_>>()));
    facts.push(format!("{:?}", state.cpu.switches().collect::<Vec<_>>()));
    facts.push(format!("{:?}", state.users.beyond(&Users::default())));
    facts.push(format!("{containers:?}"));
    facts.push(format!("{:?} {:?} {:?}", state.machine, state.interfaces, state.counters()));
    facts
}

/// Both states know the same; says the first thing that they do not.
fn check_same(copy: &State, original: &State) -> Result<(), TestCaseError> {
    let (copy, original) = (facts(copy), facts(original));
    for (copy, original) in copy.iter().zip(&original) {
        check_equal(copy, original)?;
    }
    prop_assert_eq!(copy.len(), original.len());
    Ok(())
}

fn check_equal(copy: &str, original: &str) -> Result<(), TestCaseError> {
    let at = copy.bytes().zip(original.bytes()).position(|(a, b)| a != b);
    let Some(at) = at.or((copy.len() != original.len()).then_some(0)) else { return Ok(()) };
    let around = |text: &str| {
        let bytes = text.as_bytes();
        let from = at.saturating_sub(200);
        String::from_utf8_lossy(&bytes[from..(at + 80).min(bytes.len())]).into_owned()
    };
    Err(TestCaseError::fail(format!("copy: {}\n\noriginal: {}", around(copy), around(original))))
}

/// A state that read what the snapshot of another handed out. Events went through memory, as they
/// go through a file.
fn read_back(state: &mut State, ts_ns: u64) -> State {
    let mut copy = State::new(Limits::default());
    state.snapshot(ts_ns, &mut |record| match record {
        Record::Event(event) => {
            assert_eq!((event.ts_ns, event.tid), (ts_ns, -1));
            copy.event(event);
        }
        entry => copy.record(&entry),
    });
    copy
}

/// A machine with processes of several threads, a server, users and an address.
fn begin(state: &mut State) {
    let entry = |tid, pid, ptid| ThreadEntry {
        tid,
        pid,
        ptid,
        vtid: tid,
        vpid: pid,
        comm: b"sh",
        exepath: b"/bin/sh",
        cwd: b"/srv",
        args: b"-c\0",
        env: b"A=1\0",
        cgroups: b"cpu=/lxc/web\0",
        fd_limit: 1024,
        ..ThreadEntry::default()
    };
    let own = Ipv4Addr::new(10, 0, 0, 1);
    let l4 = L4Proto::Tcp;
    state.record(&Record::Machine(Machine { cpus: 2, boot_ts_ns: 5, ..Machine::default() }));
    state.record(&Record::Interface(Interface::V4 {
        name: b"eth0",
        address: own,
        netmask: own,
        broadcast: own,
        speed: 1,
    }));
    let long = [b'h'; 600];
    state.record(&Record::User(User { uid: 3, gid: 4, name: b"ann", home: &long, shell: b"" }));
    for (tid, pid, ptid) in [(1, 1, 0), (2, 2, 1), (3, 2, 1), (9, 5, 2), (5, 5, 2), (8, 8, 77)] {
        let flags = if tid == pid { 0 } else { 1 };
        let thread = ThreadEntry { flags, ..entry(tid, pid, ptid) };
        state.record(&Record::Thread(thread));
    }
    for (fd, target) in [
        (0, FdTarget::Named(FdKind::Fifo, b"pipe:[1]")),
        (1, FdTarget::File { open_flags: 1, name: b"/etc/x", dev: 3 }),
        (3, FdTarget::Ipv4Server { ip: own, port: 80, l4 }),
        (4, FdTarget::Ipv4 { sip: own, dip: own, sport: 80, dport: 9, l4 }),
        (6, FdTarget::Unix { source: 1, destination: 2, name: b"" }),
    ] {
        for tid in [1, 2, 5] {
            state.record(&Record::Fd(tid, FdEntry { fd, ino: 7, target }));
        }
    }
}

/// A type, a thread, and numbers from which parameters are made.
type Happening = (u16, i64, Vec<(u8, i64)>);

fn any_event() -> impl Strategy<Value = Happening> {
    // A reader of captures hands none of the old types on.
    let is_old = |kind: &EventType| kind.info().flags.contains(EventFlags::OLD_VERSION);
    let of_today: Vec<u16> =
        EventType::all().filter(|kind| !is_old(kind)).map(EventType::number).collect();
    // Those that do most to threads and fds come more often.
    let often: Vec<u16> = [
        OPEN_E,
        OPEN_X,
        CLOSE_X,
        READ_X,
        WRITE_X,
        SOCKET_SOCKET_X,
        SOCKET_BIND_X,
        SOCKET_CONNECT_E,
        SOCKET_CONNECT_X,
        SOCKET_ACCEPT_5_X,
        PIPE_X,
        DUP_1_X,
        CHDIR_X,
        CLONE_20_X,
        VFORK_20_X,
        EXECVE_19_E,
        EXECVE_19_X,
        PROCEXIT_1_E,
        PRCTL_X,
        SCHEDSWITCH_6_E,
        PROCINFO_E,
        OPENAT_2_X,
        CONTAINER_JSON_2_E,
        ASYNCEVENT_E,
        USER_ADDED_E,
        GROUP_ADDED_E,
        MEMFD_CREATE_X,
        PIDFD_OPEN_X,
        PIDFD_GETFD_X,
        SETSID_X,
        SETUID_X,
        SOCKET_SENDTO_X,
        SOCKET_RECVFROM_X,
    ]
    .map(EventType::number)
    .to_vec();
    let kind = prop_oneof![
        2 => prop::sample::select(of_today),
        3 => prop::sample::select(often),
    ];
    let tid = prop_oneof![8 => 0..12i64, 1 => any::<i64>()];
    let number = prop_oneof![8 => -2..12i64, 1 => Just(i64::MAX), 1 => any::<i64>()];
    (kind, tid, prop::collection::vec((any::<u8>(), number), 0..32))
}

fn parameter(builder: &mut EventBuilder, ty: ParamType, choice: u8, number: i64) {
    let bytes = number.to_le_bytes();
    let pick = usize::from(choice >> 4);
    match (choice % 16, ty) {
        (0, _) => builder.null(),
        (1, _) => builder.raw(&bytes[..pick % 8]),
        (_, ParamType::CharBuf | ParamType::FsPath | ParamType::FsRelPath) => {
            let json = r#"{"container":{"id":"web","name":"n","labels":{"a":"b"},"more":1}}"#;
            builder.text(
                [&"n".repeat(2000), "a", "../b", "/c/d (deleted)", "container", json][pick % 6],
            )
        }
        (_, ParamType::SockAddr | ParamType::SockTuple) => {
            let family = [1, 2, 10, 16][pick % 4];
            builder
                .raw(&[&[family], &bytes[..], &bytes[..], &bytes[..], &bytes[..], &[0; 5]].concat())
        }
        (_, ParamType::ByteBuf) => builder.raw(b"cpu=/lxc/web\0a=\0"),
        _ => match ty.integer() {
            Some((width, _)) => builder.raw(&bytes[..usize::from(width)]),
            None => builder.raw(&bytes),
        },
    };
}

fn build<'b>(builder: &'b mut EventBuilder, happening: &Happening, ts_ns: u64) -> Event<'b> {
    let (kind, tid, params) = happening;
    let kind = EventType::new(*kind).unwrap();
    builder.start(kind, ts_ns, *tid, (*tid as u16) % 4);
    for (info, (choice, number)) in kind.info().params.iter().zip(params) {
        parameter(builder, info.ty, *choice, *number);
    }
    builder.event().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_state_reads_back_and_goes_on_as_it_was(
        before in prop::collection::vec(any_event(), 0..200),
        after in prop::collection::vec(any_event(), 0..100),
        step_ns in prop::sample::select(vec![1u64, 1_000_000, 1_500_000_000]),
    ) {
        let mut state = State::new(Limits::default());
        begin(&mut state);
        let mut builder = EventBuilder::default();
        let mut now_ns = 1_000_000_000_000;
        for happening in &before {
            now_ns += step_ns;
            state.event(build(&mut builder, happening, now_ns));
        }
        now_ns += step_ns;
        let mut copy = read_back(&mut state, now_ns);
        check_same(&copy, &state)?;
        let told_all = |state: &mut State| {
            let mut records = Vec::new();
            state.snapshot(now_ns, &mut |record| records.push(format!("{record:?}")));
            records
        };
        check_equal(&told_all(&mut copy).concat(), &told_all(&mut state).concat())?;
        let mut clone = state.clone();
        check_same(&clone, &state)?;
        for happening in &after {
            let event = build(&mut builder, happening, now_ns);
            let seen = |state: &mut State| {
                let context = state.event(event);
                let thread = context.thread.map(|thread| thread_facts(context.state, thread));
                format!("{thread:?} {:?} {:?}", context.fd, context.audience)
            };
            let want = seen(&mut state);
            // Notices before all other events are of the snapshot in all of them or in none.
            check_equal(&seen(&mut copy), &want)?;
            check_equal(&seen(&mut clone), &want)?;
            now_ns += step_ns;
        }
        check_same(&copy, &state)?;
        check_same(&clone, &state)?;
    }

    #[test]
    fn no_notice_panics_or_breaks_the_limits(
        before in prop::collection::vec(any_event(), 0..60),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut state = State::new(Limits::default());
        begin(&mut state);
        let mut builder = EventBuilder::default();
        for (at, happening) in before.iter().enumerate() {
            state.event(build(&mut builder, happening, at as u64));
        }
        let limits = Limits { threads: 8, fds_per_process: 3, fds: 16, ..Limits::default() };
        let mut copy = State::new(limits);
        begin(&mut copy);
        let mut notices = Batch::default();
        state.snapshot(1_000, &mut |record| {
            if let Record::Event(event) = record {
                notices.push(&event);
            }
        });
        let mut at = 0;
        while let Some(event) = notices.next(&mut at) {
            if event.kind != ASYNCEVENT_E {
                continue;
            }
            let mut data = event.bytes(2).unwrap().to_vec();
            for (place, byte) in &changes {
                let place = place.index(data.len() - 1) + 1;
                data[place] = *byte;
            }
            data.extend(&noise);
            builder.start(ASYNCEVENT_E, 1_000, -1, 0).u32(0).text("watchkeeper.state").raw(&data);
            copy.event(builder.event().unwrap());
        }
        for happening in &before {
            copy.event(build(&mut builder, happening, 2_000));
        }
        prop_assert!(copy.threads.len() <= 8);
        prop_assert!(copy.threads.iter().all(|thread| thread.fds.len() <= 3));
        copy.snapshot(3_000, &mut |_| {});
    }
}

#[test]
fn a_state_that_saw_no_event_tells_nothing_of_its_own() {
    let mut state = State::new(Limits::default());
    begin(&mut state);
    let mut copy = State::new(Limits::default());
    let mut names = Vec::new();
    state.snapshot(9, &mut |record| match record {
        Record::Event(event) => {
            names.push(event.info().name);
            copy.event(event);
        }
        entry => copy.record(&entry),
    });
    assert_eq!(names, ["useradded"], "a home too long for an entry");
    assert_eq!(facts(&copy), facts(&state));
    let fd = copy.fd(copy.thread(2).unwrap(), 4).unwrap();
    assert_eq!(&*fd.name, b"10.0.0.1:9->10.0.0.1:80", "the client first, also in the copy");
    assert!(!copy.past_notices, "notices that follow belong to the snapshot still");
}
