//! For tests of extractors.

use std::io::Cursor;

use image::{Entry, Kind};

use crate::{Error, Extractor, Found, Input, Package};

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

/// The packages that it finds, a line each: name, version, source.
pub(crate) fn listed(extractor: &Extractor, path: &str, text: impl AsRef<[u8]>) -> Vec<String> {
    let line = |package: &Package| {
        let source = package.source.iter().map(|it| format!(" of {} {}", it.name, it.version));
        let dev = if package.is_dev { " dev" } else { "" };
        format!("{} {}{}{dev}", package.name, package.version, source.collect::<String>())
    };
    found(extractor, path, text).unwrap().packages.iter().map(line).collect()
}
