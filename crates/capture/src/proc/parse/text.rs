//! Lines, fields and numbers.

/// The lines of a text, without their ends.
pub(in crate::proc) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty())
}

/// The fields of a line: what stands between blanks.
pub(super) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|field| !field.is_empty())
}

/// A number without sign, all of whose bytes are digits.
pub(in crate::proc) fn unsigned(digits: &[u8], radix: u32) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, &byte| {
        let digit = char::from(byte).to_digit(radix)?;
        number.checked_mul(radix.into())?.checked_add(digit.into())
    })
}

/// A decimal number that may have a minus.
pub(super) fn signed(digits: &[u8]) -> Option<i64> {
    match digits.strip_prefix(b"-") {
        Some(digits) => 0_i64.checked_sub_unsigned(unsigned(digits, 10)?),
        None => i64::try_from(unsigned(digits, 10)?).ok(),
    }
}

/// A decimal number of 32 bits without sign.
pub(super) fn unsigned_32(digits: &[u8]) -> Option<u32> {
    u32::try_from(unsigned(digits, 10)?).ok()
}

/// The bytes before and behind the first `separator`.
pub(super) fn split_once(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}
