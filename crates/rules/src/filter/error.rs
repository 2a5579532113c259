//! What is wrong with a filter, and where.

use std::fmt;

/// A stretch of the source text, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

impl Span {
    /// From the start of this to the end of `other`.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

/// One mistake or warning: where, what, how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Place in the source text.
    pub span: Span,
    /// What is wrong, without its place.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A mistake without a hint.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// One line: `filter:1:20: unknown field 'proc.nme'; did you mean 'proc.name'?`
    pub fn line(&self, name: &str, source: &str) -> String {
        self.line_at(name, Place::of(source, self.span.start))
    }

    /// The same for a place that is known.
    pub fn line_at(&self, name: &str, place: Place) -> String {
        format!("{}:{}:{}: {}", safe(name), place.line, place.column, self.text())
    }

    /// What is wrong and how to mend it, safe to show: `unknown field 'proc.nme'; did you mean ...`
    pub fn text(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}; {}", safe(&self.message), safe(hint)),
            None => safe(&self.message),
        }
    }
}

/// Most characters of a message: what it repeats of the source may be as long as that.
const MESSAGE_CHARS: usize = 300;

/// A text of others as one line of bounded length that cannot move a terminal's cursor.
pub fn safe(message: &str) -> String {
    let mut chars = message.chars().map(visible);
    let mut line: String = chars.by_ref().take(MESSAGE_CHARS).collect();
    if chars.next().is_some() {
        line.push('…');
    }
    line
}

/// So many mistakes are enough for one look; what comes behind them is not checked any more.
pub(crate) const MOST_MISTAKES: usize = 50;

/// Every mistake of one source text, in the order of their places; prints them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What the source is called: `filter`, `rules/web.yaml`.
    pub name: String,
    /// The source text.
    pub source: String,
    /// At least one.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Sorts the mistakes by place.
    pub fn new(name: &str, source: &str, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by_key(|d| (d.span.start, d.span.end));
        Self { name: name.to_owned(), source: source.to_owned(), diagnostics }
    }
}

impl std::error::Error for Report {}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            f.write_str(&diagnostic.line(&self.name, &self.source))?;
            excerpt(f, &self.source, diagnostic.span)?;
        }
        Ok(())
    }
}

/// Line and column, from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Place {
    /// The place of a byte of `source`.
    pub fn of(source: &str, byte: usize) -> Self {
        let before = &source[..floor(source, byte)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// The start of the character that `byte` is in.
fn floor(source: &str, byte: usize) -> usize {
    let mut byte = byte.min(source.len());
    while !source.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

/// Most characters shown on each side of a mistake; filters can be one very long line.
const AROUND: usize = 60;

/// The line of a mistake, cut if it is long, and carets under the mistake. Safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line.
    pub line: String,
    /// Blanks, then carets.
    pub carets: String,
}

/// The source line with carets under the span.
pub(crate) fn excerpt(f: &mut fmt::Formatter<'_>, source: &str, span: Span) -> fmt::Result {
    let Excerpt { line, carets } = Excerpt::of(source, span);
    write!(f, "\n  | {line}\n  | {carets}")
}

impl Excerpt {
    /// Of the first line of a span.
    pub fn of(source: &str, span: Span) -> Self {
        let start = floor(source, span.start);
        let line_start = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |newline| start + newline);
        let end = floor(source, span.end).clamp(start, line_end);
        let before = source[line_start..start].chars();
        let cut = before.clone().count().saturating_sub(AROUND);
        let lead = if cut > 0 { "…" } else { "" };
        let before: String = before.skip(cut).map(visible).collect();
        let carets = source[start..end].chars().count().clamp(1, AROUND);
        let rest: Vec<char> = source[start..line_end].chars().take(carets + AROUND).collect();
        let tail = if source[start..line_end].chars().count() > rest.len() { "…" } else { "" };
        let rest: String = rest.into_iter().map(visible).collect();
        let blank = " ".repeat(lead.chars().count() + before.chars().count());
        Self {
            line: format!("{lead}{before}{rest}{tail}"),
            carets: format!("{blank}{}", "^".repeat(carets)),
        }
    }
}

/// What can be shown in one column of a terminal without moving its cursor.
fn visible(c: char) -> char {
    // Marks that turn the direction of text around, ends of lines, characters without a width.
    let is_mark = matches!(u32::from(c), 0x061c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x2069 | 0xfeff);
    if c.is_control() || is_mark { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_shows_place_message_hint_and_line() {
        let source = "proc.name=a and\nproc.nme=b";
        let mistake = Diagnostic::new(Span { start: 16, end: 24 }, "unknown field 'proc.nme'")
            .hint("did you mean 'proc.name'?");
        let report = Report::new("filter", source, vec![mistake]);
        assert_eq!(
            report.to_string(),
            "filter:2:1: unknown field 'proc.nme'; did you mean 'proc.name'?\n\
             \x20 | proc.nme=b\n\
             \x20 | ^^^^^^^^"
        );
    }

    #[test]
    fn a_message_is_one_line_of_bounded_length_whatever_it_repeats() {
        let cases = [
            ("a\n\u{1b}[2Jb".to_owned(), "f:1:1: a  [2Jb".to_owned()),
            ("ä".repeat(300), format!("f:1:1: {}", "ä".repeat(300))),
            ("ä".repeat(301), format!("f:1:1: {}…", "ä".repeat(300))),
        ];
        for (message, expected) in cases {
            assert_eq!(Diagnostic::new(Span::default(), message).line("f", ""), expected);
        }
    }

    #[test]
    fn any_span_can_be_shown() {
        let source = "ä\t=\u{1b}[2J\nö";
        for start in 0..source.len() + 2 {
            for end in 0..source.len() + 2 {
                let shown =
                    Report::new("f", source, vec![Diagnostic::new(Span { start, end }, "m")]);
                assert!(!shown.to_string().contains('\u{1b}'));
            }
        }
    }
}
