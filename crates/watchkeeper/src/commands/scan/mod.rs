//! `watchkeeper scan`: what is installed in images, disks, folders and hosts, or listed in documents, and what
//! is known to be wrong with it.
//!
//! - `age`: how old feeds are.
//! - `base`: what an image was built on.
//! - `findings`: what is wrong, for people; `gate`: what of it makes a scan fail; `judge`: what others say of it.
//! - `format`: forms of what is told.
//! - `in_use`: whether what is wrong is in use.
//! - `registries`: images in registries.
//! - `source`: where an image is looked for.
//! - `stores`: images in the stores of container engines.
//! - `target`: what can be scanned, and the walk over it.
//! - `names`: by which names documents of VEX mean an image.
//! - `table`: packages for people; `support`: until when their distribution is supported.
//! - `diff`: what changed from one target to another; `explain`: why something is a finding, or is none;
//!   `spelling`: targets in one word.

mod age;
mod base;
mod diff;
mod explain;
mod findings;
mod format;
mod gate;
mod in_use;
mod judge;
mod names;
pub(crate) mod registries;
mod source;
mod spelling;
mod stores;
mod support;
mod table;
mod target;

use std::{ffi::OsString, io::Write, path::PathBuf};

use advisories::{
    db::Database,
    matching::{self, Matches},
    report::{self, Report},
};
use clap::{Parser, Subcommand};
use image::Platform;
use scan::{Distro, Inventory};

use self::{
    base::BaseArgs,
    format::Format,
    gate::Gate,
    in_use::UseArgs,
    judge::{JudgeArgs, Judged, Scope},
    registries::RegistryArgs,
    source::Source,
    target::Target,
};
use crate::{
    columns,
    commands::db::DatabaseArgs,
    error::{Error, Outcome},
    output::{Out, Verbosity, plural},
};

/// Tells what is known to be wrong with what is installed in an image, a virtual machine, a root file system,
/// this host, a source tree, or what a list of packages (SBOM) says; or lists that.
///
/// Packages are matched with the database of advisories (see watchkeeper db). Nothing is run and nothing is mounted; what cannot be read is told, and the rest of the scan goes on.
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  watchkeeper scan image app:1.2
  watchkeeper scan repo . --fail-on high,fixable --fail-on kev
  watchkeeper scan repo . --format sarif > findings.sarif
  watchkeeper scan image app:1.2 --vex vendor.openvex.json --format html > app.html
  watchkeeper scan sbom app.cdx.json --format json
  watchkeeper scan host --in-use /var/lib/watchkeeper --fail-on high,in_use
  watchkeeper scan host --list-packages
  watchkeeper scan rootfs /mnt/disk --list-packages --format json
  watchkeeper scan image app:1.2 --list-packages
  watchkeeper scan vm disk.qcow2 --list-packages
  watchkeeper scan repo . --list-packages
  watchkeeper scan sbom app.cdx.json --list-packages
  watchkeeper scan diff app-1.2.tar app-1.3.tar
  watchkeeper scan explain CVE-2024-3094 liblzma5 --target image:app:1.2

Exit code: 0 all of it was looked at; 1 what --fail-on asks about was found, or diff found a change; 2 the
request is wrong, or the target cannot be read at all; 3 done in part: some of it could not be read, nothing was
found in it, or nothing is known of some packages, which is said on stderr and, as JSON, in problems, remarks and
unscanned.")]
pub(crate) enum Command {
    Image(ImageArgs),
    Rootfs(FolderArgs),
    Vm(DiskArgs),
    Host(HostArgs),
    Repo(FolderArgs),
    Sbom(SbomArgs),
    Diff(diff::DiffArgs),
    Explain(explain::ExplainArgs),
}

