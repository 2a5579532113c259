//! Finds incidents: in their folders, helped by the index.

use std::{cmp::Reverse, collections::HashMap};

use crate::{
    Damaged, Error, Fault, Id, MANIFEST_FILE, Query, Store, Summary,
    dir::Dir,
    index::{self, Loaded},
    kept::{self, steadily},
    store::Shared,
    summary::{Row, Stamp},
};

/// The incidents that were asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing {
    /// Those incidents, the newest first: by their first alerts.
    pub incidents: Vec<Summary>,
    /// How many more there would have been without the limit.
    pub more: usize,
    /// What is not whole, whatever was asked for.
    pub damaged: Vec<Damaged>,
    /// Of what use the index was.
    pub index: IndexUse,
}

/// Of what use the index was. What is listed is the same in any case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IndexUse {
    /// It told of every incident.
    Whole,
    /// So many incidents had to be read from their folders: the index had not heard of them.
    Behind(usize),
    /// There is none; every incident was read from its folder.
    Missing,
    /// The same, for it cannot be read.
    Unusable(String),
}

/// What there is among the incidents.
#[derive(Debug)]
pub(crate) struct Scan {
    /// Every whole incident, in the order of ids.
    pub(crate) rows: Vec<Row>,
    pub(crate) damaged: Vec<Damaged>,
    pub(crate) index: IndexUse,
    /// Rows of the index whose incidents are gone.
    pub(crate) surplus: usize,
}

impl Store {
    /// The incidents that a query wants, the newest first.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder of incidents cannot be read. What is wrong with single incidents
    /// or with the index is in the listing.
    pub fn list(&self, query: &Query) -> Result<Listing, Error> {
        let scan = self.shared.scan()?;
        let found = scan.rows.into_iter().map(|row| row.summary).filter(|it| query.matches(it));
        let mut incidents: Vec<_> = found.collect();
        incidents.sort_by_key(|incident| (Reverse(incident.first_alert_ns), incident.id));
        let more = incidents.len().saturating_sub(query.limit.unwrap_or(usize::MAX));
        incidents.truncate(incidents.len() - more);
        Ok(Listing { incidents, more, damaged: scan.damaged, index: scan.index })
    }

    /// Makes the index anew from the folders; says how many incidents are in it.
    ///
    /// # Errors
    /// [`Error::ReadOnly`]; [`Error::Io`]; [`Error::Index`] if it cannot be written.
    pub fn reindex(&self) -> Result<usize, Error> {
        let mut index = self.shared.writing()?.index();
        let scan = self.shared.scan_with(Loaded::Missing)?;
        index.rebuild(&self.shared.root, &scan.rows)?;
        Ok(scan.rows.len())
    }

    /// Brings the index up to date, if it can be.
    pub(crate) fn refresh_index(&self) -> Result<(), Error> {
        let scan = self.shared.scan()?;
        if scan.index != IndexUse::Whole || scan.surplus > 0 {
            // Whoever lists is told that it is of no use.
            let _ = self.shared.writing()?.index().rebuild(&self.shared.root, &scan.rows);
        }
        Ok(())
    }
}

impl Shared {
    /// What there is among the incidents.
    pub(crate) fn scan(&self) -> Result<Scan, Error> {
        let held = kept::ids(&self.incidents)?.len();
        self.scan_with(index::load(&self.root, held))
    }

    fn scan_with(&self, loaded: Loaded) -> Result<Scan, Error> {
        let (mut known, index) = match loaded {
            Loaded::Rows(rows) => (rows, IndexUse::Whole),
            Loaded::Missing => (HashMap::new(), IndexUse::Missing),
            Loaded::Unusable(reason) => (HashMap::new(), IndexUse::Unusable(reason)),
        };
        let mut scan = Scan { rows: Vec::new(), damaged: Vec::new(), index, surplus: 0 };
        for name in self.incidents.names()? {
            match name.parse::<Id>() {
                Ok(id) => scan.take(&self.incidents, id, known.remove(&id)),
                Err(_) if name.starts_with('.') => {}
                Err(_) => scan.damaged(&name, Fault::Foreign),
            }
        }
        scan.surplus = known.len();
        Ok(scan)
    }

    /// Takes an incident that has just come to its place into the index.
    pub(crate) fn note(&self, id: Id) -> Result<(), Fault> {
        let row = steadily(&self.incidents, id, |dir| row(dir, id, None))?;
        // It may have been removed already.
        let Some((row, _)) = row else { return Ok(()) };
        let mut index = self.writing()?.index();
        if index.put(&row).is_err() {
            index.rebuild(&self.root, &self.scan_with(Loaded::Missing)?.rows)?;
        }
        Ok(())
    }
}

impl Scan {
    fn take(&mut self, incidents: &Dir, id: Id, known: Option<Row>) {
        match steadily(incidents, id, |dir| row(dir, id, known.as_ref())) {
            Ok(Some((row, source))) => {
                self.rows.push(row);
                self.index.count(source);
            }
            // It was removed since the names were read.
            Ok(None) => {}
            Err(fault) => self.damaged(&id.to_string(), fault),
        }
    }

    fn damaged(&mut self, name: &str, fault: Fault) {
        self.damaged.push(Damaged { name: name.into(), fault });
    }
}

/// Where a row comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowSource {
    Index,
    Folder,
}

impl IndexUse {
    fn count(&mut self, source: RowSource) {
        match (source, &mut *self) {
            (RowSource::Folder, Self::Whole) => *self = Self::Behind(1),
            (RowSource::Folder, Self::Behind(count)) => *count += 1,
            _ => {}
        }
    }
}

/// The row of the incident in `dir`: the one that is known if it is of this very file.
fn row(dir: &Dir, id: Id, known: Option<&Row>) -> Result<(Row, RowSource), Fault> {
    let stamp = Stamp::from(dir.look(MANIFEST_FILE)?);
    let (row, source) = match known {
        Some(row) if row.stamp == stamp => (row.clone(), RowSource::Index),
        _ => {
            let summary = Summary::of(&kept::manifest(dir, id)?, stamp.bytes);
            (Row { stamp, summary }, RowSource::Folder)
        }
    };
    kept::window_is_there(dir, row.summary.window_bytes)?;
    Ok((row, source))
}
