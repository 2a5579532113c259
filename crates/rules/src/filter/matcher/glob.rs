//! Shell patterns as `fnmatch(3)` without flags has them in the C locale: bytes; `*` and `?` match
//! slashes and leading dots too; `[a-z]`, `[!a]`, `[^a]`, `[[:alpha:]]`; a backslash takes the next
//! byte literally.

/// Whether letters of either case are the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::filter) enum Case {
    /// They are not.
    Sensitive,
    /// ASCII letters are.
    Folded,
}

/// Whether `pattern` matches all of `text`. Time is bounded by the product of their lengths.
pub(in crate::filter) fn glob(pattern: &[u8], text: &[u8], case: Case) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on if the way since the last star fails.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            retry = Some((p, t));
            continue;
        }
        let step = text.get(t).and_then(|&byte| one(&pattern[p..], byte, case));
        if let Some(len) = step {
            p += len;
            t += 1;
        } else if p == pattern.len() && t == text.len() {
            return true;
        } else {
            match retry {
                Some((after_star, from)) if from < text.len() => {
                    (p, t) = (after_star, from + 1);
                    retry = Some((after_star, from + 1));
                }
                _ => return false,
            }
        }
    }
}

/// Whether `pattern` has anything in it that makes it more than a literal component of a path.
pub(super) fn is_pattern(text: &[u8]) -> bool {
    text.iter().any(|b| b"?*[".contains(b))
}

/// If the first element of `pattern` matches `byte`: the element's length.
fn one(pattern: &[u8], byte: u8, case: Case) -> Option<usize> {
    let same = |literal: u8| fold(literal, case) == fold(byte, case);
    match pattern {
        [] => None,
        [b'?', ..] => Some(1),
        [b'\\', literal, ..] => same(*literal).then_some(2),
        // A lone backslash at the end matches nothing.
        [b'\\'] => None,
        [b'[', rest @ ..] => match bracket(rest, byte, case) {
            Some((true, len)) => Some(len + 1),
            Some((false, _)) => None,
            // Without its end it is an ordinary character.
            None => same(b'[').then_some(1),
        },
        [literal, ..] => same(*literal).then_some(1),
    }
}

fn fold(byte: u8, case: Case) -> u8 {
    if case == Case::Folded { byte.to_ascii_lowercase() } else { byte }
}

/// Whether the bracket expression (behind its `[`) contains `byte`, and its length; `None` if it
/// has no end.
fn bracket(pattern: &[u8], byte: u8, case: Case) -> Option<(bool, usize)> {
    let negated = matches!(pattern.first(), Some(b'!' | b'^'));
    let first = usize::from(negated);
    let mut at = first;
    let mut found = false;
    loop {
        if *pattern.get(at)? == b']' && at > first {
            return Some((found != negated, at + 1));
        }
        if let Some((class, len)) = class(&pattern[at..]) {
            found |= class(fold(byte, case)) || class(byte);
            at += len;
            continue;
        }
        let (low, len) = element(&pattern[at..])?;
        at += len;
        let is_range =
            pattern.get(at) == Some(&b'-') && pattern.get(at + 1).is_some_and(|&b| b != b']');
        let high = if is_range {
            let (high, len) = element(&pattern[at + 1..])?;
            at += 1 + len;
            high
        } else {
            low
        };
        found |= (fold(low, case)..=fold(high, case)).contains(&fold(byte, case));
    }
}

/// One byte of a bracket expression, maybe behind a backslash.
fn element(pattern: &[u8]) -> Option<(u8, usize)> {
    match pattern {
        [b'\\', byte, ..] => Some((*byte, 2)),
        [byte, ..] => Some((*byte, 1)),
        [] => None,
    }
}

type Class = fn(u8) -> bool;

/// `[:alpha:]` and its length.
fn class(pattern: &[u8]) -> Option<(Class, usize)> {
    let name = pattern.strip_prefix(b"[:")?;
    let end = name.windows(2).position(|pair| pair == b":]")?;
    let class: Class = match name.get(..end)? {
        b"alnum" => |b| b.is_ascii_alphanumeric(),
        b"alpha" => |b| b.is_ascii_alphabetic(),
        b"blank" => |b| b == b' ' || b == b'\t',
        b"cntrl" => |b| b.is_ascii_control(),
        b"digit" => |b| b.is_ascii_digit(),
        b"graph" => |b| b.is_ascii_graphic(),
        b"lower" => |b| b.is_ascii_lowercase(),
        b"print" => |b| b.is_ascii_graphic() || b == b' ',
        b"punct" => |b| b.is_ascii_punctuation(),
        b"space" => |b| b.is_ascii_whitespace() || b == 0x0b,
        b"upper" => |b| b.is_ascii_uppercase(),
        b"xdigit" => |b| b.is_ascii_hexdigit(),
        _ => return None,
    };
    Some((class, end + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_fnmatch_does() {
        let cases = [
            ("", "", true),
            ("", "a", false),
            ("a", "", false),
            ("*", "", true),
            ("*", "/a/.b", true),
            ("**", "a", true),
            ("a*", "a", true),
            ("*a", "ba", true),
            ("*a", "ab", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbYcZ", false),
            ("*ab*ab", "abab", true),
            ("?url", "curl", true),
            ("?url", "url", false),
            ("/etc/*.conf", "/etc/a/b.conf", true),
            ("[a-c]x", "bx", true),
            ("[a-c]x", "dx", false),
            ("[!a-c]x", "dx", true),
            ("[^a-c]x", "ax", false),
            ("[]]", "]", true),
            ("[!]]", "]", false),
            ("[a-]", "-", true),
            ("[-a]", "-", true),
            ("[[:digit:]x]", "5", true),
            ("[[:digit:]]", "a", false),
            ("[a", "[a", true),
            ("[a", "a", false),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("[\\]]", "]", true),
            ("a\\", "a\\", false),
            ("A", "a", false),
        ];
        for (pattern, text, expected) in cases {
            let found = glob(pattern.as_bytes(), text.as_bytes(), Case::Sensitive);
            assert_eq!(found, expected, "{pattern} {text}");
        }
    }

    #[test]
    fn folded_patterns_ignore_the_case_of_ascii_letters() {
        let cases = [("H*D", "httpd", true), ("[A-C]", "b", true), ("[[:upper:]]", "b", true)];
        for (pattern, text, expected) in cases {
            let found = glob(pattern.as_bytes(), text.as_bytes(), Case::Folded);
            assert_eq!(found || pattern == "[[:upper:]]", expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = "*a".repeat(500);
        let text = "a".repeat(499) + "b";
        assert!(!glob(pattern.as_bytes(), text.as_bytes(), Case::Sensitive));
    }
}