/// An image: of a store of this machine, of a registry, or as docker save writes it, or a layout of the
/// Open Container Initiative (OCI), as a folder or an archive.
///
/// docker:NAME asks Docker, or reads its disk if it does not run; podman:NAME reads the store of Podman,
/// Buildah and CRI-O; containerd:NAME is of containerd, in whichever namespace (CONTAINERD_NAMESPACE chooses
/// one). NAME may be the beginning of an id. registry:NAME is asked for in its registry, as who logged in with
/// docker login or podman login. What has no prefix and is no file is looked for in these stores, then in its
/// registry.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper scan image app:1.2 --list-packages
  watchkeeper scan image podman:localhost/app --list-packages --format json
  watchkeeper scan image containerd:example.org/team/app:1.2 --list-packages
  watchkeeper scan image docker:app:1.2 --root /mnt/disk --list-packages
  watchkeeper scan image registry:example.org/team/app:1.2 --platform linux/arm64 --list-packages
  watchkeeper scan image registry:localhost:5000/app --plain-http --list-packages
  watchkeeper scan image app:1.2 --base debian:12 --fail-on high,fixable,own
  watchkeeper scan image registry:debian --mirror mirror.example.org/hub --list-packages
  docker save -o app.tar app:1.2 && watchkeeper scan image app.tar --list-packages
  skopeo copy docker://debian:12 oci:debian && watchkeeper scan image debian --list-packages
  watchkeeper scan image multi.tar --platform linux/arm64 --list-packages --format json")]
pub(crate) struct ImageArgs {
    /// A name with or without a prefix, an archive or a folder.
    #[arg(value_name = "IMAGE")]
    target: OsString,
    /// Which image, where there are several.
    #[arg(long, value_name = "NAME")]
    image: Option<String>,
    /// For which operating system and processor: linux/amd64, linux/arm64/v8; where not given, this one's.
    #[arg(long, value_name = "OS/ARCH")]
    platform: Option<Platform>,
    /// Look for the stores on the disk that is mounted here, of a machine that does not run.
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    #[command(flatten)]
    base: BaseArgs,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    registries: RegistryArgs,
}

/// A folder: rootfs, the root of a system that does not run here; repo, a tree of sources.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper scan rootfs /mnt/disk --list-packages
  watchkeeper scan repo . --list-packages --skip vendor
  watchkeeper scan repo ~/src/app --list-packages --format json")]
pub(crate) struct FolderArgs {
    /// The folder.
    #[arg(value_name = "FOLDER")]
    target: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// A virtual machine's disk: raw or qcow2; partitions and LVM; ext4 and XFS. It is neither mounted nor run,
/// and should not be in use.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper scan vm disk.qcow2 --list-packages
  watchkeeper scan vm /dev/vg/guest --list-packages --format json")]
pub(crate) struct DiskArgs {
    /// The disk: a file or a block device.
    #[arg(value_name = "DISK")]
    target: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// This host: its disks, without what containers have on them.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  sudo watchkeeper scan host --list-packages
  sudo watchkeeper scan host --list-packages --format json --skip /srv/backup")]
pub(crate) struct HostArgs {
    #[command(flatten)]
    common: Common,
}

/// A list of packages (SBOM), of whatever tool: CycloneDX 1.2 to 1.6 (JSON, XML), SPDX 2.2 and 2.3 (JSON,
/// tag-value), SPDX 3.0 (JSON-LD), JSON of this program; or an attestation of one: in-toto, DSSE, sigstore,
/// cosign. Which one it is, its content tells.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper scan sbom app.cdx.json --list-packages
  syft -q app:1.2 -o spdx-json | watchkeeper scan sbom - --list-packages
  cosign download attestation app:1.2 | watchkeeper scan sbom - --list-packages --format json")]
pub(crate) struct SbomArgs {
    /// The document; - reads stdin.
    #[arg(value_name = "FILE")]
    target: PathBuf,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Parser)]
struct Common {
    /// A file or folder to leave out, from the root of what is scanned. May be given several times.
    #[arg(long, value_name = "PATH")]
    skip: Vec<PathBuf>,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Parser)]
