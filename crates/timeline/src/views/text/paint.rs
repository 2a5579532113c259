//! Text with meaning: pieces that a terminal may colour, measured in columns, wrapped.

use unicode_width::UnicodeWidthChar;

/// Whether colours may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Palette {
    /// Text alone.
    #[default]
    Plain,
    /// With the colours of ANSI terminals.
    Ansi,
}

/// What a piece means. Only what matters has a colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Style {
    #[default]
    Plain,
    /// What is there to orient: lines of the tree, times, notes.
    Faint,
    /// Titles.
    Strong,
    /// An alert that needs somebody at once.
    Critical,
    /// An alert that may wait, or something sensitive.
    Warning,
    /// Rights that were not there before.
    Gain,
    /// An address outside.
    Outside,
    /// What failed.
    Failure,
}

impl Style {
    /// Parameters of the SGR sequence.
    fn sgr(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Faint => "2",
            Self::Strong => "1",
            Self::Critical => "1;31",
            Self::Warning => "33",
            Self::Gain => "1;35",
            Self::Outside => "36",
            Self::Failure => "31",
        }
    }
}

/// A piece of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) style: Style,
}

/// A piece of text.
pub(super) fn span(style: Style, text: impl Into<String>) -> Span {
    Span { text: text.into(), style }
}

/// A piece without meaning.
pub(super) fn plain(text: impl Into<String>) -> Span {
    span(Style::Plain, text)
}

/// Pieces that stand side by side.
pub(super) type Line = Vec<Span>;

/// A blank at which no line breaks. Recorded text cannot have it, for it is one of the characters
/// that are made visible.
const GLUE: char = '\u{feff}';

/// The text, to be kept on one line if it fits on one.
pub(super) fn glued(text: &str) -> String {
    text.replace(' ', "\u{feff}")
}

/// Columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

/// Columns that pieces take.
pub(super) fn line_columns(line: &[Span]) -> usize {
    line.iter().map(|span| columns(&span.text)).sum()
}

fn char_columns(c: char) -> usize {
    if c == GLUE { 1 } else { c.width().unwrap_or(0) }
}

/// Appends pieces to `out`, coloured if the palette has colours.
pub(super) fn paint(line: &[Span], palette: Palette, out: &mut String) {
    for span in line.iter().filter(|span| !span.text.is_empty()) {
        let text = span.text.replace(GLUE, " ");
        match (palette, span.style.sgr()) {
            (Palette::Plain, _) | (_, "") => out.push_str(&text),
            (Palette::Ansi, sgr) => out.extend(["\x1b[", sgr, "m", &text, "\x1b[0m"]),
        }
    }
}

/// Breaks pieces into lines of at most `width` columns, all but the first of `hang` less, at blanks
/// where there are some. No line is narrower than two columns, so that a wide character fits.
pub(super) fn wrap(line: &[Span], width: usize, hang: usize) -> Vec<Line> {
    let widths = (width.max(2), width.saturating_sub(hang).max(2));
    let mut wrapped =
        Wrapped { widths, lines: vec![Vec::new()], used: 0, blanks: (Style::Plain, 0) };
    let mut word: Vec<(Style, &str)> = Vec::new();
    for (style, piece) in line.iter().flat_map(pieces) {
        if piece.starts_with(' ') {
            wrapped.word(&word);
            word.clear();
            wrapped.blanks = (style, wrapped.blanks.1 + piece.len());
        } else {
            word.push((style, piece));
        }
    }
    wrapped.word(&word);
    wrapped.lines
}

/// Runs of blanks, and what stands between them, each in its style.
fn pieces(span: &Span) -> impl Iterator<Item = (Style, &str)> {
    let mut rest = span.text.as_str();
    std::iter::from_fn(move || {
        let blank = rest.chars().next()? == ' ';
        let end = rest.find(|c| (c == ' ') != blank).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some((span.style, piece))
    })
}

struct Wrapped {
    /// Of the first line, and of the others.
    widths: (usize, usize),
    lines: Vec<Line>,
    /// Columns used of the last line.
    used: usize,
    /// Blanks that come before the next word if that is on the same line.
    blanks: (Style, usize),
}

impl Wrapped {
    fn width(&self) -> usize {
        if self.lines.len() == 1 { self.widths.0 } else { self.widths.1 }
    }

    /// Appends a word, all parts of which stand together if one line can hold them.
    fn word(&mut self, parts: &[(Style, &str)]) {
        let needed: usize = parts.iter().map(|(_, part)| columns(part)).sum();
        if parts.is_empty() {
            return;
        }
        if needed > self.widths.1 && parts.iter().any(|(_, part)| part.contains(GLUE)) {
            return self.loosened(parts);
        }
        let room = self.width().saturating_sub(self.used + self.blanks.1);
        if needed > room && (needed <= self.widths.1 || room < 2) {
            self.break_line();
        }
        let (style, blanks) = std::mem::take(&mut self.blanks);
        self.append(style, &" ".repeat(blanks));
        parts.iter().for_each(|(style, part)| self.fill(*style, part));
    }

