//! What is not whole, or too much, is told, with its place.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::*;

const SMALL: Limits =
    Limits { file: 4096, packed: 1024, times: 2, entry: 2048, archive: 6144, entries: 5 };

/// The names of the files of a file of this name, or why it can't be read.
fn names(name: &str, bytes: &[u8], limits: &Limits) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let mut names = Vec::new();
    let read = each_within(&path, limits, &mut |file| {
        names.push(file.base().to_owned());
        Ok(())
    });
    let place = format!("{}: ", path.display());
    read.map(|()| names).map_err(|error| error.to_string().replace(&place, ""))
}

/// An archive of files of so many bytes each, with its end.
fn tar(sizes: &[usize]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(Vec::new());
    for (at, size) in sizes.iter().enumerate() {
        let mut header = ::tar::Header::new_ustar();
        header.set_size(*size as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("{at}.json"), &*vec![b'7'; *size]).unwrap();
    }
    tar.into_inner().unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn bz2(bytes: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    let mut out = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    out.include_checksum(true).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Forms of archives of the same files: their names, and what is packed.
fn forms(tar: &[u8]) -> [(&'static str, Vec<u8>); 5] {
    [
        ("a.tar", tar.to_vec()),
        ("a.tar.gz", gz(tar)),
        ("a.tgz", gz(tar)),
        ("a.tar.bz2", bz2(tar)),
        ("a.tar.zst", zst(tar)),
    ]
}

#[test]
fn archives_that_are_whole_are_read() {
    for (name, bytes) in forms(&tar(&[10, 600, 0])) {
        assert_eq!(names(name, &bytes, &LIMITS).unwrap(), ["0.json", "1.json", "2.json"], "{name}");
    }
    assert_eq!(names("a.tar", &tar(&[]), &LIMITS).unwrap(), [""; 0]);
}

#[test]
fn archives_that_are_cut_between_files_are_not_taken_as_whole() {
    let whole = tar(&[10, 600, 10]);
    // Behind the second, and behind each of the blocks of zeros that are no end yet.
    for end in [1024 + 1536, 1024 + 1536 + 1024, 1024 + 1536 + 1024 + 512] {
        for (name, bytes) in forms(whole.get(..end).unwrap()) {
            let why = names(name, &bytes, &LIMITS).unwrap_err();
            assert!(why.contains("is cut short") && why.ends_with("get it again"), "{name}: {why}");
        }
    }
    let why = names("a.tar", whole.get(..1024 + 1536).unwrap(), &LIMITS).unwrap_err();
    assert_eq!(why, "is cut short: its end is missing behind 1.json; get it again");
}

#[test]
fn no_part_of_what_is_packed_is_taken_for_all_of_it() {
    let (whole, one) = (tar(&[10, 600]), vec![b'7'; 5000]);
    let packed = [("a.json.gz", gz(&one)), ("a.json.bz2", bz2(&one)), ("a.json.zst", zst(&one))];
    for (name, bytes) in forms(&whole).into_iter().chain(packed).filter(|it| it.0 != "a.tar") {
        for end in 1..bytes.len() {
            let read = names(name, bytes.get(..end).unwrap(), &LIMITS);
            assert!(read.is_err(), "{name}: {end} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn a_wrong_checksum_behind_an_archive_is_found() {
    let whole = tar(&[10]);
    for (name, end) in [("a.tar.gz", 8), ("a.tgz", 5), ("a.tar.zst", 4), ("a.tar.bz2", 2)] {
        let (_, mut bytes) = forms(&whole).into_iter().find(|it| it.0 == name).unwrap();
        let at = bytes.len() - end;
        bytes[at] ^= 0x55;
        let why = names(name, &bytes, &LIMITS).unwrap_err();
        assert!(why.starts_with("is damaged: "), "{name}: {why}");
    }
}

#[test]
fn what_lies_behind_an_end_is_not_left_out_in_silence() {
    let padded = [tar(&[10]), vec![0; 8192]].concat();
    assert_eq!(names("a.tar", &padded, &LIMITS).unwrap(), ["0.json"]);
    let two = [tar(&[10]), tar(&[20])].concat();
    assert!(names("a.tar", &two, &LIMITS).unwrap_err().contains("something behind its end"));
    // Members of gzip one behind another are one file.
    let (first, second) = two.split_at(700);
    assert!(names("a.tar.gz", &[gz(first), gz(second)].concat(), &LIMITS).is_err());
    let halves = [gz(padded.get(..700).unwrap()), gz(padded.get(700..).unwrap())].concat();
    assert_eq!(names("a.tar.gz", &halves, &LIMITS).unwrap(), ["0.json"]);
}

#[test]
fn bounds_are_told_with_their_place() {
    let many = tar(&[2000, 2000, 2000, 2000]);
    let of_file = "has more than 4 KiB, which is the limit of a file";
    let of_packed = "unpacks to more than 2 times its own size and 1 KiB, which is the limit";
    let of_entry = "1.json: has more than 2 KiB, which is the limit of a file in an archive";
    let of_archive = "3.json: unpacks to more than 6 KiB, which is the limit of an archive";
    let of_entries = "has more than 5 entries, which is the limit of an archive";
    for (name, bytes, why) in [
        ("a.json", vec![b'7'; 4097], of_file),
        ("a.json.gz", gz(&[b'7'; 4096]), of_packed),
        ("a.tar", tar(&[1, 2049]), of_entry),
        ("a.tar.gz", gz(&many), of_archive),
        ("a.tar", many, of_archive),
        ("a.tar", tar(&[1; 6]), of_entries),
    ] {
        assert_eq!(names(name, &bytes, &SMALL).unwrap_err(), why, "{name}");
    }
    assert_eq!(names("a.tar", &tar(&[2000, 2000, 2000]), &SMALL).unwrap().len(), 3);
}
