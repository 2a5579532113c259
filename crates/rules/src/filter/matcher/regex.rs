//! Regular expressions in the POSIX syntax of RE2, matched against the whole text.
//!
//! The syntax is smaller than Perl's: no `\d`, `\w`, `\b`, no `(?i)`, no `\pL`; classes are
//! written `[0-9]` or `[[:alpha:]]`. `.` and negated classes do not match a newline, `^` and `$`
//! match at lines. Text that is not UTF-8 is matched with U+FFFD in place of each broken sequence.
//!
//! Only the syntax is RE2's: the automaton is the regex-automata crate's, which matches in linear
//! time as RE2 does.

use std::borrow::Cow;

use regex_automata::{Anchored, Input, meta};
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, Look, Repetition};

/// Deepest nesting of groups.
const MAX_DEPTH: usize = 100;
/// Largest count in braces, as in RE2.
const MAX_REPEAT: u32 = 1000;
/// Largest automaton; RE2's limit is of the same order.
const MAX_BYTES: usize = 8 << 20;

/// A compiled expression.
#[derive(Clone, Debug)]
pub(in crate::filter) struct Regex {
    automaton: meta::Regex,
}

impl Regex {
    /// Compiles an expression. The error says what is wrong with it.
    pub(in crate::filter) fn new(pattern: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: pattern, depth: 0 };
        let hir = parser.alternatives()?;
        if !parser.rest.is_empty() {
            return Err("')' without its '('".to_owned());
        }
        let whole = Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)]);
        let config = meta::Config::new()
            .nfa_size_limit(Some(MAX_BYTES))
            .onepass_size_limit(Some(MAX_BYTES))
            .hybrid_cache_capacity(MAX_BYTES / 4);
        let automaton = meta::Builder::new()
            .configure(config)
            .build_from_hir(&whole)
            .map_err(|_| "the expression needs too much memory".to_owned())?;
        Ok(Self { automaton })
    }

    /// Memory that its automaton takes, bytes.
    pub(in crate::filter) fn bytes(&self) -> usize {
        self.automaton.memory_usage()
    }

    /// Whether the expression matches all of `text`.
    pub(in crate::filter) fn matches(&self, text: &[u8]) -> bool {
        let text = match std::str::from_utf8(text) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(text),
        };
        self.automaton.is_match(Input::new(text.as_ref()).anchored(Anchored::Yes))
    }
}

struct Parser<'p> {
    rest: &'p str,
    depth: usize,
}

