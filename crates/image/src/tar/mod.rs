//! A layer: an archive of tar(5), in the ustar, pax and GNU forms that images are made of.
//!
//! - `header`: an entry's header, with what extension headers say of it.
//! - `index`: where the entries of an archive lie in a file.
//! - here: the walk, whiteouts (OCI image specification, layer.md), hard links.

mod header;
mod index;

use std::{
    collections::HashMap,
    io::{self, Read},
};

use header::{Header, Headers, Type};
pub(crate) use index::{Place, index};

use crate::{
    Entry, Error, Kind, Problem, Spool, Visitor, Want, Whiteout,
    entry::{BadName, tidy},
};

/// What the name of a whiteout begins with.
const WHITEOUT: &[u8] = b".wh.";
/// What takes away all that is in its folder.
const OPAQUE: &[u8] = b".wh..wh..opq";
/// What some storage drivers keep for themselves.
const RESERVED: &[u8] = b".wh..wh.";
/// Most hard links of a layer whose bytes are looked up.
const MOST_LINKS: usize = 65_536;

/// Walks a layer, which `open` opens as often as it is needed: once, and once more if a hard link's bytes
/// are wanted, for they came before it.
///
/// # Errors
/// If the archive is damaged, from there on. What was wrong with single entries was told.
pub fn walk_layer<'a>(
    open: &mut dyn FnMut() -> Result<Box<dyn Read + 'a>, Error>,
    visitor: &mut dyn Visitor,
) -> Result<(), Error> {
    let mut links = Links::default();
    let mut spool = Spool::default();
    each(open()?, &mut |header, content| {
        first_look(header, content, visitor, &mut spool, &mut links)
    })?;
    if links.of.is_empty() {
        return Ok(());
    }
    each(open()?, &mut |header, content| {
        second_look(header, content, visitor, &mut spool, &mut links)
    })?;
    links.tell_left(visitor);
    Ok(())
}

/// Hard links whose bytes are wanted, by the name of the file that they are of.
#[derive(Debug, Default)]
struct Links {
    of: HashMap<Vec<u8>, Vec<(Vec<u8>, u32)>>,
    count: usize,
}

impl Links {
    fn add(&mut self, target: &[u8], link: &Entry<'_>) -> Result<(), Error> {
        if self.count == MOST_LINKS {
            return Err(Error::Limit {
                what: "the layer",
                limit: MOST_LINKS as u64,
                unit: "hard links",
            });
        }
        self.count += 1;
        self.of.entry(target.to_vec()).or_default().push((link.path.to_vec(), link.mode));
        Ok(())
    }

    fn tell_left(self, visitor: &mut dyn Visitor) {
        let mut left: Vec<_> = self.of.into_iter().collect();
        left.sort_unstable();
        for (target, links) in left {
            let target = String::from_utf8_lossy(&target);
            for (path, _) in links {
                let why = format!("it is of '{target}', which is no file of this layer");
                visitor.problem(Problem { path, error: Error::malformed("the hard link", why) });
            }
        }
    }
}

/// Calls `look` for each entry, with its bytes to be read or left.
fn each(
    archive: Box<dyn Read + '_>,
    look: &mut dyn FnMut(&Header, &mut dyn Read) -> io::Result<()>,
) -> Result<(), Error> {
    let mut headers = Headers::new(archive);
    while let Some(header) = headers.next()? {
        let mut content = headers.content();
        look(&header, &mut content)?;
    }
    // Whoever checks what is read has to see all of it.
    io::copy(&mut headers.rest(), &mut io::sink())?;
    Ok(())
}

fn first_look(
    header: &Header,
    content: &mut dyn Read,
    visitor: &mut dyn Visitor,
    spool: &mut Spool,
    links: &mut Links,
) -> io::Result<()> {
    let mut path = Vec::new();
    let mut target = Vec::new();
    if let Err(error) = tidy(&header.path, &mut path) {
        return tell(visitor, header.path.clone(), error);
    }
    if whiteout(&path, visitor) || path.is_empty() {
        return Ok(());
    }
    let kind = match header.kind {
        Type::File | Type::Sparse => Kind::File,
        Type::Folder => Kind::Folder,
        Type::Symlink => Kind::Symlink(&header.link),
        Type::Hardlink => match tidy(&header.link, &mut target) {
            Ok(()) => Kind::Hardlink(&target),
            Err(error) => return tell(visitor, path, error),
        },
        Type::Other => Kind::Other,
    };
    let entry = Entry { path: &path, kind, mode: header.mode, size_bytes: header.size_bytes };
    if visitor.entry(&entry) != Want::Content {
        return Ok(());
    }
    match kind {
        Kind::File if header.kind == Type::Sparse => {
            let error = Error::Unsupported("it is stored with holes, which is not read".to_owned());
            visitor.problem(Problem { path, error });
        }
        Kind::File => deliver(&entry, content, visitor, spool)?,
        Kind::Hardlink(target) => {
            if let Err(error) = links.add(target, &entry) {
                visitor.problem(Problem { path, error });
            }
        }
        _ => {}
    }
    Ok(())
}

fn second_look(
    header: &Header,
    content: &mut dyn Read,
    visitor: &mut dyn Visitor,
    spool: &mut Spool,
    links: &mut Links,
) -> io::Result<()> {
    let mut path = Vec::new();
    if header.kind != Type::File || tidy(&header.path, &mut path).is_err() {
        return Ok(());
    }
    let Some(names) = links.of.remove(&path) else { return Ok(()) };
    spool.fill(content, header.size_bytes)?;
    for (path, mode) in names {
        let entry = Entry { path: &path, kind: Kind::File, mode, size_bytes: header.size_bytes };
        io::Seek::rewind(spool)?;
        visitor.content(&entry, spool);
    }
    Ok(())
}

fn deliver(
    entry: &Entry<'_>,
    content: &mut dyn Read,
    visitor: &mut dyn Visitor,
    spool: &mut Spool,
) -> io::Result<()> {
    spool.fill(content, entry.size_bytes)?;
    if crate::Content::size_bytes(spool) < entry.size_bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    visitor.content(entry, spool);
    Ok(())
}

fn tell(visitor: &mut dyn Visitor, path: Vec<u8>, error: BadName) -> io::Result<()> {
    visitor.problem(Problem { path, error: error.into() });
    Ok(())
}

/// Whether the entry only says that what was below is gone.
pub(crate) fn whiteout(path: &[u8], visitor: &mut dyn Visitor) -> bool {
    let (folder, name) = match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (&[][..], path),
    };
    if name == OPAQUE {
        visitor.whiteout(Whiteout::Within(folder));
    } else if !name.starts_with(RESERVED)
        && let Some(gone) = name.strip_prefix(WHITEOUT).filter(|gone| !gone.is_empty())
    {
        let slash: &[u8] = if folder.is_empty() { b"" } else { b"/" };
        visitor.whiteout(Whiteout::Entry(&[folder, slash, gone].concat()));
    }
    name.starts_with(WHITEOUT)
}

#[cfg(test)]
mod tests;
