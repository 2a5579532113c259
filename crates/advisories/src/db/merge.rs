//! What comes, put together with what is there: by ids first, which says what counts, then by packages.

use std::{
    collections::{BTreeSet, HashSet},
    io,
};

use super::{
    build::{Extent, Repeats},
    codec::Bytes,
    part::{Part, Writer},
    rows::{Came, Details, Entry},
    runs::{Merge, Row, Rows},
    table::Index,
};

/// What rows are of that were there before.
const BEFORE: u32 = 0;

/// Which advisories count.
#[derive(Debug)]
pub(super) struct Kept {
    repeats: Repeats,
    extent: Extent,
    /// Those that came, by their numbers, that do not: a bit for each.
    superseded: Vec<u64>,
    /// Of those that were there before: which do not count where records come, which do where all does.
    before: HashSet<Box<[u8]>, foldhash::fast::RandomState>,
}

/// A table by ids.
pub(super) struct Ids {
    pub(super) index: Index,
    pub(super) rows: u64,
}

/// A table by packages.
#[derive(Default)]
pub(super) struct Told {
    pub(super) index: Index,
    pub(super) entries: u64,
    pub(super) spaces: BTreeSet<String>,
}

impl Kept {
    pub(super) fn new(repeats: Repeats, extent: Extent, count: u32) -> Self {
        let superseded = vec![0; count as usize / 64 + 1];
        Self { repeats, extent, superseded, before: HashSet::default() }
    }

    /// One that was there is told: whether it counts.
    fn tell_before(&mut self, id: &[u8], counts: bool) {
        if counts == (self.extent == Extent::All) {
            self.before.insert(id.into());
        }
    }

    fn drop(&mut self, of: u32) {
        if let Some(bits) = self.superseded.get_mut(of as usize / 64) {
            *bits |= 1 << (of % 64);
        }
    }

    /// Whether an entry counts.
    fn has(&self, row: &Row) -> bool {
        if row.of == BEFORE {
            let id = Bytes(&row.value).text().unwrap_or_default();
            return self.before.contains(id.as_bytes()) == (self.extent == Extent::All);
        }
        let bits = self.superseded.get(row.of as usize / 64).copied().unwrap_or_default();
        bits & 1 << (row.of % 64) == 0
    }

    /// What is told by rows of one id; none where nothing of it counts.
    fn one<'a>(
        &mut self,
        rows: &'a mut Vec<Row>,
    ) -> io::Result<Option<std::borrow::Cow<'a, [u8]>>> {
        if let [Row { value, of: 1.., .. }] = rows.as_slice() {
            return Ok(Some(value.into()));
        }
        let mut all = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            let details = Details::read(&mut Bytes(&row.value));
            let details =
                details.ok_or_else(|| io::Error::other("an advisory cannot be read back"))?;
            // The feed has it no more.
            let is_gone =
                row.of == BEFORE && self.extent == Extent::All && details.came == Came::Whole;
            if !is_gone {
                all.push((row, details));
            }
        }
        let latest = all.iter().map(|(_, details)| details.modified).max().unwrap_or_default();
        let mut joined: Option<Details> = None;
        for (row, details) in all {
            let counts = self.repeats != Repeats::Replace || details.modified == latest;
            match row.of {
                BEFORE => self.tell_before(&row.key, counts),
                of if !counts => self.drop(of),
                _ => {}
            }
            match &mut joined {
                _ if !counts => {}
                None => joined = Some(details),
                Some(joined) => joined.join(details),
            }
        }
        let written = |details: Details| {
            let mut out = Vec::new();
            details.write(&mut out);
            out.into()
        };
        Ok(joined.map(written))
    }
}

