//! Images in registries: how they are asked, and how much has come.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use event::visible::visible;
use image::{Image, Layer, Platform, Reference};
use indicatif::ProgressBar;
use registry::{Files, Observer, Progress, Settings, Transport};

use crate::{
    error::Error,
    output::{Verbosity, progress},
};

/// Pauses that are shorter are not worth a word.
const SHORTEST_TOLD: Duration = Duration::from_secs(1);

/// How registries are asked.
#[derive(Args)]
#[command(next_help_heading = "Registries")]
pub(crate) struct RegistryArgs {
    /// A mirror to ask before the registry. May be given several times; http:// before it is plain text.
    #[arg(long, value_name = "HOST[:PORT][/PREFIX]")]
    mirror: Vec<String>,
    /// Speak with the registry in plain text, without TLS.
    #[arg(long)]
    plain_http: bool,
    /// Certificates (PEM) of authorities to trust beside the system's.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// Asks registries, and shows how much has come.
pub(crate) struct Registries<'a> {
    args: &'a RegistryArgs,
    verbosity: Verbosity,
    bar: ProgressBar,
}

impl<'a> Registries<'a> {
    pub(crate) fn new(args: &'a RegistryArgs, verbosity: Verbosity) -> Self {
        Self { args, verbosity, bar: progress(Some(0), verbosity) }
    }

    /// Opens an image; its layers come when they are walked.
    pub(crate) fn open(&self, name: &str, platform: Option<&Platform>) -> Result<Image, Error> {
        let usage = |error: &dyn std::fmt::Display| {
            Error::Usage(visible(error.to_string().as_bytes()).into_owned())
        };
        let reference = Reference::parse(name).map_err(|error| usage(&error))?;
        self.bar.set_message(reference.to_string());
        let opened = registry::open(&reference, platform, self.settings());
        let image = opened.map_err(|error| usage(&error))?;
        let total = image.layers.iter().filter_map(Layer::size_bytes).fold(0, u64::saturating_add);
        self.bar.set_length(total);
        Ok(image)
    }

    /// Opens an image that nobody else has, and says where it is: a name may be a mistake.
    pub(super) fn open_last(
        &self,
        name: &str,
        platform: Option<&Platform>,
    ) -> Result<Image, Error> {
        let image = self.open(name, platform)?;
        if self.verbosity != Verbosity::Quiet {
            let full = image.names.first().map_or(name, String::as_str);
            self.bar.suspend(|| say!("'{name}' is an image of a registry, {full}"));
        }
        Ok(image)
    }

    /// Ends what is shown.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn settings(&self) -> Settings {
        let (bar, verbosity) = (self.bar.clone(), self.verbosity);
        let plain = self.args.plain_http;
        Settings {
            mirrors: self.args.mirror.clone(),
            transport: if plain { Transport::Plain } else { Transport::Tls },
            ca_file: self.args.ca_file.clone(),
            files: Files::of_system(),
            observer: Observer::new(move |progress| show(progress, &bar, verbosity)),
            ..Settings::default()
        }
    }
}

/// Shows how it goes. Who waits is told for what: a registry may ask for minutes.
fn show(progress: &Progress<'_>, bar: &ProgressBar, verbosity: Verbosity) {
    match progress {
        Progress::Bytes(bytes) => bar.inc(*bytes),
        Progress::Waits { why, pause }
            if verbosity != Verbosity::Quiet && *pause >= SHORTEST_TOLD =>
        {
            let why = why.to_string();
            let why = visible(why.as_bytes());
            bar.suspend(|| say!("{why}; asking again in {} s", pause.as_secs()));
        }
        Progress::Waits { .. } => {}
    }
}
