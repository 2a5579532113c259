//! `watchkeeper scan explain`: why something is a finding in a package, or is none.

use std::{collections::BTreeSet, path::PathBuf};

use advisories::{
    db::Database,
    matching::{self, Explanation, Spoken, Wanted},
    report::explain::{self, Answer},
};
use clap::Parser;
use event::visible::visible;
use scan::Inventory;

use super::{
    judge::{JudgeArgs, Scope},
    registries::RegistryArgs,
    spelling::Spelled,
    tell_troubles,
};
use crate::{
    commands::db::DatabaseArgs,
    error::{Error, Outcome},
    output::{Format, Out, Verbosity},
};

/// Why a flaw is a finding in a package, or is none: where the package was looked for, each line of an advisory
/// that was read, how versions were compared, whose word counts, and what came of it.
///
/// It is what a scan of the same target does, kept and told.
///
/// A target is spelled as for scan diff: image:IMAGE, as scan image has it, or with the prefix of a store or
/// registry alone (podman:NAME); rootfs:FOLDER, vm:DISK, repo:FOLDER, sbom:FILE or host. A file alone is known by
/// its content; - reads a list of packages from stdin.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper scan explain CVE-2024-3094 liblzma5 --target image:app:1.2
  watchkeeper scan explain DSA-5532-1 openssl --target rootfs:/mnt/disk
  watchkeeper scan explain GHSA-c2qf-rxjj-qqgw semver@7.3.0 --target repo:.
  watchkeeper scan explain CVE-2026-1 pkg:npm/left@1.2.0 --target app.cdx.json --format json
  watchkeeper scan explain CVE-2026-1 left --target app.tar --vex vendor.openvex.json
  sudo watchkeeper scan explain CVE-2026-1 bash --target host

Exit code: 0 it is told whether it is reported, and why; 2 there is no answer: nothing knows the
name of the flaw, no such package is installed, there is no database, or the target cannot be read;
3 the answer is not whole: nothing, or not all, is known of the package (unscanned), or some of the
target or the database could not be read.")]
pub(crate) struct ExplainArgs {
    /// Any name of the flaw, or of what mends it: CVE-2024-3094, GHSA-…, RUSTSEC-…, DSA-…, RHSA-….
    #[arg(value_name = "ID")]
    id: String,
    /// The package, or what it was built from: NAME, NAME@VERSION, or a package URL.
    #[arg(value_name = "PACKAGE")]
    package: String,
    /// What it is installed in.
    #[arg(long, value_name = "TARGET")]
    target: String,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    /// A file or folder to leave out, from the root of what is scanned. May be given several times.
    #[arg(long, value_name = "PATH")]
    skip: Vec<PathBuf>,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    registries: RegistryArgs,
}

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, verbosity: Verbosity) -> Result<Outcome, Error> {
    let id = args.id.trim();
    if id.is_empty() {
        return Err(Error::Usage("the name of the flaw is empty".to_owned()));
    }
    let wanted = Wanted::parse(&args.package).map_err(Error::Usage)?;
    let target = Spelled::parse(&args.target)?;
    let judge = args.judge.read()?;
    let mut database = args.database.open()?;
    let (inventory, subject) = target.target(&args.registries).scan(&args.skip, verbosity)?;
    tell_troubles(&inventory);
    let packages = wanted.of(&inventory, &subject);
    if packages.is_empty() {
        return Err(Error::Usage(absent(args, &wanted, &inventory)));
    }
    let told = database.ask(|database| told(database, &inventory, &packages, id));
    let (explanation, spoken) = told.map_err(|error| Error::Usage(error.to_string()))?;
    // What is damaged may have told of it.
    if database.damaged().is_empty() {
        is_known(&explanation, &spoken)?;
    }
    let mut matches = explanation.matches();
    let judged = judge.apply(&inventory, &subject, &mut matches, Scope::Some, verbosity);
    judged.tell();
    let answer = Answer {
        subject: &subject,
        inventory: &inventory,
        database: &database,
        explanation: &explanation,
        matches: &matches,
        spoken: &spoken,
    };
    let mut out = Out::beside_code();
    match args.format {
        Format::Text => explain::write_text(&answer, &mut out)?,
        Format::Json => explain::write_json(&answer, &mut out)?,
    }
    std::io::Write::flush(&mut out)?;
    database.damaged().iter().for_each(|damaged| say!("{damaged}"));
    let is_whole = is_whole(&explanation, &inventory, &database) && judged.is_whole;
    Ok(if is_whole { Outcome::Done } else { Outcome::InPart })
}

fn is_whole(explanation: &Explanation, inventory: &Inventory, database: &Database) -> bool {
    explanation.packages.iter().all(|it| it.unscanned.is_none())
        && inventory.troubles.is_empty()
        && database.damaged().is_empty()
}

/// What is said of the packages; where that is nothing, of which others something is.
fn told(
    database: &Database,
    inventory: &Inventory,
    packages: &[usize],
    id: &str,
) -> Result<(Explanation, BTreeSet<Spoken>), advisories::Error> {
    let explanation = matching::explain(database, inventory, packages, id)?;
    let spoken = match explanation.is_told() {
        true => BTreeSet::new(),
        false => matching::spoken(database, id)?,
    };
    Ok((explanation, spoken))
}

/// A name that nobody knows may be misspelled: that it is in no package would be no answer. Where nothing is known
/// of the packages either, that is the answer.
fn is_known(explanation: &Explanation, spoken: &BTreeSet<Spoken>) -> Result<(), Error> {
    let is_known = explanation.is_told() || !explanation.known.is_empty() || !spoken.is_empty();
    let is_unscanned = explanation.packages.iter().all(|it| it.unscanned.is_some());
    match is_known || is_unscanned {
        true => Ok(()),
        false => Err(Error::Usage(format!(
            "{}: no feed of the database knows that name; check how it is spelled, and how old the feeds are \
             (watchkeeper db status)",
            visible(explanation.id.as_bytes())
        ))),
    }
}

/// With what may have been meant.
fn absent(args: &ExplainArgs, wanted: &Wanted, inventory: &Inventory) -> String {
    let near = wanted.near(inventory);
    let hint = match near.as_slice() {
        [] => "scan … --list-packages lists what is installed".to_owned(),
        near if near.iter().all(|it| it.contains(' ')) => {
            format!("installed is {}", near.join(", "))
        }
        near => format!("did you mean {}?", near.join(" or ")),
    };
    let text = format!("{}: no such package in {}; {hint}", args.package, args.target);
    visible(text.as_bytes()).into_owned()
}
