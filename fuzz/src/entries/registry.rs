//! What registries and the files about them say.

use std::{
    io::{Cursor, Read},
    path::Path,
    rc::Rc,
};

use image::{Blob, Contents, Digest, Error, Image, Reference, Source};
use registry::{Challenge, CredentialFile, DaemonJson, RegistriesConf};

/// The bytes are a name, a header, a file, and everything that an image has.
pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    name(&text);
    for challenge in Challenge::parse(&text) {
        if let Challenge::Bearer(bearer) = challenge {
            assert!(bearer.realm.len() <= text.len());
        }
    }
    if let Ok(file) = CredentialFile::parse(data) {
        let _ = file.credential("docker.io", "library/debian");
    }
    let _ = RegistriesConf::parse(Path::new("registries.conf"), data);
    let _ = DaemonJson::parse(data);
    image(data);
}

/// A name that is told in full is the same name, and a path of nothing but what it may have.
fn name(text: &str) {
    let Ok(reference) = Reference::parse(text) else { return };
    let full = reference.to_string();
    let again = Reference::parse(&full).expect("what was told is a name");
    assert_eq!(again.to_string(), full);
    assert!(!reference.repository().contains(".."), "{full}");
    assert!(full.chars().all(|char| char.is_ascii_graphic()), "{full}");
}

/// Whoever has the same bytes, whatever is asked for.
#[derive(Debug)]
struct Same(Vec<u8>);

impl Contents for Same {
    fn open(&self, _: &Blob) -> Result<Box<dyn Read>, Error> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }
}

fn image(data: &[u8]) {
    let contents = Rc::new(Same(data.to_vec()));
    let digest = Digest::of(data);
    if let Err(error) = Image::open_by_digest(contents, digest, None, Source::Registry, vec![]) {
        assert!(!error.to_string().is_empty());
    }
}
