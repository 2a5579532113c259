//! `watchkeeper rules fmt`: rule files in one style.

use std::{
    fs::{self, Metadata},
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use clap::Parser;
use rules::{
    filter::error::{Report, safe},
    format_rules::format_rules,
    load::RuleFile,
};

use crate::{
    error::{Error, Outcome},
    output::Verbosity,
    rule_files::{self, STDIN, Unreadable},
};

/// Formats rule files: one style, with comments, order and meaning as they were.
#[derive(Parser)]
#[command(after_help = "\
Files are written whole or not at all, and only those that change. A file that is not
YAML, or has anchors, tags or directives, is left alone, with a message.
Exit code: 0 done; 1 files would change, with --check; 2 files were left alone.

Examples:
  watchkeeper rules fmt rules/
  watchkeeper rules fmt rules/ --check
  watchkeeper rules fmt rules/web.yaml --stdout
  watchkeeper rules fmt - < rules/web.yaml")]
pub(crate) struct Args {
    /// Rule files and folders of such; - is stdin, which goes to stdout.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write nothing; name the files that would change.
    #[arg(long)]
    check: bool,
    /// Write to stdout rather than into the files.
    #[arg(long, conflicts_with = "check")]
    stdout: bool,
}

/// What became of a file.
enum Fate {
    Same,
    Changed,
    LeftAlone,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let mut all = 0;
    let mut changed = 0;
    let mut left_alone = 0;
    for found in args.paths.iter().flat_map(|path| rule_files::find(path)) {
        all += 1;
        match found.map_or_else(|other| Ok(refuse(&other)), |path| args.one(&path))? {
            Fate::Same => {}
            Fate::Changed => changed += 1,
            Fate::LeftAlone => left_alone += 1,
        }
    }
    if verbosity != Verbosity::Quiet && !args.stdout {
        let would = if args.check { "would change" } else { "changed" };
        writeln!(io::stderr(), "{changed} of {all} files {would}, {left_alone} left alone")?;
    }
    Ok(match () {
        () if left_alone > 0 => Outcome::Wrong,
        () if args.check && changed > 0 => Outcome::Found,
        () => Outcome::Done,
    })
}

impl Args {
    fn one(&self, path: &Path) -> Result<Fate, Error> {
        let file = match rule_files::read(path) {
            Ok(file) => file,
            Err(other) => return Ok(refuse(&other)),
        };
        let formatted = match format_rules(&file.text) {
            Ok(formatted) => formatted,
            Err(diagnostic) => {
                writeln!(
                    io::stderr(),
                    "{}",
                    Report::new(&file.name, &file.text, vec![diagnostic])
                )?;
                return Ok(Fate::LeftAlone);
            }
        };
        let fate = if formatted == file.text { Fate::Same } else { Fate::Changed };
        self.hand_out(path, &file, &formatted, &fate)?;
        Ok(fate)
    }

    fn hand_out(&self, path: &Path, file: &RuleFile, text: &str, fate: &Fate) -> Result<(), Error> {
        if self.check {
            if matches!(fate, Fate::Changed) {
                writeln!(io::stdout(), "{}", safe(&file.name))?;
            }
            return Ok(());
        }
        if self.stdout || path == Path::new(STDIN) {
            io::stdout().write_all(text.as_bytes())?;
        } else if matches!(fate, Fate::Changed) {
            replace(path, text).map_err(|source| Error::File { path: path.to_owned(), source })?;
        }
        Ok(())
    }
}

fn refuse(Unreadable { file, why }: &Unreadable) -> Fate {
    say_plain!("{}: {why}", safe(&file.name));
    Fate::LeftAlone
}

/// Replaces a file's text: all of it, or nothing if that fails. A link stays one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let meta = fs::metadata(&path)?;
    if !meta.is_file() {
        return Err(io::Error::other("is not a file that can be replaced; use --stdout"));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    keep_owner(&beside.as_file().metadata()?, &meta, beside.path())?;
    beside.as_file().set_permissions(meta.permissions())?;
    beside.as_file().sync_all()?;
    beside.persist(&path)?;
    Ok(())
}

/// Gives a new file the owner of the one that it replaces.
fn keep_owner(new: &Metadata, old: &Metadata, path: &Path) -> io::Result<()> {
    if (new.uid(), new.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    std::os::unix::fs::chown(path, Some(old.uid()), Some(old.gid()))
}
