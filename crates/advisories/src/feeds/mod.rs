//! What others publish, one file for each feed.
//!
//! ```text
//! path ──► files: folders, archives, what is packed ──► which feed it is of ──► its reader ──► Draft: parts
//! ```
//!
//! What a file is of is told by what is in it, so that it does not matter what it is called, or what it lies
//! in; where a format leaves something out that its publisher has in the address, that is read from the name.
//! To add a feed: a file here, and a line in [`FEEDS`].

mod alas;
mod alpine;
mod arch;
mod bodhi;
mod csaf;
mod debian;
mod draft;
mod echo;
mod epss;
mod files;
mod json;
mod kev;
mod nvd;
mod openvex;
mod osv;
mod oval;
mod photon;
mod purl;
mod remote;
mod repository;
mod rustsec;
mod security_data;
#[cfg(test)]
mod tests;
mod ubuntu;
mod updateinfo;

use std::path::{Path, PathBuf};

use draft::Scope;
pub use draft::{Draft, Gathered};
use files::File;
pub(crate) use purl::decoded;
pub use remote::Remote;
pub(crate) use remote::{Absence, Changes, Proof, Unanswered, Until, Wanted, escaped};
use remote::{Ask, between, known_ecosystems};

use crate::Error;

/// A feed.
struct Feed {
    /// What it is called in messages.
    about: &'static str,
    /// Whether a file is of it: a look at its name and its begin.
    is: fn(&File<'_>) -> bool,
    /// Hands on what a file says.
    read: fn(&File<'_>, &mut Draft) -> Result<(), String>,
}

/// All feeds. The first that says that a file is its own gets it.
const FEEDS: [Feed; 19] = [
    kev::FEED,
    epss::FEED,
    nvd::FEED,
    csaf::FEED,
    security_data::FEED,
    openvex::FEED,
    bodhi::FEED,
    updateinfo::FEED,
    alas::FEED,
    alpine::FEED,
    rustsec::FEED,
    photon::FEED,
    photon::UPDATES,
    ubuntu::FEED,
    arch::FEED,
    debian::FEED,
    echo::FEED,
    oval::FEED,
    osv::FEED,
];

/// All feeds that can be fetched, in the order in which they are.
pub const REMOTES: [Remote; 19] = [
    kev::REMOTE,
    epss::REMOTE,
    alpine::ALPINE,
    alpine::WOLFI,
    alpine::CHAINGUARD,
    alpine::MINIMOS,
    arch::REMOTE,
    photon::REMOTE,
    echo::REMOTE,
    rustsec::REMOTE,
    debian::REMOTE,
    oval::SUSE,
    oval::ORACLE,
    oval::AZURE,
    repository::AMAZON,
    repository::SECUREOS,
    csaf::REMOTE,
    osv::REMOTE,
    nvd::REMOTE,
];

/// What paths gave.
#[derive(Debug, Default)]
pub struct Import {
    /// What parts of a database are made of.
    pub gathered: Vec<Gathered>,
    /// What could not be read, and was left out.
    pub troubles: Vec<String>,
    /// What could not be read, so that what it would have given was left as it was.
    pub failed: Vec<Error>,
    /// How many files are of no feed that is known.
    pub unknown: u64,
}

/// Reads feeds from files, archives and folders of them.
pub fn import(paths: &[PathBuf]) -> Import {
    import_by(paths, Draft::default())
}

/// As [`import`]; what is too much for memory is kept in a folder meanwhile.
pub fn import_by_way_of(paths: &[PathBuf], folder: &Path) -> Import {
    import_by(paths, Draft::in_folder(folder))
}

/// Reads records of a feed that changed since all of it was read.
pub(crate) fn import_changes(paths: &[PathBuf], folder: &Path) -> Import {
    let mut draft = Draft::in_folder(folder);
    let mut failed = Vec::new();
    for path in paths {
        draft.begin(path, Scope::Changes);
        failed.extend(of(path, &mut draft).err());
    }
    draft.finish(failed)
}

/// What is wrong with a record of a feed.
pub(crate) fn wrong_with(path: &Path, folder: &Path) -> Option<String> {
    let Import { mut troubles, failed, .. } = import_changes(&[path.to_owned()], folder);
    let told = match failed.into_iter().next() {
        Some(Error::Feed { why, .. }) => Some(why),
        Some(error) => Some(error.to_string()),
        None => troubles.drain(..).next(),
    };
    let place = format!("{}: ", path.display());
    told.map(|told| told.strip_prefix(&place).map_or(told.clone(), str::to_owned))
}

fn import_by(paths: &[PathBuf], mut draft: Draft) -> Import {
    let mut failed = Vec::new();
    for path in paths {
        let is_single = path.is_file() && !files::is_archive(path);
        draft.begin(path, if is_single { Scope::Single } else { Scope::Collection });
        let told = draft.count_troubles();
        match of(path, &mut draft) {
            Err(error) => {
                draft.abandon();
                failed.push(error);
            }
            // What is wrong with what it has is told already.
            Ok(0) if draft.count_troubles() == told => {
                failed.push(Error::Feed { path: path.clone(), why: "has no files".to_owned() });
            }
            Ok(_) if draft.is_empty() && draft.count_troubles() == told => {
                let why =
                    "tells nothing of a distribution or an ecosystem that is known".to_owned();
                failed.push(Error::Feed { path: path.clone(), why });
            }
            Ok(_) => {}
        }
    }
    draft.finish(failed)
}

/// Reads what a path has, and tells how many files that is.
fn of(path: &Path, draft: &mut Draft) -> Result<usize, Error> {
    let mut only = None;
    let mut count = 0;
    let mut last: Option<(String, &Feed)> = None;
    files::each(path, &mut |file| {
        count += 1;
        // Mostly a file is of the same feed as the one that lies beside it.
        let near =
            last.as_ref().filter(|(folder, _)| *folder == file.path()).map(|(_, feed)| *feed);
        let Some(feed) = near.into_iter().chain(&FEEDS).find(|feed| (feed.is)(&file)) else {
            only = Some((file.name.to_owned(), instead(&file)));
            draft.unknown();
            return Ok(());
        };
        if near.is_none() {
            last = Some((file.path().to_owned(), feed));
        }
        let told = (feed.read)(&file, draft);
        told.map_err(|why| format!("is no {}: {why}", feed.about))
    })?;
    match (draft.is_empty(), only) {
        (true, Some((name, instead))) => {
            let why = match path.is_file() {
                true => instead.to_owned(),
                false => format!("has no feed that is known; '{name}' {instead}"),
            };
            Err(Error::Feed { path: path.to_owned(), why })
        }
        _ => Ok(count),
    }
}

/// What a file is that is of no feed.
fn instead(file: &File<'_>) -> &'static str {
    const BEGIN_BYTES: usize = 4096;
    let has = |text| file.begins_with(BEGIN_BYTES, text);
    if file.first().is_none() {
        return "is empty; get it again";
    }
    let is_list = [
        "\"CycloneDX\"",
        "cyclonedx.org/schema/bom",
        "\"spdxVersion\"",
        "SPDXVersion:",
        "spdx.org/rdf/3",
    ]
    .into_iter()
    .any(has);
    match is_list {
        true => {
            "is a list of packages (SBOM), and of no feed; what is known of them tells watchkeeper scan sbom"
        }
        false => "is of no feed that is known",
    }
}

/// Reads one file as if it lay in a folder by itself: what it is of, and what it says. For tests and fuzzing.
pub fn read(name: &str, bytes: &[u8]) -> Result<Import, String> {
    let file = File { name, bytes };
    let feed = FEEDS.iter().find(|feed| (feed.is)(&file));
    let feed = feed.ok_or_else(|| instead(&file).to_owned())?;
    let mut draft = Draft::default();
    (feed.read)(&file, &mut draft)?;
    Ok(draft.finish(Vec::new()))
}
