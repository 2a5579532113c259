//! What a record of a ring has.

use event::raw::HEADER_BYTES;

/// Bytes in front of an event.
const PREFIX_BYTES: usize = 8;

/// Kinds from here on are no types of events.
pub(super) const NO_EVENTS: u16 = 0xff00;
/// Records of the kernel's that are no events: a control group was made, or is gone.
pub(super) const GROUP_MADE: u16 = 0xff00;
pub(super) const GROUP_GONE: u16 = 0xff01;
/// And: a name server answered, a file that was written is closed, an fd came in with a message. They are
/// notices here.
pub(super) const ANSWERED: u16 = 0xff10;
pub(super) const WRITTEN: u16 = 0xff11;
pub(super) const HANDED: u16 = 0xff12;
/// And: what a terminal showed, or what was typed into it.
pub(super) const TERMINAL: u16 = 0xff20;

/// A record of a ring.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    pub(super) cpu: u16,
    pub(super) kind: u16,
    /// The event, as it is encoded.
    pub(super) bytes: &'a [u8],
}

impl<'a> Told<'a> {
    /// The thread that caused it.
    pub(super) fn tid(&self) -> i64 {
        let tid = self.bytes.get(8..16).and_then(|tid| tid.try_into().ok());
        tid.map_or(-1, i64::from_le_bytes)
    }

    /// Its fields, if it has so many.
    pub(super) fn fields<const N: usize>(&self) -> Option<[&'a [u8]; N]> {
        let (lengths, mut rest) = self.bytes.get(HEADER_BYTES..)?.split_at_checked(2 * N)?;
        let mut fields = [&[][..]; N];
        for (field, length) in fields.iter_mut().zip(lengths.as_chunks().0) {
            (*field, rest) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
        }
        Some(fields)
    }
}

/// A record is as long as what was reserved for it; the event in it says its own length.
#[inline]
pub(super) fn split(record: &[u8]) -> Option<Told<'_>> {
    let (prefix, bytes) = record.split_first_chunk::<PREFIX_BYTES>()?;
    let [cpu, cpu_high, ..] = *prefix;
    let said = u32::from_le_bytes(bytes.get(16..20)?.try_into().ok()?);
    let bytes = bytes.get(..usize::try_from(said).ok()?)?;
    Some(Told { cpu: u16::from_le_bytes([cpu, cpu_high]), kind: kind(record), bytes })
}

/// The time of a record's event, ns since boot.
#[inline]
pub(super) fn time(record: &[u8]) -> u64 {
    let time = record.get(PREFIX_BYTES..PREFIX_BYTES + 8).and_then(|time| time.try_into().ok());
    time.map_or(0, u64::from_le_bytes)
}

/// The kind of a record: the type of its event, or one of ours.
#[inline]
pub(super) fn kind(record: &[u8]) -> u16 {
    let kind = record.get(PREFIX_BYTES + 20..).and_then(|rest| rest.first_chunk());
    kind.map_or(0, |kind| u16::from_le_bytes(*kind))
}

#[cfg(test)]
pub(super) mod tests {
    use event::raw::HEADER_BYTES;

    /// A record that is told to the reader alone, with these fields.
    pub(crate) fn record_of(fields: &[&[u8]]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        for field in fields {
            bytes.extend((field.len() as u16).to_le_bytes());
        }
        bytes.extend(fields.concat());
        bytes
    }
}
