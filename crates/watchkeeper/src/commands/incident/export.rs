//! `watchkeeper incident export`.

use std::{
    fs,
    io::{self, Seek, Write},
    path::{Path, PathBuf},
};

use clap::Parser;
use store::{Access, Kept};

use crate::{
    error::{Error, Outcome},
    files,
    incidents::{Place, Story, of_incident, show},
    output::{Out, Verbosity},
};

/// Writes an incident to files that need no store: for a ticket, a colleague, another tool.
///
/// The name's ending says what is written: .html, .md, .txt and .json are the timeline, .scap is the
/// window with its events, as sysdig and Stratoshark open it. A folder gets all of them, and
/// incident.json.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper incident export 7f3c --output incident.html
  watchkeeper incident export 7f3c --output window.scap && sysdig -r window.scap
  watchkeeper incident export latest --output evidence/

Files are replaced whole or not at all. Their paths are printed.")]
pub(crate) struct Args {
    /// The incident's id, or its beginning where this is not that of another; latest: the newest.
    #[arg(value_name = "ID")]
    id: String,
    /// File or folder to write. A name that ends in / is a folder, made if it is not there.
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    how: show::Args,
}

/// What can be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    Timeline(show::Form),
    Window,
    Manifest,
}

/// Endings of names, and what they stand for.
const ENDINGS: [(&str, What); 6] = [
    ("html", What::Timeline(show::Form::Html)),
    ("htm", What::Timeline(show::Form::Html)),
    ("md", What::Timeline(show::Form::Markdown)),
    ("txt", What::Timeline(show::Form::Text)),
    ("json", What::Timeline(show::Form::Json)),
    ("scap", What::Window),
];

/// What a folder gets.
const FOLDER: [(&str, What); 6] = [
    ("incident.json", What::Manifest),
    ("window.scap", What::Window),
    ("timeline.html", What::Timeline(show::Form::Html)),
    ("timeline.md", What::Timeline(show::Form::Markdown)),
    ("timeline.txt", What::Timeline(show::Form::Text)),
    ("timeline.json", What::Timeline(show::Form::Json)),
];

/// Runs the command.
pub(super) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let files = wanted(&args.output)?;
    let store = args.place.open(Access::Read, verbosity)?;
    let mut kept = super::find(&store, &args.id)?;
    let story = of_incident(&mut kept, verbosity)?;
    for (path, what) in &files {
        write(path, *what, args, &mut kept, &story)?;
    }
    let mut out = Out::new();
    for (path, _) in &files {
        out.line(path.as_os_str().as_encoded_bytes())?;
    }
    out.flush()?;
    Ok(story.outcome)
}

/// The files to write.
fn wanted(output: &Path) -> Result<Vec<(PathBuf, What)>, Error> {
    let at = |source| Error::File { path: output.to_owned(), source };
    let is_folder = output.as_os_str().as_encoded_bytes().ends_with(b"/");
    if is_folder && output.exists() && !output.is_dir() {
        return Err(at(io::Error::other("is a file, not a folder")));
    }
    if output.is_dir() || is_folder {
        fs::create_dir_all(output).map_err(at)?;
        return Ok(FOLDER.iter().map(|(name, what)| (output.join(name), *what)).collect());
    }
    let ending = output.extension().unwrap_or_default().to_ascii_lowercase();
    let known = ENDINGS.iter().find(|(name, _)| ending == *name);
    let (_, what) = known.ok_or_else(|| {
        Error::Usage(format!(
            "{}: its ending does not say what to write; .html, .md, .txt and .json are the timeline, \
             .scap is the window; a folder (ending in /) gets all",
            output.display()
        ))
    })?;
    Ok(vec![(output.to_owned(), *what)])
}

/// Writes one file, whole or not at all.
fn write(
    path: &Path,
    what: What,
    args: &Args,
    kept: &mut Kept,
    story: &Story,
) -> Result<(), Error> {
    files::write(path, |out| match what {
        What::Timeline(form) => args.how.write_file(story, form, out),
        What::Manifest => out.write_all(&kept.manifest.to_json().map_err(io::Error::other)?),
        What::Window => {
            kept.window.rewind()?;
            io::copy(&mut kept.window, out).map(drop)
        }
    })
    .map_err(|source| Error::File { path: path.to_owned(), source })
}
