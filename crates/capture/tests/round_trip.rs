//! What was written reads back as the same records.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    cell::RefCell,
    fs::File,
    io::{self, Write},
    path::Path,
    rc::Rc,
};

use capture::{
    Record, Source,
    file::{Compression, Reader, Writer},
};
use event::{EventBuilder, EventType, snapshot::*};
use proptest::{collection::vec, prelude::*};

const COMPRESSIONS: [Compression; 3] = [Compression::None, Compression::Gzip, Compression::Zstd];

#[test]
fn every_capture_reads_back_as_it_was_written() {
    for (index, case) in testkit::cases().iter().enumerate() {
        rewrite_and_compare(&case.capture, COMPRESSIONS[index % 3]);
    }
}

fn rewrite_and_compare(capture: &Path, compression: Compression) {
    let open = || Reader::new(File::open(capture).expect("a capture")).expect("opens");
    let mut writer = Writer::new(Vec::new(), compression).expect("memory");
    let mut reader = open();
    while let Some(record) = reader.next().expect("an undamaged capture") {
        writer.write(&record).expect("memory");
    }
    assert_eq!(writer.shortened(), 0, "{}", capture.display());
    let written = writer.finish().expect("memory");

    let mut first = open();
    let mut second = Reader::new(&written[..]).expect("opens");
    assert_eq!(second.compression(), compression);
    loop {
        let (a, b) = (first.next().expect("undamaged"), second.next().expect("as written"));
        assert_eq!(a, b, "{}", capture.display());
        if a.is_none() {
            break;
        }
    }
    assert_eq!(second.stats().conversions.converted, 0, "what is written is of the current schema");
}

#[test]
fn strings_that_other_readers_refuse_are_cut_and_counted() {
    let long = [b'x'; 5000];
    let machine = |hostname| {
        Record::Machine(Machine {
            cpus: 1,
            memory_bytes: 2,
            max_pid: 3,
            hostname,
            boot_ts_ns: 4,
            flags: 5,
        })
    };
    let thread = |args, cwd| Record::Thread(ThreadEntry { args, cwd, ..ThreadEntry::default() });
    let group = |name| Record::Group(Group { gid: 1, name });
    let cases = [
        (machine(&long[..127]), machine(&long[..127]), 0),
        (machine(&long[..128]), machine(&long[..127]), 1),
        (thread(&long[..4096], &long[..1023]), thread(&long[..4096], &long[..1023]), 0),
        (thread(&long, &long), thread(&long[..4096], &long[..1023]), 2),
        (group(&long[..256]), group(&long[..255]), 1),
    ];
    for (written, read, shortened) in cases {
        let mut writer = Writer::new(Vec::new(), Compression::None).expect("memory");
        writer.write(&written).expect("memory");
        assert_eq!(writer.shortened(), shortened, "{read:?}");
        let file = writer.finish().expect("memory");
        let mut reader = Reader::new(&file[..]).expect("opens");
        assert_eq!(reader.next().expect("as written"), Some(read));
    }
}

#[test]
fn after_a_flush_everything_so_far_can_be_read_and_writing_goes_on() {
    let thread = Record::Thread(ThreadEntry { tid: 7, comm: b"sh", ..ThreadEntry::default() });
    let fd = Record::Fd(7, FdEntry { fd: 3, ino: 1, target: target(7, b"pipe", [0; 16], 0) });
    for compression in COMPRESSIONS {
        let kept = Kept::default();
        let mut writer = Writer::new(kept.clone(), compression).expect("memory");
        for so_far in [vec![thread], vec![thread, fd], vec![thread, fd, fd]] {
            writer.write(so_far.last().expect("one")).expect("memory");
            writer.flush().expect("memory");
            assert_eq!(readable(&kept.0.borrow()), so_far.len(), "{compression}");
        }
        writer.finish().expect("memory");
        assert_eq!(readable(&kept.0.borrow()), 3, "{compression}");
    }
}

