//! One feed, from its files to the database.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{
    Progress, Settings, Updated,
    asked::{self, is_asked_for},
    changes::{self, Changed, Sought, Why},
    download::{self, Fetched},
    http::{Failure, Http},
    patience::Deadline,
    proof::Promised,
    room::Room,
    state::{FileState, Missed, Moved, States},
};
use crate::{
    db::{Change, Extent, Header},
    feeds::{self, Absence, Changes, Gathered, Import, Remote, Unanswered, Until, Wanted},
};

/// Longest list of a feed's own files, bytes.
const LONGEST_LIST: u64 = 8 << 20;
/// Most troubles of a file that are told.
const MOST_TOLD: usize = 5;
/// A part of so many advisories does not lose half of them in one update.
const FEW: u64 = 20;

/// What an update works with.
pub(super) struct Work<'a> {
    folder: &'a Path,
    settings: &'a Settings,
    http: &'a Http,
    /// Parts that were changed since it was last told.
    moved: RefCell<Vec<Moved>>,
    /// Versions of parts that are known to be as they were written.
    sound: RefCell<BTreeSet<String>>,
}

/// The files of a feed.
struct Of<'a> {
    name: &'static str,
    files: &'a [Wanted],
    /// Whether all of them are asked for.
    is_all: bool,
}

/// What became of a file.
enum Done {
    Changed,
    Unchanged,
    Absent,
}

impl<'a> Work<'a> {
    pub(super) fn new(folder: &'a Path, settings: &'a Settings, http: &'a Http) -> Self {
        let (moved, sound) = Default::default();
        Self { folder, settings, http, moved, sound }
    }

    /// Updates a feed; of its files those in whose addresses this is a part, if any is named.
    pub(super) fn update(
        &self,
        remote: &Remote,
        only: Option<&str>,
        states: &mut States,
    ) -> Updated {
        let feed =
            only.map_or_else(|| remote.name.to_owned(), |it| format!("{}:{it}", remote.name));
        let mut updated = Updated { feed, ..Updated::default() };
        let mut ask = |url: &str| self.http.text(url, LONGEST_LIST).map_err(unanswered);
        match (remote.files)(&mut ask) {
            Err(why) => updated.failed.push(why),
            Ok(files) => {
                let all = files.len();
                let is_wanted = |it: &&Wanted| only.is_none_or(|only| is_asked_for(&it.url, only));
                let wanted: Vec<&Wanted> = files.iter().filter(is_wanted).collect();
                if wanted.is_empty() && all > 0 {
                    let names = asked::names(&files).join(", ");
                    updated.failed.push(format!("has no such file; there are {names}"));
                    // It is not a part of the feed that could be asked for again.
                    return updated;
                }
                let of = Of { name: remote.name, files: &files, is_all: only.is_none() };
                self.files(&of, &wanted, states, &mut updated);
            }
        }
        self.keep(remote.name, only.is_none(), &updated, states);
        updated
    }

    /// How it went.
    fn keep(&self, feed: &str, is_all: bool, updated: &Updated, states: &mut States) {
        let Updated { failed, left_out, absent, .. } = updated;
        let why: Vec<String> = failed.iter().chain(left_out).cloned().collect();
        let is_well = why.is_empty();
        let state = states.of(&updated.feed);
        state.tried.clone_from(&self.settings.now);
        if is_well {
            state.succeeded.clone_from(&self.settings.now);
        }
        state.failed = why;
        state.absent.clone_from(absent);
        if is_all && is_well {
            states.forget_files_of(feed);
        }
    }

