//! Why something is a finding, or is none: what was read for the packages that are asked about, kept this time,
//! with what became of it. Reading, joining and judging is done by what does that for findings.
//!
//! - `line`: what an entry says, and the comparisons that were done.
//! - `known`: what the database knows of the name of a flaw, whatever it is in.
//! - `wanted`: which packages are asked about.

mod known;
mod line;
mod wanted;

use std::collections::BTreeSet;

pub use known::{Known, Spoken, spoken};
pub use line::{Comparison, Line, Weight};
use scan::Inventory;
pub use wanted::Wanted;

use self::known::Names;
use super::{
    Finding, Matches, Read, Reason, Sought, ask, findings,
    join::{self, Claim, Group},
    of_part,
};
use crate::{Error, Space, db::Database};

/// Why something is a finding, or is none.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Explanation {
    /// The name of a flaw, or of what mends several, that was asked about.
    pub id: String,
    /// What the database says of that, whatever it is in.
    pub known: Vec<Known>,
    /// What it says of each package.
    pub packages: Vec<OfPackage>,
}

/// What is said of one package.
#[derive(Clone, PartialEq, Debug)]
pub struct OfPackage {
    /// Its place in the inventory.
    pub package: usize,
    /// Where it is told of; none where no feed of that is known.
    pub sought: Vec<Sought>,
    /// Why nothing, or not all, is known of it.
    pub unscanned: Option<Reason>,
    /// Each flaw that goes by the name that was asked about; none where nothing is said of any.
    pub flaws: Vec<OfFlaw>,
}

/// What is said of one flaw in one package.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OfFlaw {
    /// All its names, and those of what mends it.
    pub ids: BTreeSet<String>,
    /// What was read.
    pub lines: Vec<Line>,
    /// What follows of it; none where it is no finding.
    pub finding: Option<Finding>,
}

impl Explanation {
    /// What is found, as [`find`](super::find) has it, so that others can say what they think of it.
    pub fn matches(&self) -> Matches {
        let flaws = self.packages.iter().flat_map(|it| &it.flaws);
        let findings = flaws.filter_map(|it| it.finding.clone()).collect();
        Matches { findings, ..Matches::default() }
    }

    /// Whether anything at all is said of one of the packages.
    pub fn is_told(&self) -> bool {
        self.packages.iter().any(|it| !it.flaws.is_empty())
    }
}

/// Tells what is said of a flaw in these packages, by their places in the inventory.
///
/// # Errors
/// If the database can't be read, or is damaged.
pub fn explain(
    database: &Database,
    inventory: &Inventory,
    packages: &[usize],
    id: &str,
) -> Result<Explanation, Error> {
    let (known, names) = known::of(database, id)?;
    let packages = packages.iter().map(|at| of_one(database, inventory, *at, &names));
    Ok(Explanation { id: id.to_owned(), known, packages: packages.collect::<Result<_, _>>()? })
}

fn of_one(
    database: &Database,
    inventory: &Inventory,
    at: usize,
    names: &Names,
) -> Result<OfPackage, Error> {
    let mut told = OfPackage { package: at, sought: vec![], unscanned: None, flaws: vec![] };
    let Some(package) = inventory.packages.get(at) else { return Ok(told) };
    let distro = inventory.distro.as_ref().and_then(Space::of_distro);
    let home = ask::home(package, distro.as_ref());
    told.sought =
        home.as_ref().map(|home| ask::sought(database, package, home)).unwrap_or_default();
    let questions = match ask::of_package(database, at, package, home.as_ref()) {
        Ok(questions) => questions,
        Err(reason) => return Ok(OfPackage { unscanned: Some(reason), ..told }),
    };
    if !told.sought.first().is_some_and(|home| home.is_whole) {
        told.unscanned = Some(Reason::NotInDatabase);
    }
    let mut read = Vec::new();
    for (at, part) in database.parts().iter().enumerate() {
        read.extend(of_part(part, at, &questions, |_| true)?);
    }
    told.flaws = flaws(database, &read, names)?;
    Ok(told)
}

/// What was read, by the flaws that are meant.
fn flaws(database: &Database, read: &[Read<'_, '_>], names: &Names) -> Result<Vec<OfFlaw>, Error> {
    let claims = read.iter().enumerate().flat_map(|(line, it)| Claim::of(line, it)).collect();
    let mut groups = join::groups(claims);
    groups.retain(|group| names.has_any(&group.ids));
    let mut left: Vec<usize> = (0..read.len()).collect();
    let mut flaws = Vec::new();
    for group in groups {
        let of_group = |line: &usize| {
            let is_of = |it: &Read<'_, '_>| line::names(it).any(|name| group.ids.contains(name));
            let has_claim = group.claims.iter().any(|claim| claim.line == *line);
            has_claim || (!is_claim(read, *line) && read.get(*line).is_some_and(is_of))
        };
        let lines: Vec<usize> = (0..read.len()).filter(of_group).collect();
        left.retain(|line| !lines.contains(line));
        flaws.push(flaw(database, read, group, &lines)?);
    }
    // What makes no claim may be all that is said.
    left.retain(|line| {
        let is_meant = |it: &Read<'_, '_>| line::names(it).any(|name| names.has(name));
        !is_claim(read, *line) && read.get(*line).is_some_and(is_meant)
    });
    if !left.is_empty() {
        let silent = left.iter().filter_map(|line| read.get(*line));
        let ids = silent.clone().flat_map(line::names).filter(|name| names.has(name));
        let ids = ids.map(str::to_owned).collect();
        let lines = silent.map(|it| line::of(it, database, Weight::Silent)).collect();
        flaws.push(OfFlaw { ids, lines, finding: None });
    }
    Ok(flaws)
}

fn is_claim(read: &[Read<'_, '_>], line: usize) -> bool {
    read.get(line).is_some_and(|it| !Claim::of(line, it).is_empty())
}

fn flaw(
    database: &Database,
    read: &[Read<'_, '_>],
    group: Group,
    lines: &[usize],
) -> Result<OfFlaw, Error> {
    let fates = group.fates();
    let weight = |line: usize| {
        let claims = group.claims.iter().zip(&fates);
        let of_line = claims.filter(|(claim, _)| claim.line == line).map(|(_, fate)| *fate);
        Weight::of(of_line, lines)
    };
    let told = lines.iter().filter_map(|line| Some((*line, read.get(*line)?)));
    let told = told.map(|(line, it)| line::of(it, database, weight(line))).collect();
    let ids = group.ids.clone();
    let finding = findings(database, group.of_what_counts().into_iter().collect())?;
    Ok(OfFlaw { ids, lines: told, finding: finding.into_iter().next() })
}
