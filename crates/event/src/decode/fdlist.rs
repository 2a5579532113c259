//! Lists of polled fds (`FdList` parameters): a count (u16), then for each an fd (i64) and its
//! `poll(2)` flags in the schema's numbering (i16).

use super::take;

/// Bytes of one entry.
const ENTRY_BYTES: usize = 10;

/// One entry of a [`FdList`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolledFd {
    /// The fd; whatever the process passed, negative numbers too.
    pub fd: i64,
    /// Flags: what is waited for, or what happened.
    pub flags: i16,
}

/// The fds of `poll(2)` and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FdList<'a> {
    entries: &'a [u8],
}

impl<'a> FdList<'a> {
    /// Views an `FdList` parameter; `None` for NULL. A list that announces more entries than it
    /// has ends after the last whole one.
    pub fn parse(mut bytes: &'a [u8]) -> Option<Self> {
        let count = usize::from(u16::from_le_bytes(*take::<2>(&mut bytes)?));
        let whole = count.min(bytes.len() / ENTRY_BYTES);
        Some(Self { entries: bytes.get(..whole * ENTRY_BYTES)? })
    }

    /// The entries, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = PolledFd> + use<'a> {
        self.entries.chunks_exact(ENTRY_BYTES).map(|entry| {
            let mut rest = entry;
            PolledFd {
                fd: take(&mut rest).map_or(0, |b| i64::from_le_bytes(*b)),
                flags: take(&mut rest).map_or(0, |b| i16::from_le_bytes(*b)),
            }
        })
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len() / ENTRY_BYTES
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_in_order_and_a_lying_count_is_cut() {
        let mut bytes = vec![3, 0];
        for (fd, flags) in [(7i64, 1i16), (-1, 4)] {
            bytes.extend(fd.to_le_bytes());
            bytes.extend(flags.to_le_bytes());
        }
        bytes.push(9);
        let list = FdList::parse(&bytes).expect("a list");
        assert_eq!(
            list.iter().collect::<Vec<_>>(),
            [PolledFd { fd: 7, flags: 1 }, PolledFd { fd: -1, flags: 4 }]
        );
        assert_eq!(list.len(), 2);
        assert!(FdList::parse(&[0, 0]).expect("a list").is_empty());
        assert_eq!(FdList::parse(&[1]), None);
        assert_eq!(FdList::parse(&[]), None);
    }
}
