//! ZIP archives (APPNOTE), of which each file has a checksum.

use std::fs;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

use super::{File, Left, Limits, Take, Unread};

/// Hands on each file of an archive.
pub(super) fn each(
    name: &str,
    file: fs::File,
    limits: &Limits,
    take: Take<'_>,
) -> Result<(), Unread> {
    let malformed = |error: rawzip::Error| {
        Unread::Wrong(format!("is cut short, or no ZIP archive: {error}; get it again"))
    };
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(malformed)?;
    let mut table = archive.entries(&mut buffer);
    let mut left = Left::of(limits);
    let mut bytes = Vec::new();
    // To make one anew for each file would take as long as to unpack a small one.
    let mut inflater = None;
    while let Some(record) = table.next_entry().map_err(malformed)? {
        left.entry()?;
        let within = String::from_utf8_lossy(record.file_path().as_ref()).into_owned();
        if within.ends_with('/') {
            continue;
        }
        let entry = archive.get_entry(record.wayfinder()).map_err(malformed)?;
        let read = match record.compression_method() {
            CompressionMethod::STORE => {
                left.file(&mut entry.verifying_reader(entry.reader()), &mut bytes)
            }
            CompressionMethod::DEFLATE => {
                let unpacked = match &mut inflater {
                    Some(inflater) => {
                        DeflateDecoder::reset(inflater, entry.reader());
                        inflater
                    }
                    none => none.insert(DeflateDecoder::new(entry.reader())),
                };
                left.file(&mut entry.verifying_reader(unpacked), &mut bytes)
            }
            _ => {
                let why = "is packed in a way that is not known; pack it with deflate".to_owned();
                Err(Unread::Wrong(why))
            }
        };
        read.and_then(|()| {
            let name = format!("{name}/{within}");
            take(File { name: &name, bytes: &bytes }).map_err(Unread::Wrong)
        })
        .map_err(|unread| unread.within(&within))?;
    }
    Ok(())
}
