//! Chores of the repository, as `cargo xtask CHORE`. Not part of what is shipped.

mod deps;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// How a chore ends: whatever went wrong, in words.
type Outcome = Result<(), Box<dyn std::error::Error>>;

const HELP: &str = "\
usage: cargo xtask CHORE

  deps    check that crates depend only on what the table in ARCHITECTURE.md allows
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.first().map(String::as_str) {
        Some("deps") => deps::run(),
        Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => Err(format!("unknown chore '{other}'\n\n{HELP}").into()),
        None => Err(format!("no chore named\n\n{HELP}").into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's top folder.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
