//! The contents of containerd: `blobs/sha256/HEX` in the folder of its content store, packed as they
//! came. Names are in a database beside it, which is read where nobody runs who could be asked:
//! `v1/NAMESPACE/images/NAME/target/digest` (`metadata/buckets.go` of containerd).

use std::{io::Read, path::Path, rc::Rc};

use super::{
    Held,
    bolt::{Bolt, Bucket, Value},
    dir::Dir,
};
use crate::{Blob, Content, Contents, Digest, Error, Image, Part, Platform, Source};

/// Within the folder of containerd.
const CONTENTS: &str = "io.containerd.content.v1.content";
const DATABASE: &str = "io.containerd.metadata.v1.bolt/meta.db";
/// More namespaces are not looked into.
const MOST_NAMESPACES: usize = 64;

/// Images that containerd names, with their namespaces.
pub type NamedImages = Vec<(String, Held)>;

/// The contents of containerd, on its disk.
#[derive(Debug)]
pub struct ContentStore(Dir);

impl ContentStore {
    /// Opens those in this folder of the machine whose root is `root`.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn open(root: &Path, folder: &Path) -> Result<Self, Error> {
        Dir::open(root, folder).map(Self)
    }

    /// Opens those of the containerd that has this folder, and tells the images that are named there,
    /// with their namespaces; `None` where there is none.
    ///
    /// # Errors
    /// If they can't be read.
    pub fn with_names(root: &Path, folder: &Path) -> Result<Option<(Self, NamedImages)>, Error> {
        let folder = match Dir::open(root, folder) {
            Err(error) if error.is_not_found() => return Ok(None),
            opened => opened?,
        };
        match folder.file(DATABASE) {
            Err(error) if error.is_not_found() => Ok(None),
            file => {
                let images = containerd_names(Part::whole(file?)?)?;
                Ok(Some((Self(folder.folder(CONTENTS)?), images)))
            }
        }
    }

    /// Opens the image whose manifest, or index of manifests, its id names.
    ///
    /// # Errors
    /// If parts of it are missing, can't be read, or are not what their names promise.
    pub fn image(
        self: &Rc<Self>,
        held: &Held,
        platform: Option<&Platform>,
    ) -> Result<Image, Error> {
        let other = || Error::Unsupported(format!("its digest '{}' can't be checked", held.id));
        let digest = Digest::parse(&held.id).ok_or_else(other)?;
        let (contents, names) = (Rc::clone(self), held.names.clone());
        Image::open_by_digest(contents, digest, platform, Source::Containerd, names)
    }
}

impl Contents for ContentStore {
    fn open(&self, blob: &Blob) -> Result<Box<dyn Read>, Error> {
        match self.0.file(&format!("blobs/sha256/{}", blob.digest.hex())) {
            Err(error) if error.is_not_found() => Err(Error::Missing(format!(
                "{} in containerd's contents (if 'discard_unpacked_layers' is set, what was unpacked is \
                 thrown away: pull the image again without it, or name it registry:NAME)",
                blob.digest
            ))),
            file => Ok(Box::new(file?)),
        }
    }
}

/// The images that a database names, with their namespaces.
///
/// # Errors
/// If it is no database, or damaged.
pub fn containerd_names(database: impl Content) -> Result<NamedImages, Error> {
    let mut bolt = Bolt::open(database)?;
    let mut images = Vec::new();
    let Some(version) = bolt.bucket(&[b"v1"])? else { return Ok(images) };
    for (namespace, of_namespace) in buckets(&mut bolt, &version)?.into_iter().take(MOST_NAMESPACES)
    {
        let parts = buckets(&mut bolt, &of_namespace)?;
        let Some((_, named)) = parts.into_iter().find(|(name, _)| name == "images") else {
            continue;
        };
        for (name, image) in buckets(&mut bolt, &named)? {
            let digest = target(&mut bolt, &image)?;
            images.extend(digest.map(|digest| (namespace.clone(), held(name, digest))));
        }
    }
    Ok(images)
}

fn held(name: String, digest: String) -> Held {
    Held { id: digest.clone(), names: vec![name], digests: vec![digest] }
}