struct Listing {
    /// List the packages, whatever is wrong with them.
    #[arg(long, conflicts_with_all = ["fail_on", "vex", "ignore_file"])]
    list_packages: bool,
    #[command(flatten)]
    database: DatabaseArgs,
    /// End with code 1 if a finding is as bad (low, medium, high, critical), any, fixable, kev (known to be
    /// exploited), malicious, likely enough (epss=0.1), unknown (nobody says how bad it is); of the base of an image, or own; in use (in_use, or read,
    /// loaded, executed, listening at least; may_be_in_use is all but what was not seen); if the distribution ended,
    /// or packages are unscanned.
    /// With commas between them, all have to be true; given several times, any of them.
    #[arg(long, value_name = "WHAT")]
    fail_on: Vec<Gate>,
    #[command(flatten)]
    in_use: UseArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    /// What is known of ends of life, in place of what comes with this program.
    #[arg(long, value_name = "FILE")]
    eol: Option<PathBuf>,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl ImageArgs {
    fn target<'a>(
        &'a self,
        source: &'a Source,
        base: Option<&'a Source>,
    ) -> Result<Target<'a>, Error> {
        if let Some(why) = source.nameless() {
            return Err(Error::Usage(why.to_owned()));
        }
        let root = self.root.as_deref();
        if root.is_some() && !matches!(source, Source::Store(..) | Source::Anywhere(_)) {
            let why = "--root is for images of stores: docker:NAME, podman:NAME, containerd:NAME";
            return Err(Error::Usage(why.to_owned()));
        }
        let (name, platform) = (self.image.as_deref(), self.platform.as_ref());
        let registries = &self.registries;
        Ok(Target::Image { source, name, platform, root, base, registries })
    }
}

/// Runs the command.
pub(crate) fn run(command: &Command, verbosity: Verbosity) -> Result<Outcome, Error> {
    let (source, base);
    let (target, skip, listing) = match command {
        Command::Image(args) => {
            source = Source::of(&args.target);
            base = args.base.source()?;
            of(args.target(&source, base.as_ref())?, &args.common)
        }
        Command::Rootfs(args) => of(Target::RootFs(&args.target), &args.common),
        Command::Repo(args) => of(Target::Repo(&args.target), &args.common),
        Command::Vm(args) => of(Target::Vm(&args.target), &args.common),
        Command::Host(args) => of(Target::Host, &args.common),
        Command::Sbom(args) => (Target::Sbom(&args.target), &[][..], &args.listing),
        Command::Diff(args) => return diff::run(args, verbosity),
        Command::Explain(args) => return explain::run(args, verbosity),
    };
    match listing.list_packages {
        true => list(&target, skip, listing, verbosity),
        false => find(&target, skip, listing, verbosity),
    }
}

/// Lists packages.
fn list(
    target: &Target<'_>,
    skip: &[PathBuf],
    listing: &Listing,
    verbosity: Verbosity,
) -> Result<Outcome, Error> {
    let form = listing.format.of_packages().map_err(|why| Error::Usage(why.to_owned()))?;
    let calendar = support::calendar(listing.eol.as_deref())?;
    let (mut inventory, subject) = target.scan(skip, verbosity)?;
    inventory.end_of_life = inventory.distro.as_ref().and_then(|distro| calendar.of(distro));
    let mut out = Out::beside_code();
    match form {
        None => table::print(&inventory, support::line(&inventory, &calendar), &mut out)?,
        Some(form) => scan::write(form, &inventory, &subject, &mut out)?,
    }
    out.flush()?;
    if let Some(nothing) = target.nothing_found(&inventory) {
        say!("{nothing}");
    }
    tell(&inventory, verbosity);
    Ok(if inventory.troubles.is_empty() { Outcome::Done } else { Outcome::InPart })
}