    /// Appends a word that does not fit on one line, as if its glue were blanks.
    fn loosened(&mut self, parts: &[(Style, &str)]) {
        let mut word: Vec<(Style, &str)> = Vec::new();
        for &(style, part) in parts {
            for (at, piece) in part.split(GLUE).enumerate() {
                if at > 0 {
                    self.word(&word);
                    word.clear();
                    self.blanks = (style, self.blanks.1 + 1);
                }
                if !piece.is_empty() {
                    word.push((style, piece));
                }
            }
        }
        self.word(&word);
    }

    /// Appends a part of a word, over several lines if it does not fit.
    fn fill(&mut self, style: Style, mut word: &str) {
        loop {
            let fits = fitting(word, self.width().saturating_sub(self.used));
            let (head, tail) = word.split_at(fits);
            self.append(style, head);
            if tail.is_empty() {
                return;
            }
            self.break_line();
            word = tail;
        }
    }

    fn break_line(&mut self) {
        if self.used > 0 {
            self.lines.push(Vec::new());
            self.used = 0;
        }
        self.blanks = (Style::Plain, 0);
    }

    fn append(&mut self, style: Style, text: &str) {
        self.used += columns(text);
        let Some(line) = self.lines.last_mut().filter(|_| !text.is_empty()) else { return };
        match line.last_mut().filter(|last| last.style == style) {
            Some(last) => last.text.push_str(text),
            None => line.push(span(style, text)),
        }
    }
}

/// How many bytes of a word fit into so many columns.
fn fitting(word: &str, room: usize) -> usize {
    let mut used = 0;
    for (at, c) in word.char_indices() {
        used += char_columns(c);
        if used > room {
            return at;
        }
    }
    word.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        let text_of = |line: &Line| line.iter().map(|span| span.text.as_str()).collect();
        wrap(&[plain(text)], width, 0).iter().map(text_of).collect()
    }

    #[test]
    fn lines_break_at_blanks_and_within_words_that_are_longer_than_a_line() {
        let cases: [(&str, &[&str]); 7] = [
            ("", &[""]),
            ("one two three", &["one two", "three"]),
            ("  two blanks", &["  two", "blanks"]),
            ("abcdefghijkl", &["abcdefgh", "ijkl"]),
            ("a bcdefghijkl", &["a bcdefg", "hijkl"]),
            ("日本語の名前", &["日本語の", "名前"]),
            ("a    b", &["a    b"]),
        ];
        for (text, want) in cases {
            assert_eq!(wrapped(text, 8), want);
        }
        let lines = wrap(&[plain("one two three")], 8, 4);
        assert_eq!(lines.iter().map(|line| line_columns(line)).collect::<Vec<_>>(), [7, 4, 1]);
        assert_eq!(wrapped("日本", 1), ["日", "本"], "never narrower than a wide character");
    }

    #[test]
    fn glued_words_stay_together() {
        let glued = format!("one two {}", glued("84 B"));
        let mut out = String::new();
        wrap(&[plain(glued)], 9, 0).iter().for_each(|line| {
            paint(line, Palette::Plain, &mut out);
            out.push('|');
        });
        assert_eq!(out, "one two|84 B|");
        let lines = wrap(&[plain("one two".replace(' ', "\u{feff}"))], 5, 0);
        assert_eq!(lines, [[plain("one")], [plain("two")]], "glue gives way at last");
    }

    #[test]
    fn styles_survive_a_break() {
        let line = [span(Style::Strong, "one"), plain(" two"), span(Style::Outside, "three")];
        let lines = wrap(&line, 8, 0);
        assert_eq!(lines[0], [span(Style::Strong, "one")]);
        assert_eq!(lines[1], [plain("two"), span(Style::Outside, "three")], "one word");
        let mut out = String::new();
        paint(&lines[1], Palette::Ansi, &mut out);
        assert_eq!(out, "two\x1b[36mthree\x1b[0m");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_and_no_word_is_lost(text in "[a-z日 ]{0,80}", width in 2usize..30) {
            let lines = wrapped(&text, width);
            for line in &lines {
                prop_assert!(columns(line) <= width, "{:?}", lines);
            }
            let squeezed = |text: &str| text.replace(' ', "");
            prop_assert_eq!(squeezed(&lines.concat()), squeezed(&text));
        }
    }
}
