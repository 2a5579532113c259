//! All places, within bounds.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Kind, Seen, Span,
    place::{Key, LeftOut, Place},
};

/// Most paths of all places together. What is only read may take three quarters of them.
pub const MOST_PATHS: usize = 131_072;
const MOST_READ: usize = MOST_PATHS / 4 * 3;
/// Most bytes of all paths together.
pub const MOST_PATH_BYTES: usize = 24 << 20;
/// Longest path.
pub(crate) const LONGEST_PATH_BYTES: usize = 4096;
/// Most places.
pub const MOST_PLACES: usize = 1024;

/// What is in use, in all places that are watched.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Where places are among `places`.
    by_key: BTreeMap<Key, usize>,
    /// `None` where a place went.
    places: Vec<Option<Place>>,
    /// Where nothing is, and nobody remembers what was.
    free: Vec<usize>,
    paths: usize,
    path_bytes: usize,
    /// Places that there was no room for.
    places_left_out: u64,
}

/// Two that know the same are the same, in whichever order they learned it.
impl PartialEq for Index {
    fn eq(&self, other: &Self) -> bool {
        self.places().eq(other.places())
    }
}

impl Index {
    /// Every place, in the order of their names.
    pub fn places(&self) -> impl Iterator<Item = (&Key, &Place)> {
        self.by_key.iter().filter_map(|(key, &at)| Some((key, self.at(at)?)))
    }

    /// The place of this name.
    pub fn place(&self, key: &Key) -> Option<&Place> {
        self.at(*self.by_key.get(key)?)
    }

    /// Paths of all places together.
    pub fn paths(&self) -> usize {
        self.paths
    }

    /// Places that there was no room for since it was read.
    pub fn places_left_out(&self) -> u64 {
        self.places_left_out
    }

    /// Takes in all that another knows.
    pub fn join(&mut self, other: &Self) {
        for (key, theirs) in other.places() {
            if let Some(at) = self.place_at(key) {
                self.join_place(at, theirs);
            }
        }
    }

    /// Forgets what was not seen for longer than this, as of when its host was watched last.
    pub fn forget_older(&mut self, age_s: u32) {
        let mut latest: BTreeMap<Arc<[u8]>, u32> = BTreeMap::new();
        for (key, place) in self.places() {
            let until = [&place.watched, &place.watched_in_part].map(|it| it.bounds());
            let until_s = until.into_iter().flatten().map(|it| it.to_s).max().unwrap_or(0);
            let known = latest.entry(key.host.clone()).or_default();
            *known = until_s.max(*known);
        }
        for (key, &at) in &self.by_key {
            let latest_s = latest.get(&key.host).copied().unwrap_or(0);
            if let Some(place) = self.places.get_mut(at).and_then(Option::as_mut) {
                place.forget_before(latest_s.saturating_sub(age_s));
            }
        }
        let gone: Vec<Key> =
            self.places().filter(|(_, it)| it.is_empty()).map(|(key, _)| key.clone()).collect();
        gone.iter().for_each(|key| drop(self.take(key)));
        self.count();
    }

    /// Forgets a place.
    pub fn remove(&mut self, key: &Key) {
        self.take(key);
        self.count();
    }

    /// Keeps spans of time within their bounds.
    pub fn trim(&mut self) {
        for place in self.places.iter_mut().flatten() {
            place.watched.keep_latest();
            place.watched_in_part.keep_latest();
            place.lost.join_nearest();
        }
    }

    /// Which one this is, made if it is not there; `None` if there is no room.
    pub(crate) fn place_at(&mut self, key: &Key) -> Option<usize> {
        if let Some(at) = self.by_key.get(key) {
            return Some(*at);
        }
        if self.by_key.len() >= MOST_PLACES {
            self.places_left_out = self.places_left_out.saturating_add(1);
            return None;
        }
        let at = match self.free.pop() {
            Some(at) => at,
            None => {
                self.places.push(None);
                self.places.len() - 1
            }
        };
        *self.places.get_mut(at)? = Some(Place::default());
        self.by_key.insert(key.clone(), at);
        Some(at)
    }

    pub(crate) fn at(&self, at: usize) -> Option<&Place> {
        self.places.get(at)?.as_ref()
    }

    pub(crate) fn at_mut(&mut self, at: usize) -> Option<&mut Place> {
        self.places.get_mut(at)?.as_mut()
    }

    /// A place gets another name. If there is one of that name, both are one. Says which one it is. Where it
    /// was before, another one may be from then on.
    pub(crate) fn rename(&mut self, from: &Key, to: &Key) -> Option<usize> {
        let before = self.by_key.get(from).copied();
        let place = self.take(from)?;
        self.count();
        let at = self.place_at(to)?;
        self.join_place(at, &place);
        self.free.extend(before);
        Some(at)
    }

    /// A path is used in this way. Says whether it is known of now.
    pub(crate) fn note(&mut self, at: usize, path: &Arc<[u8]>, kind: Kind, s: u32) -> bool {
        let mut seen = Seen::default();
        seen.note(kind, Span::at(s));
        let most = if kind > Kind::Read { MOST_PATHS } else { MOST_READ };
        self.put_within(most, at, path, &seen)
    }

    /// What is known of a path elsewhere, added. Says whether there was room.
    pub(crate) fn put(&mut self, at: usize, path: &Arc<[u8]>, seen: &Seen) -> bool {
        self.put_within(MOST_PATHS, at, path, seen)
    }

    fn put_within(&mut self, most: usize, at: usize, path: &Arc<[u8]>, seen: &Seen) -> bool {
        let (paths, path_bytes) = (self.paths, self.path_bytes + path.len());
        let Some(place) = self.at_mut(at) else { return false };
        if let Some(known) = place.files.get_mut(path) {
            known.join(seen);
            return true;
        }
        if paths >= most || path_bytes > MOST_PATH_BYTES || path.len() > LONGEST_PATH_BYTES {
            let uses = place.left_out.map_or(0, |it| it.uses).saturating_add(1);
            let span = seen.bounds().unwrap_or(Span::at(0));
            place.leave_out(LeftOut { uses, span });
            return false;
        }
        place.files.insert(path.clone(), seen.clone());
        (self.paths, self.path_bytes) = (paths + 1, path_bytes);
        true
    }

    /// Places that there is memory for.
    #[cfg(test)]
    pub(crate) fn slots(&self) -> usize {
        self.places.len()
    }

    fn join_place(&mut self, at: usize, theirs: &Place) {
        if let Some(place) = self.at_mut(at) {
            place.join_facts(theirs);
        }
        for (path, seen) in &theirs.files {
            self.put(at, path, seen);
        }
    }

    fn take(&mut self, key: &Key) -> Option<Place> {
        let at = self.by_key.remove(key)?;
        self.places.get_mut(at)?.take()
    }

    fn count(&mut self) {
        self.paths = self.places.iter().flatten().map(|it| it.files.len()).sum();
        self.path_bytes = self.places.iter().flatten().map(Place::path_bytes).sum();
    }
}
