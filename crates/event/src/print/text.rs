//! Text, raw bytes and lists of strings.

use crate::words;

/// The bytes up to the first NUL.
#[inline]
pub fn until_nul(bytes: &[u8]) -> &[u8] {
    words::first_zero(bytes).and_then(|end| bytes.get(..end)).unwrap_or(bytes)
}

/// Appends raw bytes with a dot for each that is not printable ASCII.
pub fn dots(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(bytes.iter().map(|&b| if matches!(b, b' '..=b'~') { b } else { b'.' }));
}

/// Appends the strings of a list (a NUL after each), `odd` after the first, third and so on,
/// `even` after the others, nothing after the last.
pub(super) fn join(list: &[u8], odd: u8, even: u8, out: &mut Vec<u8>) {
    let list = list.strip_suffix(b"\0").unwrap_or(list);
    for (index, string) in list.split(|&b| b == 0).enumerate() {
        if index > 0 {
            out.push(if index % 2 == 1 { odd } else { even });
        }
        out.extend_from_slice(string);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_cannot_be_printed_become_dots() {
        let mut out = Vec::new();
        dots(b"GET / \r\n\x00\x7f\xc3\xa9~", &mut out);
        assert_eq!(out, b"GET / ......~");
    }

    #[test]
    fn lists_are_joined() {
        for (list, text) in [(&b"a\0b\0c\0"[..], "a:b,c"), (b"a", "a"), (b"\0", ""), (b"", "")] {
            let mut out = Vec::new();
            join(list, b':', b',', &mut out);
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }
}
