use std::{cell::RefCell, rc::Rc};

use proptest::prelude::*;
use tar::{Builder, EntryType, Header};

use super::*;
use crate::Content;

/// What was told of a walk, a line each.
#[derive(Default)]
struct Told {
    lines: Vec<String>,
    wanted: Vec<&'static str>,
}

impl Visitor for Told {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        let path = String::from_utf8_lossy(entry.path).into_owned();
        let want = if self.wanted.contains(&path.as_str()) { Want::Content } else { Want::Nothing };
        let kind = match entry.kind {
            Kind::Symlink(target) => format!("-> {}", String::from_utf8_lossy(target)),
            Kind::Hardlink(target) => format!("= {}", String::from_utf8_lossy(target)),
            kind => format!("{kind:?}"),
        };
        self.lines.push(format!("{path} {kind} {:o} {}", entry.mode, entry.size_bytes));
        want
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Content) {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).unwrap();
        let [path, text] = [entry.path, &bytes].map(String::from_utf8_lossy);
        self.lines.push(format!("{path}: {text}"));
    }

    fn whiteout(&mut self, whiteout: Whiteout<'_>) {
        self.lines.push(match whiteout {
            Whiteout::Entry(path) => format!("gone: {}", String::from_utf8_lossy(path)),
            Whiteout::Within(path) => format!("emptied: {}", String::from_utf8_lossy(path)),
        });
    }

    fn problem(&mut self, problem: Problem) {
        let path = String::from_utf8_lossy(&problem.path).into_owned();
        self.lines.push(format!("{path}! {}", problem.error));
    }
}