    fn files(&self, of: &Of<'_>, wanted: &[&Wanted], states: &mut States, updated: &mut Updated) {
        let room = Room::of(self.folder, of.name);
        room.tidy(of.files);
        for &wanted in wanted {
            let key = wanted.key();
            let of_feed = states.of(of.name);
            let mut of_file = of_feed.files.get(key).cloned().unwrap_or_default();
            let done = self.file(wanted, &room, &mut of_file);
            let moved = self.moved.take();
            states.follow(&moved);
            of_file.follow(&moved);
            match done {
                Ok(Done::Absent) => {
                    updated.absent.push(asked::name(wanted, of.files));
                    continue;
                }
                Ok(Done::Unchanged) => updated.unchanged += 1,
                Ok(Done::Changed) => updated.changed += 1,
                Err(failure) => {
                    updated.failed.push(failure.why());
                    continue;
                }
            }
            updated.left_out.extend(of_file.is_not_there());
            of_file.checked.clone_from(&self.settings.now);
            states.of(of.name).files.insert(key.clone(), of_file);
        }
        if of.is_all && updated.failed.is_empty() {
            // Some have another address each time.
            let keys: BTreeSet<&String> = of.files.iter().map(Wanted::key).collect();
            states.of(of.name).files.retain(|key, _| keys.contains(key));
        }
        if updated.changed + updated.unchanged == 0 && updated.failed.is_empty() {
            updated.failed.push(match &*updated.absent {
                [_] if !of.is_all => {
                    let urls: Vec<String> =
                        wanted.iter().map(|it| self.http.place(&it.url)).collect();
                    format!("{}: is not there", urls.join(", "))
                }
                _ => "none of its files is there".to_owned(),
            });
            updated.absent.clear();
        }
    }

    fn file(&self, wanted: &Wanted, room: &Room, state: &mut FileState) -> Result<Done, Failure> {
        let change = Change::begin(self.folder).map_err(here)?;
        if !state.parts.iter().all(|(part, version)| self.is_as_known(&change, part, version)) {
            *state = FileState::default();
        }
        // Others may change the database while files come.
        drop(change);
        let done = match &wanted.changes {
            Some(changes) => self.by_changes(wanted, changes, room, state),
            None => self.whole(wanted, room, state),
        };
        match done {
            Err(Failure::Absent(_)) if wanted.absence == Absence::IsNothing => Ok(Done::Absent),
            done => done,
        }
    }

    /// Whether a part is the version that is known, and can be read.
    fn is_as_known(&self, change: &Change, part: &str, known: &str) -> bool {
        let Some((_, part)) = change.version(part).filter(|(version, _)| version == known) else {
            return false;
        };
        let is_sound = self.sound.borrow().contains(known) || part.check().is_ok();
        if is_sound {
            self.sound.borrow_mut().insert(known.to_owned());
        }
        is_sound
    }

    /// Fetches all of a file, unless it did not change.
    fn whole(&self, wanted: &Wanted, room: &Room, state: &mut FileState) -> Result<Done, Failure> {
        let promised = Promised::of(&wanted.proof, self.http)?;
        if !promised.sha256().is_empty() && promised.sha256() == state.sha256 {
            return Ok(Done::Unchanged);
        }
        let path = room.path(&wanted.url);
        let deadline = Deadline::within(self.http.patience.whole);
        let known = (!state.parts.is_empty()).then(|| state.validators.clone());
        let validators = match download::fetch(self.http, &wanted.url, known, &path, deadline)? {
            Fetched::Unchanged => return Ok(Done::Unchanged),
            Fetched::New(validators) => validators,
        };
        let place = self.http.place(&wanted.url);
        let imported = promised
            .check(&path)
            .map_err(|why| Failure::Lasting(format!("{place}: {why}")))
            .and_then(|()| {
                let import = feeds::import_by_way_of(std::slice::from_ref(&path), self.folder);
                let left_out = left_out(&import, &path, &place);
                Ok((self.take(import, &place, None)?, left_out))
            });
        // Whatever is wrong with it is wrong another time, too.
        _ = fs::remove_file(&path);
        let sha256 = promised.sha256().to_owned();
        let (parts, left_out) = imported?;
        *state = FileState { validators, sha256, parts, left_out, ..FileState::default() };
        Ok(Done::Changed)
    }