/// What names the manifest of an image.
fn target<R: Content>(bolt: &mut Bolt<R>, image: &Bucket) -> Result<Option<String>, Error> {
    let parts = buckets(bolt, image)?;
    let Some((_, target)) = parts.into_iter().find(|(name, _)| name == "target") else {
        return Ok(None);
    };
    let digest = bolt.entries(&target)?.into_iter().find(|(key, _)| key == b"digest");
    Ok(match digest {
        Some((_, Value::Bytes(digest))) => Some(String::from_utf8_lossy(&digest).into_owned()),
        _ => None,
    })
}

/// The buckets in a bucket.
fn buckets<R: Content>(
    bolt: &mut Bolt<R>,
    bucket: &Bucket,
) -> Result<Vec<(String, Bucket)>, Error> {
    let entries = bolt.entries(bucket)?.into_iter();
    let buckets = entries.filter_map(|(key, value)| match value {
        Value::Bucket(bucket) => Some((String::from_utf8_lossy(&key).into_owned(), bucket)),
        Value::Bytes(_) => None,
    });
    Ok(buckets.collect())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use flate2::read::GzDecoder;

    use super::*;

    /// Of containerd 1.6: two names of an image in one namespace, and a hundred in another.
    fn database() -> Vec<u8> {
        let packed = include_bytes!("../../tests/data/containerd/meta.db.gz");
        let mut bytes = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn names_are_read_from_the_database_of_containerd() {
        let images = containerd_names(Cursor::new(database())).unwrap();
        let told = |at: usize| (images[at].0.as_str(), images[at].1.names[0].as_str());
        assert_eq!(told(0), ("default", "docker.io/library/app:1.2"));
        assert_eq!(told(1), ("default", "example.org/other:1"));
        assert_eq!(told(2), ("k8s.io", "docker.io/library/app:1.2"));
        assert_eq!(told(101), ("k8s.io", "example.org/team/a-longer-name-of-an-image-9:1"));
        assert_eq!(images.len(), 102);
        let digest = "sha256:7611962e4d767ec8566f441894dbc235591f25a30a94d5992117c79a9bac6585";
        assert!(images.iter().all(|(_, held)| held.id == digest));
    }

    #[test]
    fn a_database_that_is_damaged_is_an_error_or_tells_less() {
        let mut bytes = database();
        for end in (0..bytes.len()).step_by(9001) {
            let _ = containerd_names(Cursor::new(&bytes[..end]));
        }
        for at in (0..bytes.len()).step_by(499) {
            bytes[at] ^= 0xff;
            let _ = containerd_names(Cursor::new(&bytes));
            bytes[at] ^= 0xff;
        }
        assert!(containerd_names(Cursor::new(b"")).is_err());
        assert!(containerd_names(Cursor::new([0; 1 << 17])).is_err());
    }

    #[test]
    fn keys_that_take_no_place_are_not_kept_without_bound() {
        let mut bytes = database();
        let root = Bolt::open(Cursor::new(&bytes)).unwrap().root();
        let Bucket::Page(number) = root else { panic!("the root is a page") };
        bytes[8192..].fill(0);
        bytes.resize(bytes.len() + (2 << 20), 0);
        // A leaf full of keys of no bytes, which goes on for more than a MiB.
        let page = &mut bytes[4096 * number as usize..];
        page[8] = 2;
        page[10..12].copy_from_slice(&u16::MAX.to_le_bytes());
        page[12..16].copy_from_slice(&300_u32.to_le_bytes());
        let mut bolt = Bolt::open(Cursor::new(bytes)).unwrap();
        let why = (0..32).find_map(|_| bolt.entries(&root).err()).map(|why| why.to_string());
        assert_eq!(why.unwrap(), "the database has more than 1048576 keys, which is the limit");
    }

    #[test]
    fn a_tree_that_leads_to_itself_ends() {
        let mut bytes = database();
        // Each page has two below, which are itself.
        for (number, page) in bytes.chunks_mut(4096).enumerate().skip(2) {
            page[8..12].copy_from_slice(&[1, 0, 2, 0]);
            for child in [24, 40] {
                page[child..child + 8].copy_from_slice(&(number as u64).to_le_bytes());
            }
        }
        assert!(containerd_names(Cursor::new(bytes)).unwrap_err().to_string().contains("too deep"));
    }
}
