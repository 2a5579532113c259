//! JSON strings.

use std::io::Write as _;

/// Appends a JSON string. What is not UTF-8 becomes U+FFFD.
pub fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        escape(chunk.valid(), out);
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
    out.push(b'"');
}

fn escape(text: &str, out: &mut Vec<u8>) {
    for &byte in text.as_bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            0..0x20 => {
                // Writing to a Vec cannot fail.
                let _ = write!(out, "\\u{byte:04x}");
            }
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_forbids_is_escaped_and_broken_utf8_replaced() {
        let cases: &[(&[u8], &str)] = &[
            (b"a\"b\\c", r#""a\"b\\c""#),
            (b"\n\r\t\x08\x0c\x01", r#""\n\r\t\b\f\u0001""#),
            (b"a\xffb\xe2\x82", "\"a\u{fffd}b\u{fffd}\""),
            ("\u{e9}".as_bytes(), "\"\u{e9}\""),
        ];
        for (text, expected) in cases {
            let mut out = Vec::new();
            string(text, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), *expected);
        }
    }
}
