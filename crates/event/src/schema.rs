//! The shape of the event table: types, categories, flags, parameters and their printed forms.

use bitflags::bitflags;

use crate::syscalls;

/// Number of event types in the schema. Types at or above it are unknown and skipped by readers.
pub const EVENT_TYPES: usize = 454;

/// Most parameters that any event type has.
pub const MAX_PARAMS: usize = 32;

/// The number of an event type. Even numbers enter a syscall, odd ones leave it.
///
/// Always below [`EVENT_TYPES`]: the only way to make one from outside bytes is [`EventType::new`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct EventType(u16);

impl EventType {
    /// The type with this number, or `None` if the schema has no such type.
    pub const fn new(number: u16) -> Option<Self> {
        if (number as usize) < EVENT_TYPES { Some(Self(number)) } else { None }
    }

    /// For the table, whose numbers are checked while compiling.
    pub(crate) const fn of_table(number: u16) -> Self {
        assert!((number as usize) < EVENT_TYPES);
        Self(number)
    }

    /// The number on the wire.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Name, category, flags and parameters.
    #[inline]
    pub fn info(self) -> &'static EventInfo {
        syscalls::EVENTS[self.0 as usize]
    }

    /// Whether this type is recorded on entry to the syscall.
    pub const fn is_enter(self) -> bool {
        self.0 & 1 == 0
    }

    /// Whether this type is recorded when the syscall returns (or has no enter half).
    pub const fn is_exit(self) -> bool {
        self.0 & 1 == 1
    }

    /// Every type of the schema, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..EVENT_TYPES as u16).map(Self)
    }
}

/// One row of the event table.
#[derive(Debug)]
pub struct EventInfo {
    /// Name as rules spell it (`evt.type`): `openat`. Several types may share one.
    pub name: &'static str,
    /// What the event is about.
    pub category: Category,
    /// Where such events come from.
    pub origin: Origin,
    /// How the event touches state.
    pub flags: EventFlags,
    /// Parameters, in the order in which they are encoded.
    pub params: &'static [ParamInfo],
}

impl EventInfo {
    /// Position and description of the parameter with this name.
    pub fn param(&self, name: &str) -> Option<(usize, &'static ParamInfo)> {
        self.params.iter().enumerate().find(|(_, p)| p.name == name)
    }
}

/// What an event is about; the printed name is that of `evt.category`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Category {
    Unknown,
    Other,
    File,
    Net,
    Ipc,
    Memory,
    Process,
    Sleep,
    System,
    Signal,
    User,
    Time,
    Processing,
    IoRead,
    IoWrite,
    IoOther,
    Wait,
    Scheduler,
    Internal,
}

/// Where an event comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A reserved slot.
    Nothing,
    /// A system call.
    Syscall,
    /// A kernel tracepoint.
    Tracepoint,
    /// A plugin.
    Plugin,
    /// The recorder itself: notices and enrichment.
    Meta,
    /// A kernel iterator over what exists.
    Iter,
}

bitflags! {
    /// How an event touches state (`EF_*` of the schema).
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct EventFlags: u16 {
        /// Opens a file descriptor.
        const CREATES_FD = 1 << 0;
        /// Closes a file descriptor.
        const DESTROYS_FD = 1 << 1;
        /// Works on a file descriptor that one of its parameters names.
        const USES_FD = 1 << 2;
        /// Reads from that file descriptor.
        const READS_FROM_FD = 1 << 3;
        /// Writes to that file descriptor.
        const WRITES_TO_FD = 1 << 4;
        /// Changes what is known of threads, fds, users or containers.
        const MODIFIES_STATE = 1 << 5;
        /// Never produced.
        const UNUSED = 1 << 6;
        /// May block.
        const WAITS = 1 << 7;
        /// Does not count as a thread's last event.
        const SKIP_PARSE_RESET = 1 << 8;
        /// Kept for old captures only; a reader turns it into its successor.
        const OLD_VERSION = 1 << 9;
        /// Parameter lengths are 32 bits wide.
        const LARGE_PAYLOAD = 1 << 11;
        /// Old captures of this type pass through the converter.
        const CONVERTER_MANAGED = 1 << 12;
    }
}

