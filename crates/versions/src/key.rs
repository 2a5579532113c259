//! Keys: byte strings in whose order versions stand.
//!
//! A key is a row of units. A unit is a rank (one byte, which says what kind of thing follows and
//! where that stands among its kinds), a number or a text; each tells by itself where it ends. What
//! ends a row is a rank too, so that "ends here" has its place among what could follow: above a
//! prerelease, below a patch level. Two keys of one scheme therefore first differ within a unit, and
//! none is the beginning of another. `Cut` counts on both, and on no unit beginning with 0xff.

/// Counts up to here are one byte; longer ones are this byte and two more.
const LONG: u8 = 0xfe;

/// Makes a key, unit by unit.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// One that has room for so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// A rank, or any other unit of one byte below 0xff.
    pub(crate) fn rank(&mut self, rank: u8) -> &mut Self {
        self.0.push(rank);
        self
    }

    /// A number of any length, by its decimal digits; none are zero, and leading zeros do not count.
    pub(crate) fn number(&mut self, digits: &str) -> &mut Self {
        let digits = digits.trim_start_matches('0');
        count(digits.len(), &mut self.0);
        self.0.extend(digits.as_bytes());
        self
    }

    /// A text, by its bytes. One that another begins with comes first.
    pub(crate) fn text(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        for &byte in text.as_ref() {
            // Zero would end the text.
            if byte <= 1 {
                self.0.push(1);
            }
            self.0.push(byte + u8::from(byte <= 1));
        }
        self.rank(0)
    }

    /// A row that goes on without end in `pad`, as rules have it that compare a missing part as
    /// some fixed part: all parts are units, and `pad` is one.
    ///
    /// A part is written with how many pads stand before it, so that what looks like the end of the
    /// row can be told from it: parts below the pad go below the end, parts above it above.
    pub(crate) fn padded(&mut self, pad: &[u8], parts: &[Vec<u8>]) -> &mut Self {
        const BELOW: u8 = 1;
        const END: u8 = 2;
        const ABOVE: u8 = 3;
        let mut pads = 0;
        for part in parts {
            let mut before = Vec::new();
            count(pads, &mut before);
            match part.as_slice().cmp(pad) {
                std::cmp::Ordering::Equal => {
                    pads += 1;
                    continue;
                }
                std::cmp::Ordering::Less => self.rank(BELOW).0.extend(before),
                // The more pads before what is above them, the lower.
                std::cmp::Ordering::Greater => {
                    self.rank(ABOVE).0.extend(before.iter().map(|byte| !byte));
                }
            }
            self.0.extend(part);
            pads = 0;
        }
        self.rank(END)
    }

    /// How long the key is so far.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The key.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// One unit, as a part of a padded row.
pub(crate) fn unit(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    write(&mut writer);
    writer.finish()
}

/// A count, smaller ones first. Texts are shorter than 64 KiB, so two bytes hold any.
fn count(count: usize, out: &mut Vec<u8>) {
    match u8::try_from(count) {
        Ok(short) if short < LONG => out.push(short),
        _ => {
            out.push(LONG);
            out.extend(u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    fn number(digits: &str) -> Vec<u8> {
        unit(|w| _ = w.number(digits))
    }

    fn text(text: &str) -> Vec<u8> {
        unit(|w| _ = w.text(text))
    }

    #[test]
    fn numbers_stand_by_value_whatever_their_length() {
        let long = ["9".repeat(253), "1".repeat(254), "9".repeat(254), "1".repeat(400)];
        let row = ["", "1", "9", "10", "99", "100", "18446744073709551616"];
        let keys: Vec<_> =
            row.into_iter().chain(long.iter().map(String::as_str)).map(number).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
        assert_eq!(number("007"), number("7"));
        assert_eq!(number("000"), number(""));
    }

    #[test]
    fn texts_stand_by_bytes_even_with_zeros_in_them() {
        let keys = ["", "\0", "\0\0", "\0a", "\u{1}", "\u{2}", "a", "a\0", "a\u{1}", "ab"];
        assert!(keys.map(text).is_sorted_by(|a, b| a < b));
    }

    /// The definition: part by part, what is missing compared as the pad.
    fn by_definition(a: &[u8], b: &[u8], pad: u8) -> Ordering {
        let at = |row: &[u8], index: usize| row.get(index).copied().unwrap_or(pad);
        (0..a.len().max(b.len()))
            .map(|i| at(a, i).cmp(&at(b, i)))
            .fold(Ordering::Equal, Ordering::then)
    }

    proptest! {
        #[test]
        fn padded_rows_stand_as_if_they_had_no_end(
            a in prop::collection::vec(3_u8..8, 0..6),
            b in prop::collection::vec(3_u8..8, 0..6),
        ) {
            let key = |row: &[u8]| {
                let parts: Vec<_> = row.iter().map(|&part| vec![part]).collect();
                unit(|w| _ = w.padded(&[5], &parts))
            };
            prop_assert_eq!(key(&a).cmp(&key(&b)), by_definition(&a, &b, 5));
        }
    }
}
