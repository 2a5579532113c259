//! `cmdline` and `environ`: strings with a NUL after each.

/// A command line: first argument and the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cmdline<'a> {
    /// The first argument, without its NUL.
    pub exe: &'a [u8],
    /// The others, with a NUL after each, as far as they were read.
    pub args: &'a [u8],
}

/// Splits a command line. A process may have written anything over it, such as one text without a
/// NUL at its end: that is its first argument.
pub fn cmdline(text: &[u8]) -> Cmdline<'_> {
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    let (exe, rest) = text.split_at_checked(end).unwrap_or((text, &[]));
    Cmdline { exe, args: rest.get(1..).unwrap_or_default() }
}

/// Appends a list of at most `max` bytes, with a NUL at its end: of one that is longer, the last
/// byte gives way to it, as in what drivers record. Says whether something was cut.
pub fn list(strings: &[u8], max: usize, out: &mut Vec<u8>) -> bool {
    let kept = strings.get(..max).unwrap_or(strings);
    let begin = out.len();
    out.extend_from_slice(kept);
    match out.get_mut(begin..).and_then(<[u8]>::last_mut) {
        None => return !strings.is_empty(),
        Some(0) => {}
        Some(byte) if kept.len() == max => *byte = 0,
        Some(_) => out.push(0),
    }
    kept.len() < strings.len()
}
