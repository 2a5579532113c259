//! The parts of an image, from wherever they may be had.

use std::{
    cell::{Cell, RefCell},
    fmt,
    fs::File,
    io::{self, Cursor, Read, Write},
    rc::Rc,
    sync::Arc,
};

use image::{At, Blob, Contents, Digest, Reference, Role};
use ureq::http::HeaderMap;

use crate::{
    Error, Observer, Progress, Settings,
    answer::read_bounded,
    config::Place,
    download::Download,
    session::{Session, Wanted},
};

/// Which manifests will do.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json";
/// Longest manifest or index: registries take no longer ones (distribution-spec, "Pushing Manifests").
const LONGEST_MANIFEST_BYTES: u64 = 4 << 20;
/// Largest blob.
const LARGEST_BLOB_BYTES: u64 = 64 << 30;
/// A layer may be asked for twice; larger ones are then fetched again.
const LARGEST_KEPT_BYTES: u64 = 1 << 30;

/// Whoever has the parts of one image.
pub(crate) struct Pull {
    sessions: Vec<Rc<Session>>,
    /// The first one that had what was asked for is asked for the rest.
    chosen: Cell<usize>,
    /// The manifest that a tag leads to, which is asked for again by its digest.
    top: RefCell<Option<(Digest, Vec<u8>)>>,
    kept: Rc<RefCell<Option<Kept>>>,
    observer: Observer,
}

/// The layer that came last.
struct Kept {
    digest: Digest,
    file: Arc<File>,
}

impl fmt::Debug for Pull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pull").finish_non_exhaustive()
    }
}

impl Pull {
    pub(crate) fn new(places: Vec<Place>, settings: &Rc<Settings>) -> Self {
        let session = |place| Rc::new(Session::new(place, Rc::clone(settings)));
        Self {
            sessions: places.into_iter().map(session).collect(),
            chosen: Cell::new(0),
            top: RefCell::default(),
            kept: Rc::default(),
            observer: settings.observer.clone(),
        }
    }

    /// The digest that an image's name leads to.
    pub(crate) fn resolve(&self, reference: &Reference) -> Result<Digest, Error> {
        let digest = reference.digest();
        let name = digest.map(|digest| digest.to_string());
        let name = name.as_deref().or(reference.tag()).unwrap_or_default();
        let mark = if digest.is_some() { '@' } else { ':' };
        let manifest = self.first_that(|session| {
            let what = format!("{}{mark}{name}", session.place.reference.repository());
            manifest(session, name, &what, digest)
        })?;
        let digest = Digest::of(&manifest);
        self.top.replace(Some((digest, manifest)));
        Ok(digest)
    }

    /// Asks one after another, from the one on that had something.
    fn first_that<T>(&self, ask: impl Fn(&Rc<Session>) -> Result<T, Error>) -> Result<T, Error> {
        let mut all = Vec::new();
        let mut answered = None;
        for (at, session) in self.sessions.iter().enumerate().skip(self.chosen.get()) {
            // One that speaks TLS is not asked the same in plain text.
            if answered == Some(&session.place.reference) {
                continue;
            }
            match ask(session) {
                Ok(found) => {
                    self.chosen.set(at);
                    return Ok(found);
                }
                Err(error) => {
                    answered = error.is_answer().then_some(&session.place.reference);
                    all.push(error);
                }
            }
        }
        match all.len() {
            1 => Err(all.remove(0)),
            _ => Err(Error::All { all }),
        }
    }

    fn manifest(&self, digest: Digest) -> Result<Vec<u8>, Error> {
        if let Some((_, json)) = self.top.borrow().as_ref().filter(|(top, _)| *top == digest) {
            return Ok(json.clone());
        }
        let name = digest.to_string();
        self.first_that(|session| manifest(session, &name, &name, Some(digest)))
    }

    fn blob(&self, blob: &Blob) -> Result<Box<dyn Read>, Error> {
        if let Some(kept) = self.kept.borrow().as_ref().filter(|kept| kept.digest == blob.digest) {
            return Ok(Box::new(At::start(Arc::clone(&kept.file)).map_err(image::Error::from)?));
        }
        let size_bytes = size(blob)?;
        let download =
            self.first_that(|session| Download::begin(Rc::clone(session), *blob, size_bytes))?;
        // What came before is not needed any more.
        self.kept.replace(None);
        let is_kept = blob.role == Role::Layer && size_bytes <= LARGEST_KEPT_BYTES;
        Ok(Box::new(Keeping {
            download,
            digest: blob.digest,
            file: is_kept.then(|| tempfile::tempfile().ok()).flatten(),
            kept: Rc::clone(&self.kept),
            observer: self.observer.clone(),
        }))
    }
}

impl Contents for Pull {
    fn open(&self, blob: &Blob) -> Result<Box<dyn Read>, image::Error> {
        Ok(match blob.role {
            Role::Manifest => Box::new(Cursor::new(self.manifest(blob.digest)?)),
            Role::Config | Role::Layer => self.blob(blob)?,
        })
    }
}

/// A manifest or an index, checked.
fn manifest(
    session: &Session,
    name: &str,
    what: &str,
    expected: Option<Digest>,
) -> Result<Vec<u8>, Error> {
    let path = format!("manifests/{name}");
    let wanted = Wanted { path, what, accept: Some(MANIFESTS), from: 0 };
    let mut waits = session.waits();
    loop {
        let answer = session.get(&wanted)?;
        // Of what a tag leads to, this alone is promised.
        let expected = expected.or_else(|| told_digest(answer.headers()));
        match read_bounded(answer, LONGEST_MANIFEST_BYTES) {
            Ok(bytes) => return checked(bytes, expected),
            Err(why) => waits.next(None, Error::host(session.host(), format!("{what}: {why}")))?,
        }
    }
}

fn told_digest(headers: &HeaderMap) -> Option<Digest> {
    Digest::parse(headers.get("docker-content-digest")?.to_str().ok()?)
}

fn checked(bytes: Vec<u8>, expected: Option<Digest>) -> Result<Vec<u8>, Error> {
    let found = Digest::of(&bytes);
    match expected.filter(|expected| *expected != found) {
        Some(expected) => Err(image::Error::Digest { found, expected }.into()),
        None => Ok(bytes),
    }
}

/// How large a blob is, which manifests in registries have to say.
fn size(blob: &Blob) -> Result<u64, Error> {
    let digest = blob.digest;
    let malformed = |why| image::Error::Malformed { what: "the image's manifest", why };
    let size_bytes = blob
        .size_bytes
        .ok_or_else(|| malformed(format!("it does not say how large {digest} is")))?;
    match size_bytes > LARGEST_BLOB_BYTES {
        true => Err(image::Error::Limit {
            what: "a part of the image",
            limit: LARGEST_BLOB_BYTES,
            unit: "bytes",
        }
        .into()),
        false => Ok(size_bytes),
    }
}

/// A blob while it comes, kept for who asks again.
struct Keeping {
    download: Download,
    digest: Digest,
    file: Option<File>,
    kept: Rc<RefCell<Option<Kept>>>,
    observer: Observer,
}

impl Read for Keeping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.download.read(buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        // Where it can't be kept, it is fetched again.
        self.file = self.file.take().filter(|mut file| file.write_all(bytes).is_ok());
        if read == 0
            && !buffer.is_empty()
            && let Some(file) = self.file.take()
        {
            self.kept.replace(Some(Kept { digest: self.digest, file: Arc::new(file) }));
        }
        self.observer.tell(&Progress::Bytes(read as u64));
        Ok(read)
    }
}
