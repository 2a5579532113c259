//! Pieces of text that many schemes are read by.

/// The longest beginning of ASCII digits, and the rest.
pub(crate) fn digits(text: &str) -> (&str, &str) {
    leading(text, |byte| byte.is_ascii_digit())
}

/// The longest beginning of ASCII letters, and the rest.
pub(crate) fn letters(text: &str) -> (&str, &str) {
    leading(text, |byte| byte.is_ascii_alphabetic())
}

/// The longest beginning of bytes that are all ASCII and as `wanted`, or all but ASCII digits and
/// the like, and the rest. `wanted` must take all bytes of a character beyond ASCII alike.
pub(crate) fn leading(text: &str, wanted: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|byte| !wanted(byte)).unwrap_or(text.len());
    text.split_at(end)
}

/// Whether it is a number: one or more ASCII digits.
pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether digits are the number zero; none are.
pub(crate) fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|byte| byte == b'0')
}

/// The number after the one that the digits are.
pub(crate) fn successor(digits: &str) -> String {
    let digits = digits.trim_start_matches('0');
    let kept = digits.trim_end_matches('9');
    let nines = digits.len() - kept.len();
    let mut next = kept.to_owned();
    match next.pop() {
        // A digit below nine: the one above it is a digit too.
        Some(last) => next.push(char::from(last as u8 + 1)),
        None => next.push('1'),
    }
    next.extend(std::iter::repeat_n('0', nines));
    next
}

/// `text` without a prefix, whatever the case of its ASCII letters.
pub(crate) fn strip_prefix_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// An epoch before a colon, if all before it are digits, and the rest.
pub(crate) fn epoch(text: &str) -> (&str, &str) {
    let (number, rest) = digits(text);
    match rest.strip_prefix(':') {
        Some(rest) => (number, rest),
        None => ("", text),
    }
}

/// Version and release: what is before and behind the last hyphen, if there is one.
pub(crate) fn release(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once('-') {
        Some((version, release)) => (version, Some(release)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_carries() {
        for (digits, next) in [("", "1"), ("0", "1"), ("8", "9"), ("9", "10"), ("099", "100")] {
            assert_eq!(successor(digits), next);
        }
        assert_eq!(successor("1299"), "1300");
        assert_eq!(successor(&"9".repeat(40)), format!("1{}", "0".repeat(40)));
    }

    #[test]
    fn a_prefix_may_have_any_case() {
        assert_eq!(strip_prefix_any_case("Dev-x", "dev-"), Some("x"));
        assert_eq!(strip_prefix_any_case("de", "dev-"), None);
        assert_eq!(strip_prefix_any_case("ééé", "dev-"), None);
    }
}