    /// Fetches what changed, or all where that is less.
    fn by_changes(
        &self,
        wanted: &Wanted,
        changes: &Changes,
        room: &Room,
        state: &mut FileState,
    ) -> Result<Done, Failure> {
        let path = room.path(&changes.list);
        let known = (!state.parts.is_empty()).then(|| state.validators.clone());
        let (since, missed, now) = (&*state.changes, &state.missed, &*self.settings.now);
        let sought = Sought { since, missed, now };
        let changed = match changes::since(self.http, changes, &sought, known, &path) {
            Ok(None) if missed.is_empty() => return Ok(Done::Unchanged),
            Ok(None) => Changed {
                until: state.changes.clone(),
                records: Some(missed.keys().cloned().collect()),
                validators: state.validators.clone(),
            },
            Ok(Some(changed)) => changed,
            // A mirror need not have the list.
            Err(Failure::Absent(_)) => return self.whole(wanted, room, state),
            Err(error) => return Err(error),
        };
        let is_more = match (&changed.records, state.parts.is_empty()) {
            (Some(records), false) => self.records(changes, records, room, state)?,
            _ => {
                self.anew(wanted, changes, &changed, room, state)?;
                true
            }
        };
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
        room: &Room,
        state: &mut FileState,
    ) -> Result<(), Failure> {
        *state = FileState::default();
        self.whole(wanted, room, state)?;
        let made = || state.validators.last_modified.as_deref().and_then(changes::time_of);
        let until = match &changes.until {
            Until::Fetched => None,
            Until::Made => made(),
            Until::Told(until) => Some(until.clone()),
        };
        let Some(until) = until.filter(|until| *until < changed.until) else { return Ok(()) };
        let path = room.path(&changes.list);
        let (missed, now) = (&BTreeMap::new(), &*self.settings.now);
        let sought = Sought { since: &until, missed, now };
        let since = changes::since(self.http, changes, &sought, None, &path)?;
        match since.unwrap_or_default().records {
            Some(records) => self.records(changes, &records, room, state).map(|_| ()),
            None => {
                let most = changes.most;
                let why = format!("{}: more than {most} records changed since", wanted.url);
                Err(Failure::Lasting(why))
            }
        }
    }

    /// Fetches records that changed; whether any was taken over. Those that can't be hold back no others.
    fn records(
        &self,
        changes: &Changes,
        names: &[String],
        room: &Room,
        state: &mut FileState,
    ) -> Result<bool, Failure> {
        if names.is_empty() {
            state.missed.clear();
            return Ok(false);
        }
        let folder = room.path(&format!("{}records", changes.base));
        let fetched = changes::fetch(self.http, changes, names, &folder)?;
        let (mut paths, mut missed) = (Vec::new(), BTreeMap::new());
        for (name, record) in fetched {
            let failed = |why| Missed { why, absent: 0 };
            let sound = match record {
                Ok(path) => match feeds::wrong_with(&path, self.folder) {
                    None => Ok(path),
                    Some(why) => {
                        let url = format!("{}{}", changes.base, feeds::escaped(&name));
                        Err(failed(format!("{}: {why}", self.http.place(&url))))
                    }
                },
                Err(Why::Failed(why)) => Err(failed(why)),
                Err(Why::Absent(why)) => {
                    let before = state.missed.get(&name).map_or(0, |it| it.absent);
                    Err(Missed { why, absent: before.saturating_add(1) })
                }
            };
            match sound {
                Ok(path) => paths.push(path),
                Err(missed_now) => _ = missed.insert(name, missed_now),
            }
        }
        let taken = match paths.is_empty() {
            true => Ok(BTreeMap::new()),
            false => {
                let import = feeds::import_changes(&paths, self.folder);
                self.take(import, &self.http.place(&changes.list), Some(&state.parts))
            }
        };
        _ = fs::remove_dir_all(&folder);
        taken?;
        state.missed = missed;
        Ok(!paths.is_empty())
    }