fn walk(archive: &[u8], wanted: &[&'static str]) -> (Vec<String>, Result<(), Error>) {
    let mut told = Told { wanted: wanted.to_vec(), ..Told::default() };
    let result = walk_layer(&mut || Ok(Box::new(archive)), &mut told);
    (told.lines, result)
}

fn header(kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(size);
    header
}

fn file(archive: &mut Builder<Vec<u8>>, path: &str, text: &str) {
    archive
        .append_data(&mut header(EntryType::Regular, text.len() as u64), path, text.as_bytes())
        .unwrap();
}

/// A name as it stands in an archive that no well-meaning writer makes.
fn raw(archive: &mut Builder<Vec<u8>>, kind: EntryType, path: &[u8], link: &[u8]) {
    let mut header = header(kind, 0);
    let gnu = header.as_gnu_mut().unwrap();
    gnu.name[..path.len()].copy_from_slice(path);
    gnu.linkname[..link.len()].copy_from_slice(link);
    header.set_cksum();
    archive.append(&header, &b""[..]).unwrap();
}

#[test]
fn entries_are_told_and_what_is_wanted_is_read() {
    let mut archive = Builder::new(Vec::new());
    file(&mut archive, "./usr/bin/env", "elf");
    let long = "d/".repeat(80) + "file";
    file(&mut archive, &long, "long");
    archive.append_link(&mut header(EntryType::Symlink, 0), "bin", "usr/bin").unwrap();
    archive.append_link(&mut header(EntryType::Link, 0), "env", "usr/bin/env").unwrap();
    raw(&mut archive, EntryType::Char, b"dev/null", b"");
    raw(&mut archive, EntryType::Directory, b"/etc/", b"");
    let (told, result) = walk(&archive.into_inner().unwrap(), &["usr/bin/env", "env"]);
    result.unwrap();
    let expected = [
        "usr/bin/env File 644 3",
        "usr/bin/env: elf",
        &format!("{long} File 644 4"),
        "bin -> usr/bin 644 0",
        "env = usr/bin/env 644 0",
        "dev/null Other 644 0",
        "etc Folder 644 0",
        "env: elf",
    ];
    assert_eq!(told, expected);
}

#[test]
fn whiteouts_are_told() {
    let mut archive = Builder::new(Vec::new());
    for path in [
        "etc/.wh.passwd",
        ".wh.tmp",
        "var/lib/.wh..wh..opq",
        ".wh..wh..opq",
        ".wh..wh.plnk",
        ".wh.",
    ] {
        file(&mut archive, path, "");
    }
    let (told, result) = walk(&archive.into_inner().unwrap(), &[]);
    result.unwrap();
    assert_eq!(told, ["gone: etc/passwd", "gone: tmp", "emptied: var/lib", "emptied: "]);
}

#[test]
fn names_that_lead_out_are_told_and_nothing_else_is_lost() {
    let mut archive = Builder::new(Vec::new());
    raw(&mut archive, EntryType::Regular, b"../../etc/passwd", b"");
    raw(&mut archive, EntryType::Link, b"a", b"../b");
    raw(&mut archive, EntryType::Symlink, b"out", b"../../etc/passwd");
    raw(&mut archive, EntryType::Link, b"lost", b"nowhere");
    file(&mut archive, "b", "b");
    let (told, result) = walk(&archive.into_inner().unwrap(), &["b", "out", "lost"]);
    result.unwrap();
    let expected = [
        "../../etc/passwd! its name leads out of the tree with '..'",
        "a! its name leads out of the tree with '..'",
        "out -> ../../etc/passwd 644 0",
        "lost = nowhere 644 0",
        "b File 644 1",
        "b: b",
        "lost! the hard link is malformed: it is of 'nowhere', which is no file of this layer",
    ];
    assert_eq!(told, expected);
}

#[test]
fn pax_headers_say_names_and_sizes() {
    let mut archive = Builder::new(Vec::new());
    let records = [("path", b"renamed".as_slice()), ("mtime", b"1.5")];
    archive.append_pax_extensions(records).unwrap();
    file(&mut archive, "original", "text");
    archive.append_pax_extensions([("GNU.sparse.major", b"1".as_slice())]).unwrap();
    file(&mut archive, "holes", "text");
    file(&mut archive, "last", "text");
    let (told, result) = walk(&archive.into_inner().unwrap(), &["renamed", "holes", "last"]);
    result.unwrap();
    let expected = [
        "renamed File 644 4",
        "renamed: text",
        "holes File 644 4",
        "holes! it is stored with holes, which is not read",
        "last File 644 4",
        "last: text",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_is_damaged_is_told_with_its_place() {
    let mut archive = Builder::new(Vec::new());
    file(&mut archive, "first", "text");
    file(&mut archive, "second", "text");
    let mut whole = archive.into_inner().unwrap();
    whole[1024 + 3] ^= 1;
    let (told, result) = walk(&whole, &["first"]);
    assert_eq!(told, ["first File 644 4", "first: text"]);
    let why = result.unwrap_err().to_string();
    assert_eq!(why, "the archive is malformed: at byte 1024: the header's checksum is wrong");
    let (told, result) = walk(&whole[..514], &["first"]);
    assert_eq!(told, ["first File 644 4"]);
    assert!(result.is_err());
}

#[test]
fn sizes_that_lie_keep_nothing_in_memory() {
    let mut long = header(EntryType::GNULongName, u64::MAX >> 2);
    long.set_cksum();
    let (_, result) = walk(long.as_bytes(), &[]);
    let why = result.unwrap_err().to_string();
    assert_eq!(why, "an extension header has more than 1048576 bytes, which is the limit");
    let mut large = header(EntryType::Regular, u64::MAX >> 2);
    large.set_path("a").unwrap();
    large.set_cksum();
    for wanted in [&["a"][..], &[]] {
        assert!(walk(large.as_bytes(), wanted).1.is_err());
    }
}

/// Reads a byte at a time.
struct Slow(Rc<RefCell<Vec<u8>>>, usize);

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.0.borrow();
        let (Some(byte), Some(place)) = (bytes.get(self.1), buffer.first_mut()) else {
            return Ok(0);
        };
        *place = *byte;
        self.1 += 1;
        Ok(1)
    }
}

#[test]
fn reads_may_be_short() {
    let mut archive = Builder::new(Vec::new());
    file(&mut archive, "a", "text");
    let bytes = Rc::new(RefCell::new(archive.into_inner().unwrap()));
    let mut told = Told { wanted: vec!["a"], ..Told::default() };
    walk_layer(&mut || Ok(Box::new(Slow(Rc::clone(&bytes), 0))), &mut told).unwrap();
    assert_eq!(told.lines, ["a File 644 4", "a: text"]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(changes in prop::collection::vec((0_usize..4096, any::<u8>()), 0..20), cut in 0_usize..5000) {
        let mut archive = Builder::new(Vec::new());
        file(&mut archive, &("d/".repeat(80) + "a"), "text");
        archive.append_pax_extensions([("path", b"renamed".as_slice())]).unwrap();
        file(&mut archive, "b", "text");
        let mut bytes = archive.into_inner().unwrap();
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes.truncate(cut);
        // With sums that are right, so that what is behind them is reached.
        let (blocks, _) = bytes.as_chunks_mut::<512>();
        for block in blocks {
            let mut header = Header::from_byte_slice(block).clone();
            header.set_cksum();
            if block[257..262] == *b"ustar" {
                block.copy_from_slice(header.as_bytes());
            }
        }
        let _ = walk(&bytes, &["b", "renamed"]);
    }
}
