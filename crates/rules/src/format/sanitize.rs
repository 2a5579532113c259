//! Text from a recorded host, made safe to show.
//!
//! Names and arguments are whatever a process chose: a line break must not pass for a second line,
//! nor an escape sequence reach a terminal. As in the alerts that rules are known for, each
//! character that does not print (control characters, Unicode's non-characters) and each broken
//! piece of UTF-8 becomes U+FFFD.

const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// Appends `text`.
pub(crate) fn sanitize(text: &[u8], out: &mut Vec<u8>) {
    for chunk in text.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find(|c| !is_shown(c)) {
            out.extend_from_slice(&rest.as_bytes()[..at]);
            out.extend_from_slice(REPLACEMENT);
            let mut behind = rest[at..].chars();
            behind.next();
            rest = behind.as_str();
        }
        out.extend_from_slice(rest.as_bytes());
        if !chunk.invalid().is_empty() {
            out.extend_from_slice(REPLACEMENT);
        }
    }
}

/// The text made safe, as a string.
pub fn safe_text(text: &[u8]) -> String {
    let mut safe = Vec::with_capacity(text.len());
    sanitize(text, &mut safe);
    String::from_utf8_lossy(&safe).into_owned()
}

/// Makes what stands at `from` and after safe.
pub(crate) fn sanitize_from(out: &mut Vec<u8>, from: usize) {
    if is_plain(&out[from..]) {
        return;
    }
    let tail = out.split_off(from);
    sanitize(&tail, out);
}

/// Whether [`sanitize`] would change nothing: printable ASCII throughout.
pub(super) fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|&b| (b' '..=b'~').contains(&b))
}

fn is_shown(c: char) -> bool {
    let code = u32::from(c);
    let is_noncharacter = (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe;
    !c.is_control() && !is_noncharacter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_prints_remains() {
        let cases: &[(&[u8], &str)] = &[
            (b"plain /text", "plain /text"),
            (b"", ""),
            (b"two\nlines", "two\u{fffd}lines"),
            (b"\x1b[2J\x7f", "\u{fffd}[2J\u{fffd}"),
            ("caf\u{e9} \u{1f600}".as_bytes(), "caf\u{e9} \u{1f600}"),
            ("a\u{85}b".as_bytes(), "a\u{fffd}b"),
            ("\u{fdd0}\u{fffe}\u{1ffff}\u{fffd}".as_bytes(), "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            (b"a\xffb\xe2\x82", "a\u{fffd}b\u{fffd}"),
            (b"\xf0\x9f\x98x\xc0\xaf", "\u{fffd}x\u{fffd}\u{fffd}"),
        ];
        for (text, expected) in cases {
            let mut out = b"before\n".to_vec();
            out.extend_from_slice(text);
            sanitize_from(&mut out, 7);
            assert_eq!(String::from_utf8_lossy(&out[7..]), *expected, "{text:?}");
        }
    }
}