/// Tells what is wrong with packages.
fn find(
    target: &Target<'_>,
    skip: &[PathBuf],
    listing: &Listing,
    verbosity: Verbosity,
) -> Result<Outcome, Error> {
    let form = listing.format.of_findings().map_err(|why| Error::Usage(why.to_owned()))?;
    let judge = listing.judge.read()?;
    let calendar = support::calendar(listing.eol.as_deref())?;
    let mut database = listing.database.open()?;
    gate::answerable(&listing.fail_on, &database)?;
    let uses = listing.in_use.read(target, &listing.fail_on)?;
    let (mut inventory, subject) = target.scan_with(skip, uses.as_ref(), verbosity)?;
    inventory.end_of_life = inventory.distro.as_ref().and_then(|distro| calendar.of(distro));
    let found = database.ask(|database| matching::find(database, &inventory));
    let mut matches = found.map_err(|error| Error::Usage(error.to_string()))?;
    let mut judged = judge.apply(&inventory, &subject, &mut matches, Scope::All, verbosity);
    let unknown_use = uses.and_then(|uses| uses.tell(&inventory, &mut matches));
    let is_unanswered = unknown_use.is_some() && listing.fail_on.iter().any(Gate::asks_for_use);
    judged.remarks.extend(unknown_use);
    judged.remarks.extend(target.nothing_found(&inventory));
    let folder = listing.database.folder()?;
    judged.remarks.extend(age::remark(&folder, &database, &inventory));
    let ended = support::ended(&inventory);
    let mut out = Out::beside_code();
    match form {
        None => {
            let line = support::line(&inventory, &calendar);
            findings::print(&matches, &inventory, line, &mut out)?;
        }
        Some(form) => {
            let report = Report {
                subject: &subject,
                inventory: &inventory,
                matches: &matches,
                database: &database,
                ended,
                remarks: &judged.remarks,
            };
            report::write(form, &report, &mut out)?;
        }
    }
    out.flush()?;
    tell_matches(&inventory, &matches, &database, &judged, verbosity);
    tell_summary(&matches, form, verbosity);
    let fails = listing.fail_on.iter().any(|gate| gate.fails(&matches, &inventory, ended));
    let is_whole = inventory.troubles.is_empty()
        && !inventory.packages.is_empty()
        && matches.unscanned.is_empty()
        && judged.is_whole
        && !is_unanswered
        && database.damaged().is_empty();
    Ok(match (fails, is_whole) {
        (true, _) => Outcome::Found,
        (false, true) => Outcome::Done,
        (false, false) => Outcome::InPart,
    })
}

fn tell_matches(
    inventory: &Inventory,
    matches: &Matches,
    database: &Database,
    judged: &Judged,
    verbosity: Verbosity,
) {
    judged.tell();
    for damaged in database.damaged() {
        say!("{damaged}");
    }
    let unscanned: usize = matches.unscanned.iter().map(|it| it.packages.len()).sum();
    if unscanned > 0 {
        say!("{}: nothing is known of them", plural(unscanned as u64, "unscanned package"));
    }
    tell(inventory, verbosity);
}

/// Says again what the table begins with, where that went somewhere else, or another form.
fn tell_summary(matches: &Matches, form: Option<report::Form>, verbosity: Verbosity) {
    let is_seen = form.is_none() && columns::terminal_width().is_some();
    if verbosity != Verbosity::Quiet && !is_seen {
        say!("{}", report::summary(matches));
        if let Some(uses) = report::uses_summary(matches) {
            say!("{uses}");
        }
    }
}

fn of<'a>(target: Target<'a>, common: &'a Common) -> (Target<'a>, &'a [PathBuf], &'a Listing) {
    (target, &common.skip, &common.listing)
}

/// Most troubles that are told one by one.
const MOST_TOLD: usize = 20;

fn tell(inventory: &Inventory, verbosity: Verbosity) {
    tell_troubles(inventory);
    if verbosity != Verbosity::Quiet {
        let packages = plural(inventory.packages.len() as u64, "package");
        let of = inventory.distro.as_ref().map(|distro| format!(", {}", shown(distro)));
        say!("{packages}{}", of.unwrap_or_default());
    }
}

fn tell_troubles(inventory: &Inventory) {
    for trouble in inventory.troubles.iter().take(MOST_TOLD) {
        let path = event::visible::visible(trouble.path.as_bytes());
        let colon = if path.is_empty() { "" } else { ": " };
        let reason = event::visible::visible(trouble.reason.as_bytes());
        match trouble.layer {
            Some(layer) => say!("layer {}: {path}{colon}{reason}", layer + 1),
            None => say!("{path}{colon}{reason}"),
        }
    }
    if let Some(more @ 1..) = inventory.troubles.len().checked_sub(MOST_TOLD) {
        say!("and {}; --format json lists all", plural(more as u64, "more problem"));
    }
}

/// The name of a distribution for people.
fn shown(distro: &Distro) -> String {
    let name = match distro.name.as_str() {
        "" => format!("{} {}", distro.id, distro.full_version()),
        name => name.to_owned(),
    };
    event::visible::visible(name.trim().as_bytes()).to_string()
}
