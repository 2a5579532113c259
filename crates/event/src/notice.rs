//! Data of notices that is not text: numbers, little endian, and texts behind their lengths.

/// Appends a text, of which at most so many bytes count, behind its length in bytes (32 bits).
pub(crate) fn text(text: &[u8], most: usize, out: &mut Vec<u8>) {
    let text = text.get(..most).unwrap_or(text);
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text);
}

/// What is left of a notice. Everything in it may be wrong.
pub(crate) struct Left<'a>(pub(crate) &'a [u8]);

impl<'a> Left<'a> {
    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    pub(crate) fn text(&mut self, most: usize) -> Option<&'a [u8]> {
        let bytes = usize::try_from(u32::from_le_bytes(self.take()?)).ok()?;
        let (text, rest) = self.0.split_at_checked(bytes).filter(|_| bytes <= most)?;
        self.0 = rest;
        Some(text)
    }
}
