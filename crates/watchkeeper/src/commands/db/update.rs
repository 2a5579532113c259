//! `watchkeeper db update`.

use std::{path::PathBuf, rc::Rc, time::Duration};

use advisories::update::{self, Mirror, Observer, Progress, Settings, Update, Updated};
use clap::Parser;
use client::Tls;
use event::visible::visible;
use indicatif::ProgressBar;
use jiff::Timestamp;

use super::DatabaseArgs;
use crate::{
    error::{Error, Outcome},
    output::{Verbosity, plural, progress},
};

/// Pauses that are shorter are not worth a word.
const SHORTEST_TOLD: Duration = Duration::from_secs(1);

/// Takes advisories over from where they are published, as far as they changed.
///
/// Each file is fetched, checked and taken over by itself: what fails leaves what was there, and is told, here
/// and by db status. What breaks off is gone on with, now or with the next update. Readers wait for nothing.
///
/// Feeds: kev, epss, alpine, wolfi, chainguard, minimos, arch, photon, echo, rustsec, debian, suse, oracle,
/// azure, amazon, secureos, redhat, osv (all ecosystems, AlmaLinux, Rocky Linux and Ubuntu among them), nvd.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper db update
  watchkeeper db update --only debian --only kev --only osv:PyPI --only osv:npm
  watchkeeper db update --mirror https://mirror.example/feeds
      takes https://security-tracker.debian.org/tracker/data/json
      from  https://mirror.example/feeds/security-tracker.debian.org/tracker/data/json

Exit code: 0 all feeds are as they are published; 2 none is, or another update is running; 3 some are not,
or not all of them could be read, which is said on stderr: what was there of what failed stays, and is asked
for again by the next update. What is not there of the files of a feed that may be is told, and is no failure.")]
pub(crate) struct Args {
    /// A feed, or with FILE a part of its files: those with that between slashes in their address. May be
    /// given several times; all feeds where it is not.
    #[arg(long, value_name = "FEED[:FILE]")]
    only: Vec<String>,
    /// A server of one's own to take everything from: below it are the hosts that publish, and their paths. Who
    /// asks may stand in it: https://NAME:PASSWORD@HOST/PATH.
    #[arg(long, value_name = "URL", env = "WATCHKEEPER_MIRROR", hide_env_values = true)]
    mirror: Option<String>,
    /// Certificates (PEM) of authorities to trust beside the system's.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let folder = args.database.folder()?;
    let usage =
        |error: advisories::Error| Error::Usage(visible(error.to_string().as_bytes()).into_owned());
    let mirror = args.mirror.as_deref().filter(|it| !it.is_empty()).map(Mirror::parse);
    let bar = Rc::new(progress(Some(0), verbosity));
    let settings = Settings {
        only: args.only.clone(),
        mirror: mirror.transpose().map_err(usage)?,
        tls: Tls { also: args.ca_file.clone().into_iter().collect(), ..Tls::default() },
        observer: observer(&bar, verbosity),
        now: Timestamp::now().to_string(),
        ..Settings::default()
    };
    let Some(update) = Update::begin(&folder, settings).map_err(usage)? else {
        let folder = folder.display();
        return Err(Error::Usage(format!("{folder}: another update is running")));
    };
    let (mut done, mut failed) = (0, 0);
    let run = update.run(&mut |updated| {
        done += u64::from(updated.changed + updated.unchanged > 0);
        failed += u64::from(!(updated.failed.is_empty() && updated.left_out.is_empty()));
        bar.suspend(|| tell(updated, verbosity));
    });
    bar.finish_and_clear();
    run.map_err(usage)?;
    Ok(match (done, failed) {
        (_, 0) => Outcome::Done,
        (0, _) => Outcome::Wrong,
        _ => Outcome::InPart,
    })
}

fn tell(updated: &Updated, verbosity: Verbosity) {
    let Updated { feed, changed, unchanged, failed, left_out, absent } = updated;
    if verbosity != Verbosity::Quiet && changed + unchanged > 0 {
        let changed = match changed {
            0 => "nothing new".to_owned(),
            count => format!("{} taken over", plural(*count as u64, "file")),
        };
        say!("{feed}: {changed}, {unchanged} unchanged");
    }
    // Of those that publish, few have all that is known here; who sets a mirror up should know.
    if let Some(absent) = update::absent(absent).filter(|_| verbosity != Verbosity::Quiet) {
        say!("{feed}: {}", visible(absent.as_bytes()));
    }
    for why in failed {
        say!("{feed}: {}; what was there stays", visible(why.as_bytes()));
    }
    for why in left_out {
        say!("{feed}: {}", visible(why.as_bytes()));
    }
}

/// Shows how it goes.
fn observer(bar: &Rc<ProgressBar>, verbosity: Verbosity) -> Observer {
    let bar = Rc::clone(bar);
    Observer::new(move |progress| match progress {
        Progress::Asks(url) => {
            bar.set_position(0);
            bar.set_length(0);
            bar.set_message(visible(url.as_bytes()).into_owned());
        }
        Progress::Length(bytes) => bar.set_length(*bytes),
        Progress::Bytes(bytes) => bar.inc(*bytes),
        Progress::Waits { why, pause }
            if verbosity != Verbosity::Quiet && *pause >= SHORTEST_TOLD =>
        {
            let why = visible(why.as_bytes());
            bar.suspend(|| say!("{why}; asking again in {} s", pause.as_secs()));
        }
        Progress::Waits { .. } => {}
        Progress::Trouble(why) => bar.suspend(|| say!("{}", visible(why.as_bytes()))),
    })
}
