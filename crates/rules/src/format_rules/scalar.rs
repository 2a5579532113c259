//! Notations of single values.

use granit_parser::ScalarStyle;

/// Whether a text means itself without quotes, as the value of a key.
pub(super) fn is_plain(text: &str) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || matches!(c, '(' | '_' | '/');
    let word = text.to_ascii_lowercase();
    let is_word_of_yaml =
        matches!(&*word, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    text.starts_with(starts)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !text.contains(|c: char| c.is_control())
        && !is_word_of_yaml
}

/// Whether it is YAML's way to say that there is no value.
pub(super) fn is_nothing(style: ScalarStyle, text: &str) -> bool {
    style == ScalarStyle::Plain && matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A text in one line, in the notation that it had as far as that is possible.
pub(super) fn flat(raw: &str, style: ScalarStyle, text: &str) -> String {
    match style {
        _ if !raw.contains('\n') => raw.to_owned(),
        ScalarStyle::Plain if !text.contains('\n') => text.to_owned(),
        ScalarStyle::SingleQuoted if !text.contains(char::is_control) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        _ => double_quoted(text),
    }
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The header (`>-`) and the lines of a value in block notation, without indentation. `None` if
/// its header says how deep it is indented.
pub(super) fn block(raw: &str) -> Option<(String, Vec<String>)> {
    let (head, body) = raw.split_once('\n').unwrap_or((raw, ""));
    let header = head.split([' ', '\t', '#']).next().unwrap_or_default();
    if header.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let indent = body.lines().find(|line| !line.trim().is_empty()).map_or(0, blanks);
    let strip = |line: &str| line.get(indent..).unwrap_or_default().to_owned();
    Some((header.to_owned(), body.lines().map(strip).collect()))
}

/// A text of words between single blanks, as lines of at most `width` characters.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    if text.contains("  ") || text.contains('\t') {
        return vec![text.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split(' ') {
        let chars = word.chars().count();
        match lines.last_mut() {
            Some(line) if used + 1 + chars <= width => {
                line.push(' ');
                line.push_str(word);
                used += 1 + chars;
            }
            _ => {
                lines.push(word.to_owned());
                used = chars;
            }
        }
    }
    lines
}

/// Whether a text survives being folded: words between blanks, none at its ends.
pub(super) fn folds(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.contains(char::is_control)
}