/// One parameter of an event type.
#[derive(Debug)]
pub struct ParamInfo {
    /// Name as rules spell it (`evt.arg.flags`).
    pub name: &'static str,
    /// Encoding.
    pub ty: ParamType,
    /// How numbers are printed.
    pub format: Format,
    /// What else is needed to print it.
    pub detail: Detail,
}

/// What a parameter's encoding does not say by itself.
#[derive(Clone, Copy, Debug)]
pub enum Detail {
    /// Nothing.
    None,
    /// Names of its values or bits.
    Symbols(&'static [Symbol]),
    /// The path is relative to the directory fd in this parameter.
    DirFd(usize),
    /// The first byte picks one of these encodings for the rest.
    Variants(&'static [ParamInfo]),
}

/// A name for a value or a set of bits.
#[derive(Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Name as printed.
    pub name: &'static str,
    /// Value in the schema's own numbering.
    pub value: u32,
}

impl Symbol {
    pub(crate) const fn new(name: &'static str, value: u32) -> Self {
        Self { name, value }
    }
}

/// How a number is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Format {
    Na,
    Dec,
    Hex,
    PaddedDec,
    Id,
    Dir,
    Oct,
}

/// Encoding of a parameter (`PT_*` of the schema). Numbers are little-endian.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ParamType {
    /// No value.
    None = 0,
    /// 8 bits, signed.
    Int8 = 1,
    /// 16 bits, signed.
    Int16 = 2,
    /// 32 bits, signed.
    Int32 = 3,
    /// 64 bits, signed.
    Int64 = 4,
    /// 8 bits.
    Uint8 = 5,
    /// 16 bits.
    Uint16 = 6,
    /// 32 bits.
    Uint32 = 7,
    /// 64 bits.
    Uint64 = 8,
    /// Text with a NUL at its end.
    CharBuf = 9,
    /// Raw bytes.
    ByteBuf = 10,
    /// 64 bits, signed; negative values are error numbers.
    Errno = 11,
    /// Address family (1 byte) and address.
    SockAddr = 12,
    /// Address family (1 byte) and both ends.
    SockTuple = 13,
    /// File descriptor, 64 bits.
    Fd = 14,
    /// Process or thread id, 64 bits.
    Pid = 15,
    /// Count (16 bits), then for each an fd (64 bits) and flags (16 bits).
    FdList = 16,
    /// Path with a NUL at its end.
    FsPath = 17,
    /// Syscall code, 16 bits.
    SyscallId = 18,
    /// Signal number, 8 bits.
    SigType = 19,
    /// Duration in ns, 64 bits.
    RelTime = 20,
    /// Time since the epoch in ns, 64 bits.
    AbsTime = 21,
    /// TCP or UDP port, 16 bits.
    Port = 22,
    /// IP protocol, 8 bits.
    L4Proto = 23,
    /// Address family, 8 bits.
    SockFamily = 24,
    /// Truth value, 32 bits.
    Bool = 25,
    /// IPv4 address, 4 bytes.
    Ipv4Addr = 26,
    /// One of the encodings in [`Detail::Variants`], picked by the first byte.
    Dyn = 27,
    /// Bits, 8.
    Flags8 = 28,
    /// Bits, 16.
    Flags16 = 29,
    /// Bits, 32.
    Flags32 = 30,
    /// User id, 32 bits; all ones: none.
    Uid = 31,
    /// Group id, 32 bits; all ones: none.
    Gid = 32,
    /// IEEE 754 double.
    Double = 33,
    /// Signal set, lower 32 bits.
    SigSet = 34,
    /// For internal use of other tools.
    CharBufArray = 35,
    /// For internal use of other tools.
    CharBufPairArray = 36,
    /// IPv4 network.
    Ipv4Net = 37,
    /// IPv6 address, 16 bytes.
    Ipv6Addr = 38,
    /// IPv6 network.
    Ipv6Net = 39,
    /// IPv4 or IPv6 address; its length says which.
    IpAddr = 40,
    /// IPv4 or IPv6 network; its length says which.
    IpNet = 41,
    /// File mode bits, 32.
    Mode = 42,
    /// Path relative to a directory fd.
    FsRelPath = 43,
    /// One of several values, 8 bits.
    EnumFlags8 = 44,
    /// One of several values, 16 bits.
    EnumFlags16 = 45,
    /// One of several values, 32 bits.
    EnumFlags32 = 46,
    /// File descriptor, 32 bits.
    Fd32 = 47,
    /// Process or thread id, 32 bits.
    Pid32 = 48,
}

