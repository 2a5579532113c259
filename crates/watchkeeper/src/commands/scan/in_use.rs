//! Whether what is vulnerable is in use: what a store has of the place that was scanned, joined to packages by
//! their files.
//!
//! - `place`: which place of a store is scanned.

mod place;

use std::{
    cell::RefCell,
    cmp::Reverse,
    path::{Path, PathBuf},
    time::Duration,
};

use advisories::matching::{InUse, Matches, Use};
use clap::Parser;
use event::visible::visible;
use inuse::{Index, Kind, Port, Seen};
use scan::{ByKernel, Inventory, Owned, owners};

pub(super) use self::place::Place;
use self::place::{Chosen, Known};
use super::{Gate, Target};
use crate::{
    config,
    error::Error,
    in_use::{in_folder, words},
};

/// The store that is looked into where this host is scanned and none is named.
const USUAL: &str = "/var/lib/watchkeeper";
/// What names it in its place.
const VARIABLE: &str = "WATCHKEEPER_STORE";
/// So long a place has to have been watched before what was not seen there counts as not seen.
const USUAL_LEAST: Duration = Duration::from_secs(24 * 60 * 60);
/// Most files that are told of one package.
const MOST_PATHS: usize = 3;

/// Whether it is told what is in use.
#[derive(Parser)]
#[group(skip)]
pub(super) struct UseArgs {
    /// Tell of each finding whether the package is in use, by what run, trace or inuse import keeps in this store;
    /// where this host is scanned, and WATCHKEEPER_STORE or /var/lib/watchkeeper has it, that is told without
    /// being asked.
    #[arg(long, value_name = "STORE", conflicts_with = "list_packages")]
    in_use: Option<PathBuf>,
    /// What of the store is scanned, where that cannot be told: a host, an image or a container, by its name,
    /// an image or a container by the beginning of its id as well.
    #[arg(long, value_name = "PLACE", requires = "in_use")]
    in_use_of: Option<String>,
    /// How long a place has to have been watched before what was not seen there is told as not seen, and not as
    /// not watched [default: 1d].
    #[arg(long, value_name = "DURATION", value_parser = config::duration, conflicts_with = "list_packages")]
    not_seen_after: Option<Duration>,
}

/// What a store has, and what of it is of the target.
pub(super) struct Uses {
    index: Index,
    of: Option<String>,
    least_s: u64,
    known: RefCell<Known>,
}

impl UseArgs {
    /// Reads what there is; `None` if nobody asks.
    ///
    /// # Errors
    /// If what is named can't be read, or has no such place, or a gate asks for what is not told.
    pub(super) fn read(&self, target: &Target<'_>, gates: &[Gate]) -> Result<Option<Uses>, Error> {
        let index = match &self.in_use {
            Some(folder) => Some(in_folder(folder).map_err(|error| unnamed(folder, error))?),
            None if matches!(target, Target::Host) => usual(),
            None => None,
        };
        let Some(index) = index else {
            if gates.iter().any(Gate::asks_for_use) {
                let why = "--fail-on asks what is in use, and nothing tells: give --in-use STORE";
                return Err(Error::Usage(why.to_owned()));
            }
            return Ok(None);
        };
        if let Some(of) = &self.in_use_of
            && place::named(&index, of).is_empty()
        {
            let known: Vec<String> =
                index.places().map(|(key, it)| words::place(key, it)).collect();
            let known = known.join(", ");
            return Err(Error::Usage(format!(
                "--in-use-of {of}: is not in the store, which has: {known}"
            )));
        }
        let least_s = self.not_seen_after.unwrap_or(USUAL_LEAST).as_secs();
        // Replaced as soon as it is known what is scanned.
        let known = RefCell::new(Err("nothing was scanned".to_owned()));
        Ok(Some(Uses { index, of: self.in_use_of.clone(), least_s, known }))
    }
}

/// What is named is no store: told by the option that names it.
fn unnamed(folder: &Path, error: Error) -> Error {
    use store::Error::{NotAFolder, NotAStore};
    match error {
        Error::Store(NotAStore(_) | NotAFolder(_)) => {
            let folder = folder.display().to_string();
            Error::Usage(format!(
                "--in-use {}: no store is there; give the folder of one, which watchkeeper run, trace or inuse import \
                 write with --store",
                visible(folder.as_bytes())
            ))
        }
        error => error,
    }
}

/// What this host's own store has, if there is one that can be read.
fn usual() -> Option<Index> {
    let named = std::env::var_os(VARIABLE).filter(|it| !it.is_empty());
    let folder = named.map_or_else(|| PathBuf::from(USUAL), PathBuf::from);
    in_folder(&folder).ok()
}

