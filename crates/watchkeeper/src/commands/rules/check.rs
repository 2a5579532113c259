//! `watchkeeper rules check`: everything that is wrong with rule files.

use std::path::PathBuf;

use clap::Parser;

use crate::{
    error::{Error, Outcome},
    rule_files,
};

/// Says everything that is wrong or doubtful about rule files.
#[derive(Parser)]
pub(crate) struct Args {
    /// Rule files and folders of such, in the order in which they are loaded.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Error> {
    let loaded = rule_files::load(&args.paths)?;
    println!("{} rules", loaded.definitions.rules.len());
    Ok(Outcome::Done)
}
