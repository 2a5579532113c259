//! What a terminal shows, as lines: control sequences are obeyed as far as they edit a line, and left
//! out otherwise. Nothing that they can do to a terminal is left in the lines.

/// Characters of a line at most; what is longer becomes several.
const MOST_CHARS: usize = 1024;
/// Bytes of a control sequence that are looked at; longer ones do nothing.
const MOST_PARAMS: usize = 32;
/// Columns between tabulator stops.
const TAB: usize = 8;

/// The line that is being written, and what stands before its end.
///
/// Programs that take the whole screen (editors, pagers) put characters all over it; what they show
/// while they do is left out.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    line: Vec<char>,
    /// Where the next character goes; at most [`MOST_CHARS`].
    cursor: usize,
    state: State,
    /// What came of a control sequence so far.
    params: String,
    is_whole: bool,
}

/// What the next character is part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    /// Text.
    #[default]
    Text,
    /// An escape has come.
    Escape,
    /// An escape with something between it and its end: `ESC ( B`.
    Charset,
    /// A control sequence: `ESC [ … m`.
    Sequence,
    /// Text for the terminal itself, as its title: `ESC ] … BEL`.
    Message,
    /// In such a text, an escape that may be its end.
    MessageEscape,
}

impl Screen {
    /// Takes in what was written; `each` gets lines that are complete, without their ends. Empty ones
    /// are left out.
    pub fn write(&mut self, text: &str, each: &mut dyn FnMut(String)) {
        text.chars().for_each(|char| self.char(char, each));
    }

    /// The line as it stands, as when nothing more comes; `None` if it is empty.
    pub fn take(&mut self) -> Option<String> {
        self.cursor = 0;
        let line: String = std::mem::take(&mut self.line).into_iter().collect();
        Some(line.trim_end().to_owned()).filter(|line| !line.is_empty())
    }

    /// Whether nothing stands in the line.
    pub fn is_empty(&self) -> bool {
        self.line.iter().all(|char| *char == ' ')
    }

    fn char(&mut self, char: char, each: &mut dyn FnMut(String)) {
        self.state = match (self.state, char) {
            // These end whatever was begun.
            (_, '\u{18}' | '\u{1a}') => State::Text,
            (State::Message, '\x1b') => State::MessageEscape,
            (State::Message, '\x07' | '\u{9c}') => State::Text,
            (State::Message, _) => State::Message,
            (State::MessageEscape, '\\') => State::Text,
            (State::MessageEscape, _) => self.escape(char),
            (_, '\x1b') => State::Escape,
            (State::Escape, _) => self.escape(char),
            (State::Charset, _) => State::Text,
            (State::Sequence, _) => self.sequence(char, each),
            (State::Text, '\u{9b}') => self.begin(State::Sequence),
            (State::Text, '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}') => State::Message,
            (State::Text, _) => {
                if !self.is_whole {
                    self.text(char, each);
                }
                State::Text
            }
        }
    }

    fn begin(&mut self, state: State) -> State {
        self.params.clear();
        state
    }

    fn escape(&mut self, char: char) -> State {
        match char {
            '[' => self.begin(State::Sequence),
            ']' | 'P' | 'X' | '^' | '_' => State::Message,
            ' '..='/' => State::Charset,
            '\x1b' => State::Escape,
            _ => State::Text,
        }
    }

    fn sequence(&mut self, char: char, each: &mut dyn FnMut(String)) -> State {
        match char {
            ' '..='?' => {
                if self.params.len() < MOST_PARAMS {
                    self.params.push(char);
                }
                State::Sequence
            }
            '@'..='~' => {
                self.obey(char, each);
                State::Text
            }
            // What edits lines does so within sequences, too; other characters end them.
            '\0'..='\x1f' => {
                if !self.is_whole {
                    self.text(char, each);
                }
                State::Sequence
            }
            _ => State::Text,
        }
    }

    fn text(&mut self, char: char, each: &mut dyn FnMut(String)) {
        match char {
            '\n' | '\x0b' | '\x0c' | '\u{85}' => each_line(self.take(), each),
            '\r' => self.cursor = 0,
            '\x08' => self.cursor = self.cursor.saturating_sub(1),
            '\t' => self.go(self.cursor / TAB * TAB + TAB),
            _ if char.is_control() => {}
            _ => {
                if self.cursor >= MOST_CHARS {
                    each_line(self.take(), each);
                }
                self.fill();
                match self.line.get_mut(self.cursor) {
                    Some(place) => *place = char,
                    None => self.line.push(char),
                }
                self.cursor += 1;
            }
        }
    }

    /// What a control sequence asks for, if it has to do with the line.
    fn obey(&mut self, end: char, each: &mut dyn FnMut(String)) {
        if let Some(modes) = self.params.strip_prefix('?') {
            if modes.split(';').any(|mode| matches!(mode, "47" | "1047" | "1049")) {
                self.whole(end, each);
            }
            return;
        }
        if self.is_whole {
            return;
        }
        let number = self.params.split(';').next().and_then(|first| first.parse().ok());
        let times = number.unwrap_or(1).clamp(1, MOST_CHARS);
        match end {
            'C' | 'a' => self.go(self.cursor + times),
            'D' => self.cursor = self.cursor.saturating_sub(times),
            'G' | '`' => self.go(times - 1),
            'K' => self.erase(number.unwrap_or(0)),
            'P' => self.delete(times),
            '@' => self.insert(times),
            'X' => self.blank(self.cursor, self.cursor + times),
            // Elsewhere on the screen, or on one that was emptied, something else begins.
            'H' | 'f' | 'J' if end != 'J' || number.unwrap_or(0) >= 2 => {
                each_line(self.take(), each);
            }
            _ => {}
        }
    }

