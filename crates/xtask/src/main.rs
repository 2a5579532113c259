//! Chores of the repository, as `cargo xtask CHORE`. Not part of what is shipped.

mod bench;
mod compare;
mod deps;
mod docs;
mod fuzz;
mod intrusion;
mod join;
mod load;
mod vm;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use thiserror::Error;

/// How a chore ends: whatever went wrong, in words.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// What can be wrong with what a chore works on.
#[derive(Debug, Error, PartialEq, Eq)]
enum Fault {
    #[error("not an uncompressed capture with events: no block at byte {at}")]
    NotCapture { at: usize },
    #[error("{name} failed: {why}")]
    Failed { name: String, why: String },
}

const HELP: &str = "\
usage: cargo xtask CHORE

  deps              check that crates depend only on what the table in ARCHITECTURE.md allows
  docs [--check]    write the generated pages of docs/, or check that they are up to date
  intrusion         write the recording that tests read anew
  seeds             write seeds for the fuzz targets to fuzz/corpus/
  bench [--runs N]  measure target/release/watchkeeper beside sysdig and strace
  bench trace [--runs N]  measure only what a trace costs
  bench advisories [--runs N]  measure only what a database of advisories costs
  bench live [PART]  measure only what recording a host costs, in virtual machines
  compare [--runs N]  scan the same targets with Watchkeeper, Trivy and Syft
  vm [OPTION]... -- SCRIPT  run a script in a virtual machine; --help says more
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if let ["vm", args @ ..] = args.as_slice() {
        return vm::run(args);
    }
    match chore(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn chore(args: &[&str]) -> Outcome {
    match args {
        ["deps"] => deps::run(),
        ["docs"] => docs::run(docs::Stale::Write),
        ["docs", "--check"] => docs::run(docs::Stale::Report),
        ["intrusion"] => intrusion::run(),
        ["load", args @ ..] => load::run(args),
        ["seeds"] => fuzz::seed(),
        ["bench"] => bench::run(9),
        ["bench", "--runs", runs] => bench::run(count(runs)?),
        ["bench", "live"] => bench::live(None),
        ["bench", "live", part] => bench::live(Some(part)),
        ["bench", "advisories"] => bench::advisories(9),
        ["bench", "advisories", "--runs", runs] => bench::advisories(count(runs)?),
        ["bench", "trace"] => bench::trace(9),
        ["bench", "trace", "--runs", runs] => bench::trace(count(runs)?),
        ["compare"] => compare::run(5),
        ["compare", "--runs", runs] => compare::run(count(runs)?),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(format!("no chore '{}'\n\n{HELP}", args.join(" ")).into()),
    }
}

/// How many runs.
fn count(runs: &str) -> Result<usize, Box<dyn std::error::Error>> {
    let count = runs.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| format!("--runs {runs}: not a number above 0").into())
}

/// The repository's top folder.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
