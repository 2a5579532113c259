//! Formats made of others: what an alert prints is a rule's output and more.

use super::{Format, Key, Missing, Piece};

impl Format {
    /// The formats one after the other, a blank between them. Events that lack a value are printed.
    #[must_use]
    pub fn joined<'f>(parts: impl IntoIterator<Item = &'f Self>) -> Self {
        let mut joined = Self { pieces: Vec::new(), missing: Missing::IsMarked, levels: 1 };
        for part in parts {
            if !joined.pieces.is_empty() {
                joined.pieces.push(Piece::Literal(" ".into()));
            }
            joined.pieces.extend(part.pieces.iter().cloned());
            joined.levels = joined.levels.max(part.levels);
        }
        joined
    }

    /// The values alone, each once, sorted by their names: for JSON.
    #[must_use]
    pub fn by_name(&self) -> Self {
        let mut pieces: Vec<Piece> =
            self.pieces.iter().filter(|piece| piece.name().is_some()).cloned().collect();
        pieces.sort_by(|a, b| a.name().cmp(&b.name()));
        pieces.dedup_by(|a, b| a.name() == b.name());
        for piece in &mut pieces {
            if let Piece::Value { key, .. } = piece {
                key.is_repeated = false;
            }
        }
        Self { pieces, ..*self }
    }

    /// The same with what does not print, in the text between the fields and in their names, made
    /// U+FFFD; line breaks and tabs in the text stay.
    #[must_use]
    pub fn printable(mut self) -> Self {
        for piece in &mut self.pieces {
            match piece {
                Piece::Literal(text) => *text = printable(text, &['\n', '\t']),
                Piece::Value { key, .. } => {
                    *key = Key::new(&printable(&key.name, &[]), key.is_repeated)
                }
            }
        }
        self
    }
}

impl Piece {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Value { key, .. } => Some(&key.name),
            Self::Literal(_) => None,
        }
    }
}

fn printable(text: &str, kept: &[char]) -> Box<str> {
    let mut safe = String::with_capacity(text.len());
    for piece in text.split_inclusive(kept) {
        let rest = piece.trim_end_matches(kept);
        safe.push_str(&super::safe_text(rest.as_bytes()));
        safe.push_str(&piece[rest.len()..]);
    }
    safe.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(text: &str) -> Format {
        Format::compile(text).expect("a format")
    }

    #[test]
    fn values_are_sorted_and_stand_once() {
        let joined = Format::joined([
            &format("*a %proc.name b %evt.type"),
            &format("%evt.type %20proc.name %container.id"),
        ]);
        let names: Vec<_> = joined.names().collect();
        assert_eq!(names, ["proc.name", "evt.type", "evt.type", "proc.name", "container.id"]);
        let sorted = joined.by_name();
        let names: Vec<_> = sorted.names().collect();
        assert_eq!(names, ["container.id", "evt.type", "proc.name"]);
    }

    #[test]
    fn terminal_escapes_in_a_rule_are_taken_out_and_line_breaks_stay() {
        assert_eq!(
            &*printable("a\x1b[2J\n\tb\u{9b}c\r", &['\n', '\t']),
            "a\u{fffd}[2J\n\tb\u{fffd}c\u{fffd}"
        );
        assert_eq!(&*printable("\n\n", &['\n']), "\n\n");
        assert_eq!(&*printable("a\nb", &[]), "a\u{fffd}b");
    }
}
