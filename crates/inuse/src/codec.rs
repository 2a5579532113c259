//! The index as bytes.
//!
//! ```text
//! "wkinuse\n"  format: u32  digest: 16 bytes of BLAKE3 of what follows
//! places: number, then of each
//!   host: text  what: 0 host, 1 image, 2 container, then its text
//!   image: name, id, digest: texts
//!   containers: number, then of each: id, name: texts  span
//!   watched, watched in part, lost: each number, then spans
//!   left out: 0, or 1 then uses: number  span
//!   files: number, then of each, in the order of their paths
//!     shared: bytes that it has in common with the path before  rest: text
//!     flags: bits 0 to 3 a span for each kind, 4 memfd, 5 deleted, 6 ports  the spans
//!     ports: number, then of each: protocol: 0 tcp, 1 udp, 2 other  number  reach: 0 loopback, 1 network
//! ```
//!
//! Numbers have seven bits in each byte, the lowest first, and the eighth where another one follows. A text
//! is its length in bytes, then these. A span is its beginning, then how long it is, in seconds. The order
//! is the only one that there is, so that equal indexes are equal bytes.

use std::sync::Arc;

use thiserror::Error;

use crate::{
    ContainerSeen, Facts, Image, Index, Key, Kind, LeftOut, Place, Port, Protocol, Reach, Seen,
    Span, Spans, What,
    index::{LONGEST_PATH_BYTES, MOST_PATH_BYTES, MOST_PATHS, MOST_PLACES},
};

/// Version of the form.
pub const FORMAT: u32 = 1;
/// No index is longer.
pub const MOST_INDEX_BYTES: u64 = 64 << 20;

const MAGIC: &[u8; 8] = b"wkinuse\n";
const DIGEST_BYTES: usize = 16;
/// Bytes before the places.
pub const HEADER_BYTES: usize = MAGIC.len() + size_of::<u32>() + DIGEST_BYTES;
/// Longest text that is no path.
const LONGEST_TEXT_BYTES: usize = 64 << 10;
const MEMFD: u8 = 1 << 4;
const DELETED: u8 = 1 << 5;
const PORTS: u8 = 1 << 6;

/// Why bytes are no index.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Unreadable {
    /// Something else.
    #[error("is not an index of what is in use")]
    Foreign,
    /// Of another version of this program.
    #[error(
        "has format {0}, and this program knows {FORMAT}: use the program that wrote it, or a later one"
    )]
    Format(u32),
    /// Not what was written.
    #[error("is damaged: {0}")]
    Damaged(&'static str),
}

/// Writes an index.
pub fn encode(index: &Index) -> Vec<u8> {
    let mut body = Vec::new();
    number(index.places().count() as u64, &mut body);
    index.places().for_each(|(key, it)| place(key, it, &mut body));
    with_header(&body)
}

/// What stands before the places, and they.
pub fn with_header(body: &[u8]) -> Vec<u8> {
    let digest = blake3::hash(body);
    let mut out = Vec::with_capacity(HEADER_BYTES + body.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&FORMAT.to_le_bytes());
    out.extend(digest.as_bytes().iter().take(DIGEST_BYTES));
    out.extend_from_slice(body);
    out
}

