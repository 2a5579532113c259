//! Numbers and texts as bytes, and back. What is read may be damaged: nothing is taken that is not there.

/// Appends a number, seven bits a byte, the lowest first (LEB128).
pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a text with its length.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend(text.as_bytes());
}

/// Appends texts with their number.
pub(crate) fn put_texts<'a>(out: &mut Vec<u8>, texts: impl ExactSizeIterator<Item = &'a str>) {
    put(out, texts.len() as u64);
    texts.for_each(|text| put_text(out, text));
}

/// Bytes that are read from their begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(crate) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let length = self.length()?;
        str::from_utf8(self.take(length)?).ok()
    }

    /// As many as are told, which cannot be more than there are bytes.
    pub(crate) fn each<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = self.length().filter(|count| *count <= self.0.len())?;
        (0..count).map(|_| read(self)).collect()
    }

    pub(crate) fn texts(&mut self) -> Option<Vec<String>> {
        self.each(|bytes| bytes.text().map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(number in any::<u64>(), texts in prop::collection::vec(".{0,9}", 0..5)) {
            let mut out = Vec::new();
            put(&mut out, number);
            put_texts(&mut out, texts.iter().map(String::as_str));
            let mut bytes = Bytes(&out);
            prop_assert_eq!(bytes.number(), Some(number));
            prop_assert_eq!(bytes.texts(), Some(texts));
            prop_assert!(bytes.is_empty());
        }
    }

    #[test]
    fn what_is_not_there_is_not_read() {
        assert_eq!(Bytes(&[0x80]).number(), None);
        assert_eq!(Bytes(&[0xff; 11]).number(), None);
        assert_eq!(Bytes(&[5, b'a']).text(), None);
        assert_eq!(Bytes(&[1, 0xff]).text(), None);
        assert_eq!(Bytes(&[0xff, 0xff, 0xff, 0x7f]).texts(), None);
    }
}
