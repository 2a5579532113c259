//! For tests of extractors.

use std::io::Cursor;

use image::{Entry, Kind, Part, Visitor, Want};

use crate::{Collector, Error, Extractor, Found, Input, Package};

/// Calls `read` with a file of this name and text.
pub(crate) fn input<T>(
    path: &str,
    text: impl AsRef<[u8]>,
    read: impl FnOnce(&mut Input<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let text = text.as_ref();
    let size_bytes = text.len() as u64;
    let entry = Entry { path: path.as_bytes(), kind: Kind::File, mode: 0o755, size_bytes };
    read(&mut Input::new(entry, &mut Cursor::new(text))?)
}

/// What an extractor finds in a file of this name and text.
pub(crate) fn found(
    extractor: &Extractor,
    path: &str,
    text: impl AsRef<[u8]>,
) -> Result<Found, Error> {
    let mut found = Found::default();
    input(path, text, |input| (extractor.extract)(input, &mut found))?;
    Ok(found)
}

/// The packages of a project's files, a line each as [`listed`] has it, with licences, when they have told
/// each other what they know.
pub(crate) fn joined(extractors: &[&'static Extractor], files: &[(&str, &str)]) -> Vec<String> {
    let mut collector = Collector::new(extractors.to_vec());
    for (path, text) in files {
        let size_bytes = text.len() as u64;
        let entry = Entry { path: path.as_bytes(), kind: Kind::File, mode: 0o644, size_bytes };
        if collector.entry(&entry) == Want::Content {
            let mut content = Part::whole(Cursor::new(text.as_bytes())).unwrap();
            collector.content(&entry, &mut content);
        }
    }
    let inventory = collector.finish();
    assert_eq!(inventory.troubles, []);
    let line = |package: &Package| {
        let licences: String = package.licences.iter().map(|it| format!(" {it}")).collect();
        format!("{}{licences}", line(package))
    };
    inventory.packages.iter().map(line).collect()
}

fn line(package: &Package) -> String {
    let source = package.source.iter().map(|it| format!(" of {} {}", it.name, it.version));
    let dev = if package.is_dev { " dev" } else { "" };
    format!("{} {}{}{dev}", package.name, package.version, source.collect::<String>())
}

/// Reads texts that are cut off anywhere, or have a byte changed: what comes of it does not matter, but
/// that it ends.
pub(crate) fn survives(extractor: &Extractor, path: &str, text: &str) {
    for end in 0..text.len() {
        let mut bytes = text.as_bytes().to_vec();
        let _ = found(extractor, path, &bytes[..end]);
        for byte in [b'"', b'{', b'\n', 0xff] {
            bytes[end] = byte;
            let _ = found(extractor, path, &bytes);
        }
    }
}

/// The packages that it finds, a line each: name, version, source.
pub(crate) fn listed(extractor: &Extractor, path: &str, text: impl AsRef<[u8]>) -> Vec<String> {
    found(extractor, path, text).unwrap().packages.iter().map(line).collect()
}