impl Uses {
    /// It is this that is scanned. Says which files were seen there, whose owners are to be found.
    pub(super) fn ask(&self, place: &Place<'_>) -> Vec<Vec<u8>> {
        let known = place::choose(&self.index, place, self.of.as_deref());
        let paths = known.as_ref().map_or_else(|_| Vec::new(), Chosen::paths);
        *self.known.borrow_mut() = known;
        paths
    }

    /// Tells of each finding whether the package is in use. Says what should be known beside.
    pub(super) fn tell(&self, inventory: &Inventory, matches: &mut Matches) -> Option<String> {
        let known = self.known.borrow();
        let chosen = known.as_ref().ok();
        let read;
        let owners = match (&inventory.owners, chosen) {
            (Some(owners), _) => owners,
            (None, chosen) => {
                read = owners(inventory, &chosen.map_or_else(Vec::new, Chosen::paths));
                &read
            }
        };
        for finding in &mut matches.findings {
            let owned = owners.of_packages.get(finding.package);
            let in_use = match &*known {
                Ok(chosen) => self.of_package(owned.unwrap_or(&NOTHING), chosen),
                Err(why) => not_watched(why.clone(), 0),
            };
            finding.notes.in_use = Some(in_use);
        }
        known.as_ref().err().map(|why| format!("what is in use is not known: {why}"))
    }

    fn of_package(&self, owned: &Owned, chosen: &Chosen) -> InUse {
        let mut seen: Vec<(&[u8], &Seen)> = owned
            .asked
            .iter()
            .filter_map(|at| chosen.files.get(*at))
            .map(|it| (&*it.0, &it.1))
            .collect();
        // The strongest use first, then the latest.
        seen.sort_by_key(|(path, it)| {
            (Reverse(it.strongest()), Reverse(it.bounds().map(|it| it.to_s)), *path)
        });
        match seen.first().and_then(|(_, it)| it.strongest()) {
            Some(kind) => is_seen(kind, &seen, chosen),
            None => self.not_seen(owned, chosen),
        }
    }

    /// No file of it was seen: whether that says anything.
    fn not_seen(&self, owned: &Owned, chosen: &Chosen) -> InUse {
        let watched_s = chosen.watched_s;
        let why = match owned.by_kernel {
            _ if !owned.is_known => "it is not known which files it has",
            Some(ByKernel::Loader) => "programs are loaded by it, which no call tells of",
            Some(ByKernel::Kernel) => "the kernel itself is not watched",
            None if chosen.is_overfull => "more was in use there than is remembered",
            None if watched_s == 0 && chosen.is_in_part => {
                "only some of what happens there was recorded"
            }
            None if watched_s < self.least_s => {
                let (watched, least) = (words::long(watched_s), words::long(self.least_s));
                return not_watched(
                    format!("it was watched for {watched}, less than {least}"),
                    watched_s,
                );
            }
            None if watched_s == 0 => "nothing was recorded there as a whole",
            None => return InUse { state: Use::NotSeen, ..not_watched(String::new(), watched_s) },
        };
        not_watched(why.to_owned(), watched_s)
    }
}

const NOTHING: Owned = Owned { is_known: false, asked: Vec::new(), by_kernel: None };

fn not_watched(reason: String, watched_s: u64) -> InUse {
    let (paths, ports, last_seen) = (Vec::new(), Vec::new(), String::new());
    InUse { state: Use::NotWatched, last_seen, paths, ports, watched_s, reason }
}

fn is_seen(kind: Kind, seen: &[(&[u8], &Seen)], chosen: &Chosen) -> InUse {
    let last_s = seen.iter().filter_map(|(_, it)| it.bounds()).map(|it| it.to_s).max();
    let strongest = || seen.iter().filter(|(_, it)| it.strongest() == Some(kind));
    let mut ports: Vec<Port> = strongest().flat_map(|(_, it)| it.ports()).copied().collect();
    ports.sort_unstable();
    ports.dedup();
    InUse {
        state: match kind {
            Kind::Read => Use::Read,
            Kind::Loaded => Use::Loaded,
            Kind::Executed => Use::Executed,
            Kind::Listening => Use::Listening,
        },
        last_seen: last_s.map_or_else(String::new, words::time),
        paths: strongest().take(MOST_PATHS).map(|(path, _)| visible(path).into_owned()).collect(),
        ports: ports.into_iter().map(words::port).collect(),
        watched_s: chosen.watched_s,
        reason: String::new(),
    }
}

/// The folder that is scanned, as the kernel names it.
pub(super) fn folder(path: &Path) -> Place<'static> {
    Place::Folder(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
}