    /// A program takes the whole screen, or gives it back.
    fn whole(&mut self, end: char, each: &mut dyn FnMut(String)) {
        match end {
            'h' => {
                each_line(self.take(), each);
                self.is_whole = true;
            }
            'l' => self.is_whole = false,
            _ => {}
        }
    }

    fn go(&mut self, to: usize) {
        self.cursor = to.min(MOST_CHARS);
    }

    /// Fills the line with blanks up to the cursor.
    fn fill(&mut self) {
        if self.line.len() < self.cursor {
            self.line.resize(self.cursor, ' ');
        }
    }

    fn erase(&mut self, which: usize) {
        match which {
            0 => self.line.truncate(self.cursor),
            1 => self.blank(0, self.cursor + 1),
            _ => self.line.clear(),
        }
    }

    fn blank(&mut self, from: usize, to: usize) {
        let to = to.min(self.line.len());
        if let Some(part) = self.line.get_mut(from..to) {
            part.fill(' ');
        }
    }

    fn delete(&mut self, number: usize) {
        let from = self.cursor.min(self.line.len());
        let to = (from + number).min(self.line.len());
        self.line.drain(from..to);
    }

    fn insert(&mut self, number: usize) {
        if self.cursor < self.line.len() {
            let blanks = std::iter::repeat_n(' ', number);
            self.line.splice(self.cursor..self.cursor, blanks);
            self.line.truncate(MOST_CHARS);
        }
    }
}

fn each_line(line: Option<String>, each: &mut dyn FnMut(String)) {
    if let Some(line) = line {
        each(line);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let (mut screen, mut lines) = (Screen::default(), Vec::new());
        screen.write(text, &mut |line| lines.push(line));
        lines.extend(screen.take());
        lines
    }

    #[test]
    fn lines_are_what_somebody_saw() {
        for (text, want) in [
            ("$ echo one\r\none\r\n$ ", &["$ echo one", "one", "$"][..]),
            ("  \r\n\r\n", &[]),
            // Typed wrong, taken back, and typed again.
            ("$ cta\x08\x08\x08\x1b[Kcat\r\n", &["$ cat"]),
            ("$ caat\x08\x1b[1P\r\n", &["$ caa"]),
            ("$ ct\x08\x1b[1@a\r\n", &["$ cat"]),
            ("ab\x1b[2Dx\x1b[Cy\r\n", &["xby"]),
            ("10%\r20%\r100%\r\n", &["100%"]),
            ("a\tb\r\n", &["a       b"]),
            // Colours, titles, character sets, what the terminal is told or asked.
            ("\x1b[01;32mroot\x1b[00m:\x1b]0;a title\x07# id\r\n", &["root:# id"]),
            ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\r\n", &["link"]),
            ("\x1bP1;2|6162\x1b\\a\x1b(B\x1b=b\x1b[6n\x1b[?2004hc\r\n", &["abc"]),
            ("\u{9b}31mred\u{9d}title\u{9c}der\n", &["redder"]),
            // An editor.
            ("$ vi\r\n\x1b[?1049h\x1b[2J\x1b[5;5Htext\r\n\x1b[?1049l$ \r\n", &["$ vi", "$"]),
            ("one\x1b[H\x1b[2Jtwo\n", &["one", "two"]),
        ] {
            assert_eq!(lines(text), want, "{text:?}");
        }
    }

    #[test]
    fn long_lines_are_several_and_no_number_makes_one_longer() {
        let long = lines(&"x".repeat(3 * MOST_CHARS + 1));
        assert_eq!(long.iter().map(String::len).collect::<Vec<_>>(), [1024, 1024, 1024, 1]);
        let far = lines("\x1b[99999999Cx\x1b[9999G\x1b[777777777@y\n");
        assert!(far.iter().all(|line| line.chars().count() <= MOST_CHARS), "{far:?}");
    }

    proptest! {
        #[test]
        fn no_control_is_left_however_text_is_cut(
            parts in proptest::collection::vec(
                prop_oneof![
                    any::<String>(),
                    "[\\x1b\\[\\];?0-9A-Za-z@\\x07\\x08\\r\\n\\\\ ]{0,40}",
                ],
                0..8,
            )
        ) {
            let whole = lines(&parts.concat());
            for line in &whole {
                prop_assert!(!line.chars().any(char::is_control), "{:?}", line);
                prop_assert!(line.chars().count() <= MOST_CHARS);
            }
            let (mut screen, mut pieces) = (Screen::default(), Vec::new());
            for char in parts.concat().chars() {
                screen.write(&char.to_string(), &mut |line| pieces.push(line));
            }
            pieces.extend(screen.take());
            prop_assert_eq!(pieces, whole);
        }
    }
}
