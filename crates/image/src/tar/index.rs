//! Where the entries of an archive lie in a file.

use std::collections::HashMap;

use super::header::{Headers, Type};
use crate::{At, Error, tidy};

/// Most entries: an archive of an image has three of each layer at most.
const MOST_ENTRIES: usize = 100_000;

/// Where an entry lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// In these bytes of the file.
    Bytes { start: u64, size_bytes: u64 },
    /// Where the entry of this name does.
    Link(Vec<u8>),
}

/// Finds the entries of an archive.
pub(crate) fn index(file: At) -> Result<HashMap<Vec<u8>, Place>, Error> {
    let mut headers = Headers::new(file);
    let mut places = HashMap::new();
    let mut path = Vec::new();
    while let Some(header) = headers.next()? {
        if places.len() == MOST_ENTRIES {
            let limit = MOST_ENTRIES as u64;
            return Err(Error::Limit { what: "the archive", limit, unit: "entries" });
        }
        if tidy(&header.path, &mut path).is_err() {
            continue;
        }
        let place = match header.kind {
            Type::File => Place::Bytes { start: headers.at(), size_bytes: header.size_bytes },
            Type::Hardlink => Place::Link(header.link),
            Type::Symlink => match beside(&path, &header.link) {
                Some(target) => Place::Link(target),
                None => continue,
            },
            _ => continue,
        };
        places.insert(path.clone(), place);
    }
    Ok(places)
}

/// What a link of this name to this target leads to; `None` where that is outside.
fn beside(link: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = link.split(|byte| *byte == b'/').collect();
    parts.pop();
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_what_is_beside_them() {
        for (link, target, expected) in [
            ("a/layer.tar", "../b/layer.tar", Some("b/layer.tar")),
            ("layer.tar", "b", Some("b")),
            ("a/b/c", ".././x", Some("a/x")),
            ("a", "../b", None),
        ] {
            let found = beside(link.as_bytes(), target.as_bytes());
            assert_eq!(found, expected.map(|path| path.as_bytes().to_vec()), "{link} {target}");
        }
    }
}