type Parsed<T> = Result<T, String>;

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn alternatives(&mut self) -> Parsed<Hir> {
        let mut all = vec![self.sequence()?];
        while self.eat("|") {
            all.push(self.sequence()?);
        }
        Ok(Hir::alternation(all))
    }

    fn sequence(&mut self) -> Parsed<Hir> {
        let mut items: Vec<Hir> = Vec::new();
        loop {
            match self.peek() {
                None | Some('|' | ')') => return Ok(Hir::concat(items)),
                Some('*' | '+' | '?') => self.repeat_simply(&mut items)?,
                Some('{') => match self.counts()? {
                    Some((min, max)) => repeat(&mut items, min, max)?,
                    None => items.push(literal('{')),
                },
                Some(_) => items.push(self.atom()?),
            }
        }
    }

    fn repeat_simply(&mut self, items: &mut Vec<Hir>) -> Parsed<()> {
        match self.next() {
            Some('*') => repeat(items, 0, None),
            Some('+') => repeat(items, 1, None),
            _ => repeat(items, 0, Some(1)),
        }
    }

    /// `{2}`, `{2,}`, `{2,3}`; a brace that begins none of these is an ordinary character.
    fn counts(&mut self) -> Parsed<Option<(u32, Option<u32>)>> {
        let start = self.rest;
        self.eat("{");
        let found = self.counts_in_braces();
        match found {
            None => {
                self.rest = start;
                self.eat("{");
                Ok(None)
            }
            Some((min, max)) if min > MAX_REPEAT || max.is_some_and(|m| m > MAX_REPEAT) => {
                Err(format!("more than {MAX_REPEAT} repetitions"))
            }
            Some((min, Some(max))) if max < min => {
                Err(format!("{{{min},{max}}} is the wrong way round"))
            }
            found => Ok(found),
        }
    }

    fn counts_in_braces(&mut self) -> Option<(u32, Option<u32>)> {
        let min = self.count()?;
        if self.eat("}") {
            return Some((min, Some(min)));
        }
        if !self.eat(",") {
            return None;
        }
        if self.eat("}") {
            return Some((min, None));
        }
        let max = self.count()?;
        self.eat("}").then_some((min, Some(max)))
    }

    fn count(&mut self) -> Option<u32> {
        let len = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(len);
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return None;
        }
        self.rest = rest;
        Some(digits.parse().unwrap_or(u32::MAX))
    }

    fn atom(&mut self) -> Parsed<Hir> {
        match self.next() {
            Some('(') => self.group(),
            Some('[') => self.class(),
            Some('.') => Ok(class(&[('\n', '\n')], Sign::Negated)),
            Some('^') => Ok(Hir::look(Look::StartLF)),
            Some('$') => Ok(Hir::look(Look::EndLF)),
            Some('\\') => self.escape().map(literal),
            Some(char) => Ok(literal(char)),
            None => Ok(Hir::empty()),
        }
    }

    fn group(&mut self) -> Parsed<Hir> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} groups within each other"));
        }
        let inner = self.alternatives()?;
        self.depth -= 1;
        if self.eat(")") { Ok(inner) } else { Err("'(' without its ')'".to_owned()) }
    }

    /// Behind a backslash.
    fn escape(&mut self) -> Parsed<char> {
        let Some(char) = self.next() else {
            return Err("a backslash at the end".to_owned());
        };
        match char {
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'a' => Ok('\x07'),
            'f' => Ok('\x0c'),
            'v' => Ok('\x0b'),
            'x' => self.hexadecimal(),
            '0' => self.octal(0),
            '1'..='7' if self.peek().is_some_and(|c| c.is_digit(8)) => {
                self.octal(char.to_digit(8).unwrap_or(0))
            }
            char if char.is_ascii() && !char.is_ascii_alphanumeric() && char != '_' => Ok(char),
            char => Err(unknown_escape(char)),
        }
    }

    fn octal(&mut self, first: u32) -> Parsed<char> {
        let mut value = first;
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            self.next();
            value = value * 8 + digit;
        }
        char::from_u32(value).ok_or_else(|| "an octal escape out of range".to_owned())
    }

    fn hexadecimal(&mut self) -> Parsed<char> {
        let digits = if self.eat("{") {
            let (digits, rest) = self.rest.split_once('}').unwrap_or(("", self.rest));
            self.rest = rest;
            digits
        } else {
            let (digits, rest) = self.rest.split_at_checked(2).unwrap_or(("", self.rest));
            self.rest = rest;
            digits
        };
        let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
        u32::from_str_radix(digits, 16)
            .ok()
            .filter(|_| valid)
            .and_then(char::from_u32)
            .ok_or_else(|| "\\x needs two hexadecimal digits, or more in braces".to_owned())
    }

    /// Behind `[`.
    fn class(&mut self) -> Parsed<Hir> {
        let sign = if self.eat("^") { Sign::Negated } else { Sign::Plain };
        let mut ranges = Vec::new();
        if sign == Sign::Negated {
            ranges.push(('\n', '\n'));
        }
        let mut first = true;
        loop {
            if self.rest.is_empty() {
                return Err("'[' without its ']'".to_owned());
            }
            if !first && self.eat("]") {
                return Ok(class(&ranges, sign));
            }
            if !first && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                return Err("'-' in brackets has to be first or last, or in a range".to_owned());
            }
            first = false;
            if !self.named_class(&mut ranges)? {
                ranges.push(self.range()?);
            }
        }
    }

    fn range(&mut self) -> Parsed<(char, char)> {
        let low = self.class_char()?;
        if !self.rest.starts_with('-') || self.rest.starts_with("-]") || self.rest == "-" {
            return Ok((low, low));
        }
        self.next();
        let high = self.class_char()?;
        if high < low {
            return Err(format!("the range {low}-{high} is the wrong way round"));
        }
        Ok((low, high))
    }

    fn class_char(&mut self) -> Parsed<char> {
        match self.next() {
            Some('\\') => self.escape(),
            Some(char) => Ok(char),
            None => Err("'[' without its ']'".to_owned()),
        }
    }

    /// `[:alpha:]`, `[:^alpha:]`.
    fn named_class(&mut self, ranges: &mut Vec<(char, char)>) -> Parsed<bool> {
        let Some((name, rest)) = self.rest.strip_prefix("[:").and_then(|r| r.split_once(":]"))
        else {
            return Ok(false);
        };
        let (plain, sign) = match name.strip_prefix('^') {
            Some(plain) => (plain, Sign::Negated),
            None => (name, Sign::Plain),
        };
        let Some(members) = posix_class(plain) else {
            return Err(format!("unknown class [:{name}:]"));
        };
        self.rest = rest;
        match sign {
            Sign::Plain => ranges.extend_from_slice(members),
            Sign::Negated => {
                let mut class = ClassUnicode::new(
                    members.iter().map(|&(low, high)| ClassUnicodeRange::new(low, high)),
                );
                class.push(ClassUnicodeRange::new('\n', '\n'));
                class.negate();
                ranges.extend(class.iter().map(|range| (range.start(), range.end())));
            }
        }
        Ok(true)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Plain,
    Negated,
}

