//! Recorded text within a line: cut to a bounded length, and quoted as a shell would take it.

use std::borrow::Cow;

use super::count;
use event::visible::is_hidden;

use crate::model::Recorded;

/// The text with at most `max_bytes` of it, and its whole length if that is more:
/// `aaaa… (1,048,576 bytes)`.
pub fn clip(text: &Recorded, max_bytes: usize) -> String {
    let (kept, cut) = cut(text.bytes(), max_bytes);
    format!("{}{cut}", Recorded::from(kept).shown())
}

/// Text that did not come from the recorded host, such as a rule's name, on one line and with
/// nothing hidden in it.
pub fn plain(text: &str, max_bytes: usize) -> String {
    let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    clip(&Recorded::from(spaced.as_str()), max_bytes)
}

/// The text with long runs of hexadecimal digits, as ids of containers and digests are, cut to
/// their first twelve: `/var/lib/docker/overlay2/0b620165364f…/merged`.
pub fn short(text: &str) -> String {
    const LONG: usize = 40;
    const KEPT: usize = 12;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        out.push_str(before);
        match run.get(..KEPT).filter(|_| run.len() >= LONG) {
            Some(kept) => out.extend([kept, "…"]),
            None => out.push_str(run),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The text as an argument that can be pasted into a shell, quoted only where it must be.
pub fn quoted(text: &Recorded, max_bytes: usize) -> String {
    let (kept, cut) = cut(text.bytes(), max_bytes);
    format!("{}{cut}", shell_word(kept))
}

/// The bytes up to the last whole character within `max_bytes`, and what is said of the rest.
fn cut(bytes: &[u8], max_bytes: usize) -> (&[u8], String) {
    let Some(head) = bytes.get(..max_bytes).filter(|_| bytes.len() > max_bytes) else {
        return (bytes, String::new());
    };
    let split = head.iter().rev().take(3).position(|&b| b & 0xc0 == 0xc0).map_or(0, |at| at + 1);
    let (whole, tail) = head.split_at(head.len() - split);
    let complete = std::str::from_utf8(tail).is_ok();
    let kept = if complete { head } else { whole };
    (kept, format!("… ({} bytes)", count(bytes.len() as u64)))
}

fn shell_word(bytes: &[u8]) -> Cow<'_, str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(is_hidden) => text,
        _ => return Cow::Owned(ansi_c(bytes)),
    };
    if text == "{}" || (!text.is_empty() && text.chars().all(is_bare)) {
        return Cow::Borrowed(text);
    }
    let double = text.contains('\'') && !text.contains(['"', '$', '`', '\\', '!']);
    Cow::Owned(match double {
        true => format!("\"{text}\""),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    })
}

/// Whether a character means nothing to a shell wherever it stands.
fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c) || !(c.is_ascii() || c.is_whitespace())
}

/// `$'…'`: the form in which shells take what cannot be typed.
fn ansi_c(bytes: &[u8]) -> String {
    let mut out = String::from("$'");
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| escape(c, &mut out));
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out.push('\'');
    out
}

fn escape(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        '\'' | '\\' => out.extend(['\\', c]),
        c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        c if is_hidden(c) && u32::from(c) > 0xffff => {
            out.push_str(&format!("\\U{:08x}", u32::from(c)));
        }
        c if is_hidden(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_only_where_a_shell_needs_it() {
        let cases: [(&[u8], &str); 16] = [
            (b"-la", "-la"),
            (b"--host=x:80", "--host=x:80"),
            ("/srv/日本".as_bytes(), "/srv/日本"),
            (b"{}", "{}"),
            (b"", "''"),
            (b"a b", "'a b'"),
            ("a\u{3000}b".as_bytes(), "'a\u{3000}b'"),
            (b"id; uname -a", "'id; uname -a'"),
            (b"it's", "\"it's\""),
            (b"it's $HOME", r"'it'\''s $HOME'"),
            (b"*.sh", "'*.sh'"),
            (b"~", "'~'"),
            (b"a\nb", r"$'a\nb'"),
            (b"\x1b[2J'\\", r"$'\x1b[2J\'\\'"),
            ("gpj.\u{202e}exe".as_bytes(), r"$'gpj.\u202eexe'"),
            ("\u{e0041}é".as_bytes(), "$'\\U000e0041é'"),
        ];
        for (bytes, want) in cases {
            assert_eq!(quoted(&Recorded::from(bytes), 100), want);
        }
        assert_eq!(quoted(&Recorded::from(&b"half \xe2\x82"[..]), 100), r"$'half \xe2\x82'");
    }

    #[test]
    fn long_text_is_cut_between_characters_and_says_how_long_it_was() {
        let long = Recorded::from(&[b'a'; 1 << 20][..]);
        assert_eq!(clip(&long, 4), "aaaa… (1,048,576 bytes)");
        assert_eq!(quoted(&long, 4), "aaaa… (1,048,576 bytes)");
        let wide = Recorded::from("日本語");
        for (max_bytes, want) in [
            (9, "日本語"),
            (8, "日本… (9 bytes)"),
            (7, "日本… (9 bytes)"),
            (6, "日本… (9 bytes)"),
            (2, "… (9 bytes)"),
        ] {
            assert_eq!(clip(&wide, max_bytes), want, "{max_bytes}");
        }
        assert_eq!(clip(&Recorded::from(&b"\xff\xff\xff\xff"[..]), 3), r"\xff\xff… (4 bytes)");
    }

    #[test]
    fn long_ids_are_cut_to_what_tells_them_apart() {
        let id = "0b620165364f8f7a5b97c64bd52e67ba841c70859c69ee66104cad9a7c453aac";
        assert_eq!(short(&format!("/var/{id}/m {id}")), "/var/0b620165364f…/m 0b620165364f…");
        for same in ["", "deadbeef", "/a/b", "198.51.100.7", "日本 abc"] {
            assert_eq!(short(same), same);
        }
    }

    #[test]
    fn plain_text_is_one_line() {
        assert_eq!(plain("two\n lines\tand \u{1b}[31m", 100), "two lines and \\x1b[31m");
    }
}