fn number(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn text(text: &[u8], out: &mut Vec<u8>) {
    number(text.len() as u64, out);
    out.extend_from_slice(text);
}

fn span(span: Span, out: &mut Vec<u8>) {
    number(span.from_s.into(), out);
    number(span.seconds(), out);
}

fn spans(spans: &Spans, out: &mut Vec<u8>) {
    number(spans.iter().len() as u64, out);
    spans.iter().for_each(|it| span(it, out));
}

fn place(key: &Key, place: &Place, out: &mut Vec<u8>) {
    text(&key.host, out);
    let (what, name) = match &key.what {
        What::Host => (0, None),
        What::Image(name) => (1, Some(name)),
        What::Container(id) => (2, Some(id)),
    };
    out.push(what);
    name.iter().for_each(|name| text(name, out));
    for name in [&place.image.name, &place.image.id, &place.image.digest] {
        text(name, out);
    }
    number(place.containers.len() as u64, out);
    for (id, it) in &place.containers {
        text(id, out);
        text(&it.name, out);
        span(it.span, out);
    }
    for times in [&place.watched, &place.watched_in_part, &place.lost] {
        spans(times, out);
    }
    out.push(place.left_out.is_some().into());
    if let Some(left_out) = place.left_out {
        number(left_out.uses, out);
        span(left_out.span, out);
    }
    files(place, out);
}

fn files(place: &Place, out: &mut Vec<u8>) {
    let mut files: Vec<(&[u8], &Seen)> = place.files().collect();
    files.sort_unstable_by_key(|(path, _)| *path);
    number(files.len() as u64, out);
    let mut before: &[u8] = b"";
    for (path, seen) in files {
        let shared = before.iter().zip(path).take_while(|(a, b)| a == b).count();
        number(shared as u64, out);
        text(path.get(shared..).unwrap_or_default(), out);
        file(seen, out);
        before = path;
    }
}

fn file(seen: &Seen, out: &mut Vec<u8>) {
    let kinds = Kind::ALL.into_iter().filter(|kind| seen.times(*kind).is_some());
    let mut flags: u8 = kinds.map(|kind| 1 << kind as u8).sum();
    flags |= if seen.facts.is_memfd { MEMFD } else { 0 };
    flags |= if seen.facts.is_deleted { DELETED } else { 0 };
    flags |= if seen.ports().is_empty() { 0 } else { PORTS };
    out.push(flags);
    Kind::ALL.into_iter().filter_map(|kind| seen.times(kind)).for_each(|it| span(it, out));
    if !seen.ports().is_empty() {
        number(seen.ports().len() as u64, out);
        for port in seen.ports() {
            out.push(port.protocol as u8);
            number(port.number.into(), out);
            out.push(port.reach as u8);
        }
    }
}

/// Reads an index.
///
/// # Errors
/// If the bytes are none, or of another format, or damaged. What is larger than an index may be is none.
pub fn decode(bytes: &[u8]) -> Result<Index, Unreadable> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(Unreadable::Foreign)?;
    let (format, rest) = rest.split_first_chunk().ok_or(CUT)?;
    let format = u32::from_le_bytes(*format);
    if format != FORMAT {
        return Err(Unreadable::Format(format));
    }
    let (digest, body) = rest.split_at_checked(DIGEST_BYTES).ok_or(CUT)?;
    if blake3::hash(body).as_bytes().get(..DIGEST_BYTES) != Some(digest) {
        return Err(Unreadable::Damaged("its digest is another"));
    }
    body_of(body)
}

/// Reads an index whose digest is right, or does not matter.
pub(crate) fn body_of(body: &[u8]) -> Result<Index, Unreadable> {
    let mut left = Left(body);
    let mut index = Index::default();
    let mut path_bytes = 0;
    for _ in 0..left.count(MOST_PLACES)? {
        left.place(&mut index, &mut path_bytes)?;
    }
    if left.0.is_empty() {
        Ok(index)
    } else {
        Err(Unreadable::Damaged("something is behind its end"))
    }
}

const CUT: Unreadable = Unreadable::Damaged("it ends early");
const WRONG: Unreadable = Unreadable::Damaged("it says what cannot be");

/// What is left of the bytes. Everything in it may be wrong.
struct Left<'a>(&'a [u8]);

