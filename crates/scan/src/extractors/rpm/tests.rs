use super::{DATABASE, header::*};
use crate::{Error, Found, Kind, extractors::found};

const SQLITE: &[u8] = include_bytes!("../../../tests/data/rpm/rpmdb.sqlite");
const NDB: &[u8] = include_bytes!("../../../tests/data/rpm/Packages.db");
const BDB: &[u8] = include_bytes!("../../../tests/data/rpm/Packages");
const BIG_ENDIAN: &[u8] = include_bytes!("../../../tests/data/rpm/Packages.big-endian");

fn read(database: &[u8]) -> (Found, Option<String>) {
    let mut found = Found::default();
    let read = crate::extractors::input("var/lib/rpm/Packages", database, |input| {
        (DATABASE.extract)(input, &mut found)
    });
    (found, read.err().map(|error| error.to_string()))
}

/// An entry of a header: tag, type, count, data.
type Entry<'a> = (u32, u32, u32, &'a [u8]);

fn blob(entries: &[Entry<'_>]) -> Vec<u8> {
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for (tag, kind, count, bytes) in entries {
        for number in [*tag, *kind, data.len() as u32, *count] {
            index.extend(number.to_be_bytes());
        }
        data.extend_from_slice(bytes);
    }
    let lengths = [entries.len() as u32, data.len() as u32].map(u32::to_be_bytes).concat();
    [lengths, index, data].concat()
}

/// A database of rpm's own form with this header.
fn database(header: &[u8]) -> Vec<u8> {
    let number = |number: u32| number.to_le_bytes().to_vec();
    let slot =
        |package, block| [b"Slot".to_vec(), number(package), number(block), number(1)].concat();
    let mut file = [b"RpmP".to_vec(), number(0), number(0), number(1), vec![0; 16]].concat();
    file.extend(slot(1, 256));
    while file.len() < 4096 {
        file.extend(slot(0, 0));
    }
    let blob =
        [b"BlbS".to_vec(), number(1), number(0), number(header.len() as u32), header.to_vec()];
    [file, blob.concat()].concat()
}

#[test]
fn every_kind_of_database_tells_the_same() {
    for (database, kind) in [(SQLITE, "sqlite"), (NDB, "ndb"), (BDB, "bdb"), (BIG_ENDIAN, "big")] {
        let (mut found, error) = read(database);
        assert_eq!(error, None, "{kind}");
        found.packages.sort();
        let line = |it: &crate::Package| {
            let source = it.source.as_ref().unwrap();
            let licences = it.licences.join(" ");
            let module = it.module.as_deref().unwrap_or("-");
            format!(
                "{} {} {} {} {} {licences} {module}",
                it.name, it.version, it.architecture, source.name, source.version
            )
        };
        let lines: Vec<_> = found.packages.iter().map(line).collect();
        let expected = [
            "counted 3:2.5~rc1-1.el9 x86_64 counted 3:2.5~rc1-1.el9 GPLv2+ and BSD -",
            "foreign 7-1 noarch foreign 7-1 Apache-2.0 -",
            "plain 1.0-2.el9 x86_64 plain 1.0-2.el9 MIT -",
            "streamed 12.1.0-1.module+el8 noarch streamed 12.1.0-1.module+el8 MIT nodejs:12:8030020210304194546:229f0a1c",
        ];
        assert_eq!(lines, expected, "{kind}");
        assert!(found.owned.contains(&b"usr/bin/plain".to_vec()), "{kind}");
        assert_eq!(found.owned_by_others.len(), 121, "{kind}");
        assert!(found.owned_by_others.contains(&b"opt/foreign/file-of-number-120".to_vec()));
    }
}

#[test]
fn entries_behind_a_region_stand_for_those_in_it() {
    let old = blob(&[(NAME, 6, 1, b"a\0"), (VERSION, 6, 1, b"1\0"), (RELEASE, 6, 1, b"1\0")]);
    let new = blob(&[
        (63, 7, 16, &[0; 16]),
        (NAME, 6, 1, b"a\0"),
        (VERSION, 6, 1, b"1\0"),
        (RELEASE, 6, 1, b"1\0"),
        (EPOCH, 4, 1, &[0, 0, 0, 0]),
        (SOURCERPM, 6, 1, b"(none)\0"),
        (RELEASE, 6, 1, b"2\0"),
    ]);
    for (header, version) in [(old, "1-1"), (new, "1-2")] {
        let (found, error) = read(&database(&header));
        assert_eq!(error, None);
        let [package] = &found.packages[..] else { panic!("{found:?}") };
        assert_eq!((package.kind, package.version.as_str()), (Kind::Rpm, version));
        assert_eq!((package.epoch, &package.source), (None, &None));
    }
}

#[test]
fn broken_headers_are_told_of() {
    let name = (NAME, 6, 1, &b"a\0"[..]);
    let far = [[0, 0, 0, 1], 9_u32.to_be_bytes(), 1000_u32.to_be_bytes()].concat();
    for (header, why) in [
        (Vec::new(), "a header ends before its end"),
        (far, "a header ends before its end"),
        (vec![0xff; 64], "a header has 4294967295 entries of 4294967295 bytes"),
        (blob(&[]), "a header lacks its name"),
        (blob(&[(NAME, 6, 1, b"no end")]), "a header lacks its name"),
        (blob(&[(NAME, 4, 1, b"number\0")]), "a header lacks its name"),
        (blob(&[name]), "a header lacks its version"),
        (blob(&[name, (VERSION, 6, 1, b"1\0")]), "a header lacks its release"),
    ] {
        let (found, error) = read(&database(&header));
        assert_eq!(error, Some(format!("is no list of packages: {why}")));
        assert!(found.is_empty());
    }
}

#[test]
fn files_of_folders_that_are_not_there_are_left_out() {
    let header = blob(&[
        (NAME, 6, 1, b"a\0"),
        (VERSION, 6, 1, b"1\0"),
        (RELEASE, 6, 1, b"1\0"),
        (VENDOR, 6, 1, b"SUSE LLC <https://www.suse.com/>\0"),
        (1117, 8, 4, b"here\0nowhere\0\xff\0unindexed\0"),
        (1116, 4, 3, &[0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0]),
        (1118, 8, 2, b"/\0/usr/\0"),
    ]);
    let (found, error) = read(&database(&header));
    assert_eq!((error, found.owned), (None, vec![b"usr/here".to_vec(), b"\xff".to_vec()]));
}

#[test]
fn what_is_no_database_is_told_of() {
    for (bytes, why) in [
        (&b""[..], None),
        (b"neither", Some("is no hash of Berkeley DB: it does not begin as one")),
        (&NDB[..16], Some("is no database of rpm: a slot is not marked as one")),
        (&BDB[..600], None),
        (&SQLITE[..400], Some("is no database of SQLite: there is no page 0")),
    ] {
        let result = found(&DATABASE, "var/lib/rpm/Packages", bytes);
        match (result, why) {
            (Ok(found), _) => assert!(found.is_empty()),
            (Err(error @ Error::Malformed { .. }), Some(why)) => assert_eq!(error.to_string(), why),
            (other, _) => panic!("{other:?}"),
        }
    }
}

#[test]
fn pages_that_go_round_end() {
    let page = |number: usize| number * 512..(number + 1) * 512;
    let overflow = (1..BDB.len() / 512).find(|at| BDB[page(*at)][25] == 7).unwrap();
    let mut looped = BDB.to_vec();
    looped[page(overflow)][16..20].copy_from_slice(&(overflow as u32).to_le_bytes());
    let (_, error) = read(&looped);
    assert!(error.unwrap().contains("stands in it twice"));
    let mut looped = SQLITE.to_vec();
    let inner = (1..SQLITE.len() / 512).find(|at| SQLITE[page(*at)][0] == 5).unwrap();
    looped[page(inner)][8..12].copy_from_slice(&(inner as u32 + 1).to_be_bytes());
    let (_, error) = read(&looped);
    assert!(error.unwrap().contains("stands in it twice"));
}

/// Whatever is cut off or changed, what is left is read without harm.
#[test]
fn broken_databases_are_read_without_harm() {
    for database in [SQLITE, NDB, BDB] {
        for end in (0..database.len()).step_by(97) {
            read(&database[..end]);
        }
        for at in (0..database.len().min(4096)).step_by(3) {
            for value in [1, 0xff] {
                let mut changed = database.to_vec();
                changed[at] = value;
                read(&changed);
            }
        }
    }
}

/// A database of SQLite of two pages, whose one row the second tells of so often.
fn rows_again(times: u16) -> Vec<u8> {
    let mut file = vec![0; 1024];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"SQLite format 3\0\x02\0");
    put(100, &[13, 0, 0, 0, 1]);
    put(108, &300_u16.to_be_bytes());
    put(300, b"\x1c\x01\x06\x17\x1d\x1d\x01\0tablePackagesPackages\x02");
    put(512, &[13]);
    put(515, &times.to_be_bytes());
    for cell in 0..usize::from(times) {
        put(520 + cell * 2, &440_u16.to_be_bytes());
    }
    put(512 + 440, b"\x35\x01\x03\0\x70");
    file
}

#[test]
fn values_that_are_told_of_again_and_again_end() {
    let (_, error) = read(&rows_again(10));
    assert_eq!(error.unwrap(), "is no list of packages: a header lacks its name");
    let (_, error) = read(&rows_again(200));
    assert_eq!(error.unwrap(), "is no database of SQLite: its values have more bytes than it has");
}
