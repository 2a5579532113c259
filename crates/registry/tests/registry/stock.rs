//! A registry with images in it, and faults that it has.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use image::{Content, Digest, Entry, Image, Platform, Problem, Reference, Visitor, Want, Whiteout};
use registry::{Error, Patience, Settings, Transport};
use serde_json::{Value, json};

use crate::server::{Reply, Request, Server};

pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// What a registry has.
#[derive(Clone, Default)]
pub(crate) struct Stock {
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
    pub(crate) manifests: BTreeMap<String, Vec<u8>>,
}

impl Stock {
    /// With the image `app:1`, of two layers with a file each.
    pub(crate) fn with_app() -> Self {
        let mut stock = Self::default();
        let manifest = stock.image("linux/amd64", &["etc/a", "etc/b"]);
        stock.tag("1", manifest);
        stock
    }

    pub(crate) fn blob(&mut self, bytes: Vec<u8>) -> (String, usize) {
        let (digest, length) = (Digest::of(&bytes).to_string(), bytes.len());
        self.blobs.insert(digest.clone(), bytes);
        (digest, length)
    }

    /// An image with a layer for each of these files; its manifest.
    pub(crate) fn image(&mut self, platform: &str, files: &[&str]) -> Value {
        let layers: Vec<Vec<u8>> = files.iter().map(|path| tar(path)).collect();
        self.image_of(platform, &layers)
    }

    pub(crate) fn image_of(&mut self, platform: &str, layers: &[Vec<u8>]) -> Value {
        let diff_ids: Vec<String> =
            layers.iter().map(|layer| Digest::of(layer).to_string()).collect();
        let (os, architecture) = platform.split_once('/').unwrap();
        let config = json!({
            "os": os, "architecture": architecture, "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let (digest, size) = self.blob(config.to_string().into_bytes());
        let config = json!({"mediaType": CONFIG, "digest": digest, "size": size});
        let mut descriptors = Vec::new();
        for layer in layers {
            let (digest, size) = self.blob(gzip(layer));
            descriptors.push(json!({"mediaType": LAYER, "digest": digest, "size": size}));
        }
        json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": descriptors})
    }

    /// Keeps a manifest by its digest; its descriptor.
    pub(crate) fn manifest(&mut self, manifest: &Value) -> Value {
        let bytes = manifest.to_string().into_bytes();
        let descriptor = json!({
            "mediaType": manifest["mediaType"], "digest": Digest::of(&bytes).to_string(),
            "size": bytes.len(),
        });
        self.manifests.insert(Digest::of(&bytes).to_string(), bytes);
        descriptor
    }

    pub(crate) fn tag(&mut self, tag: &str, manifest: Value) {
        self.manifest(&manifest);
        self.manifests.insert(tag.to_owned(), manifest.to_string().into_bytes());
    }

    /// The digest of the first layer of `app:1`.
    pub(crate) fn layer(&self, at: usize) -> String {
        let manifest: Value = serde_json::from_slice(&self.manifests["1"]).unwrap();
        manifest["layers"][at]["digest"].as_str().unwrap().to_owned()
    }

    /// Answers as a registry without faults.
    pub(crate) fn answer(&self, request: &Request) -> Reply {
        let missing = || {
            let error =
                json!({"errors": [{"code": "NAME_UNKNOWN", "message": "never heard of it"}]});
            Reply::new(404, error.to_string())
        };
        let path = request.path.split('?').next().unwrap();
        let name = path.rsplit('/').next().unwrap();
        if request.path.contains("/manifests/") {
            let Some(bytes) = self.manifests.get(name) else { return missing() };
            let media_type = serde_json::from_slice::<Value>(bytes)
                .map_or(MANIFEST.to_owned(), |it| {
                    it["mediaType"].as_str().unwrap_or("").to_owned()
                });
            return Reply::new(200, &bytes[..])
                .header("Content-Type", media_type)
                .header("Docker-Content-Digest", Digest::of(bytes).to_string());
        }
        match (self.blobs.get(name), request.from()) {
            (None, _) => missing(),
            (Some(bytes), None) => Reply::new(200, &bytes[..]),
            (Some(bytes), Some(from)) => {
                let (last, size) = (bytes.len() - 1, bytes.len());
                Reply::new(206, &bytes[from..])
                    .header("Content-Range", format!("bytes {from}-{last}/{size}"))
            }
        }
    }

    /// A registry that has this.
    pub(crate) fn serve(self) -> Server {
        Server::start(move |request| self.answer(request))
    }

    /// A registry that first answers so to requests with this in their path.
    pub(crate) fn serve_after(self, part: &str, replies: Vec<Reply>) -> Server {
        let (part, replies) = (part.to_owned(), Mutex::new(VecDeque::from(replies)));
        Server::start(move |request| {
            let scripted =
                request.path.contains(&part).then(|| replies.lock().unwrap().pop_front());
            scripted.flatten().unwrap_or_else(|| self.answer(request))
        })
    }
}

pub(crate) fn tar(path: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    // Not the same when it is compressed.
    let bytes: Vec<u8> =
        (0..200_000_u32).flat_map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, path, &bytes[..]).unwrap();
    archive.into_inner().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

/// How the tests ask: in plain text, with no file of this machine, and without waiting.
pub(crate) fn settings() -> Settings {
    let (pause, longest) = (Duration::ZERO, Duration::from_secs(1));
    Settings {
        transport: Transport::Plain,
        patience: Patience { attempts: 3, pause, longest },
        ..Settings::default()
    }
}

pub(crate) fn open_with(server: &Server, tag: &str, settings: Settings) -> Result<Image, Error> {
    let name = format!("{}/team/app{tag}", server.host);
    let platform: Platform = "linux/amd64".parse().unwrap();
    registry::open(&Reference::parse(&name).unwrap(), Some(&platform), settings)
}

pub(crate) fn open(server: &Server) -> Result<Image, Error> {
    open_with(server, ":1", settings())
}

/// The files of an image, and why layers could not be read.
pub(crate) fn walked(image: &Image) -> (Vec<String>, Vec<String>) {
    let mut names = Names::default();
    let failures = image.layers.iter().filter_map(|layer| layer.walk(&mut names).err());
    let failures = failures.map(|error| error.to_string()).collect();
    (names.0, failures)
}

/// The files of an image that can be read whole.
pub(crate) fn files(server: &Server) -> Vec<String> {
    let (names, failures) = walked(&open(server).unwrap());
    assert_eq!(failures, [""; 0]);
    names
}

pub(crate) fn refused(result: Result<Image, Error>) -> String {
    result.err().unwrap().to_string()
}

#[derive(Default)]
pub(crate) struct Names(pub(crate) Vec<String>);

impl Visitor for Names {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        self.0.push(String::from_utf8_lossy(entry.path).into_owned());
        Want::Content
    }

    fn content(&mut self, _: &Entry<'_>, content: &mut dyn Content) {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, content.size_bytes());
    }

    fn whiteout(&mut self, whiteout: Whiteout<'_>) {
        panic!("{whiteout:?}");
    }

    fn problem(&mut self, problem: Problem) {
        panic!("{problem:?}");
    }
}

/// Shared between a server and its test.
pub(crate) fn shared<T>(value: T) -> Arc<Mutex<T>> {
    Arc::new(Mutex::new(value))
}