impl ParamType {
    /// Every type, in the order of their numbers.
    pub const ALL: [Self; 49] = [
        Self::None,
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::Uint8,
        Self::Uint16,
        Self::Uint32,
        Self::Uint64,
        Self::CharBuf,
        Self::ByteBuf,
        Self::Errno,
        Self::SockAddr,
        Self::SockTuple,
        Self::Fd,
        Self::Pid,
        Self::FdList,
        Self::FsPath,
        Self::SyscallId,
        Self::SigType,
        Self::RelTime,
        Self::AbsTime,
        Self::Port,
        Self::L4Proto,
        Self::SockFamily,
        Self::Bool,
        Self::Ipv4Addr,
        Self::Dyn,
        Self::Flags8,
        Self::Flags16,
        Self::Flags32,
        Self::Uid,
        Self::Gid,
        Self::Double,
        Self::SigSet,
        Self::CharBufArray,
        Self::CharBufPairArray,
        Self::Ipv4Net,
        Self::Ipv6Addr,
        Self::Ipv6Net,
        Self::IpAddr,
        Self::IpNet,
        Self::Mode,
        Self::FsRelPath,
        Self::EnumFlags8,
        Self::EnumFlags16,
        Self::EnumFlags32,
        Self::Fd32,
        Self::Pid32,
    ];
}

impl ParamType {
    /// Bytes of an integer of this type, and whether it has a sign; `None` for what is no integer.
    #[inline]
    pub const fn integer(self) -> Option<(u8, bool)> {
        match INTEGERS[self as usize] {
            0 => None,
            bytes if bytes < 0 => Some((bytes.unsigned_abs(), true)),
            bytes => Some((bytes.unsigned_abs(), false)),
        }
    }
}

/// Bytes of the integers among the types, negative for those with a sign, 0 for the rest. A table,
/// because every event asks.
const INTEGERS: [i8; 49] = {
    use ParamType as T;
    let signed: [(T, i8); 10] = [
        (T::Int8, 1),
        (T::Int16, 2),
        (T::Int32, 4),
        (T::Fd32, 4),
        (T::Pid32, 4),
        (T::Int64, 8),
        (T::Errno, 8),
        (T::Fd, 8),
        (T::Pid, 8),
        (T::RelTime, 8),
    ];
    let unsigned: [(T, i8); 23] = [
        (T::Uint8, 1),
        (T::Flags8, 1),
        (T::EnumFlags8, 1),
        (T::SigType, 1),
        (T::L4Proto, 1),
        (T::SockFamily, 1),
        (T::Uint16, 2),
        (T::Flags16, 2),
        (T::EnumFlags16, 2),
        (T::Port, 2),
        (T::SyscallId, 2),
        (T::Uint32, 4),
        (T::Flags32, 4),
        (T::EnumFlags32, 4),
        (T::Uid, 4),
        (T::Gid, 4),
        (T::Mode, 4),
        (T::SigSet, 4),
        (T::Bool, 4),
        (T::Ipv4Addr, 4),
        (T::Uint64, 8),
        (T::AbsTime, 8),
        (T::None, 0),
    ];
    let mut table = [0; 49];
    let mut at = 0;
    while at < signed.len() {
        table[signed[at].0 as usize] = -signed[at].1;
        at += 1;
    }
    at = 0;
    while at < unsigned.len() {
        table[unsigned[at].0 as usize] = unsigned[at].1;
        at += 1;
    }
    table
};
