//! `watchkeeper scan`: what is installed in images, disks, folders and hosts.
//!
//! - `registries`: images in registries.
//! - `source`: where an image is looked for.
//! - `stores`: images in the stores of container engines.
//! - `target`: what can be scanned, and the walk over it.
//! - `table`: packages for people.

mod registries;
mod source;
mod stores;
mod table;
mod target;

use std::{ffi::OsString, io::Write, path::PathBuf};

use clap::{Parser, Subcommand, ValueEnum};
use image::Platform;
use scan::{Form, Inventory};

use self::{registries::RegistryArgs, source::Source, target::Target};
use crate::{
    error::{Error, Outcome},
    output::{Out, Verbosity, plural},
};

/// Lists what is installed in an image, a virtual machine, a root file system, this host, a source tree.
///
/// Nothing is run and nothing is mounted; what cannot be read is told, and the rest of the scan goes on.
#[derive(Subcommand)]
#[command(after_help = "\
Examples:
  watchkeeper scan host --list-packages
  watchkeeper scan rootfs /mnt/disk --list-packages --format json
  watchkeeper scan image app:1.2 --list-packages
  watchkeeper scan vm disk.qcow2 --list-packages
  watchkeeper scan repo . --list-packages

Exit code: 0 all of it was read; 2 the request is wrong, or the target cannot be read at all; 3 done in
part: some of it could not be read, which is said on stderr and, as JSON, in problems.")]
pub(crate) enum Command {
    Image(ImageArgs),
    Rootfs(FolderArgs),
    Vm(DiskArgs),
    Host(HostArgs),
    Repo(FolderArgs),
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

#[derive(Parser)]
struct Common {
    /// List the packages.
    #[arg(long, required = true)]
    list_packages: bool,
    /// A file or folder to leave out, from the root of what is scanned. May be given several times.
    #[arg(long, value_name = "PATH")]
    skip: Vec<PathBuf>,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl ImageArgs {
    fn target<'a>(&'a self, source: &'a Source) -> Result<Target<'a>, Error> {
        let root = self.root.as_deref();
        if root.is_some() && !matches!(source, Source::Store(..) | Source::Anywhere(_)) {
            let why = "--root is for images of stores: docker:NAME, podman:NAME, containerd:NAME";
            return Err(Error::Usage(why.to_owned()));
        }
        let (name, platform) = (self.image.as_deref(), self.platform.as_ref());
        let registries = &self.registries;
        Ok(Target::Image { source, name, platform, root, registries })
    }
}

/// Form of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For programs: an object with packages, layers and problems.
    Json,
    /// CycloneDX 1.6, as JSON.
    Cyclonedx,
    /// SPDX 2.3, as JSON.
    Spdx,
    /// SPDX 3.0.1, as JSON-LD.
    Spdx3,
}

/// Runs the command.
pub(crate) fn run(command: &Command, verbosity: Verbosity) -> Result<Outcome, Error> {
    let source;
    let (target, common) = match command {
        Command::Image(args) => {
            source = Source::of(&args.target);
            (args.target(&source)?, &args.common)
        }
        Command::Rootfs(args) => (Target::RootFs(&args.target), &args.common),
        Command::Repo(args) => (Target::Repo(&args.target), &args.common),
        Command::Vm(args) => (Target::Vm(&args.target), &args.common),
        Command::Host(args) => (Target::Host, &args.common),
    };
    let (inventory, subject) = target.scan(&common.skip, verbosity)?;
    let mut out = Out::new();
    let form = match common.format {
        Format::Table => None,
        Format::Json => Some(Form::Json),
        Format::Cyclonedx => Some(Form::CycloneDx),
        Format::Spdx => Some(Form::Spdx),
        Format::Spdx3 => Some(Form::Spdx3),
    };
    match form {
        None => table::print(&inventory, &mut out)?,
        Some(form) => scan::write(form, &inventory, &subject, &mut out)?,
    }
    out.flush()?;
    tell(&inventory, verbosity);
    Ok(if inventory.troubles.is_empty() { Outcome::Done } else { Outcome::InPart })
}

/// Most troubles that are told one by one.
const MOST_TOLD: usize = 20;

fn tell(inventory: &Inventory, verbosity: Verbosity) {
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
        say!("and {} more; --format json lists all", plural(more as u64, "problem"));
    }
    if verbosity != Verbosity::Quiet {
        let packages = plural(inventory.packages.len() as u64, "package");
        let of = inventory.distro.as_ref().map(|distro| format!(", {}", distro.name));
        say!("{packages}{}", of.unwrap_or_default());
    }
}
