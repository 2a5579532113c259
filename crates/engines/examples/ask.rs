//! Asks about one container and prints the JSON of its event, or lists all that there are:
//!
//!     ask [--root DIR] [--user UID] [--only API=PATH]... [ID]
//!
//! for trying real engines. Figures go to standard error.

use std::{env, process::ExitCode, time::Duration};

use engines::{Api, Engines, Hint, Settings, SourceSettings};

const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("ask: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether there was an answer.
fn run() -> Result<bool, Box<dyn std::error::Error>> {
    let mut settings = Settings::default();
    let (mut hint, mut only, mut id) = (Hint::default(), Vec::new(), None);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--root" => settings.host_root = value()?.into(),
            "--user" => hint.user = Some(value()?.parse()?),
            "--only" => only.push(source(&value()?)?),
            _ => id = Some(argument),
        }
    }
    if !only.is_empty() {
        settings.sources = only;
    }
    let (engines, answers) = Engines::start(settings)?;
    let told = match id {
        Some(id) => {
            let asked = engines.ask(&id, hint);
            eprintln!("asked: {asked:?}");
            answers.next_within(PATIENCE).into_iter().collect()
        }
        None => engines.all(PATIENCE),
    };
    for answer in &told {
        println!("{}", String::from_utf8_lossy(&answer.json));
    }
    eprintln!("{:#?}", engines.figures());
    Ok(!told.is_empty())
}

fn source(text: &str) -> Result<SourceSettings, String> {
    let apis = [Api::Cri, Api::Docker, Api::Podman, Api::Containerd, Api::Storage];
    let (name, path) = text.split_once('=').ok_or(format!("'{text}' is not API=PATH"))?;
    let api = apis.into_iter().find(|api| api.name() == name);
    let api = api.ok_or(format!("'{name}' is none of cri, docker, podman, containerd, storage"))?;
    Ok(SourceSettings { api, path: path.into() })
}
