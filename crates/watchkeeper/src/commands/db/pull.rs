//! `watchkeeper db pull`.

use std::path::Path;

use advisories::db::Change;
use clap::Parser;
use event::visible::visible;
use image::Image;

use super::{DatabaseArgs, artifact};
use crate::{
    commands::scan::registries::{Registries, RegistryArgs},
    error::{Error, Outcome},
    output::{Verbosity, plural},
};

/// Takes a whole database over that db export wrote, from a registry or from a layout on this machine.
///
/// Everything is checked against its digests. It takes the place of what is there, all of it or nothing; feeds that
/// are the same are not fetched again, and feeds that it does not have go.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper db pull registry.example/security/advisories:latest
  watchkeeper db pull oci-archive:advisories.tar
  watchkeeper db pull --db /var/lib/watchkeeper/advisories oci:/srv/advisories

Exit code: 0 it is taken over; 2 it is not, and what was there stays.")]
pub(crate) struct Args {
    /// An image of a registry ([docker://]NAME), or a layout: oci:PATH, oci-archive:PATH, or the path of one.
    #[arg(value_name = "REF")]
    from: String,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    registries: RegistryArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let folder = args.database.folder()?;
    let usage = |why: String| {
        Error::Usage(visible(format!("{}: {why}", args.from).as_bytes()).into_owned())
    };
    let registries = Registries::new(&args.registries, verbosity);
    let image = match layout(&args.from) {
        Some(path) => {
            Image::open(Path::new(path), None, None).map_err(|error| usage(error.to_string()))?
        }
        None => {
            let name = args.from.strip_prefix("docker://").unwrap_or(&args.from);
            registries.open(name, None)?
        }
    };
    let taken = Change::begin(&folder)
        .map_err(|error| Error::Usage(error.to_string()))
        .and_then(|mut change| artifact::take(&image, &mut change).map_err(usage));
    registries.finish();
    let taken = taken?;
    if verbosity != Verbosity::Quiet {
        let feeds = plural(taken.new, "feed");
        say!("{}: {feeds} taken over, {} unchanged", visible(args.from.as_bytes()), taken.known);
    }
    Ok(Outcome::Done)
}

/// The path of a layout on this machine.
fn layout(from: &str) -> Option<&str> {
    let named = ["oci:", "oci-archive:"].iter().find_map(|scheme| from.strip_prefix(scheme));
    // No repository is called so.
    let is_path = from.starts_with(['.', '/', '~']) || from.ends_with(".tar");
    named.or_else(|| (is_path || Path::new(from).exists()).then_some(from))
}