/// Writes what is said of advisories, and finds out which count.
pub(super) fn ids(
    new: Vec<Box<dyn Rows>>,
    old: Option<&Part>,
    kept: &mut Kept,
    out: &mut Writer,
) -> io::Result<Ids> {
    let before = old.map(|part| Box::new(part.id_rows()) as Box<dyn Rows + '_>);
    let mut merge = Merge::new(new.into_iter().map(|it| it as Box<dyn Rows + '_>).chain(before))?;
    let mut table = out.table()?;
    let (mut of_one, mut next) = (Vec::<Row>::new(), Row::default());
    let mut count = 0;
    loop {
        let is_more = merge.next(&mut next)?;
        if is_more && of_one.first().is_some_and(|first| first.key == next.key) {
            // What is the same to the byte tells nothing more.
            of_one.push(std::mem::take(&mut next));
            continue;
        }
        let key = of_one.first().map(|row| row.key.clone());
        if let (Some(key), Some(value)) = (key, kept.one(&mut of_one)?) {
            table.push(&key, &value)?;
            count += 1;
        }
        if !is_more {
            return Ok(Ids { index: table.finish()?, rows: count });
        }
        match of_one.as_mut_slice() {
            [only] => std::mem::swap(only, &mut next),
            _ => {
                of_one.clear();
                of_one.push(std::mem::take(&mut next));
            }
        }
    }
}

/// Writes what is said of packages, as far as it counts: each one's entries in their order, each once.
pub(super) fn packages(
    new: Vec<Box<dyn Rows>>,
    old: Option<&Part>,
    kept: &Kept,
    out: &mut Writer,
) -> io::Result<Told> {
    let before = old.map(|part| Box::new(Entries::of(part)) as Box<dyn Rows + '_>);
    let mut merge = Merge::new(new.into_iter().map(|it| it as Box<dyn Rows + '_>).chain(before))?;
    let mut table = out.table()?;
    let mut told = Told::default();
    let (mut of_one, mut last, mut next) = (Row::default(), Vec::new(), Row::default());
    let mut space = Vec::new();
    while merge.next(&mut next)? {
        if !kept.has(&next) {
            continue;
        }
        if of_one.key != next.key || of_one.value.is_empty() {
            if !of_one.value.is_empty() {
                table.push(&of_one.key, &of_one.value)?;
            }
            of_one.key.clone_from(&next.key);
            of_one.value.clear();
            last.clear();
            let of = next.key.split(|byte| *byte == 0).next().unwrap_or_default();
            if of != space {
                of.clone_into(&mut space);
                told.spaces.insert(String::from_utf8_lossy(of).into_owned());
            }
        }
        if last != next.value {
            told.entries += 1;
            of_one.value.extend_from_slice(&next.value);
            std::mem::swap(&mut last, &mut next.value);
        }
    }
    if !of_one.value.is_empty() {
        table.push(&of_one.key, &of_one.value)?;
    }
    told.index = table.finish()?;
    Ok(told)
}

/// The entries of a part, one by one.
struct Entries<'a> {
    rows: Box<dyn Rows + 'a>,
    /// A package and what is said of it.
    package: Row,
    /// So much of that was handed on.
    at: usize,
}

impl<'a> Entries<'a> {
    fn of(part: &'a Part) -> Self {
        Self { rows: Box::new(part.package_rows()), package: Row::default(), at: 0 }
    }
}

impl Rows for Entries<'_> {
    fn next(&mut self, row: &mut Row) -> io::Result<bool> {
        while self.at >= self.package.value.len() {
            self.at = 0;
            if !self.rows.next(&mut self.package)? {
                self.package.value.clear();
                return Ok(false);
            }
        }
        let rest = self.package.value.get(self.at..).unwrap_or_default();
        let mut bytes = Bytes(rest);
        Entry::read(&mut bytes).ok_or_else(|| io::Error::other("an entry is none"))?;
        let length = rest.len() - bytes.0.len();
        row.key.clone_from(&self.package.key);
        row.value.clear();
        row.value.extend_from_slice(rest.get(..length).unwrap_or_default());
        row.of = BEFORE;
        self.at += length;
        Ok(true)
    }
}

impl Details {
    /// Takes over what another says of the same, so that it does not matter which came first.
    fn join(&mut self, other: Self) {
        union(&mut self.aliases, other.aliases);
        union(&mut self.covers, other.covers);
        union(&mut self.references, other.references);
        union(&mut self.ratings, other.ratings);
        self.nature = self.nature.max(other.nature);
        self.is_disputed |= other.is_disputed;
        // What one of them still holds was not taken back.
        self.withdrawn = std::mem::take(&mut self.withdrawn).min(other.withdrawn);
        self.summary = std::mem::take(&mut self.summary).max(other.summary);
        self.published = match (self.published.is_empty(), other.published.is_empty()) {
            (true, _) => other.published,
            (_, true) => std::mem::take(&mut self.published),
            _ => std::mem::take(&mut self.published).min(other.published),
        };
        self.exploited = self.exploited.take().or(other.exploited);
        self.likelihood = self.likelihood.or(other.likelihood);
        self.modified = self.modified.max(other.modified);
        self.came = self.came.max(other.came);
    }
}

fn union<T: Ord>(own: &mut Vec<T>, other: Vec<T>) {
    if other.iter().all(|it| own.contains(it)) && own.is_sorted() {
        return;
    }
    own.extend(other);
    own.sort();
    own.dedup();
}

#[cfg(test)]
mod tests;
