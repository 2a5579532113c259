//! `watchkeeper rules test`: cases that say which alerts there have to be.
//!
//! - [`suite`] reads files of cases.
//! - [`verdict`] is what came of a case.
//! - [`report`] prints; [`watch`] sees that files change.

mod report;
mod suite;
mod verdict;
mod watch;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use capture::file::{Compression, Writer};
use clap::{Parser, ValueEnum};
use rules::load::Definitions;

use crate::{
    error::{Error, Outcome},
    output::Out,
    parallel, rule_files,
    story::Story,
};
use suite::{Case, Source, Suite};
use verdict::Verdict;
use watch::Stamps;

/// Tries rules out on small cases: events, and the alerts that there have to be.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper rules test rules/tests
  watchkeeper rules test rules/tests/write.yaml --filter etc --watch
  watchkeeper rules test rules/tests --rules rules --junit report.xml

A file of cases:
  rules: [../web.yaml]           # files and folders, relative to this file
  cases:
    - name: a shell reads the password hashes
      rule: Read shadow          # or several; without it, every rule that is on
      events:                    # or capture: fixtures/read.scap
        - {process: init, exec: /usr/bin/bash}
        - {open: /etc/shadow, flags: O_RDONLY}
      expect:                    # or none
        - count: 1               # or at_least, at_most; at least 1 if nothing is said
          output_contains: by bash
          fields: {fd.name: /etc/shadow}

Exit code: 0 all passed; 1 some failed; 2 the request or its input is wrong.")]
pub(crate) struct Args {
    /// Files of cases, and folders of such.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Rule files and folders, instead of those that the files of cases name.
    #[arg(short, long, value_name = "PATH")]
    rules: Vec<PathBuf>,
    /// Only cases whose name contains this.
    #[arg(short, long, value_name = "NAME")]
    filter: Option<String>,
    /// Try again whenever a rule file, a file of cases or a capture changes.
    #[arg(short, long)]
    watch: bool,
    /// Form of the output.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write a JUnit report too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the events of cases as captures into this folder, for other commands to read.
    #[arg(long, value_name = "DIR")]
    captures: Option<PathBuf>,
}

/// Form of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For test reports.
    Junit,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Error> {
    if !args.watch {
        return once(args, &mut Vec::new());
    }
    loop {
        let mut paths = args.files.clone();
        paths.extend(args.rules.iter().cloned());
        let mut watched = Vec::new();
        if let Err(error) = once(args, &mut watched) {
            if error.is_broken_pipe() {
                return Err(error);
            }
            say!("{error}");
        }
        paths.extend(watched);
        let changed = Stamps::of(&paths).wait(&paths);
        println!("\n---- {} changed ----\n", changed.display());
    }
}

/// Tries everything once. `watched` gets the files that the cases name.
fn once(args: &Args, watched: &mut Vec<PathBuf>) -> Result<Outcome, Error> {
    let began = Instant::now();
    let mut suites = suite::read(&args.files)?;
    choose(args, &mut suites)?;
    watched.extend(suites.iter().flat_map(named_files));
    let rules = load(&suites)?;
    let verdicts = verdicts(&suites, &rules)?;
    let results = Results { suites: &suites, verdicts, took: began.elapsed() };
    if let Some(folder) = &args.captures {
        write_captures(&suites, folder)?;
    }
    print(&results, args)?;
    Ok(if results.counts().1 == 0 { Outcome::Done } else { Outcome::Found })
}

/// Leaves the cases and rules that were asked for.
fn choose(args: &Args, suites: &mut Vec<Suite>) -> Result<(), Error> {
    for suite in suites.iter_mut() {
        if !args.rules.is_empty() {
            suite.rules.clone_from(&args.rules);
        }
        if suite.rules.is_empty() {
            return Err(Error::Usage(format!(
                "{}: no rules; name files or folders below 'rules', or with --rules",
                suite.file.display()
            )));
        }
        if let Some(part) = &args.filter {
            let part = part.to_lowercase();
            suite.cases.retain(|case| case.name.to_lowercase().contains(&part));
        }
    }
    suites.retain(|suite| !suite.cases.is_empty());
    match &args.filter {
        Some(part) if suites.is_empty() => {
            Err(Error::Usage(format!("no case has a name that contains '{part}'")))
        }
        _ => Ok(()),
    }
}

