//! `watchkeeper db import`.

use std::path::{Path, PathBuf};

use advisories::{
    db::{Builder, Change, Header, Part},
    feeds::{self, Gathered},
};
use clap::Parser;
use event::visible::visible;
use jiff::Timestamp;

use super::DatabaseArgs;
use crate::{
    error::{Error, Outcome},
    output::{Verbosity, plural},
};

/// Most mistakes that are told one by one.
const MOST_TOLD: usize = 20;

/// Takes advisories over from files of feeds, archives, and folders of them.
///
/// What a file is of is told by what is in it: records of OSV (osv.dev's ECOSYSTEM/all.zip, and what others
/// publish in that format), lists of Alpine and its kin (secdb), the database of RustSec, Debian's security
/// tracker, Red Hat's CSAF, OVAL, updateinfo.xml, CISA's catalogue of exploited flaws, scores of EPSS, and
/// others. Each feed is a part of the database. A list takes the place of the one that was there; records are
/// put together with those that were there by their ids, the one that was changed last counts; errata
/// (updateinfo.xml) are added to those that were there. All of it counts at once; other parts stay as they are.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper db import /srv/mirror/osv/PyPI/all.zip /srv/mirror/osv/npm/all.zip
  watchkeeper db import known_exploited_vulnerabilities.json epss_scores-current.csv.gz
  watchkeeper db import --db /var/lib/watchkeeper/advisories /srv/mirror

Exit code: 0 all of it was taken over; 2 nothing could be; 3 done in part: some of it could not be read,
which is said on stderr. Of a feed whose file is not whole, what was there stays.")]
pub(crate) struct Args {
    /// Files and folders.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let folder = args.database.folder()?;
    let mut change = begin(&folder)?;
    let import = feeds::import_by_way_of(&args.paths, &folder);
    let imported = Timestamp::now().to_string();
    let mut failed: Vec<String> = import.failed.iter().map(ToString::to_string).collect();
    let mut parts = Vec::new();
    for Gathered { builder, header } in import.gathered {
        let header = Header { imported: imported.clone(), ..header };
        match put(&mut change, builder, header) {
            Ok(part) => parts.push(part),
            Err(error) => failed.push(error.to_string()),
        }
    }
    if !parts.is_empty() {
        change.commit().map_err(|error| Error::Usage(error.to_string()))?;
    }
    parts.iter().for_each(|part| tell(part, verbosity));
    let written = parts.len();
    for line in import.troubles.iter().take(MOST_TOLD).chain(&failed) {
        say!("{}", visible(line.as_bytes()));
    }
    if let Some(more @ 1..) = import.troubles.len().checked_sub(MOST_TOLD) {
        say!("and {} more that could not be read", plural(more as u64, "record"));
    }
    Ok(match (written, failed.len() + import.troubles.len()) {
        (0, _) => Outcome::Wrong,
        (_, 0) => Outcome::Done,
        _ => Outcome::InPart,
    })
}

/// Puts what came together with what was there. A folder or an archive does without that where it is damaged; a
/// record by itself would take the place of all that the rest of the feed may have.
fn put(change: &mut Change, builder: Builder, header: Header) -> Result<Part, advisories::Error> {
    match builder.is_of_collection().then(|| change.damage(&header.feed)).flatten() {
        None => change.put(builder, header),
        Some(damaged) => {
            let feed = header.feed.clone();
            let part = change.put_anew(builder, header)?;
            let damaged = match damaged {
                // How to mend it is being done.
                advisories::Error::Damaged { path, why } => format!("{}: {why}", path.display()),
                error => error.to_string(),
            };
            let told = format!("{damaged}; {feed} is made anew of what came now alone");
            say!("{}", visible(told.as_bytes()));
            Ok(part)
        }
    }
}

/// Waits for who changes the database just now.
fn begin(folder: &Path) -> Result<Change, Error> {
    let usage = |error: advisories::Error| Error::Usage(error.to_string());
    if let Some(change) = Change::try_begin(folder).map_err(usage)? {
        return Ok(change);
    }
    say!("{}: is changed by another process just now; waiting for it", folder.display());
    Change::begin(folder).map_err(usage)
}

fn tell(part: &Part, verbosity: Verbosity) {
    if verbosity != Verbosity::Quiet {
        let Header { feed, advisories, entries, .. } = part.header();
        let (advisories, entries) = (plural(*advisories, "advisory"), plural(*entries, "entry"));
        say!("{}: {advisories}, {entries}", visible(feed.as_bytes()));
    }
}
