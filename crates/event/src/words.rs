//! Looking at eight bytes at a time: names are short, and each event has some.

/// Bytes of a word.
pub(crate) const BYTES: usize = size_of::<u64>();
const ONES: u64 = u64::from_ne_bytes([1; BYTES]);
const HIGH: u64 = u64::from_ne_bytes([0x80; BYTES]);

/// The first byte lowest.
pub(crate) fn word(bytes: [u8; BYTES]) -> u64 {
    u64::from_le_bytes(bytes)
}

/// The same byte eight times.
pub(crate) const fn all(byte: u8) -> u64 {
    ONES * byte as u64
}

/// The highest bit of each byte that is zero; that of a one above a zero may be set too, so that only
/// the lowest is certain.
pub(crate) fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH
}

/// Where the first zero is.
#[inline]
pub(crate) fn first_zero(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks();
    for (at, bytes) in words.iter().enumerate() {
        let zeros = zeros(word(*bytes));
        if zeros != 0 {
            return Some(at * BYTES + zeros.trailing_zeros() as usize / 8);
        }
    }
    let in_rest = rest.iter().position(|&byte| byte == 0)?;
    Some(bytes.len() - rest.len() + in_rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_zero_is_found_wherever_it_is() {
        for len in 0..40 {
            assert_eq!(first_zero(&vec![1; len]), None);
            for (first, second) in
                (0..len).flat_map(|first| (first..len).map(move |it| (first, it)))
            {
                let mut bytes = vec![1; len];
                (bytes[first], bytes[second]) = (0, 0);
                assert_eq!(first_zero(&bytes), Some(first), "{bytes:?}");
            }
        }
    }
}
