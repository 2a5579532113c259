//! Text in which nothing is hidden.
//!
//! What a recorded host chose is hostile: names with terminal escapes, with marks that turn the
//! direction of writing, with bytes that are no text. Here all of it becomes text that shows what
//! is there.

use std::{borrow::Cow, fmt::Write as _};

/// The bytes as text with everything made visible that is not: control characters, marks of
/// direction and other invisible ones as `\n`, `\x1b` or `\u{202e}`, bytes that are no UTF-8 as
/// `\xff`.
pub fn visible(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(is_hidden) => Cow::Borrowed(text),
        _ => Cow::Owned(escaped(bytes)),
    }
}

fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        // Writing to a String cannot fail.
        for c in chunk.valid().chars() {
            let _ = match c {
                '\n' => out.write_str("\\n"),
                '\t' => out.write_str("\\t"),
                '\r' => out.write_str("\\r"),
                c if c.is_ascii_control() => write!(out, "\\x{:02x}", u32::from(c)),
                c if is_hidden(c) => write!(out, "\\u{{{:x}}}", u32::from(c)),
                c => out.write_char(c),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Characters that show nothing, or change how others are shown: controls, marks and overrides of
/// direction, joiners, separators of lines, fillers, blanks, formats of scripts, selectors of variants, tags.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1345f}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_show_or_do_harm_is_made_visible() {
        let cases: [(&[u8], &str); 10] = [
            (b"plain name", "plain name"),
            ("naïve/日本".as_bytes(), "naïve/日本"),
            (b"a\nb\tc\rd", "a\\nb\\tc\\rd"),
            (b"\x1b]0;pwned\x07", "\\x1b]0;pwned\\x07"),
            ("gpj.\u{202e}exe".as_bytes(), "gpj.\\u{202e}exe"),
            ("a\u{200b}b\u{feff}".as_bytes(), "a\\u{200b}b\\u{feff}"),
            ("a\u{2800}b\u{1d159}".as_bytes(), "a\\u{2800}b\\u{1d159}"),
            ("\u{1bca0}\u{13430}\u{1345f}".as_bytes(), "\\u{1bca0}\\u{13430}\\u{1345f}"),
            (b"half \xe2\x82 and \xff", "half \\xe2\\x82 and \\xff"),
            (b"<script>", "<script>"),
        ];
        for (bytes, want) in cases {
            assert_eq!(visible(bytes), want);
        }
    }
}
