//! Quoted strings.
//!
//! A string ends at the first quote of its kind that has no backslash before it, also if that
//! backslash is itself escaped: `"a\\"` does not end there. A backslash at the very end is written
//! `\x5c`.

use std::fmt::Write as _;

/// What is wrong within a quoted string, and at which of its bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadEscape {
    /// First byte of the escape, counted from behind the opening quote.
    pub at: usize,
    /// Its length in bytes.
    pub len: usize,
    /// What is wrong.
    pub message: String,
}

/// Resolves the escapes of what stood between two quotes.
pub(super) fn unescape(text: &str, quote: u8) -> Result<Vec<u8>, BadEscape> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'\\' {
            out.push(byte);
            at += 1;
            continue;
        }
        let Some(&escaped) = bytes.get(at + 1) else { break };
        at += match escaped {
            b'b' => plain(&mut out, 0x08),
            b'f' => plain(&mut out, 0x0c),
            b'n' => plain(&mut out, b'\n'),
            b'r' => plain(&mut out, b'\r'),
            b't' => plain(&mut out, b'\t'),
            // Old rules escape blanks in regular expressions so.
            b' ' | b'\\' => plain(&mut out, b'\\'),
            b'/' => plain(&mut out, b'/'),
            b'"' | b'\'' if escaped == quote => plain(&mut out, escaped),
            b'x' => hex(bytes, at, &mut out)?,
            _ => return Err(unknown(text, at, escaped)),
        };
    }
    Ok(out)
}

fn plain(out: &mut Vec<u8>, byte: u8) -> usize {
    out.push(byte);
    2
}

fn hex(bytes: &[u8], at: usize, out: &mut Vec<u8>) -> Result<usize, BadEscape> {
    let digits = bytes.get(at + 2..at + 4).unwrap_or_default();
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    match digits.iter().map(value).collect::<Option<Vec<_>>>().as_deref() {
        Some([high, low]) => {
            out.push((high * 16 + low) as u8);
            Ok(4)
        }
        _ => {
            let len = 2 + digits.iter().take_while(|d| d.is_ascii()).count();
            let message = "\\x needs two hexadecimal digits".to_owned();
            Err(BadEscape { at, len, message })
        }
    }
}

fn unknown(text: &str, at: usize, escaped: u8) -> BadEscape {
    let char = text[at + 1..].chars().next().unwrap_or('\\');
    let message = if escaped == b'"' || escaped == b'\'' {
        format!("\\{char} is not an escape in a string with the other kind of quotes")
    } else {
        format!("unknown escape \\{}", char.escape_default())
    };
    BadEscape { at, len: 1 + char.len_utf8(), message }
}

/// Puts bytes into double quotes so that they parse to the same bytes again.
pub(super) fn quote(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\0'..' ' | '\x7f' => push_hex(&mut out, char as u8),
                _ => out.push(char),
            }
        }
        for &byte in chunk.invalid() {
            push_hex(&mut out, byte);
        }
    }
    if bytes.last() == Some(&b'\\') {
        out.truncate(out.len() - 2);
        out.push_str("\\x5c");
    }
    out.push('"');
    out
}

fn push_hex(out: &mut String, byte: u8) {
    let _ = write!(out, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_resolve() {
        let cases: &[(&str, u8, &[u8])] = &[
            ("plain ä", b'"', "plain ä".as_bytes()),
            (r"\b\f\n\r\t\\\/", b'"', b"\x08\x0c\n\r\t\\/"),
            (r"a\ b", b'"', b"a\\b"),
            (r#"say \"x\""#, b'"', b"say \"x\""),
            (r"it\'s", b'\'', b"it's"),
            (r#"a"b"#, b'\'', b"a\"b"),
            (r"\x41\xfF", b'"', b"A\xff"),
        ];
        for (text, quote, expected) in cases {
            assert_eq!(unescape(text, *quote).as_deref(), Ok(*expected), "{text}");
        }
    }

    #[test]
    fn bad_escapes_are_named() {
        let cases = [
            (r"a\d", b'"', 1, r"unknown escape \d"),
            (r"\'", b'"', 0, r"\' is not an escape in a string with the other kind of quotes"),
            (r"\x4", b'"', 0, r"\x needs two hexadecimal digits"),
            (r"\xä1", b'"', 0, r"\x needs two hexadecimal digits"),
            ("\\ä", b'"', 0, r"unknown escape \\u{e4}"),
        ];
        for (text, quote, at, message) in cases {
            let error = unescape(text, quote).unwrap_err();
            assert_eq!((error.at, error.message.as_str()), (at, message), "{text}");
            assert!(text.is_char_boundary(error.at + error.len), "{text}");
        }
    }

    #[test]
    fn what_is_quoted_parses_to_the_same_bytes() {
        let cases: &[&[u8]] =
            &[b"", b"a b", b"\"", b"\\", b"a\\\\", b"\x00\x1f\x7f\xff", b"\\\"", "ä\n".as_bytes()];
        for bytes in cases {
            let quoted = quote(bytes);
            let inner = &quoted[1..quoted.len() - 1];
            assert_eq!(unescape(inner, b'"').as_deref(), Ok(*bytes), "{quoted}");
            assert!(!inner.ends_with('\\'), "{quoted} does not end");
        }
    }
}
