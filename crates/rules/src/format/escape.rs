//! Values made safe for terminals and for readers that go by lines.

use std::io::Write as _;

/// Shows control characters, marks that turn the direction of text, and broken UTF-8 as escapes in
/// what stands in `out` from `from` on. Allocates only if there are any.
pub(super) fn escape_from(from: usize, out: &mut Vec<u8>) {
    let Some(value) = out.get(from..) else { return };
    if std::str::from_utf8(value).is_ok_and(|text| !text.chars().any(is_hostile)) {
        return;
    }
    let value = out.split_off(from);
    for chunk in value.utf8_chunks() {
        for char in chunk.valid().chars() {
            if is_hostile(char) {
                escape(char, out);
            } else {
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        for byte in chunk.invalid() {
            // Writing to a Vec cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
}

fn is_hostile(char: char) -> bool {
    char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape(char: char, out: &mut Vec<u8>) {
    let _ = match char {
        '\n' | '\r' | '\t' => write!(out, "{}", char.escape_default()),
        '\0'..='\x7f' => write!(out, "\\x{:02x}", u32::from(char)),
        _ => write!(out, "{}", char.escape_unicode()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_deceive_is_shown() {
        let cases: &[(&[u8], &str)] = &[
            (b"plain \\n", "plain \\n"),
            ("ä €".as_bytes(), "ä €"),
            (b"a\nb\r\tc", r"a\nb\r\tc"),
            (b"\x1b[2J\0\x7f", r"\x1b[2J\x00\x7f"),
            ("x\u{9b}y\u{202e}z".as_bytes(), r"x\u{9b}y\u{202e}z"),
            (b"\xffa\xe2\x82", r"\xffa\xe2\x82"),
        ];
        for (value, shown) in cases {
            let mut out = b"\n".to_vec();
            out.extend_from_slice(value);
            escape_from(1, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\n{shown}"));
        }
    }
}
