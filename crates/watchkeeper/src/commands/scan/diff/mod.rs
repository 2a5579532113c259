//! `watchkeeper scan diff`: what changed from one target to another, and what is known to be wrong with it.
//!
//! - `table`, `json`: the forms.
//! - `findings`: what of findings goes, comes and stays.

mod findings;
mod json;
mod table;

use std::{collections::BTreeSet, io::Write, path::PathBuf};

use advisories::{
    db::Database,
    matching::{self, Compared, Matches, compare},
};
use clap::{Parser, ValueEnum};
use scan::{Inventory, Places, Subject};

use super::{
    gate::{self, Gate},
    judge::{Judge, JudgeArgs, Judged, Scope},
    registries::RegistryArgs,
    spelling::Spelled,
    support, tell_troubles,
};
use crate::{
    commands::db::DatabaseArgs,
    error::{Error, Outcome},
    output::{Out, Verbosity},
};

/// What changed from one target to another: packages added, removed, upgraded, downgraded, and the
/// distribution; and findings that are fixed by that, new, or told otherwise.
///
/// A target is image:IMAGE, as scan image has it, or with the prefix of a store or registry alone
/// (podman:NAME); rootfs:FOLDER, vm:DISK, repo:FOLDER, sbom:FILE or host. A file alone is known by
/// its content: an image, a disk, or a list of packages (SBOM), of whatever tool, our own JSON too; - reads a
/// list from stdin.
///
/// Both targets are matched with the same database of advisories. Where none is named, and there is none of this
/// user, packages alone are compared, which is said.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper scan diff app-1.2.tar app-1.3.tar
  watchkeeper scan diff podman:app:1.2 registry:example.org/app:1.3
  watchkeeper scan diff app-1.2.tar app-1.3.tar --fail-on high,fixable --fail-on kev
  watchkeeper scan diff before.json host --no-findings
  watchkeeper scan diff release.cdx.json image:app.tar --format json | jq .findings.summary
  watchkeeper scan diff rootfs:/mnt/old rootfs:/mnt/new --places

Exit code, as of diff(1): 0 nothing changed; 1 something did, or, with --fail-on, a new finding is
as that asks about, and nothing else counts; 2 the request is wrong, or a target cannot be read at
all; 3 compared in part: some of a target could not be read, or nothing is known of some packages,
which is said on stderr.")]
pub(crate) struct DiffArgs {
    /// What it was.
    #[arg(value_name = "FROM")]
    from: String,
    /// What it is.
    #[arg(value_name = "TO")]
    to: String,
    /// Tell packages as well that only have other places: files, or layers.
    #[arg(long)]
    places: bool,
    /// Compare packages alone, whatever is wrong with them.
    #[arg(long, conflicts_with_all = ["fail_on", "vex", "ignore_file", "unchanged"])]
    no_findings: bool,
    #[command(flatten)]
    database: DatabaseArgs,
    /// End with code 1 only if a new finding is as bad (low, medium, high, critical), any, fixable, kev,
    /// malicious, or likely enough (epss=0.1); if the distribution of TO ended, or packages of TO are unscanned.
    /// With commas between them, all have to be true; given several times, any of them.
    #[arg(long, value_name = "WHAT")]
    fail_on: Vec<Gate>,
    /// List findings as well that stay as they were.
    #[arg(long)]
    unchanged: bool,
    #[command(flatten)]
    judge: JudgeArgs,
    /// A file or folder to leave out of both, from the root of what is scanned. May be given several times.
    #[arg(long, value_name = "PATH")]
    skip: Vec<PathBuf>,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    registries: RegistryArgs,
}

/// Form of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For programs: an object with what changed, and how often.
    Json,
}

type Side = (Inventory, Subject);

/// What is wrong with both sides, and what becomes of it.
struct Judgement<'a> {
    sides: [matching::Side<'a>; 2],
    compared: Compared<'a>,
    /// Whether what stays is listed.
    lists_unchanged: bool,
}

/// What is wrong with both sides.
struct Found {
    both: [Matches; 2],
    /// Whether all of it is known.
    is_whole: bool,
}

