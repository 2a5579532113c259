//! What comes, put together with what is there: by ids first, which says what counts, then by packages.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    ops::Range,
};

use super::{
    build::{Extent, Repeats},
    codec::{Bytes, put},
    part::{Part, Writer},
    rows::{Came, Details, Statement, of_key},
    runs::{BEFORE, Merge, Row, Rows},
    table::{Index, Table},
};

/// The place of advisories that do not count.
const NONE: u32 = u32::MAX;

/// Which advisories count, and at which place.
#[derive(Debug)]
pub(super) struct Kept {
    repeats: Repeats,
    extent: Extent,
    /// Of those that came, by their numbers.
    new: Vec<u32>,
    /// Of those that were there before, by the places that they had.
    before: Vec<u32>,
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
    pub(super) fn new(repeats: Repeats, extent: Extent, count: u32, old: Option<&Part>) -> Self {
        let before = vec![NONE; old.map_or(0, |part| part.advisories() as usize)];
        Self { repeats, extent, new: vec![NONE; count as usize + 1], before }
    }

    /// Where the place of an advisory stands.
    fn of(&mut self, of: u32) -> Option<&mut u32> {
        match of & BEFORE {
            0 => self.new.get_mut(of as usize),
            _ => self.before.get_mut((of & !BEFORE) as usize),
        }
    }

    /// The place of the advisory that an entry is of; none where it does not count.
    fn place(&self, of: u32) -> Option<u32> {
        let place = match of & BEFORE {
            0 => self.new.get(of as usize),
            _ => self.before.get((of & !BEFORE) as usize),
        };
        place.copied().filter(|place| *place != NONE)
    }

    fn put(&mut self, of: u32, place: u32) {
        if let Some(to) = self.of(of) {
            *to = place;
        }
    }

    /// What is told by rows of one id, which come to this place; none where nothing of it counts.
    fn one<'a>(
        &mut self,
        rows: &'a mut Vec<Row>,
        place: u32,
    ) -> io::Result<Option<std::borrow::Cow<'a, [u8]>>> {
        if let [Row { value, of, .. }] = rows.as_slice()
            && (of & BEFORE == 0 || self.extent == Extent::Records)
        {
            self.put(*of, place);
            return Ok(Some(value.into()));
        }
        let mut all = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            let details = Details::read(&mut Bytes(&row.value));
            let details =
                details.ok_or_else(|| io::Error::other("an advisory cannot be read back"))?;
            // The feed has it no more.
            let is_gone =
                row.of & BEFORE != 0 && self.extent == Extent::All && details.came == Came::Whole;
            if !is_gone {
                all.push((row, details));
            }
        }
        let latest = all.iter().map(|(_, details)| details.modified).max().unwrap_or_default();
        let mut counting = Vec::with_capacity(all.len());
        for (row, details) in all {
            let counts = self.repeats != Repeats::Replace || details.modified == latest;
            if counts {
                self.put(row.of, place);
            }
            counting.extend(counts.then_some(details));
        }
        let written = |details: Details| {
            let mut out = Vec::new();
            details.write(&mut out);
            out.into()
        };
        Ok(Details::joined(counting).map(written))
    }
}

