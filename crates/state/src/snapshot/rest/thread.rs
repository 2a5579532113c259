//! What a thread is, where its entry does not say it.
//!
//! A record is the thread's id, a set of bits that says which fields follow, and these in order:
//! times relative to the notice's, numbers, texts, and what stands under the bits below.

use super::wire::{Number, Read, Write, cut};
use crate::{
    CloneFlags, CpuTicks, Text, Thread,
    text::Pool,
    thread::{Enter, MOST_ENTER_BYTES},
};

/// CPU time at the last `procinfo` event follows: user, system.
const CPU_TICKS: u64 = 1 << 61;
/// The syscall that it is in follows: type, directory, flags, path or address.
const ENTER: u64 = 1 << 62;
/// Whose child it is counted as follows, where that is not its parent: 0 for nobody's, or a bit that
/// is set and then the id.
const HOLDER: u64 = 1 << 63;

impl Number for CloneFlags {
    fn to_u64(self) -> u64 {
        self.bits().into()
    }

    fn of_u64(value: u64) -> Self {
        Self::from_bits_retain(value as u32)
    }
}

/// The fields, those first that differ most often: bits of them take the least room.
macro_rules! fields {
    (times: $($time:ident)*; numbers: $($number:ident)*; texts: $($text:ident)*;) => {
        const TIMES: usize = [$(stringify!($time)),*].len();
        const NUMBERS: usize = [$(stringify!($number)),*].len();

        fn times(thread: &Thread) -> [u64; TIMES] {
            [$(thread.$time),*]
        }

        fn times_mut(thread: &mut Thread) -> [&mut u64; TIMES] {
            [$(&mut thread.$time),*]
        }

        fn numbers(thread: &Thread) -> [u64; NUMBERS] {
            [$(thread.$number.to_u64()),*]
        }

        fn set_numbers(thread: &mut Thread, values: [u64; NUMBERS]) {
            let [$($number),*] = values;
            $(thread.$number = Number::of_u64($number);)*
        }

        fn texts(thread: &Thread) -> [&Text; [$(stringify!($text)),*].len()] {
            [$(&thread.$text),*]
        }

        fn texts_mut(thread: &mut Thread) -> [&mut Text; [$(stringify!($text)),*].len()] {
            [$(&mut thread.$text),*]
        }
    };
}

fields! {
    times: lastevent_ts_ns prevevent_ts_ns lastaccess_ts_ns clone_ts_ns lastexec_ts_ns;
    numbers: lastevent_type lastevent_fd flags children enter_valid reaper_tid run_time_ns
        exe_ino_ctime_duration_clone_ns exe_ino_ctime_duration_pidns_start_ns
        pid ptid sid vtid vpid vpgid pgid fd_limit uid gid loginuid tty
        cap_permitted cap_effective cap_inheritable
        exe_writable exe_upper_layer exe_lower_layer exe_from_memfd
        exe_ino exe_ino_ctime_ns exe_ino_mtime_ns vmsize_kb vmrss_kb vmswap_kb pfmajor pfminor
        pidns_init_start_ts_ns;
    texts: comm exe exepath args env cgroups cwd root container_id;
}

/// Whose child a thread is counted as.
pub(super) type Holder = Option<i64>;

