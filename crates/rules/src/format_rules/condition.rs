//! Conditions: their words stay, only the blanks between them change.

use super::{STEP, WIDTH};

/// Deepest indentation of a condition, in levels.
const DEEPEST: usize = 16;

/// The words of a condition: what stands between blanks, quoted texts whole. `None` if it has
/// what cannot be laid out anew: a quote without its end, a line break in quotes, control
/// characters.
pub(super) fn words(text: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut before = '\0';
    for (at, c) in text.char_indices() {
        let is_blank = matches!(c, ' ' | '\t' | '\r' | '\n');
        match quote {
            Some(open) => {
                if c.is_control() {
                    return None;
                }
                if c == open && before != '\\' {
                    quote = None;
                }
            }
            None if is_blank => words.extend(start.take().map(|from| &text[from..at])),
            None if c.is_control() => return None,
            None => {
                start.get_or_insert(at);
                if c == '"' || c == '\'' {
                    quote = Some(c);
                    before = '\0';
                    continue;
                }
            }
        }
        before = c;
    }
    words.extend(start.map(|from| &text[from..]));
    (quote.is_none() && !words.is_empty()).then_some(words)
}

/// The lines of a condition whose first column is `indent`.
pub(super) fn lines(words: &[&str], indent: usize) -> Vec<String> {
    let mut layout = Layout { indent, lines: Vec::new() };
    let words: Vec<Word<'_>> = with_depths(words);
    layout.break_at_joints(&words, 0, 0);
    layout.lines
}

/// A word, and in how many parentheses it begins.
struct Word<'s> {
    text: &'s str,
    depth: usize,
}

fn with_depths<'s>(words: &[&'s str]) -> Vec<Word<'s>> {
    let mut depth = 0_usize;
    let mut all = Vec::with_capacity(words.len());
    for text in words {
        all.push(Word { text, depth });
        let mut quote = None;
        let mut before = '\0';
        for c in text.chars() {
            match quote {
                Some(open) if c == open && before != '\\' => quote = None,
                Some(_) => {}
                None if c == '"' || c == '\'' => {
                    quote = Some(c);
                    before = '\0';
                    continue;
                }
                None if c == '(' => depth += 1,
                None if c == ')' => depth = depth.saturating_sub(1),
                None => {}
            }
            before = c;
        }
    }
    all
}

struct Layout {
    indent: usize,
    lines: Vec<String>,
}

impl Layout {
    /// One line for all if they fit; otherwise one for each `and` and `or` of the lowest depth
    /// that has any.
    fn break_at_joints(&mut self, words: &[Word<'_>], level: usize, from_depth: usize) {
        let joints = |depth: usize| move |word: &Word<'_>| is_joint(word, depth);
        let deeper = words.iter().skip(1).filter(|w| w.depth >= from_depth && is_any_joint(w));
        let lowest = deeper.map(|word| word.depth).min();
        let Some(depth) = lowest.filter(|_| !self.fits(words, level)) else {
            return self.fill(words, level);
        };
        let mut start = 0;
        let mut pieces = Vec::new();
        for (at, word) in words.iter().enumerate().skip(1) {
            if joints(depth)(word) {
                pieces.push(&words[start..at]);
                start = at;
            }
        }
        pieces.push(&words[start..]);
        for (index, piece) in pieces.into_iter().enumerate() {
            let inner = if index > 0 { depth.saturating_sub(words[0].depth) } else { 0 };
            self.break_at_joints(piece, level + inner, depth + 1);
        }
    }

    fn fits(&self, words: &[Word<'_>], level: usize) -> bool {
        let chars: usize = words.iter().map(|word| word.text.chars().count() + 1).sum();
        self.columns(level) + chars <= WIDTH + 1
    }

    fn columns(&self, level: usize) -> usize {
        self.indent + level.min(DEEPEST) * STEP
    }

    /// Writes words on as few lines as the width allows, broken behind commas.
    fn fill(&mut self, words: &[Word<'_>], level: usize) {
        let mut line = String::new();
        let mut width = 0;
        let mut lead = level;
        for piece in words.split_inclusive(|word| word.text.ends_with(',')) {
            let text = piece.iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
            let chars = text.chars().count();
            if width > 0 && self.columns(lead) + width + 1 + chars > WIDTH {
                self.push(&line, lead);
                line.clear();
                width = 0;
                lead = level + 1;
            }
            if width > 0 {
                line.push(' ');
                width += 1;
            }
            line.push_str(&text);
            width += chars;
        }
        self.push(&line, lead);
    }

    fn push(&mut self, line: &str, level: usize) {
        self.lines.push(format!("{:1$}{line}", "", self.columns(level)));
    }
}

fn is_any_joint(word: &Word<'_>) -> bool {
    word.text == "and" || word.text == "or"
}

fn is_joint(word: &Word<'_>, depth: usize) -> bool {
    word.depth == depth && is_any_joint(word)
}