/// Writes what is said of advisories, and finds out which count.
pub(super) fn ids(
    new: Vec<Box<dyn Rows>>,
    old: Option<&Part>,
    kept: &mut Kept,
    dictionary: &[u8],
    out: &mut Writer,
) -> io::Result<Ids> {
    let before = old.map(Part::id_rows).transpose()?;
    let before = before.map(|rows| Box::new(rows) as Box<dyn Rows + '_>);
    let mut merge = Merge::new(new.into_iter().map(|it| it as Box<dyn Rows + '_>).chain(before))?;
    let mut table = out.table(dictionary)?;
    let (mut of_one, mut next) = (Vec::<Row>::new(), Row::default());
    let mut count = 0_u32;
    loop {
        let is_more = merge.next(&mut next)?;
        if is_more && of_one.first().is_some_and(|first| first.key == next.key) {
            // What is the same to the byte tells nothing more.
            of_one.push(std::mem::take(&mut next));
            continue;
        }
        let key = of_one.first().map(|row| row.key.clone());
        if let (Some(key), Some(value)) = (key, kept.one(&mut of_one, count)?) {
            table.push(&key, &value)?;
            count += 1;
        }
        if !is_more {
            return Ok(Ids { index: table.finish()?, rows: count.into() });
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
    let mut table = out.table(&[])?;
    let mut told = Told::default();
    let (mut of_one, mut next) = (OfOne::default(), Row::default());
    while merge.next(&mut next)? {
        let Some(place) = kept.place(next.of) else { continue };
        if of_one.key != next.key {
            of_one.write(&mut told, &mut table)?;
            of_one.key.clone_from(&next.key);
        }
        of_one.push(place, &next.value);
    }
    of_one.write(&mut told, &mut table)?;
    told.index = table.finish()?;
    Ok(told)
}

/// What is said of one package.
#[derive(Default)]
struct OfOne {
    key: Vec<u8>,
    bytes: Vec<u8>,
    /// Places of advisories, and where what they say stands in the bytes.
    statements: Vec<(u32, Range<usize>)>,
    value: Vec<u8>,
}

impl OfOne {
    fn push(&mut self, place: u32, statement: &[u8]) {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(statement);
        self.statements.push((place, from..self.bytes.len()));
    }

    /// Writes it in the order of the advisories, each statement once, and forgets it.
    fn write<W: Write>(&mut self, told: &mut Told, table: &mut Table<'_, W>) -> io::Result<()> {
        let Self { key, bytes, statements, value } = self;
        if statements.is_empty() {
            return Ok(());
        }
        let of = |it: &Range<usize>| bytes.get(it.clone()).unwrap_or_default();
        statements.sort_unstable_by(|a, b| (a.0, of(&a.1)).cmp(&(b.0, of(&b.1))));
        statements.dedup_by(|a, b| a.0 == b.0 && of(&a.1) == of(&b.1));
        let mut last = 0;
        for (place, statement) in &*statements {
            put(value, u64::from(place - last));
            value.extend_from_slice(of(statement));
            last = *place;
        }
        told.entries += statements.len() as u64;
        let space = String::from_utf8_lossy(of_key(key).1);
        if !told.spaces.contains(&*space) {
            told.spaces.insert(space.into_owned());
        }
        table.push(key, value)?;
        bytes.clear();
        statements.clear();
        value.clear();
        Ok(())
    }
}

/// The entries of a part, one by one.
struct Entries<'a> {
    rows: Box<dyn Rows + 'a>,
    /// A package and what is said of it.
    package: Row,
    /// So much of that was handed on.
    at: usize,
    /// The place of the advisory that said the last of it.
    last: u32,
}

impl<'a> Entries<'a> {
    fn of(part: &'a Part) -> Self {
        Self { rows: Box::new(part.package_rows()), package: Row::default(), at: 0, last: 0 }
    }
}

impl Rows for Entries<'_> {
    fn next(&mut self, row: &mut Row) -> io::Result<bool> {
        while self.at >= self.package.value.len() {
            (self.at, self.last) = (0, 0);
            if !self.rows.next(&mut self.package)? {
                self.package.value.clear();
                return Ok(false);
            }
        }
        let rest = self.package.value.get(self.at..).unwrap_or_default();
        let none = || io::Error::other("an entry is none");
        let mut bytes = Bytes(rest);
        let advisory = Statement::read(&mut bytes, self.last).ok_or_else(none)?.advisory;
        let own = rest.get(..rest.len() - bytes.0.len()).unwrap_or_default();
        self.at += own.len();
        self.last = advisory;
        // Its place is another one now.
        let mut bytes = Bytes(own);
        bytes.number().ok_or_else(none)?;
        row.key.clone_from(&self.package.key);
        row.value.clear();
        row.value.extend_from_slice(bytes.0);
        row.of = BEFORE | advisory;
        Ok(true)
    }
}

impl Details {
    /// What all of them say of the same, so that it does not matter which came first; none where there are none.
    fn joined(all: Vec<Self>) -> Option<Self> {
        let is_one = all.len() == 1;
        let mut joined = all.into_iter().reduce(|mut joined, other| {
            joined.join(other);
            joined
        })?;
        if !is_one {
            [&mut joined.aliases, &mut joined.covers, &mut joined.references]
                .into_iter()
                .for_each(tidy);
            tidy(&mut joined.ratings);
        }
        Some(joined)
    }

    /// Takes over what another says; lists are left in whichever order.
    fn join(&mut self, other: Self) {
        self.aliases.extend(other.aliases);
        self.covers.extend(other.covers);
        self.references.extend(other.references);
        self.ratings.extend(other.ratings);
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

/// In order, each once. Done once for all, as to do it with each that comes takes a time that is squared.
fn tidy<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

#[cfg(test)]
mod tests;