/// Bytes that can be looked at while they are being written.
#[derive(Clone, Debug, Default)]
struct Kept(Rc<RefCell<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Records up to the end, or to where a compressor has not ended yet.
fn readable(bytes: &[u8]) -> usize {
    let mut reader = Reader::new(bytes).expect("opens");
    let mut count = 0;
    while let Ok(Some(_)) = reader.next() {
        count += 1;
    }
    count
}

/// A record that owns its bytes.
#[derive(Clone, Debug)]
enum Owned {
    Section,
    Machine(Vec<u8>, u64),
    Thread(Vec<Vec<u8>>, Vec<u64>, Vec<bool>),
    Fd(i64, u64, u8, Vec<u8>, [u8; 16]),
    Interface(bool, Vec<u8>, [u8; 16]),
    User(u32, Vec<Vec<u8>>),
    Group(u32, Vec<u8>),
    Event(u16, Vec<Vec<u8>>, u64, bool),
}

fn owned() -> impl Strategy<Value = Owned> {
    let text = || vec(any::<u8>(), 0..60);
    prop_oneof![
        1 => Just(Owned::Section),
        1 => (vec(1u8.., 0..128), any::<u64>()).prop_map(|(a, b)| Owned::Machine(a, b)),
        4 => (vec(text(), 8), vec(any::<u64>(), 27), vec(any::<bool>(), 4))
            .prop_map(|(a, b, c)| Owned::Thread(a, b, c)),
        4 => (any::<i64>(), any::<u64>(), 0u8..22, text(), any::<[u8; 16]>())
            .prop_map(|(a, b, c, d, e)| Owned::Fd(a % 3, b, c, d, e)),
        2 => (any::<bool>(), text(), any::<[u8; 16]>())
            .prop_map(|(a, b, c)| Owned::Interface(a, b, c)),
        2 => (any::<u32>(), vec(text(), 3)).prop_map(|(a, b)| Owned::User(a, b)),
        2 => (any::<u32>(), text()).prop_map(|(a, b)| Owned::Group(a, b)),
        4 => (0u16..454, vec(vec(any::<u8>(), 0..300), 32), any::<u64>(), any::<bool>())
            .prop_map(|(a, b, c, d)| Owned::Event(a, b, c, d)),
    ]
}

/// Calls `then` with the record, unless it is an event that a reader rewrites or drops.
fn with_record(owned: &Owned, builder: &mut EventBuilder, then: &mut dyn FnMut(Record<'_>)) {
    let mut state_only_event = false;
    let record = match owned {
        Owned::Section => Record::Section,
        Owned::Machine(hostname, n) => Record::Machine(Machine {
            cpus: *n as u32,
            memory_bytes: n.rotate_left(7),
            max_pid: n.rotate_left(17),
            hostname,
            boot_ts_ns: *n,
            flags: n.rotate_left(27),
        }),
        Owned::Thread(texts, numbers, bits) => Record::Thread(thread(texts, numbers, bits)),
        Owned::Fd(tid, n, kind, name, address) => {
            let target = target(*kind, name, *address, *n);
            Record::Fd(*tid, FdEntry { fd: *n as i64, ino: n.rotate_left(9), target })
        }
        Owned::Interface(v4, name, address) => Record::Interface(interface(*v4, name, *address)),
        Owned::User(id, texts) => Record::User(User {
            uid: *id,
            gid: id.rotate_left(3),
            name: &texts[0],
            home: &texts[1],
            shell: &texts[2],
        }),
        Owned::Group(gid, name) => Record::Group(Group { gid: *gid, name }),
        Owned::Event(kind, params, n, state_only) => {
            let kind = EventType::new(*kind).expect("below 454");
            builder.start(kind, *n, n.rotate_left(13) as i64, *n as u16);
            for (_, bytes) in kind.info().params.iter().zip(params) {
                builder.raw(bytes);
            }
            state_only_event = *state_only;
            Record::Event(builder.event().expect("short parameters"))
        }
    };
    if let Record::Event(mut event) = record {
        use event::schema::EventFlags as F;
        let flags = event.info().flags;
        if flags.intersects(F::UNUSED | F::OLD_VERSION)
            || event.kind.is_enter() && flags.contains(F::CONVERTER_MANAGED)
        {
            return;
        }
        event.state_only = state_only_event;
        return then(Record::Event(event));
    }
    then(record);
}

fn thread<'a>(texts: &'a [Vec<u8>], n: &[u64], bits: &[bool]) -> ThreadEntry<'a> {
    ThreadEntry {
        tid: n[0] as i64,
        pid: n[1] as i64,
        ptid: n[2] as i64,
        sid: n[3] as i64,
        vpgid: n[4] as i64,
        pgid: n[5] as i64,
        vtid: n[6] as i64,
        vpid: n[7] as i64,
        comm: &texts[0],
        exe: &texts[1],
        exepath: &texts[2],
        args: &texts[3],
        cwd: &texts[4],
        root: &texts[5],
        env: &texts[6],
        cgroups: &texts[7],
        fd_limit: n[8] as i64,
        flags: n[9] as u32,
        uid: n[10] as u32,
        gid: n[11] as u32,
        vmsize_kb: n[12] as u32,
        vmrss_kb: n[13] as u32,
        vmswap_kb: n[14] as u32,
        pfmajor: n[15],
        pfminor: n[16],
        pidns_init_start_ts_ns: n[17],
        tty: n[18] as u32,
        loginuid: n[19] as u32,
        exe_writable: bits[0],
        exe_upper_layer: bits[1],
        exe_lower_layer: bits[2],
        exe_from_memfd: bits[3],
        cap_inheritable: n[20],
        cap_permitted: n[21],
        cap_effective: n[22],
        exe_ino: n[23],
        exe_ino_ctime_ns: n[24],
        exe_ino_mtime_ns: n[25],
    }
}

