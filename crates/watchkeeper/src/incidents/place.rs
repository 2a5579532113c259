//! Which store is meant.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{Parser, builder::OsStringValueParser};
use store::{Access, Store};

use crate::{config, error::Error, output::Verbosity};

/// Names a store.
#[derive(Parser)]
#[group(skip)]
pub(crate) struct Place {
    /// Folder that incidents are kept in.
    #[arg(long, value_name = "DIR", env = "WATCHKEEPER_STORE", value_parser = OsStringValueParser::new())]
    store: Option<OsString>,
    /// Configuration file that names the store, if --store does not.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Place {
    /// The store's folder.
    ///
    /// # Errors
    /// If nothing names one, or the configuration cannot be read.
    pub(crate) fn folder(&self) -> Result<PathBuf, Error> {
        let configured = || self.incidents().map(|incidents| incidents.store);
        self.store
            .clone()
            .filter(|store| !store.is_empty())
            .map_or_else(configured, |store| Ok(Some(store.into())))?
            .ok_or_else(|| {
                Error::Usage(
                "no store is named; give --store DIR, or --config FILE with incidents.store in it"
                    .to_owned(),
            )
            })
    }

    /// Opens the store. What a program that was killed had left is completed, and said, if it is
    /// opened for writing.
    ///
    /// # Errors
    /// As [`Place::folder`], and if the store cannot be opened.
    pub(crate) fn open(&self, access: Access, verbosity: Verbosity) -> Result<Store, Error> {
        open(&self.folder()?, access, verbosity)
    }

    /// As [`Place::open`], but makes no store where there is none.
    ///
    /// # Errors
    /// As there, and if there is no store.
    pub(crate) fn open_existing(
        &self,
        access: Access,
        verbosity: Verbosity,
    ) -> Result<Store, Error> {
        let folder = self.folder()?;
        Store::open(&folder, Access::Read)?;
        open(&folder, access, verbosity)
    }

    /// What the configuration says of incidents.
    pub(crate) fn incidents(&self) -> Result<config::Incidents, Error> {
        let config = self.config.as_deref().map(config::read).transpose()?;
        Ok(config.map(|config| config.incidents).unwrap_or_default())
    }
}

/// Opens the store in a folder, and says what was left there by a program that was killed.
pub(crate) fn open(folder: &Path, access: Access, verbosity: Verbosity) -> Result<Store, Error> {
    let store = Store::open(folder, access)?;
    if verbosity != Verbosity::Quiet {
        for recovered in store.recovered() {
            say!("{}: {recovered}", folder.display());
        }
    }
    Ok(store)
}
