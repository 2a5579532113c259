//! Where a printed form goes.

/// Which parts of a form are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `value(meaning)`.
    Both,
    /// The meaning if it is known, otherwise the value.
    Best,
}

/// Takes the value, then perhaps its meaning.
pub(super) struct Sink<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    style: Style,
}

impl<'o> Sink<'o> {
    /// Prints `value(meaning)`.
    pub(super) fn both(out: &'o mut Vec<u8>) -> Self {
        Self { start: out.len(), out, style: Style::Both }
    }

    /// Prints the meaning if it is known, otherwise the value.
    pub(super) fn best(out: &'o mut Vec<u8>) -> Self {
        Self { start: out.len(), out, style: Style::Best }
    }

    /// Appends to the value.
    pub(super) fn value(&mut self, value: &[u8]) {
        self.out.extend_from_slice(value);
    }

    /// The value's buffer.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        self.out
    }

    /// Appends the meaning. If `write` writes nothing, it has none.
    pub(super) fn meaning(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let end = self.out.len();
        if self.style == Style::Both {
            self.out.push(b'(');
        }
        let before = self.out.len();
        write(self.out);
        if self.out.len() == before {
            self.out.truncate(end);
        } else if self.style == Style::Both {
            self.out.push(b')');
        } else {
            self.out.drain(self.start..end);
        }
    }
}
