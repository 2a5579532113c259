//! What others say of findings: documents of VEX (`--vex`), and what whoever asks ignores
//! (`.watchkeeper.yaml`).

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use advisories::{
    ignore::{self, IgnoreFile},
    matching::Matches,
    vex::{self, Document},
};
use clap::Parser;
use event::visible::visible;
use jiff::Timestamp;
use scan::{Inventory, Subject};

use crate::{
    error::Error,
    output::{Verbosity, plural},
};

/// What is read where no file is named.
const IGNORED: &str = ".watchkeeper.yaml";
/// Most mistakes that are told one by one.
const MOST_TOLD: usize = 20;

/// Whose word on findings counts.
#[derive(Parser)]
#[group(skip)]
pub(super) struct JudgeArgs {
    /// What makers and users say of flaws (VEX): OpenVEX, CSAF 2.0 or CycloneDX, as JSON. What they say is not
    /// affected or fixed is no finding. May be given several times; the newest statement counts.
    #[arg(long, value_name = "FILE")]
    vex: Vec<PathBuf>,
    /// What to ignore, with reasons; where not given, .watchkeeper.yaml of this folder, if there is one.
    #[arg(long, value_name = "FILE")]
    ignore_file: Option<PathBuf>,
}

/// What was read, before anything is scanned.
pub(super) struct Judge {
    documents: Vec<Document>,
    ignored: Option<IgnoreFile>,
}

/// Of what all that was read has to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// What is of nothing that was found is told.
    All,
    /// Only some findings are asked about: what is of none of them may well be of others.
    Some,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Judged {
    /// What should be looked at.
    pub(super) remarks: Vec<String>,
    /// Whether all that was given could be read.
    pub(super) is_whole: bool,
}

impl JudgeArgs {
    /// Whether anything is named.
    pub(super) fn is_given(&self) -> bool {
        !self.vex.is_empty() || self.ignore_file.is_some()
    }

    /// Reads what is named.
    ///
    /// # Errors
    /// If a file can't be read, or is not what it should be.
    pub(super) fn read(&self) -> Result<Judge, Error> {
        let documents = self.vex.iter().map(|path| {
            let bytes = bytes(path)?;
            let document = vex::read(path, &bytes);
            let mut document = document.map_err(|error| shown(&error.to_string()))?;
            document.refuse_times_after(Timestamp::now());
            Ok::<_, Error>(document)
        });
        Ok(Judge { documents: documents.collect::<Result<_, _>>()?, ignored: self.ignored()? })
    }

    fn ignored(&self) -> Result<Option<IgnoreFile>, Error> {
        let path = match &self.ignore_file {
            Some(path) => path.as_path(),
            None if fs::symlink_metadata(IGNORED).is_ok() => Path::new(IGNORED),
            None => return Ok(None),
        };
        let bytes = bytes(path)?;
        let name = path.display().to_string();
        let text = String::from_utf8(bytes);
        let text = text.map_err(|error| shown(&format!("{name}: is no text: {error}")))?;
        let read = ignore::read(&name, &text);
        read.map(Some).map_err(|wrong| shown_all(&wrong))
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let file = |source| Error::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(file)?;
    opened.take(vex::MOST_BYTES + 1).read_to_end(&mut bytes).map_err(file)?;
    match bytes.len() as u64 > vex::MOST_BYTES {
        true => {
            let most = vex::MOST_BYTES >> 20;
            Err(Error::Usage(format!("{}: is longer than {most} MiB", path.display())))
        }
        false => Ok(bytes),
    }
}

fn shown(text: &str) -> Error {
    Error::Usage(visible(text.as_bytes()).into_owned())
}

/// Each mistake on a line of its own.
fn shown_all(wrong: &[String]) -> Error {
    let lines = wrong.iter().take(MOST_TOLD).map(|line| visible(line.as_bytes()).into_owned());
    Error::Usage(lines.collect::<Vec<_>>().join("\nwatchkeeper: "))
}

impl Judge {
    /// Takes out of the findings what others settled.
    pub(super) fn apply(
        &self,
        inventory: &Inventory,
        subject: &Subject,
        matches: &mut Matches,
        scope: Scope,
        verbosity: Verbosity,
    ) -> Judged {
        let applied = vex::apply(&self.documents, inventory, subject, matches);
        let mut remarks = applied.contradictions;
        if verbosity != Verbosity::Quiet && scope == Scope::All {
            for (document, used) in self.documents.iter().zip(&applied.used) {
                let all = plural(document.statements.len() as u64, "statement");
                let name = visible(document.name.as_bytes());
                let are = if *used == 1 { "is" } else { "are" };
                say!("{name}: {used} of {all} {are} of something that was found");
            }
        }
        if let Some(file) = &self.ignored {
            let now = Timestamp::now().to_string();
            let today = now.get(..10).unwrap_or_default();
            let ignored = ignore::apply(file, inventory, subject, today, matches);
            remarks.extend(ignored.expired);
            remarks.extend(ignored.unused.into_iter().filter(|_| scope == Scope::All));
        }
        let troubles: Vec<&String> = self.documents.iter().flat_map(|it| &it.troubles).collect();
        let is_whole = troubles.is_empty();
        remarks.extend(troubles.into_iter().cloned());
        remarks.sort();
        Judged { remarks, is_whole }
    }
}

impl Judged {
    /// Says what should be looked at.
    pub(super) fn tell(&self) {
        for remark in self.remarks.iter().take(MOST_TOLD) {
            say!("{}", visible(remark.as_bytes()));
        }
        if let Some(more @ 1..) = self.remarks.len().checked_sub(MOST_TOLD) {
            say!("and {} to look at", plural(more as u64, "more thing"));
        }
    }
}