fn named_files(suite: &Suite) -> Vec<PathBuf> {
    let mut files = suite.rules.clone();
    for case in &suite.cases {
        if let Source::Capture(path) = &case.source {
            files.push(path.clone());
        }
    }
    files
}

/// The rules of each suite; those of the same files are loaded once.
type Rules<'s> = BTreeMap<&'s [PathBuf], Definitions>;

fn load(suites: &[Suite]) -> Result<Rules<'_>, Error> {
    let mut rules = Rules::new();
    for suite in suites {
        if !rules.contains_key(&*suite.rules) {
            rules.insert(&suite.rules, rule_files::load(&suite.rules)?.definitions);
        }
    }
    Ok(rules)
}

/// What came of each case, in order.
fn verdicts(suites: &[Suite], rules: &Rules<'_>) -> Result<Vec<Verdict>, Error> {
    let cases: Vec<(&Suite, &Case)> =
        suites.iter().flat_map(|suite| suite.cases.iter().map(move |case| (suite, case))).collect();
    let verdicts = parallel::map(&cases, |(suite, case)| {
        let definitions = rules.get(&*suite.rules)?;
        Some(Verdict::of(suite, case, definitions))
    });
    let mut wrongs = Vec::new();
    let mut found = Vec::new();
    for verdict in verdicts.into_iter().flatten() {
        match verdict {
            Ok(verdict) => found.push(verdict),
            Err(error) => wrongs.push(error.to_string()),
        }
    }
    if wrongs.is_empty() { Ok(found) } else { Err(Error::Usage(wrongs.join("\n"))) }
}

fn write_captures(suites: &[Suite], folder: &Path) -> Result<(), Error> {
    let at = |path: &Path, source| Error::File { path: path.to_owned(), source };
    fs::create_dir_all(folder).map_err(|e| at(folder, e))?;
    let mut written = BTreeSet::new();
    for case in suites.iter().flat_map(|suite| &suite.cases) {
        let Source::Story(story) = &case.source else { continue };
        let path = folder.join(capture_name(case));
        if !written.insert(path.clone()) {
            return Err(Error::Usage(format!(
                "{}: two cases would be written to it; rename one, or pick one with --filter",
                path.display()
            )));
        }
        write_capture(story, &path).map_err(|e| at(&path, e))?;
    }
    Ok(())
}

fn write_capture(story: &Story, path: &Path) -> io::Result<()> {
    let mut writer = Writer::new(io::BufWriter::new(File::create(path)?), Compression::None)?;
    story.tell(&mut |record| writer.write(&record))?;
    writer.finish()?.flush()
}

/// The file that a case's events are written to.
fn capture_name(case: &Case) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = case.name.chars().take(80).map(plain).collect();
    format!("{name}.scap")
}

fn print(results: &Results<'_>, args: &Args) -> Result<(), Error> {
    if let Some(path) = &args.junit {
        let xml = report::junit(results)?;
        fs::write(path, xml).map_err(|source| Error::File { path: path.clone(), source })?;
    }
    let mut out = Out::new();
    match args.format {
        Format::Text => report::text(results, &mut out)?,
        Format::Json => report::json(results, &mut out)?,
        Format::Junit => out.write_all(report::junit(results)?.as_bytes())?,
    }
    Ok(out.flush()?)
}

/// What came of all cases.
struct Results<'s> {
    suites: &'s [Suite],
    /// In the order of suites and cases.
    verdicts: Vec<Verdict>,
    took: Duration,
}

impl Results<'_> {
    fn rows(&self) -> impl Iterator<Item = (&Suite, &Case, &Verdict)> {
        let cases = self.suites.iter().flat_map(|s| s.cases.iter().map(move |case| (s, case)));
        cases.zip(&self.verdicts).map(|((suite, case), verdict)| (suite, case, verdict))
    }

    fn by_suite(&self) -> impl Iterator<Item = (&Suite, Vec<(&Case, &Verdict)>)> {
        let mut verdicts = self.verdicts.iter();
        self.suites.iter().map(move |suite| {
            let rows = suite.cases.iter().zip(verdicts.by_ref()).collect();
            (suite, rows)
        })
    }

    /// How many passed and how many failed.
    fn counts(&self) -> (usize, usize) {
        let passed = self.verdicts.iter().filter(|verdict| verdict.passed()).count();
        (passed, self.verdicts.len() - passed)
    }
}