fn target(kind: u8, name: &[u8], address: [u8; 16], n: u64) -> FdTarget<'_> {
    let (sip, l4) = (address.into(), L4Proto::Udp);
    let ip = [address[0], address[1], address[2], address[3]].into();
    let (sport, dport) = (n as u16, (n >> 16) as u16);
    match kind {
        3 => FdTarget::Ipv4 { sip: ip, dip: ip, sport, dport, l4: L4Proto::Tcp },
        4 => FdTarget::Ipv6 { sip, dip: sip, sport, dport, l4 },
        5 => FdTarget::Ipv4Server { ip, port: sport, l4: L4Proto::Raw },
        6 => FdTarget::Ipv6Server { ip: sip, port: dport, l4: L4Proto::Icmp },
        8 => FdTarget::Unix { source: n, destination: !n, name },
        16 => FdTarget::File { open_flags: n as u32, name, dev: (n >> 32) as u32 },
        0 => FdTarget::Named(FdKind::Unknown, b""),
        1 => FdTarget::Named(FdKind::File, name),
        7 => FdTarget::Named(FdKind::Fifo, name),
        20 => FdTarget::Named(FdKind::Memfd, name),
        21 => FdTarget::Named(FdKind::PidFd, name),
        _ => FdTarget::Named(FdKind::EventPoll, name),
    }
}

fn interface(v4: bool, name: &[u8], a: [u8; 16]) -> Interface<'_> {
    if v4 {
        let address = [a[0], a[1], a[2], a[3]].into();
        let netmask = [a[4], a[5], a[6], a[7]].into();
        let broadcast = [a[8], a[9], a[10], a[11]].into();
        Interface::V4 { name, address, netmask, broadcast, speed: u64::from(a[12]) }
    } else {
        let address = a.into();
        Interface::V6 { name, address, netmask: address, broadcast: address, speed: 7 }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_records_read_back_as_they_were_written(
        records in vec(owned(), 0..30),
        compression in 0usize..3,
    ) {
        let mut builder = EventBuilder::default();
        let mut writer = Writer::new(Vec::new(), COMPRESSIONS[compression]).expect("memory");
        for record in &records {
            with_record(record, &mut builder, &mut |it| writer.write(&it).expect("memory"));
        }
        let written = writer.finish().expect("memory");
        let mut reader = Reader::new(&written[..]).expect("opens");
        for record in &records {
            with_record(record, &mut builder, &mut |expected| {
                assert_eq!(reader.next().expect("as written"), Some(expected));
            });
        }
        prop_assert_eq!(reader.next().expect("as written"), None);
    }
}
