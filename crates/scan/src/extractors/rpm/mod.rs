//! Packages of Red Hat, SUSE and their like: the databases of rpm.
//!
//! Each of three kinds of database keeps one header for each package: `bdb` (hashes of Berkeley DB, up to
//! rpm 4.16), `ndb` (SUSE), `sqlite` (Fedora 33, Red Hat 9). `header`: what a header has.

mod bdb;
mod header;
mod ndb;
mod sqlite;

use self::header::Header;
use crate::{
    Error, Extractor, Found, Input, Kind, OwnedRange, Package, Pattern, Setting, Source,
    bytes::read_at,
};

/// Longest header (rpm's own limit).
const LONGEST_HEADER_BYTES: u64 = 256 << 20;
/// Most that the names of a database's files may have together.
const MOST_OWNED_BYTES: usize = 256 << 20;

/// Installed packages.
pub(super) const DATABASE: Extractor = Extractor {
    name: "rpm",
    about: "packages of Red Hat, SUSE and their like",
    setting: Setting::System,
    files: &[
        Pattern::Path("var/lib/rpm/Packages"),
        Pattern::Path("var/lib/rpm/Packages.db"),
        Pattern::Path("var/lib/rpm/rpmdb.sqlite"),
        Pattern::Path("usr/lib/sysimage/rpm/Packages"),
        Pattern::Path("usr/lib/sysimage/rpm/Packages.db"),
        Pattern::Path("usr/lib/sysimage/rpm/rpmdb.sqlite"),
        Pattern::Path("usr/share/rpm/Packages"),
        Pattern::Path("usr/share/rpm/Packages.db"),
        Pattern::Path("usr/share/rpm/rpmdb.sqlite"),
    ],
    extract: database,
};

/// Beginnings of vendors' names of packages that are of a distribution.
const VENDORS: [&str; 14] = [
    "AlmaLinux",
    "Amazon Linux",
    "Amazon.com",
    "CentOS",
    "CloudLinux",
    "Fedora Project",
    "Microsoft Corporation",
    "Oracle America",
    "Red Hat",
    "Rocky",
    "SUSE",
    "VMware",
    "openEuler",
    "openSUSE",
];

/// What takes the headers of a database, one by one.
type Take<'a> = dyn FnMut(&[u8]) + 'a;

fn database(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let mut reading = Reading { found, owned_bytes: 0, first_error: None };
    let mut take = |blob: &[u8]| reading.add(blob);
    let content = input.content();
    let start = read_at(content, 0, 32)?;
    let read = if start.is_empty() {
        // An image that never used rpm may have one that nothing was written to.
        Ok(())
    } else if start.starts_with(sqlite::MAGIC) {
        sqlite::headers(content, &mut take)
    } else if start.starts_with(ndb::MAGIC) {
        ndb::headers(content, &mut take)
    } else {
        bdb::headers(content, &mut take)
    };
    let first_error = reading.first_error.take();
    read.and(first_error.map_or(Ok(()), Err))
}

/// A database while its headers are read. One that is broken does not hide the others.
struct Reading<'a> {
    found: &'a mut Found,
    owned_bytes: usize,
    first_error: Option<Error>,
}

impl Reading<'_> {
    fn add(&mut self, blob: &[u8]) {
        let added = Header::parse(blob).and_then(|header| {
            let (first, first_other) = (self.found.owned.len(), self.found.owned_by_others.len());
            self.own(&header)?;
            let (owned, others) =
                (first..self.found.owned.len(), first_other..self.found.owned_by_others.len());
            if let Some(package) = package(&header)? {
                let at = self.found.packages.len();
                self.found.ranges.push(OwnedRange { package: at, owned, others });
                self.found.packages.push(package);
            }
            Ok(())
        });
        if let Err(error) = added {
            self.first_error.get_or_insert(error);
        }
    }

    fn own(&mut self, header: &Header<'_>) -> Result<(), Error> {
        let of_system = is_of_distribution(header);
        let owned = if of_system { &mut self.found.owned } else { &mut self.found.owned_by_others };
        for (folder, name) in header.files() {
            let folder = folder.strip_prefix(b"/").unwrap_or(folder);
            self.owned_bytes += folder.len() + name.len();
            if self.owned_bytes > MOST_OWNED_BYTES {
                let (what, limit) = ("the list of packages' files", MOST_OWNED_BYTES as u64);
                return Err(Error::Limit { what, limit, unit: "bytes" });
            }
            owned.push([folder, name].concat());
        }
        Ok(())
    }
}

/// Files of other packages are not a distribution's to mend. Amazon's own may have no vendor.
fn is_of_distribution(header: &Header<'_>) -> bool {
    match header.text(header::VENDOR) {
        Some(vendor) => VENDORS.iter().any(|begin| vendor.starts_with(begin)),
        None => header.text(header::RELEASE).is_some_and(|release| release.contains("amzn")),
    }
}

/// `None` for keys that signatures are checked with: they are kept as if they were packages.
fn package(header: &Header<'_>) -> Result<Option<Package>, Error> {
    let needed = |tag, what| {
        let why = || format!("a header lacks its {what}");
        header.text(tag).ok_or_else(|| Error::malformed("list of packages", why()))
    };
    let name = needed(header::NAME, "name")?;
    if name == "gpg-pubkey" {
        return Ok(None);
    }
    let epoch = header.number(header::EPOCH).filter(|epoch| *epoch != 0);
    let version = needed(header::VERSION, "version")?;
    let release = needed(header::RELEASE, "release")?;
    let mut package = Package::new(Kind::Rpm, name, with_epoch(epoch, &version, &release));
    package.epoch = epoch;
    package.architecture = header.text(header::ARCH).unwrap_or_default();
    package.module = header.text(header::MODULARITYLABEL);
    package.licences.extend(header.text(header::LICENSE));
    package.source = header.text(header::SOURCERPM).and_then(|file| source(&file, epoch));
    Ok(Some(package))
}

fn with_epoch(epoch: Option<u32>, version: &str, release: &str) -> String {
    epoch.map_or_else(String::new, |epoch| format!("{epoch}:")) + version + "-" + release
}

/// `name-version-release.src.rpm`. A source's epoch is not told; packages have that of their source but
/// for few.
pub(crate) fn source(file: &str, epoch: Option<u32>) -> Option<Source> {
    let (rest, _architecture) = file.strip_suffix(".rpm").unwrap_or(file).rsplit_once('.')?;
    let (rest, release) = rest.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    Some(Source { name: name.to_owned(), version: with_epoch(epoch, version, release) })
}

#[cfg(test)]
mod tests;