/// Runs the command.
pub(super) fn run(args: &DiffArgs, verbosity: Verbosity) -> Result<Outcome, Error> {
    let targets = (Spelled::parse(&args.from)?, Spelled::parse(&args.to)?);
    if targets.0.is_stdin() && targets.1.is_stdin() {
        let why = "both targets are '-', and stdin comes only once; write one of them to a file";
        return Err(Error::Usage(why.to_owned()));
    }
    let judge = args.judge.read()?;
    let database = database(args)?;
    if let Some(database) = &database {
        gate::answerable(&args.fail_on, database)?;
    }
    let from = targets.0.target(&args.registries).scan(&args.skip, verbosity)?;
    let to = targets.1.target(&args.registries).scan(&args.skip, verbosity)?;
    let found = database.map(|mut database| found(&mut database, &judge, [&from, &to], verbosity));
    let found = found.transpose()?;
    let judgement = found.as_ref().map(|found| Judgement::of([&from, &to], found, args.unchanged));
    let places = if args.places { Places::Compared } else { Places::Ignored };
    let diff = scan::diff(&from.0, &to.0, places);
    let mut out = Out::beside_code();
    match args.format {
        Format::Table => table::write(&diff, [&from, &to], judgement.as_ref(), &mut out)?,
        Format::Json => json::write(&diff, [&from, &to], judgement.as_ref(), &mut out)?,
    }
    out.flush()?;
    tell_troubles(&from.0);
    tell_troubles(&to.0);
    let is_whole = from.0.troubles.is_empty()
        && to.0.troubles.is_empty()
        && found.as_ref().is_none_or(|found| found.is_whole);
    let is_same = diff.is_empty() && judgement.as_ref().is_none_or(|it| it.compared.is_empty());
    Ok(match (&judgement, args.fail_on.is_empty()) {
        (Some(judgement), false) if judgement.fails(&args.fail_on)? => Outcome::Found,
        _ if !is_whole => Outcome::InPart,
        (_, true) if !is_same => Outcome::Found,
        _ => Outcome::Done,
    })
}

/// Matches both sides, and lets others say what they think of that.
fn found(
    database: &mut Database,
    judge: &Judge,
    sides: [&Side; 2],
    verbosity: Verbosity,
) -> Result<Found, Error> {
    // What turns out to be damaged on one side is not asked about the other either.
    let [from, to] = sides.map(|(inventory, _)| inventory);
    let both = database.ask(|it| Ok([matching::find(it, from)?, matching::find(it, to)?]));
    let both = both.map_err(|error| Error::Usage(error.to_string()))?;
    let mut found = Found { both, is_whole: database.damaged().is_empty() };
    let mut remarks = BTreeSet::new();
    for ((inventory, subject), matches) in sides.into_iter().zip(&mut found.both) {
        let judged = judge.apply(inventory, subject, matches, Scope::Some, verbosity);
        let is_known = matches.unscanned.is_empty() && !inventory.packages.is_empty();
        found.is_whole &= judged.is_whole && is_known;
        remarks.extend(judged.remarks);
    }
    // What is said of both sides is said once.
    let remarks = remarks.into_iter().collect();
    Judged { remarks, is_whole: true }.tell();
    database.damaged().iter().for_each(|damaged| say!("{damaged}"));
    Ok(found)
}

/// The database that findings are of; none where packages alone are compared.
fn database(args: &DiffArgs) -> Result<Option<Database>, Error> {
    if args.no_findings {
        return Ok(None);
    }
    // Whoever asks about findings needs one.
    let is_asked = !args.fail_on.is_empty() || args.unchanged || args.judge.is_given();
    if is_asked || args.database.is_there() {
        return args.database.open().map(Some);
    }
    say!(
        "there is no database of advisories: packages alone are compared; make one with watchkeeper db update, or \
         give --no-findings"
    );
    Ok(None)
}

impl<'a> Judgement<'a> {
    fn of([from, to]: [&'a Side; 2], found: &'a Found, lists_unchanged: bool) -> Self {
        let [before, after] = &found.both;
        let from = matching::Side { inventory: &from.0, matches: before };
        let to = matching::Side { inventory: &to.0, matches: after };
        Self { sides: [from, to], compared: compare(from, to), lists_unchanged }
    }

    /// Whether one of the gates asks about what is new.
    fn fails(&self, gates: &[Gate]) -> Result<bool, Error> {
        let [_, to] = &self.sides;
        let calendar = support::calendar(None)?;
        let end_of_life = to.inventory.distro.as_ref().and_then(|distro| calendar.of(distro));
        let ended = end_of_life.and_then(|it| support::is_ended(&it));
        let new = self.compared.new.iter().map(|it| it.finding.clone()).collect();
        let unscanned = to.matches.unscanned.clone();
        let matches = Matches { findings: new, unscanned, suppressed: Vec::new() };
        Ok(gates.iter().any(|gate| gate.fails(&matches, to.inventory, ended)))
    }
}