impl<'a> Left<'a> {
    fn byte(&mut self) -> Result<u8, Unreadable> {
        let (byte, rest) = self.0.split_first().ok_or(CUT)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn number(&mut self) -> Result<u64, Unreadable> {
        let mut value = 0;
        for at in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(WRONG)
    }

    fn u32(&mut self) -> Result<u32, Unreadable> {
        u32::try_from(self.number()?).map_err(|_| WRONG)
    }

    fn count(&mut self, most: usize) -> Result<usize, Unreadable> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= most).ok_or(WRONG)
    }

    fn bytes(&mut self, most: usize) -> Result<&'a [u8], Unreadable> {
        let count = self.count(most)?;
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(CUT)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<Arc<[u8]>, Unreadable> {
        self.bytes(LONGEST_TEXT_BYTES).map(Arc::from)
    }

    fn span(&mut self) -> Result<Span, Unreadable> {
        let (from_s, long) = (self.u32()?, self.u32()?);
        Ok(Span { from_s, to_s: from_s.checked_add(long).ok_or(WRONG)? })
    }

    fn spans(&mut self) -> Result<Spans, Unreadable> {
        (0..self.count(MOST_PATHS)?).map(|_| self.span()).collect()
    }

    fn key(&mut self) -> Result<Key, Unreadable> {
        let host = self.text()?;
        let what = match self.byte()? {
            0 => What::Host,
            1 => What::Image(self.text()?),
            2 => What::Container(self.text()?),
            _ => return Err(WRONG),
        };
        Ok(Key { host, what })
    }

    fn place(&mut self, index: &mut Index, path_bytes: &mut usize) -> Result<(), Unreadable> {
        let key = self.key()?;
        let mut place = Place {
            image: Image { name: self.text()?, id: self.text()?, digest: self.text()? },
            ..Place::default()
        };
        for _ in 0..self.count(MOST_PATHS)? {
            let (id, name, span) = (self.text()?, self.text()?, self.span()?);
            place.containers.insert(id, ContainerSeen { name, span });
        }
        place.watched = self.spans()?;
        place.watched_in_part = self.spans()?;
        place.lost = self.spans()?;
        place.left_out = match self.byte()? {
            0 => None,
            1 => Some(LeftOut { uses: self.number()?, span: self.span()? }),
            _ => return Err(WRONG),
        };
        let at = index.place_at(&key).ok_or(WRONG)?;
        index.at_mut(at).ok_or(WRONG)?.join_facts(&place);
        self.files(index, at, path_bytes)
    }

    fn files(
        &mut self,
        index: &mut Index,
        at: usize,
        path_bytes: &mut usize,
    ) -> Result<(), Unreadable> {
        let mut path = Vec::new();
        for _ in 0..self.count(MOST_PATHS)? {
            let shared = self.count(path.len())?;
            path.truncate(shared);
            path.extend_from_slice(self.bytes(LONGEST_PATH_BYTES)?);
            *path_bytes += path.len();
            if *path_bytes > MOST_PATH_BYTES {
                return Err(WRONG);
            }
            let seen = self.seen()?;
            if !index.put(at, &Arc::from(&*path), &seen) {
                return Err(WRONG);
            }
        }
        Ok(())
    }

    fn seen(&mut self) -> Result<Seen, Unreadable> {
        let flags = self.byte()?;
        let mut seen = Seen::default();
        seen.facts = Facts { is_memfd: flags & MEMFD != 0, is_deleted: flags & DELETED != 0 };
        for kind in Kind::ALL.into_iter().filter(|kind| flags & (1 << *kind as u8) != 0) {
            seen.note(kind, self.span()?);
        }
        if flags & PORTS != 0 {
            for _ in 0..self.count(u16::MAX.into())? {
                seen.add_port(self.port()?);
            }
        }
        Ok(seen)
    }

    fn port(&mut self) -> Result<Port, Unreadable> {
        let protocol = match self.byte()? {
            0 => Protocol::Tcp,
            1 => Protocol::Udp,
            2 => Protocol::Other,
            _ => return Err(WRONG),
        };
        let number = u16::try_from(self.number()?).map_err(|_| WRONG)?;
        let reach = match self.byte()? {
            0 => Reach::Loopback,
            1 => Reach::Network,
            _ => return Err(WRONG),
        };
        Ok(Port { protocol, number, reach })
    }
}
