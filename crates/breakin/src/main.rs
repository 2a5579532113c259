//! A scripted, harmless break-in, made to be traced: `watchkeeper trace -- breakin`.
//!
//! One program plays all the parts, told by the name that it is called by:
//!
//! - `breakin`, or anything else: the [`stage`]. It makes a scratch directory, starts the service
//!   and the intruder, and clears everything away in the end;
//! - `httpd`: the [`service`], a small web service that hands a parameter to a shell;
//! - `intruder`: the [`intruder`], who breaks into the service, step by step as his [story]
//!   says, and tells what he does on standard output;
//! - `.x`: the [`tool`] that he drops, which hands him a shell.
//!
//! It is harmless because:
//!
//! - every file that is written is in the scratch directory, and so is `HOME`;
//! - every connection is on the loopback interface, and the tool speaks to no other address;
//! - the service answers only to those who know a secret of this run, so nobody else on the machine
//!   can use its hole;
//! - the password hashes are opened, if that is allowed, but not read;
//! - it ends by itself, at the latest after [`stage::LONGEST`], and leaves no process and no file.
//!
//! [story]: intruder::STORY

mod dns;
mod fault;
mod intruder;
mod service;
mod signals;
mod stage;
mod tool;

use std::{ffi::OsStr, path::Path, process::ExitCode};

use fault::Fault;

/// The name that the tool is dropped under: a leading dot hides it from listings.
const TOOL: &str = ".x";

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let called = args.next().unwrap_or_default();
    let name = Path::new(&called).file_name().and_then(OsStr::to_str).unwrap_or_default();
    let args: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match play(name, &called, &args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{name}: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Plays the part of that name.
fn play(name: &str, called: &OsStr, args: &[&str]) -> Result<(), Fault> {
    match name {
        "httpd" => service::run(called, args),
        "intruder" => intruder::run(args),
        TOOL => tool::run(args),
        _ => stage::run(args),
    }
}