fn unknown_escape(char: char) -> String {
    let instead = match char {
        'd' => "; write [0-9]",
        's' => "; write [[:space:]]",
        'w' => "; write [[:word:]]",
        'D' => "; write [^0-9]",
        'S' => "; write [^[:space:]]",
        'W' => "; write [^[:word:]]",
        _ => "",
    };
    format!("unknown escape \\{char}{instead}")
}

fn literal(char: char) -> Hir {
    Hir::literal(char.encode_utf8(&mut [0; 4]).as_bytes())
}

fn class(ranges: &[(char, char)], sign: Sign) -> Hir {
    let mut class =
        ClassUnicode::new(ranges.iter().map(|&(low, high)| ClassUnicodeRange::new(low, high)));
    if sign == Sign::Negated {
        class.negate();
    }
    Hir::class(Class::Unicode(class))
}

/// Puts a repetition around the last item.
fn repeat(items: &mut Vec<Hir>, min: u32, max: Option<u32>) -> Parsed<()> {
    let Some(sub) = items.pop() else {
        return Err("nothing in front of a repetition".to_owned());
    };
    items.push(Hir::repetition(Repetition { min, max, greedy: true, sub: Box::new(sub) }));
    Ok(())
}

fn posix_class(name: &str) -> Option<&'static [(char, char)]> {
    Some(match name {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "ascii" => &[('\0', '\x7f')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        "digit" => &[('0', '9')],
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "upper" => &[('A', 'Z')],
        "word" => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_match_the_whole_text() {
        let cases: &[(&str, &[u8], bool)] = &[
            ("ht.*", b"httpd", true),
            ("tt", b"httpd", false),
            ("a|ab", b"ab", true),
            ("^ab$", b"ab", true),
            ("/(etc|usr)/.*", b"/etc/passwd", true),
            ("[a-z]+d", b"httpd", true),
            ("", b"", true),
            ("", b"a", false),
            ("a{2}", b"aa", true),
            ("a{2,}", b"aaaa", true),
            ("a{1,2}", b"aaa", false),
            ("a{x}", b"a{x}", true),
            ("a**", b"aaa", true),
            ("a*?", b"aaa", true),
            (".", b"\n", false),
            ("[^a]", b"\n", false),
            ("a\n$", b"a\n", true),
            ("[[:space:]]", b"\n", true),
            ("[[:^alpha:]]", b"1", true),
            ("[]a]+", b"]a", true),
            ("[a-]+", b"a-", true),
            ("[[]", b"[", true),
            (r"\x41\x{1F600}\101\.", "A😀A.".as_bytes(), true),
            (".", "ä".as_bytes(), true),
            (".", b"\xff", true),
            ("..", b"\xff\xfe", true),
            ("\u{fffd}", b"\xe2\x82", true),
            ("()|x", b"", true),
        ];
        for (pattern, text, expected) in cases {
            let regex = Regex::new(pattern).unwrap();
            assert_eq!(regex.matches(text), *expected, "{pattern} {text:?}");
        }
    }

    #[test]
    fn what_the_syntax_lacks_is_refused() {
        let cases = [
            ("*a", "nothing in front of a repetition"),
            ("(?i)a", "nothing in front of a repetition"),
            ("a|*", "nothing in front of a repetition"),
            (r"\d", r"unknown escape \d; write [0-9]"),
            (r"\bx", r"unknown escape \b"),
            (r"\pL", r"unknown escape \p"),
            (r"(a)\1", r"unknown escape \1"),
            ("a\\", "a backslash at the end"),
            ("(a", "'(' without its ')'"),
            ("a)", "')' without its '('"),
            ("[a", "'[' without its ']'"),
            ("[]", "'[' without its ']'"),
            ("[b-a]", "the range b-a is the wrong way round"),
            ("[a-b-c]", "'-' in brackets has to be first or last, or in a range"),
            ("[[:word", "'[' without its ']'"),
            ("[[:nope:]]", "unknown class [:nope:]"),
            ("a{1001}", "more than 1000 repetitions"),
            ("a{2,1}", "{2,1} is the wrong way round"),
            ("((a{1000}){1000}){1000}", "the expression needs too much memory"),
            (r"\x{110000}", "\\x needs two hexadecimal digits, or more in braces"),
        ];
        for (pattern, expected) in cases {
            assert_eq!(Regex::new(pattern).unwrap_err(), expected, "{pattern}");
        }
    }

    #[test]
    fn deep_groups_are_refused_without_overflow() {
        assert!(Regex::new(&"(".repeat(100_000)).is_err());
    }
}
