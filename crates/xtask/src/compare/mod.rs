//! Lists what is installed in the same targets with Watchkeeper, Trivy and Syft, side by side: how long
//! each takes, and what each found that another did not; and has validators judge what we write.
//!
//! Whole processes, turn by turn, output to a file. The first turn finds caches of the tools empty, as
//! every turn does: Trivy remembers layers that it has seen, which is not what is asked here.
//!
//! - `targets`: what is scanned.
//! - `tools`: who scans, and how each is asked.
//! - `found`: what each found.
//! - `findings`: what is known to be wrong, beside Trivy.
//! - `documents`: whether validators of others take what we write.

mod documents;
mod findings;
mod found;
mod targets;
mod tools;

use std::{collections::BTreeSet, fs::File, path::Path, process::Command};

use found::Found;
use targets::{Kind, Target};
use tools::Tool;

use crate::{
    Outcome,
    bench::{self, Run},
};

/// How many of the packages that only one has are named.
const MOST_NAMED: usize = 12;

/// Compares on every target that there is, in `runs` turns, and prints tables of markdown.
///
/// # Errors
/// If a tool fails, or there is nothing to scan.
pub(crate) fn run(runs: usize) -> Outcome {
    let targets = targets::all()?;
    let tools: Vec<Tool> = Tool::ALL.into_iter().filter(Tool::is_there).collect();
    println!("\n{}; {}; medians of {runs} runs", bench::today(), bench::machine());
    for tool in &tools {
        println!("- {}", tool.version());
    }
    let scratch = tempfile::tempdir()?;
    for target in &targets {
        compare(target, &tools, runs, scratch.path())?;
    }
    let database = findings::compare(&targets, runs, scratch.path())?;
    documents::validate(&targets, database.as_deref(), scratch.path())
}

fn compare(target: &Target, tools: &[Tool], runs: usize, scratch: &Path) -> Outcome {
    let tools: Vec<Tool> = tools.iter().copied().filter(|tool| tool.reads(target.kind)).collect();
    let mut names: Vec<&str> = tools.iter().map(|tool| tool.name()).collect();
    // How long it takes to read it at all.
    let is_archive = target.kind == Kind::Image;
    names.extend(is_archive.then_some("cat, piped to tar t"));
    let mut results: Vec<Vec<Run>> = vec![Vec::new(); names.len()];
    // The first turn has everything read from the disk.
    for turn in 0..=runs {
        let mut all = Vec::new();
        for tool in &tools {
            let output = File::create(scratch.join(tool.name()))?;
            all.push(bench::measure_into(tool.scan(target, scratch)?, output)?);
        }
        if is_archive {
            all.push(bench::measure(list_archive(&target.path))?);
        }
        if turn > 0 {
            results.iter_mut().zip(all).for_each(|(results, run)| results.push(run));
        }
    }
    print!("{}", bench::table(&target.to_string(), "program", "ratio", &names, results));
    tell_differences(&tools, scratch)
}

/// Of a file, tar would read nothing but the heads of its parts.
fn list_archive(path: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "cat \"$1\" | tar t", "sh"]).arg(path);
    command
}

/// What each of the others found that the first did not, and the other way round.
fn tell_differences(tools: &[Tool], scratch: &Path) -> Outcome {
    let read =
        |tool: &Tool| tool.found(&scratch.join(tool.name())).map(|found| (tool.name(), found));
    let found: Vec<(&str, Found)> = tools.iter().map(read).collect::<Result<_, _>>()?;
    println!();
    for (name, found) in &found {
        println!("- {name}: {} packages", found.len());
    }
    let [(first, ours), others @ ..] = found.as_slice() else { return Ok(()) };
    for (other, theirs) in others {
        tell(first, other, ours.difference(theirs).collect());
        tell(other, first, theirs.difference(ours).collect());
    }
    Ok(())
}

fn tell(who: &str, not: &str, found: BTreeSet<&String>) {
    println!("- {who} and not {not}: {}", found.len());
    for package in found.iter().take(MOST_NAMED) {
        println!("  - `{package}`");
    }
    if found.len() > MOST_NAMED {
        println!("  - and {} more", found.len() - MOST_NAMED);
    }
}
