//! One feed, from its files to the database.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    FOLDER, Progress, Settings, Updated,
    changes::{self, Changed},
    download::{self, Fetched},
    http::{Failure, Http},
    proof::Promised,
    state::{FileState, State},
};
use crate::{
    db::{Change, Extent},
    feeds::{self, Absence, Changes, Gathered, Import, Remote, Wanted},
};

/// Longest list of a feed's own files, bytes.
const LONGEST_LIST: u64 = 8 << 20;
/// Most troubles of a file that are told.
const MOST_TOLD: usize = 5;
/// A part of so many advisories does not lose half of them in one update.
const FEW: u64 = 20;

/// What an update works with.
pub(super) struct Work<'a> {
    pub(super) folder: &'a Path,
    pub(super) settings: &'a Settings,
    pub(super) http: &'a Http,
}

/// What became of a file.
enum Done {
    Changed,
    Unchanged,
    Absent,
}

impl Work<'_> {
    /// Updates a feed; of its files those in whose addresses one of these is a part, all where there are none.
    pub(super) fn update(
        &mut self,
        remote: &Remote,
        only: &[String],
        state: &mut State,
    ) -> Updated {
        let mut updated =
            Updated { feed: remote.name, changed: 0, unchanged: 0, failed: Vec::new() };
        state.tried.clone_from(&self.settings.now);
        let mut ask = |url: &str| self.http.text(url, LONGEST_LIST).map_err(Failure::why);
        match (remote.files)(&mut ask) {
            Err(why) => updated.failed.push(why),
            Ok(files) => self.files(&files, only, state, &mut updated),
        }
        if updated.failed.is_empty() && only.is_empty() {
            state.succeeded.clone_from(&self.settings.now);
        }
        state.failed.clone_from(&updated.failed);
        updated
    }

    fn files(&self, files: &[Wanted], only: &[String], state: &mut State, updated: &mut Updated) {
        let wanted = files.iter().filter(|it| is_asked_for(&it.url, only));
        let mut absent = 0;
        for wanted in wanted {
            let key = wanted.changes.as_ref().map_or(&wanted.url, |changes| &changes.list);
            let mut of_file = state.files.get(key).cloned().unwrap_or_default();
            match self.file(wanted, &mut of_file) {
                Ok(Done::Absent) => absent += 1,
                Ok(Done::Unchanged) => {
                    updated.unchanged += 1;
                    state.files.insert(key.clone(), of_file);
                }
                Ok(Done::Changed) => {
                    updated.changed += 1;
                    state.files.insert(key.clone(), of_file);
                }
                Err(failure) => updated.failed.push(failure.why()),
            }
        }
        if updated.changed + updated.unchanged == 0 && updated.failed.is_empty() {
            updated.failed.push(match absent {
                0 => format!("has no file with {} in its address", only.join(" or ")),
                _ => "none of its files is there".to_owned(),
            });
        }
    }

    fn file(&self, wanted: &Wanted, state: &mut FileState) -> Result<Done, Failure> {
        let change = Change::begin(self.folder).map_err(here)?;
        if !state.parts.iter().all(|part| change.has(part)) {
            *state = FileState::default();
        }
        // Others may change the database while files come.
        drop(change);
        let done = match &wanted.changes {
            Some(changes) => self.by_changes(wanted, changes, state),
            None => self.whole(wanted, state),
        };
        match done {
            Err(Failure::Absent(_)) if wanted.absence == Absence::IsNothing => Ok(Done::Absent),
            done => done,
        }
    }

    /// Fetches all of a file, unless it did not change.
    fn whole(&self, wanted: &Wanted, state: &mut FileState) -> Result<Done, Failure> {
        let promised = Promised::of(&wanted.proof, self.http)?;
        if !promised.sha256().is_empty() && promised.sha256() == state.sha256 {
            return Ok(Done::Unchanged);
        }
        let path = self.path(&wanted.url);
        let known = (!state.parts.is_empty()).then(|| state.validators.clone());
        let validators = match download::fetch(self.http, &wanted.url, known, &path)? {
            Fetched::Unchanged => return Ok(Done::Unchanged),
            Fetched::New(validators) => validators,
        };
        let place = self.http.place(&wanted.url);
        let imported = promised
            .check(&path)
            .map_err(|why| Failure::Lasting(format!("{place}: {why}")))
            .and_then(|()| {
                let import = feeds::import_by_way_of(std::slice::from_ref(&path), self.folder);
                self.take(import, &place, None)
            });
        // Whatever is wrong with it is wrong another time, too.
        _ = fs::remove_file(&path);
        let sha256 = promised.sha256().to_owned();
        *state = FileState { validators, sha256, changes: String::new(), parts: imported? };
        Ok(Done::Changed)
    }

    /// Fetches what changed, or all where that is less.
    fn by_changes(
        &self,
        wanted: &Wanted,
        changes: &Changes,
        state: &mut FileState,
    ) -> Result<Done, Failure> {
        let path = self.path(&changes.list);
        let known = (!state.parts.is_empty()).then(|| state.validators.clone());
        let changed = match changes::since(self.http, changes, &state.changes, known, &path) {
            Ok(None) => return Ok(Done::Unchanged),
            Ok(Some(changed)) => changed,
            // A mirror need not have the list.
            Err(Failure::Absent(_)) => return self.whole(wanted, state),
            Err(error) => return Err(error),
        };
        match (&changed.records, state.parts.is_empty()) {
            (Some(records), false) => self.records(changes, records, state)?,
            _ => self.anew(wanted, changes, &changed, state)?,
        }
        let is_more = changed.records.as_ref().is_none_or(|records| !records.is_empty());
        let Changed { until, validators, .. } = changed;
        (state.changes, state.validators) = (until, validators);
        Ok(if is_more { Done::Changed } else { Done::Unchanged })
    }

    /// Fetches all, and what changed since all was put together.
    fn anew(
        &self,
        wanted: &Wanted,
        changes: &Changes,
        changed: &Changed,
        state: &mut FileState,
    ) -> Result<(), Failure> {
        *state = FileState::default();
        self.whole(wanted, state)?;
        let Some(until) = changes.until.as_deref().filter(|until| *until < &*changed.until) else {
            return Ok(());
        };
        let path = self.path(&changes.list);
        let since = changes::since(self.http, changes, until, None, &path)?;
        match since.unwrap_or_default().records {
            Some(records) => self.records(changes, &records, state),
            None => {
                let most = changes.most;
                let why = format!("{}: more than {most} records changed since", wanted.url);
                Err(Failure::Lasting(why))
            }
        }
    }

    /// Fetches records that changed.
    fn records(
        &self,
        changes: &Changes,
        names: &[String],
        state: &FileState,
    ) -> Result<(), Failure> {
        if names.is_empty() {
            return Ok(());
        }
        let folder = self.path(&format!("{}records", changes.base));
        let paths = changes::fetch(self.http, changes, names, &folder)?;
        let import = feeds::import_changes(&paths, self.folder);
        let taken = self.take(import, &self.http.place(&changes.list), Some(&state.parts));
        _ = fs::remove_dir_all(&folder);
        taken.map(drop)
    }

    /// Puts what was read into the database, all at once; `only` into these parts. Tells which they are.
    fn take(
        &self,
        import: Import,
        source: &str,
        only: Option<&[String]>,
    ) -> Result<Vec<String>, Failure> {
        for trouble in import.troubles.iter().take(MOST_TOLD) {
            self.http.observer.tell(&Progress::Trouble(trouble));
        }
        if let Some(more @ 1..) = import.troubles.len().checked_sub(MOST_TOLD) {
            let more = format!("{source}: and {more} more that could not be read");
            self.http.observer.tell(&Progress::Trouble(&more));
        }
        if let Some(error) = import.failed.first() {
            return Err(Failure::Lasting(format!("{source}: {}", cause(error))));
        }
        let mut change = Change::begin(self.folder).map_err(here)?;
        let mut parts = Vec::new();
        for Gathered { builder, mut header } in import.gathered {
            if only.is_some_and(|only| !only.contains(&header.feed)) {
                continue;
            }
            source.clone_into(&mut header.source);
            header.imported.clone_from(&self.settings.now);
            let (feed, extent) = (header.feed.clone(), builder.extent());
            let before = change.advisories(&feed);
            let part = change.put(builder, header).map_err(here)?;
            let now = part.header().advisories;
            if extent == Extent::All && before > FEW && now < before / 2 {
                let why = format!(
                    "{source}: has {now} advisories, and there were {before}; if that is right, take it over with db import"
                );
                return Err(Failure::Lasting(why));
            }
            parts.push(feed);
        }
        if parts.is_empty() && only.is_none() {
            return Err(Failure::Lasting(format!("{source}: has nothing of a feed that is known")));
        }
        change.commit().map_err(here)?;
        Ok(parts)
    }

    /// Where a file lies until it was imported: below its host, as its address has it.
    fn path(&self, url: &str) -> PathBuf {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let mut path = self.folder.join(FOLDER).join("files");
        let names = rest.split('/').filter(|name| !["", ".", ".."].contains(name));
        path.extend(names.map(|name| name.replace("%20", " ").replace("%3A", ":")));
        path
    }
}

/// What is wrong with a file, without the place where it lay meanwhile.
fn cause(error: &crate::Error) -> String {
    match error {
        crate::Error::Feed { why, .. } => why.clone(),
        crate::Error::File { source, .. } => source.to_string(),
        error => error.to_string(),
    }
}

fn here(error: crate::Error) -> Failure {
    Failure::Lasting(error.to_string())
}

/// Whether one of these is a part of an address, between slashes, with its ending or without it.
fn is_asked_for(url: &str, only: &[String]) -> bool {
    let is = |wanted: &String| {
        let wanted = feeds::escaped(wanted);
        url.split('/').filter_map(|it| it.split_at_checked(wanted.len())).any(|(name, ending)| {
            name.eq_ignore_ascii_case(&wanted) && (ending.is_empty() || ending.starts_with('.'))
        })
    };
    only.is_empty() || only.iter().any(is)
}

impl Failure {
    fn why(self) -> String {
        match self {
            Self::Passing { why, .. } | Self::Absent(why) | Self::Lasting(why) => why,
        }
    }
}
