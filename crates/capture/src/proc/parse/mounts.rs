//! `/proc/PID/mountinfo`.

use std::borrow::Cow;

use super::text::{fields, split_once, unsigned};

/// One mount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount<'a> {
    /// Its id.
    pub id: u64,
    /// Device number of its file system, as the schema encodes it.
    pub dev: u32,
    /// Which directory of the file system it shows.
    pub root: Cow<'a, [u8]>,
    /// Where.
    pub point: Cow<'a, [u8]>,
    /// Kind of file system.
    pub kind: &'a [u8],
    /// The file system's options, escaped as they stand there.
    pub options: &'a [u8],
}

impl<'a> Mount<'a> {
    /// The value of one of the file system's options.
    pub fn option(&self, name: &[u8]) -> Option<Cow<'a, [u8]>> {
        let mut options = split_unescaped(self.options);
        options.find_map(|option| {
            let (found, value) = split_once(option, b'=')?;
            (found == name).then(|| unescape(value))
        })
    }
}

/// Reads a line.
pub fn mount(line: &[u8]) -> Option<Mount<'_>> {
    let mut fields = fields(line);
    let id = unsigned(fields.next()?, 10)?;
    let (major, minor) = split_once(fields.nth(1)?, b':')?;
    let (major, minor) = (unsigned(major, 10)?, unsigned(minor, 10)?);
    let (root, point) = (unescape(fields.next()?), unescape(fields.next()?));
    // The mount's options, then fields that are or are not there, and a dash.
    fields.next()?;
    fields.find(|field| *field == b"-")?;
    let kind = fields.next()?;
    let options = fields.nth(1)?;
    Some(Mount { id, dev: device(major as u32, minor as u32), root, point, kind, options })
}

/// A device number as the kernel encodes it for user space (`new_encode_dev`).
fn device(major: u32, minor: u32) -> u32 {
    (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & !0xff) << 12)
}

/// Options, at commas that have no backslash before them.
fn split_unescaped(options: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut escaped = false;
    options.split(move |&byte| {
        let ends = byte == b',' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// Blanks and backslashes are written as a backslash and three octal digits, commas and colons
/// with a backslash before them.
fn unescape(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\\') {
        return text.into();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let octal = tail.get(..3).and_then(|digits| unsigned(digits, 8));
        let octal = octal.and_then(|value| u8::try_from(value).ok());
        rest = match (first, octal, tail) {
            (b'\\', Some(byte), _) => {
                out.push(byte);
                tail.get(3..).unwrap_or_default()
            }
            (b'\\', None, [byte, tail @ ..]) => {
                out.push(*byte);
                tail
            }
            _ => {
                out.push(*first);
                tail
            }
        };
    }
    out.into()
}
