//! Lines of terminals.

use super::{MAX_TEXT_BYTES, bytes, clip};
use crate::model::TerminalLine;

/// What stood there, and what is missing before it: `$ cd /tmp`, `(64.0 KiB missing) y`.
pub fn terminal_line(line: &TerminalLine) -> String {
    let text = clip(&line.text, MAX_TEXT_BYTES);
    match line.missing_bytes {
        0 => text,
        missing => format!("({} missing) {text}", bytes(missing)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Moment;

    #[test]
    fn what_is_missing_is_told_and_nothing_is_hidden() {
        let line = |text: &str, missing_bytes| {
            let at = Moment::default();
            let line = TerminalLine { at, tty: 1, typed: true, text: text.into(), missing_bytes };
            terminal_line(&line)
        };
        assert_eq!(line("$ id", 0), "$ id");
        assert_eq!(line("y", 65_536), "(64.0 KiB missing) y");
        assert!(!line("a\u{202e}b\x1b[1m", 0).contains(['\u{202e}', '\x1b']));
    }
}
