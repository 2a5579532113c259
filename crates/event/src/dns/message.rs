//! Messages of name servers, as RFC 1035 lays them out.
//!
//! Recorders keep only the beginning of what is read, so that an answer may be cut anywhere; what
//! stands before the cut counts. Names and jumps within them are few and short, so that no message
//! takes long.

use std::net::IpAddr;

use super::Answer;

/// Longest name, with a dot after each part.
const MOST_NAME_BYTES: usize = 255;
/// Most parts of a name and jumps within it.
const MOST_PARTS: usize = 160;
/// Most records that are looked at.
const MOST_RECORDS: usize = 64;
/// Most names that an answer leads through.
const MOST_NAMES: usize = 16;

/// The message is an answer, and no error's.
const IS_ANSWER: u16 = 1 << 15;
const ERROR: u16 = 0xf;

/// Types of records, and the class of all of them.
const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;
const INTERNET: u16 = 1;

/// Reads an answer to one question; `None` if it is none.
pub fn parse(message: &[u8]) -> Option<Answer> {
    let mut at = Cursor { message, place: 2 };
    let flags = at.u16()?;
    let (questions, records) = (at.u16()?, at.u16()?);
    if flags & IS_ANSWER == 0 || flags & ERROR != 0 || questions != 1 {
        return None;
    }
    at.skip(4)?;
    let name = at.name()?;
    at.skip(4)?;
    let mut names = vec![name.clone()];
    let mut addresses = Vec::new();
    for _ in 0..usize::from(records).min(MOST_RECORDS) {
        if at.record(&mut names, &mut addresses).is_none() {
            break;
        }
    }
    // The first of the names is the one that was asked for.
    names.remove(0);
    Some(Answer { name, addresses, aliases: names })
}

struct Cursor<'a> {
    message: &'a [u8],
    place: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let end = self.place.checked_add(bytes)?;
        let taken = self.message.get(self.place..end)?;
        self.place = end;
        Some(taken)
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.take(bytes).map(drop)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// A record: an address of one of the names, or another name that one of them stands for.
    fn record(&mut self, names: &mut Vec<Vec<u8>>, addresses: &mut Vec<IpAddr>) -> Option<()> {
        let owner = self.name()?;
        let (kind, class) = (self.u16()?, self.u16()?);
        self.skip(4)?;
        let bytes = usize::from(self.u16()?);
        let mut other = Cursor { ..*self };
        let data = self.take(bytes)?;
        if class != INTERNET || !names.iter().any(|name| name.eq_ignore_ascii_case(&owner)) {
            return Some(());
        }
        match kind {
            A => addresses.extend(<[u8; 4]>::try_from(data).map(IpAddr::from)),
            AAAA => addresses.extend(<[u8; 16]>::try_from(data).map(IpAddr::from)),
            CNAME if names.len() < MOST_NAMES => names.push(other.name()?),
            _ => {}
        }
        Some(())
    }

    /// A name, of which the rest may stand elsewhere in the message.
    fn name(&mut self) -> Option<Vec<u8>> {
        let mut name = Vec::new();
        let mut behind = None;
        for _ in 0..MOST_PARTS {
            match self.u8()? {
                0 => {
                    self.place = behind.unwrap_or(self.place);
                    return Some(name);
                }
                length @ ..0x40 => self.label(length, &mut name)?,
                high @ 0xc0.. => {
                    let target = usize::from(high & 0x3f) << 8 | usize::from(self.u8()?);
                    behind = behind.or(Some(self.place));
                    self.place = target;
                }
                _ => return None,
            }
        }
        None
    }

    fn label(&mut self, length: u8, name: &mut Vec<u8>) -> Option<()> {
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend_from_slice(self.take(usize::from(length))?);
        (name.len() <= MOST_NAME_BYTES).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An answer to a question about `www.example.net`, which stands for `cdn.example.net`.
    fn message() -> Vec<u8> {
        let mut message = vec![0x12, 0x34, 0x81, 0x80, 0, 1, 0, 4, 0, 0, 0, 0];
        message.extend(b"\x03www\x07example\x03net\0\0\x01\0\x01");
        // `www.example.net` is `cdn` and what stands at 16: `example.net`.
        message.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x06\x03cdn\xc0\x10");
        // `cdn.example.net`, at 45, has two addresses; another name has none that counts.
        message.extend(b"\xc0\x2d\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64\x07");
        message.extend(b"\xc0\x2d\0\x1c\0\x01\0\0\0\x3c\0\x10");
        message.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
        message.extend(b"\x03bad\xc0\x10\0\x01\0\x01\0\0\0\x3c\0\x04\x01\x02\x03\x04");
        message
    }

    fn addresses(message: &[u8]) -> Option<Vec<String>> {
        let answer = parse(message)?;
        assert_eq!(answer.name, b"www.example.net");
        Some(answer.addresses.iter().map(IpAddr::to_string).collect())
    }

    #[test]
    fn addresses_follow_the_names_that_a_name_stands_for() {
        let both = vec!["198.51.100.7".to_owned(), "2001:db8::7".to_owned()];
        assert_eq!(addresses(&message()), Some(both));
    }

    #[test]
    fn what_stands_before_a_cut_counts() {
        let cases = [(67, Some(1)), (66, Some(0)), (33, Some(0)), (32, None), (5, None)];
        for (bytes, want) in cases {
            let found = addresses(&message()[..bytes]).map(|addresses| addresses.len());
            assert_eq!(found, want, "{bytes}");
        }
    }

    #[test]
    fn what_is_no_answer_is_passed_over() {
        let with = |place: usize, byte: u8| {
            let mut message = message();
            message[place] = byte;
            message
        };
        let question = with(2, 0x01);
        let no_such_name = with(3, 0x83);
        let two_questions = with(5, 2);
        let name_of_itself = {
            let mut message = message();
            message[12..14].copy_from_slice(b"\xc0\x0c");
            message
        };
        for message in [question, no_such_name, two_questions, name_of_itself] {
            assert_eq!(parse(&message), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Some(answer) = parse(&bytes) {
                prop_assert!(answer.name.len() <= MOST_NAME_BYTES);
                prop_assert!(answer.addresses.len() <= MOST_RECORDS);
            }
        }

        #[test]
        fn changed_answers_are_read_to_an_end(
            changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8),
        ) {
            let mut message = message();
            for (place, byte) in changes {
                let place = place % message.len();
                message[place] = byte;
            }
            if let Some(answer) = parse(&message) {
                prop_assert!(answer.addresses.len() <= MOST_RECORDS);
            }
        }
    }
}
