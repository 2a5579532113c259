//! Looks whether incidents are what was written.

use crate::{
    Damaged, Error, Fault, Id, Manifest, Store, WINDOW_FILE,
    dir::Dir,
    kept::{self, steadily},
    scap,
};

/// What is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Every incident.
    All,
    /// One.
    One(Id),
}

/// What was looked at, and what is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verified {
    /// How many incidents were looked at.
    pub incidents: u64,
    /// How many bytes of windows.
    pub bytes: u64,
    /// What is wrong, in the order of names.
    pub faults: Vec<Damaged>,
}

impl Store {
    /// Looks whether manifests can be read, and windows have the size, the digest and the events that
    /// were written, and can be read to their ends.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the one is not there; [`Error::Io`] if the folder of incidents cannot be
    /// read. What is wrong with incidents is in the result.
    pub fn verify(&self, scope: Scope) -> Result<Verified, Error> {
        let mut verified = Verified::default();
        match scope {
            Scope::One(id) => {
                let id = self.resolve(&id.to_string())?;
                verified.look_at(&self.shared.incidents, id);
            }
            Scope::All => {
                for name in self.shared.incidents.names()? {
                    match name.parse() {
                        Ok(id) => verified.look_at(&self.shared.incidents, id),
                        Err(_) if name.starts_with('.') => {}
                        Err(_) => verified.found(&name, Fault::Foreign),
                    }
                }
            }
        }
        Ok(verified)
    }
}

impl Verified {
    fn look_at(&mut self, incidents: &Dir, id: Id) {
        match steadily(incidents, id, |dir| check(dir, id)) {
            Ok(Some(bytes)) => self.bytes = self.bytes.saturating_add(bytes),
            // It was removed since the names were read.
            Ok(None) => return,
            Err(fault) => self.found(&id.to_string(), fault),
        }
        self.incidents += 1;
    }

    fn found(&mut self, name: &str, fault: Fault) {
        self.faults.push(Damaged { name: name.into(), fault });
    }
}

/// The bytes of a window that is what its manifest says.
fn check(dir: &Dir, id: Id) -> Result<u64, Fault> {
    let manifest = kept::manifest(dir, id)?;
    let said = &manifest.files.window;
    kept::window_is_there(dir, said.bytes)?;
    let file = dir.read(WINDOW_FILE)?;
    let error = |source| dir.io_error("read", WINDOW_FILE, source);
    let (bytes, is) = scap::digest(&file).map_err(error)?;
    if *said.blake3 != *is {
        return Err(Fault::Digest { said: said.blake3.clone(), is });
    }
    let held = scap::read(&file).map_err(error)?;
    match held.fault {
        Some(fault) => Err(Fault::Capture(fault.to_string())),
        None if manifest.window.bytes != bytes => {
            Err(Fault::Size { said: manifest.window.bytes, is: bytes })
        }
        None => compare(&manifest, &held).map(|()| bytes),
    }
}

fn compare(manifest: &Manifest, held: &scap::Held) -> Result<(), Fault> {
    let (said, is) = (&manifest.window, &held.window);
    if (said.events, said.seen) != (is.events, is.seen) {
        return Err(Fault::Events { said: said.events, is: is.events });
    }
    match manifest.alerts().iter().find(|alert| alert.event > is.events) {
        Some(alert) => Err(Fault::Alert { rule: alert.rule.clone(), event: alert.event }),
        None => Ok(()),
    }
}