/// Appends what `thread` has otherwise than `read`, and `holder` if that is known otherwise. Returns
/// whether there is anything.
pub(super) fn write(
    thread: &Thread,
    read: &Thread,
    holder: Option<Holder>,
    ts_ns: u64,
    out: &mut Vec<u8>,
) -> bool {
    let start = out.len();
    let mut bits = Bits::default();
    let mut fields = Vec::new();
    for (now, then) in times(thread).into_iter().zip(times(read)) {
        bits.differ(now != then, || fields.signed(now.wrapping_sub(ts_ns) as i64));
    }
    for (now, then) in numbers(thread).into_iter().zip(numbers(read)) {
        bits.differ(now != then, || fields.number(now));
    }
    for (now, then) in texts(thread).into_iter().zip(texts(read)) {
        bits.differ(now != then, || fields.text(cut(now)));
    }
    if let Some(ticks) = thread.cpu_ticks {
        bits.set |= CPU_TICKS;
        fields.number(ticks.user);
        fields.number(ticks.system);
    }
    if let Some(enter) = &thread.enter {
        bits.set |= ENTER;
        write_enter(enter, &mut fields);
    }
    if let Some(holder) = holder {
        bits.set |= HOLDER;
        fields.push(holder.is_some().into());
        holder.iter().for_each(|&tid| fields.signed(tid));
    }
    out.signed(thread.tid);
    out.number(bits.set.rotate_left(3));
    out.extend_from_slice(&fields);
    if bits.set == 0 {
        out.truncate(start);
    }
    bits.set != 0
}

/// Appends that there is such a thread, of which nothing else is known.
pub(super) fn write_plain(tid: i64, out: &mut Vec<u8>) {
    out.signed(tid);
    out.number(0);
}

/// Bits that say which fields follow.
#[derive(Default)]
struct Bits {
    set: u64,
    at: u32,
}

impl Bits {
    fn differ(&mut self, differs: bool, write: impl FnOnce()) {
        if differs {
            self.set |= 1 << self.at;
            write();
        }
        self.at += 1;
    }
}

/// A record read: whom it is about, and what to do to that thread.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub(super) tid: i64,
    bits: u64,
    fields: Read<'a>,
}

impl<'a> Told<'a> {
    pub(super) fn of(mut body: Read<'a>) -> Option<Self> {
        let (tid, bits) = (body.signed()?, body.number()?.rotate_right(3));
        Some(Self { tid, bits, fields: body })
    }

    /// Gives the thread what is told of it; what a record that is cut off does not say any more
    /// stays as it is. Returns whose child it is counted as, if that is told.
    pub(super) fn give_to(
        self,
        thread: &mut Thread,
        ts_ns: u64,
        pool: &mut Pool,
    ) -> Option<Holder> {
        let (mut fields, mut bits) = (self.fields, self.bits);
        let mut follows = || {
            let is_set = bits & 1 != 0;
            bits >>= 1;
            is_set
        };
        for time in times_mut(thread) {
            if follows() {
                *time = ts_ns.wrapping_add(fields.signed()? as u64);
            }
        }
        let mut numbers = numbers(thread);
        for number in &mut numbers {
            if follows() {
                *number = fields.number()?;
            }
        }
        set_numbers(thread, numbers);
        for text in texts_mut(thread) {
            if follows() {
                *text = pool.get(cut(fields.text()?));
            }
        }
        if self.bits & CPU_TICKS != 0 {
            let (user, system) = (fields.number()?, fields.number()?);
            thread.cpu_ticks = Some(CpuTicks { user, system });
        }
        if self.bits & ENTER != 0 {
            thread.enter = Some(Box::new(read_enter(&mut fields)?));
        }
        if self.bits & HOLDER == 0 {
            return None;
        }
        match fields.byte()? {
            0 => Some(None),
            _ => fields.signed().map(Some),
        }
    }
}

fn write_enter(enter: &Enter, out: &mut Vec<u8>) {
    out.number(enter.kind.into());
    out.signed(enter.dirfd);
    out.number(enter.flags.into());
    out.text(&enter.bytes);
}

fn read_enter(fields: &mut Read<'_>) -> Option<Enter> {
    let (kind, dirfd) = (Number::of_u64(fields.number()?), fields.signed()?);
    let (flags, bytes) = (Number::of_u64(fields.number()?), fields.text()?);
    let bytes = bytes.get(..MOST_ENTER_BYTES).unwrap_or(bytes).to_vec();
    Some(Enter { kind, dirfd, flags, bytes })
}
