//! `watchkeeper scan diff`: what changed from one target to another.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::{Parser, ValueEnum};
use event::visible::visible;
use scan::{Change, Diff, Inventory, Place, Places, Subject, What};
use serde::Serialize;

use super::{registries::RegistryArgs, shown, spelling::Spelled, tell_troubles};
use crate::{
    error::{Error, Outcome},
    output::{Out, Verbosity},
};

/// Version of the JSON: the first number changes where what was there is no longer.
const FORMAT: &str = "1.0";
/// Names that are longer do not push versions aside.
const WIDEST: usize = 40;
/// Versions of one name that are shown; JSON has all.
const MOST_VERSIONS: usize = 4;

/// What changed from one target to another: packages added, removed, upgraded, downgraded, and the
/// distribution.
///
/// A target is image:IMAGE, as scan image has it, or with the prefix of a store or registry alone
/// (podman:NAME); rootfs:FOLDER, vm:DISK, repo:FOLDER, sbom:FILE or host. A file alone is known by
/// its content: an image, a disk, or a list of packages (SBOM), of whatever tool, our own JSON too; - reads a
/// list from stdin.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper scan diff app-1.2.tar app-1.3.tar
  watchkeeper scan diff podman:app:1.2 registry:example.org/app:1.3
  watchkeeper scan diff before.json host
  watchkeeper scan diff release.cdx.json image:app.tar --format json | jq .summary
  watchkeeper scan diff rootfs:/mnt/old rootfs:/mnt/new --places

Exit code, as of diff(1): 0 nothing changed; 1 something did; 2 the request is wrong, or a target
cannot be read at all; 3 compared in part: some of a target could not be read, which is said on
stderr.")]
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

/// Runs the command.
pub(super) fn run(args: &DiffArgs, verbosity: Verbosity) -> Result<Outcome, Error> {
    let (from, to) = (Spelled::parse(&args.from)?, Spelled::parse(&args.to)?);
    if from.is_stdin() && to.is_stdin() {
        let why = "both targets are '-', and stdin comes only once; write one of them to a file";
        return Err(Error::Usage(why.to_owned()));
    }
    let from = from.target(&args.registries).scan(&args.skip, verbosity)?;
    let to = to.target(&args.registries).scan(&args.skip, verbosity)?;
    let places = if args.places { Places::Compared } else { Places::Ignored };
    let diff = scan::diff(&from.0, &to.0, places);
    let mut out = Out::new();
    match args.format {
        Format::Table => table(&diff, [&from, &to], &mut out)?,
        Format::Json => json(&diff, [&from, &to], &mut out)?,
    }
    out.flush()?;
    tell_troubles(&from.0);
    tell_troubles(&to.0);
    let is_whole = from.0.troubles.is_empty() && to.0.troubles.is_empty();
    Ok(match (is_whole, diff.is_empty()) {
        (false, _) => Outcome::InPart,
        (true, true) => Outcome::Done,
        (true, false) => Outcome::Found,
    })
}

/// Counts first, then what is rarely meant, and what is most of it last.
fn table(diff: &Diff, sides: [&Side; 2], out: &mut Out) -> io::Result<()> {
    for (mark, (inventory, subject)) in ["---", "+++"].into_iter().zip(sides) {
        let distro =
            inventory.distro.as_ref().map_or_else(String::new, |it| format!(" ({})", shown(it)));
        writeln!(out, "{mark} {}{distro}", visible(subject.name.as_bytes()))?;
    }
    writeln!(out, "{}", summary(diff))?;
    let width = diff.changes.iter().map(|it| label(it).chars().count()).max();
    let width = width.unwrap_or_default().min(WIDEST);
    for what in What::ALL {
        let mut changes = diff.changes.iter().filter(|change| change.what == what).peekable();
        if changes.peek().is_some() {
            writeln!(out, "\n{}", what.name().to_uppercase())?;
        }
        for change in changes {
            let kind = change.kind.name();
            writeln!(out, "  {:width$}  {kind:9} {}", label(change), versions(change))?;
        }
    }
    Ok(())
}

fn summary(diff: &Diff) -> String {
    let counts = What::ALL.into_iter().map(|what| (diff.count(what), what.name()));
    let mut parts: Vec<String> = counts
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    parts.push(format!("{} unchanged", diff.unchanged));
    match &diff.distro {
        Some(_) => format!("{}; another distribution", parts.join(", ")),
        None => parts.join(", "),
    }
}

