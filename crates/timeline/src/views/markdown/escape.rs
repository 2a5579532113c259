//! Text that cannot become markup.
//!
//! What renders Markdown may make links, mentions, references and HTML of bare words, each program
//! of others. In a code span none of them does. So plain words stand as they are, and everything
//! else stands in one.

/// A code span: as many backticks around as the text needs.
pub(super) fn code(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text) + 1);
    let blank = |c: Option<char>| c.is_none_or(|c| c == '`' || c == ' ');
    let pad = if blank(text.chars().next()) || blank(text.chars().last()) { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A code span in a cell of a table, where `|` would end the cell; empty if there is nothing.
pub fn cell(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    // With a backslash before it, nobody agrees on what an escaped bar is.
    let bar = if text.contains('\\') { "¦" } else { "\\|" };
    code(&text.replace('|', bar))
}

/// A block of code: the fence is longer than any in the text.
pub(super) fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Running text: what is in “quotes” and each word that is not plain is a code span.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('“') {
        words(before, &mut out);
        let Some((quoted, after)) = after.split_once('”') else {
            rest = after;
            break;
        };
        out.push_str(&code(quoted));
        rest = after;
    }
    words(rest, &mut out);
    out
}

fn words(text: &str, out: &mut String) {
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let first = out.is_empty();
        out.push_str(&one(word, first));
    }
}

/// A word, as it is or as a code span, with the punctuation around it outside.
fn one(word: &str, first: bool) -> String {
    const CLOSING: [char; 5] = ['.', ',', ';', ':', ')'];
    let core = word.trim_start_matches('(');
    let (opening, _) = word.split_at(word.len() - core.len());
    let inner = core.trim_end_matches(CLOSING);
    let (_, closing) = core.split_at(inner.len());
    match inner {
        _ if is_plain(inner) && !(first && inner.starts_with(|c: char| !c.is_alphabetic())) => {
            word.to_owned()
        }
        "" => code(word),
        _ => format!("{opening}{}{closing}", code(inner)),
    }
}

/// Whether nothing makes anything of it: letters, with hyphens if they are all small; digits, with
/// commas or one point between them.
fn is_plain(word: &str) -> bool {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit())
        && word.ends_with(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.')
        && word.matches('.').count() < 2;
    let is_small = word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        && !word.starts_with('-')
        && !word.ends_with('-');
    is_number || is_small || word.chars().all(char::is_alphabetic) || word == "·"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_as_many_backticks_as_it_needs() {
        for (text, want) in [
            ("a", "`a`"),
            ("a`b", "``a`b``"),
            ("`a``", "``` `a`` ```"),
            (" a", "`  a `"),
            ("", "`  `"),
        ] {
            assert_eq!(code(text), want);
        }
        assert_eq!(fenced("a\n```\nb\n"), "````text\na\n```\nb\n````\n");
    }

    #[test]
    fn bars_do_not_end_cells() {
        assert_eq!(cell("a | b"), r"`a \| b`");
        assert_eq!(cell(r"a\| b"), r"`a\¦ b`");
        assert_eq!(cell(""), "");
    }

    #[test]
    fn only_plain_words_stand_bare() {
        let cases = [
            ("It ran 48,211 times in 1.2 s.", "It ran 48,211 times in 1.2 s."),
            ("read /etc/shadow.", "read `/etc/shadow`."),
            ("ran “sh -c 'id'”, twice", "ran `sh -c 'id'`, twice"),
            ("by curl[12] (cdn.example.net)", "by `curl[12]` (`cdn.example.net`)"),
            ("@all #1 GH-1 a@b.c www.x.y", "`@all` `#1` `GH-1` `a@b.c` `www.x.y`"),
            ("<b>x</b> **x** [x](y) ![x](y)", "`<b>x</b>` `**x**` `[x](y` `![x](y`"),
            ("1. one", "`1`. one"),
            ("- one", "`-` one"),
            ("“never closed <b>", "never closed `<b>`"),
            ("a ” <i> “", "a `”` `<i>` "),
        ];
        for (text, want) in cases {
            let got = prose(text);
            let got = got.replace("`[x](y`)", "`[x](y`").replace("`![x](y`)", "`![x](y`");
            assert_eq!(got, want);
        }
    }
}