    /// Puts what was read into the database, all at once; `only` into these parts. Tells which they are, and
    /// which version of each.
    fn take(
        &self,
        import: Import,
        source: &str,
        only: Option<&BTreeMap<String, String>>,
    ) -> Result<BTreeMap<String, String>, Failure> {
        if let Some(error) = import.failed.first() {
            return Err(Failure::Lasting(format!("{source}: {}", cause(error))));
        }
        let mut change = Change::begin(self.folder).map_err(here)?;
        let mut before = BTreeMap::new();
        for Gathered { builder, mut header } in import.gathered {
            if only.is_some_and(|only| !only.contains_key(&header.feed)) {
                continue;
            }
            source.clone_into(&mut header.source);
            header.imported.clone_from(&self.settings.now);
            let (feed, extent) = (header.feed.clone(), builder.extent());
            // What of it came from other files is fetched again, too.
            if let Some(why) = only.is_none().then(|| change.remove_damaged(&feed)).flatten() {
                self.http.observer.tell(&Progress::Trouble(&format!("{why}; it is made anew")));
            }
            let (version, old) = change.version(&feed).unzip();
            let old = old.map(|part| part.header().clone()).unwrap_or_default();
            let part = change.put(builder, header).map_err(here)?;
            if extent == Extent::All {
                is_enough(part.header(), &old)
                    .map_err(|why| Failure::Lasting(format!("{source}: {why}")))?;
            }
            before.insert(feed, version);
        }
        if before.is_empty() && only.is_none() {
            return Err(Failure::Lasting(format!("{source}: has nothing of a feed that is known")));
        }
        change.commit().map_err(here)?;
        let mut parts = BTreeMap::new();
        for (part, from) in before {
            let Some((to, _)) = change.version(&part) else { continue };
            self.sound.borrow_mut().insert(to.clone());
            parts.insert(part.clone(), to.clone());
            self.moved.borrow_mut().push(Moved { part, from, to });
        }
        Ok(parts)
    }
}

/// That a feed did not lose most of what it had, of its advisories or of what they say.
fn is_enough(now: &Header, before: &Header) -> Result<(), String> {
    for (now, before, what) in [
        (now.advisories, before.advisories, "advisories"),
        (now.entries, before.entries, "statements on packages"),
    ] {
        if before > FEW && now < before / 2 {
            return Err(format!(
                "has {now} {what}, and there were {before}; if that is right, take it over with db import"
            ));
        }
    }
    Ok(())
}

/// What could not be read of a file, as it is told: without the place where it lay meanwhile.
fn left_out(import: &Import, path: &Path, source: &str) -> Vec<String> {
    let place = path.display().to_string();
    let troubles = import.troubles.iter();
    let mut told: Vec<String> =
        troubles.take(MOST_TOLD).map(|it| it.replacen(&place, source, 1)).collect();
    if let Some(more @ 1..) = import.troubles.len().checked_sub(MOST_TOLD) {
        told.push(format!("{source}: and {more} more that could not be read"));
    }
    told
}

/// What is wrong with a file, without the place where it lay meanwhile.
fn cause(error: &crate::Error) -> String {
    match error {
        crate::Error::Feed { why, .. } => why.clone(),
        crate::Error::File { source, .. } => source.to_string(),
        error => error.to_string(),
    }
}

fn unanswered(failure: Failure) -> Unanswered {
    match failure {
        Failure::Absent(why) => Unanswered::Absent(why),
        other => Unanswered::Failed(other.why()),
    }
}

fn here(error: crate::Error) -> Failure {
    Failure::Lasting(error.to_string())
}

impl Failure {
    pub(super) fn why(self) -> String {
        match self {
            Self::Passing { why, .. } | Self::Absent(why) | Self::Lasting(why) => why,
        }
    }
}