fn label(change: &Change) -> String {
    let architecture = match change.architecture.as_str() {
        "" => String::new(),
        other => format!(":{other}"),
    };
    visible(format!("{}{architecture}", change.name).as_bytes()).to_string()
}

fn versions(change: &Change) -> String {
    let kept = match change.kept.as_slice() {
        [] => String::new(),
        kept => format!("  ({} stays)", some(kept)),
    };
    let text = match change.what {
        What::Added => some(&change.to),
        What::Removed => some(&change.from),
        What::Moved => {
            format!(
                "{}  {} → {}",
                some(&change.kept),
                place(&change.places_from),
                place(&change.places_to)
            )
        }
        _ => format!("{} → {}", some(&change.from), some(&change.to)),
    };
    let kept = if change.what == What::Moved { String::new() } else { kept };
    visible(format!("{text}{kept}").as_bytes()).to_string()
}

fn some(versions: &[String]) -> String {
    let shown = versions.get(..versions.len().min(MOST_VERSIONS)).unwrap_or_default().join(", ");
    match versions.len().checked_sub(MOST_VERSIONS) {
        Some(more @ 1..) => format!("{shown} and {more} more"),
        _ if shown.is_empty() => "no version".to_owned(),
        _ => shown,
    }
}

fn place(places: &[Place]) -> String {
    let Some(first) = places.first() else { return String::new() };
    let layer = first.layer.as_deref().map_or_else(String::new, |layer| {
        let layer = layer.strip_prefix("sha256:").unwrap_or(layer);
        format!(" (layer {})", layer.get(..12).unwrap_or(layer))
    });
    let more =
        if places.len() > 1 { format!(" and {} more", places.len() - 1) } else { String::new() };
    format!("{}{layer}{more}", first.path)
}

fn json(diff: &Diff, [from, to]: [&Side; 2], out: &mut Out) -> io::Result<()> {
    let count = |what| diff.count(what);
    let document = Document {
        format: FORMAT,
        from: Target::of(from),
        to: Target::of(to),
        distro_changed: diff.distro.is_some(),
        summary: Summary {
            added: count(What::Added),
            removed: count(What::Removed),
            upgraded: count(What::Upgraded),
            downgraded: count(What::Downgraded),
            changed: count(What::Changed),
            moved: count(What::Moved),
            unchanged: diff.unchanged,
        },
        changes: diff.changes.iter().map(Changed::of).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.line(b"")
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'a str,
    from: Target<'a>,
    to: Target<'a>,
    distro_changed: bool,
    summary: Summary,
    changes: Vec<Changed<'a>>,
}

#[derive(Serialize)]
struct Target<'a> {
    target: &'a str,
    version: Option<&'a str>,
    distro: Option<DistroOut<'a>>,
    packages: usize,
    problems: usize,
}

#[derive(Serialize)]
struct DistroOut<'a> {
    id: &'a str,
    version: &'a str,
}

impl<'a> Target<'a> {
    fn of((inventory, subject): &'a Side) -> Self {
        let distro = inventory.distro.as_ref();
        Self {
            target: &subject.name,
            version: subject.version.as_deref(),
            distro: distro.map(|it| DistroOut { id: &it.id, version: it.full_version() }),
            packages: inventory.packages.len(),
            problems: inventory.troubles.len(),
        }
    }
}

#[derive(Serialize)]
struct Summary {
    added: usize,
    removed: usize,
    upgraded: usize,
    downgraded: usize,
    changed: usize,
    moved: usize,
    unchanged: usize,
}

#[derive(Serialize)]
struct Changed<'a> {
    change: &'static str,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    architecture: &'a str,
    from: &'a [String],
    to: &'a [String],
    kept: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations_from: Vec<Located<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations_to: Vec<Located<'a>>,
}

#[derive(Serialize)]
struct Located<'a> {
    path: &'a str,
    layer: Option<&'a str>,
}

impl<'a> Changed<'a> {
    fn of(change: &'a Change) -> Self {
        let located = |places: &'a [Place]| {
            let one = |it: &'a Place| Located { path: &it.path, layer: it.layer.as_deref() };
            places.iter().map(one).collect()
        };
        Self {
            change: change.what.name(),
            name: &change.name,
            kind: change.kind.name(),
            architecture: &change.architecture,
            from: &change.from,
            to: &change.to,
            kept: &change.kept,
            locations_from: located(&change.places_from),
            locations_to: located(&change.places_to),
        }
    }
}
