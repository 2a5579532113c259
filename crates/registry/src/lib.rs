//! Images in registries: the distribution specification v1.1, and Docker's Registry HTTP API V2, which it
//! came from.
//!
//! ```text
//! Reference ─► config: places ─► Session: asks, shows who asks, waits ─► Pull: parts ─► image::Image
//! ```
//!
//! The parts of an image are read as they come, and are checked by whoever reads them. What a registry
//! says is hostile: its lengths, headers and redirects are bounded, and what shows who asks goes to the
//! registry and to whom it has hand out tokens, and to nobody else.
//!
//! - `config`: whom to ask: mirrors, registries that moved, short names.
//! - `credentials`: as whom; `secret`: what nobody is shown.
//! - `certificates`: whom to trust.
//! - `http`: requests, answers and redirects.
//! - `challenge`, `token`: what a registry wants to be shown, and how to come by it.
//! - `session`: a registry that is asked until there is an answer; `answer`: what one has; `patience`: how
//!   long to wait for one.
//! - `download`: a blob while it comes.
//! - `pull`: the parts of an image.

mod answer;
mod certificates;
mod challenge;
mod config;
mod credentials;
mod download;
mod error;
mod http;
mod patience;
mod pull;
mod secret;
mod session;
mod token;

use std::{fmt, path::PathBuf, rc::Rc, time::Duration};

use image::{Image, Platform, Reference, Source};
use pull::Pull;

pub use challenge::{Bearer, Challenge};
pub use config::{DaemonJson, Files, RegistriesConf};
pub use credentials::{Credential, CredentialFile};
pub use error::Error;
pub use patience::Patience;
pub use secret::Secret;

/// How to ask.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Mirrors to ask before the registry: `[http://|https://]HOST[:PORT][/PREFIX]`.
    pub mirrors: Vec<String>,
    /// How to speak with registries of which no file says otherwise.
    pub transport: Transport,
    /// A file of certificates (PEM) of authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// What container engines know of registries.
    pub files: Files,
    /// How long to wait for what is passing.
    pub patience: Patience,
    /// Who is told how it goes.
    pub observer: Observer,
}

/// How to speak with registries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Transport {
    /// With TLS.
    #[default]
    Tls,
    /// In plain text.
    Plain,
}

/// How it goes.
#[derive(Debug)]
pub enum Progress<'a> {
    /// So many more bytes of layers have come.
    Bytes(u64),
    /// Something failed that may pass: it is waited for, and asked for again.
    Waits {
        /// What failed.
        why: &'a Error,
        /// How long.
        pause: Duration,
    },
}

/// Who is told how it goes, each time that it goes on.
#[derive(Clone, Default)]
pub struct Observer(Option<Rc<Tell>>);

type Tell = dyn Fn(&Progress<'_>);

impl Observer {
    /// Is told.
    pub fn new(tell: impl Fn(&Progress<'_>) + 'static) -> Self {
        Self(Some(Rc::new(tell)))
    }

    pub(crate) fn tell(&self, progress: &Progress<'_>) {
        if let Some(tell) = &self.0 {
            tell(progress);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// Opens an image in its registry, for a platform, which is this machine's where none is given. Its layers
/// come when they are walked.
///
/// # Errors
/// If files that say how to ask are malformed, nobody has the image or lets you have it, or what is there
/// is no image.
pub fn open(
    reference: &Reference,
    platform: Option<&Platform>,
    settings: Settings,
) -> Result<Image, Error> {
    let settings = Rc::new(settings);
    let places = config::places(reference, &settings)?;
    let pull = Pull::new(places, &settings);
    let digest = pull.resolve(reference)?;
    let names = vec![reference.to_string()];
    Ok(Image::open_by_digest(Rc::new(pull), digest, platform, Source::Registry, names)?)
}
