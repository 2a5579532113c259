//! Numbers and texts as a notice holds them.
//!
//! A number takes 7 bits of each byte, the lowest first; the top bit says that another byte follows.
//! A signed one is first folded (0, -1, 1, -2, …). A text is its length, then its bytes.

/// A longer text is cut, here and where it is read: what a notice says has its bounds.
pub(super) const MOST_TEXT_BYTES: usize = 64 << 10;

/// As much of a text as a notice takes. Lists, whose strings end with a NUL, are cut behind one.
pub(super) fn cut(text: &[u8]) -> &[u8] {
    let Some(start) = text.get(..MOST_TEXT_BYTES).filter(|start| start.len() < text.len()) else {
        return text;
    };
    match text.ends_with(b"\0") {
        true => start.iter().rposition(|&b| b == 0).and_then(|at| start.get(..=at)),
        false => Some(start),
    }
    .unwrap_or_default()
}

/// Appends to a notice.
pub(super) trait Write {
    fn number(&mut self, value: u64);
    fn signed(&mut self, value: i64);
    fn text(&mut self, text: &[u8]);
}

impl Write for Vec<u8> {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.push(value as u8);
    }

    fn signed(&mut self, value: i64) {
        self.number(fold(value));
    }

    fn text(&mut self, text: &[u8]) {
        self.number(text.len() as u64);
        self.extend_from_slice(text);
    }
}

/// What is left of a notice. Everything in it may be wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read<'a>(pub(super) &'a [u8]);

impl<'a> Read<'a> {
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    /// Bits beyond 64 are lost.
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        self.number().map(unfold)
    }

    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let bytes = usize::try_from(self.number()?).ok()?;
        self.bytes(bytes)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }
}

pub(super) fn fold(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(super) fn unfold(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// A number of any type as one of 64 bits.
pub(super) trait Number {
    fn to_u64(self) -> u64;
    fn of_u64(value: u64) -> Self;
}

macro_rules! unsigned {
    ($($ty:ty)*) => {$(
        impl Number for $ty {
            fn to_u64(self) -> u64 {
                self.into()
            }

            fn of_u64(value: u64) -> Self {
                value as Self
            }
        }
    )*};
}

unsigned! { u16 u32 u64 }

impl Number for i64 {
    fn to_u64(self) -> u64 {
        fold(self)
    }

    fn of_u64(value: u64) -> Self {
        unfold(value)
    }
}

impl Number for bool {
    fn to_u64(self) -> u64 {
        self.into()
    }

    fn of_u64(value: u64) -> Self {
        value != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_texts_are_cut_and_lists_behind_a_string() {
        let long = [b'x'; MOST_TEXT_BYTES];
        for (text, want) in [
            (long.to_vec(), MOST_TEXT_BYTES),
            ([&long[..], b"x"].concat(), MOST_TEXT_BYTES),
            ([b"a\0b\0", &long[..], b"\0"].concat(), 4),
            ([&long[..], b"\0"].concat(), 0),
        ] {
            assert_eq!(cut(&text).len(), want);
        }
    }

    #[test]
    fn what_is_cut_off_or_endless_is_not_read() {
        for bytes in [&b""[..], b"\x80", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"] {
            assert_eq!(Read(bytes).number(), None, "{bytes:?}");
        }
        for bytes in [&b"\x02a"[..], b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a"] {
            assert_eq!(Read(bytes).text(), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(number: u64, signed: i64, text: Vec<u8>) {
            let mut out = Vec::new();
            out.number(number);
            out.signed(signed);
            out.text(&text);
            let mut read = Read(&out);
            prop_assert_eq!(read.number(), Some(number));
            prop_assert_eq!(read.signed(), Some(signed));
            prop_assert_eq!(read.text(), Some(&text[..]));
            prop_assert!(read.is_empty());
        }
    }
}
