//! Types of blocks and their versions.
//!
//! Source: the block numbers of libscap 0.25 (`scap_savefile.h`), with those of its pre-releases
//! (`0x80xxABCD`).

/// Section header: a recording begins.
pub const SECTION: u32 = 0x0A0D_0D0A;
/// Byte-order mark in a section header.
pub const BYTE_ORDER: u32 = 0x1A2B_3C4D;
/// An interface description of pcapng: a capture of packets begins so.
pub(super) const PCAPNG_INTERFACE: u32 = 1;
/// Bytes of a block beside its body: type and length before, length after.
pub const OVERHEAD_BYTES: u32 = 12;

/// What a block holds, with the version of its layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Section header.
    Section,
    /// Machine.
    Machine,
    /// Processes, V1 to V9.
    Processes(u8),
    /// Fds of one process, V1 or V2.
    Fds(u8),
    /// Interfaces, V1 or V2.
    Interfaces(u8),
    /// Users and groups, V1 or V2.
    Users(u8),
    /// One event.
    Event(EventBlock),
    /// Anything else; skipped.
    Unknown,
}

/// Layout of an event block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventBlock {
    /// Whether 32 bits of flags follow the CPU number.
    pub flags: bool,
    /// Version.
    pub version: EventVersion,
}

/// Version of an event block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventVersion {
    /// The header does not say how many parameters there are.
    V1,
    /// It does.
    V2,
    /// As V2, for events whose parameters may be longer than 64 KiB.
    V2Large,
}

/// Every known block number with its kind and the name by which statistics list it.
pub const KINDS: &[(u32, Kind, &str)] = {
    use EventVersion::{V1, V2, V2Large};
    const fn event(flags: bool, version: EventVersion) -> Kind {
        Kind::Event(EventBlock { flags, version })
    }
    &[
        (0x216, event(false, V2), "event V2"),
        (0x204, event(false, V1), "event V1"),
        (0x221, event(false, V2Large), "event V2 large"),
        (0x217, event(true, V2), "event with flags V2"),
        (0x208, event(true, V1), "event with flags V1"),
        (0x222, event(true, V2Large), "event with flags V2 large"),
        (0x8010_ABCD, event(false, V1), "event V1 (pre-release number)"),
        (SECTION, Kind::Section, "section header"),
        (0x201, Kind::Machine, "machine"),
        (0x8002_ABCD, Kind::Machine, "machine (pre-release number)"),
        (0x202, Kind::Processes(1), "processes V1"),
        (0x207, Kind::Processes(2), "processes V2"),
        (0x209, Kind::Processes(3), "processes V3"),
        (0x210, Kind::Processes(4), "processes V4"),
        (0x211, Kind::Processes(5), "processes V5"),
        (0x212, Kind::Processes(6), "processes V6"),
        (0x213, Kind::Processes(7), "processes V7"),
        (0x214, Kind::Processes(8), "processes V8"),
        (0x215, Kind::Processes(9), "processes V9"),
        (0x8000_ABCD, Kind::Processes(1), "processes V1 (pre-release number)"),
        (0x8013_ABCD, Kind::Processes(2), "processes V2 (pre-release number)"),
        (0x8014_ABCD, Kind::Processes(3), "processes V3 (pre-release number)"),
        (0x203, Kind::Fds(1), "fds V1"),
        (0x218, Kind::Fds(2), "fds V2"),
        (0x8001_ABCD, Kind::Fds(1), "fds V1 (pre-release number)"),
        (0x205, Kind::Interfaces(1), "interfaces V1"),
        (0x219, Kind::Interfaces(2), "interfaces V2"),
        (0x8011_ABCD, Kind::Interfaces(1), "interfaces V1 (pre-release number)"),
        (0x206, Kind::Users(1), "users V1"),
        (0x220, Kind::Users(2), "users V2"),
        (0x8012_ABCD, Kind::Users(1), "users V1 (pre-release number)"),
    ]
};

/// What a block with this number holds and where it stands in [`KINDS`]; `KINDS.len()` for an
/// unknown one.
pub fn look_up(number: u32) -> (Kind, usize) {
    let at = KINDS.iter().position(|(n, ..)| *n == number).unwrap_or(KINDS.len());
    (KINDS.get(at).map_or(Kind::Unknown, |(_, kind, _)| *kind), at)
}
