//! Images in registries: how they are asked, and how much has come.

use std::path::PathBuf;

use clap::Args;
use image::{Image, Layer, Platform, Reference};
use indicatif::ProgressBar;
use registry::{Files, Observer, Settings, Transport};

use crate::{
    error::Error,
    output::{Verbosity, progress},
};

/// How registries are asked.
#[derive(Args)]
#[command(next_help_heading = "Registries")]
pub(super) struct RegistryArgs {
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
pub(super) struct Registries<'a> {
    args: &'a RegistryArgs,
    verbosity: Verbosity,
    bar: ProgressBar,
}

impl<'a> Registries<'a> {
    pub(super) fn new(args: &'a RegistryArgs, verbosity: Verbosity) -> Self {
        Self { args, verbosity, bar: progress(Some(0), verbosity) }
    }

    /// Opens an image; its layers come when they are walked.
    pub(super) fn open(&self, name: &str, platform: Option<&Platform>) -> Result<Image, Error> {
        let usage = |error: &dyn std::fmt::Display| Error::Usage(error.to_string());
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
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn settings(&self) -> Settings {
        let bar = self.bar.clone();
        let plain = self.args.plain_http;
        Settings {
            mirrors: self.args.mirror.clone(),
            transport: if plain { Transport::Plain } else { Transport::Tls },
            ca_file: self.args.ca_file.clone(),
            files: Files::of_system(),
            observer: Observer::new(move |bytes| bar.inc(bytes)),
            ..Settings::default()
        }
    }
}
