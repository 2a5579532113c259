use std::{
    fs,
    io::Write,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::write::GzEncoder;
use rustix::fs::{CWD, FileType, Mode, XattrFlags, mknodat, setxattr};
use serde_json::json;
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

use super::*;
use crate::{Content, Entry, Image, Kind, Problem, Source, Visitor, Want, Whiteout};

/// What a walk tells, a line for each.
#[derive(Default)]
struct Told(Vec<String>);

impl Visitor for Told {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        match entry.kind {
            Kind::File | Kind::Hardlink(_) => Want::Content,
            _ => Want::Nothing,
        }
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Content) {
        let mut text = String::new();
        content.read_to_string(&mut text).unwrap();
        self.0.push(format!("{}: {text}", String::from_utf8_lossy(entry.path)));
    }

    fn whiteout(&mut self, whiteout: Whiteout<'_>) {
        self.0.push(match whiteout {
            Whiteout::Entry(path) => format!("no {}", String::from_utf8_lossy(path)),
            Whiteout::Within(path) => format!("none in {}", String::from_utf8_lossy(path)),
        });
    }

    fn problem(&mut self, problem: Problem) {
        self.0.push(format!("{}: {}", String::from_utf8_lossy(&problem.path), problem.error));
    }
}

/// What each layer tells, and why it could not be read to its end.
fn told(image: &Image) -> Vec<(Vec<String>, Option<String>)> {
    let layers = image.layers.iter().map(|layer| {
        let mut told = Told::default();
        let error = layer.walk(&mut told).err().map(|error| error.to_string());
        (told.0, error)
    });
    layers.collect()
}

/// The files of a layer: `None` is a hard link to the first one.
type Layer<'a> = [(&'a str, Option<&'a str>)];

const LOWER: &Layer<'_> = &[("etc/a", Some("lower")), ("etc/gone", Some("x")), ("etc/link", None)];
const UPPER: &Layer<'_> = &[("etc/.wh.gone", Some("")), ("etc/b", Some("upper"))];

fn archive(files: &Layer<'_>) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        match text {
            Some(text) => {
                header.set_size(text.len() as u64);
                archive.append_data(&mut header, path, text.as_bytes()).unwrap();
            }
            None => {
                header.set_entry_type(EntryType::Link);
                header.set_size(0);
                archive.append_link(&mut header, path, files[0].0).unwrap();
            }
        }
    }
    archive.into_inner().unwrap()
}

/// The record of an archive.
fn record(archive: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    let segment = |from: usize, to: usize, record: &mut Vec<u8>| {
        let payload = STANDARD.encode(&archive[from..to]);
        writeln!(record, "{}", json!({"type": 2, "payload": payload})).unwrap();
    };
    let mut from = 0;
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let entry = entry.unwrap();
        let (start, size) = (entry.raw_file_position() as usize, entry.size() as usize);
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        segment(from, start, &mut record);
        writeln!(record, "{}", json!({"type": 1, "name": format!("./{name}"), "size": size}))
            .unwrap();
        from = start + size;
    }
    segment(from, archive.len(), &mut record);
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&record).unwrap();
    gzip.finish().unwrap()
}

fn put(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.as_ref().parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Unpacks a layer as overlayfs has it, or on all of what is below it.
fn unpack(folder: &Path, layers: &[&Layer<'_>]) {
    for (path, text) in layers.iter().copied().flatten() {
        match path.split_once(".wh.") {
            Some((parent, name)) => {
                fs::remove_file(folder.join(parent).join(name)).ok();
                fs::create_dir_all(folder.join(parent)).unwrap();
            }
            None => put(folder.join(path), text.unwrap_or("lower")),
        }
    }
}

/// The configuration and the manifest of both layers.
fn documents() -> (Vec<u8>, Vec<u8>) {
    let diff_ids = [LOWER, UPPER].map(|layer| Digest::of(&archive(layer)).to_string());
    let config = json!({
        "architecture": "amd64", "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created_by": "ADD lower"}, {"created_by": "RUN upper"}],
    });
    let config = config.to_string().into_bytes();
    let manifest = json!({"config": {"digest": Digest::of(&config).to_string()}, "layers": []});
    (config, manifest.to_string().into_bytes())
}

/// A store of Podman in which layers have these parents.
fn containers(driver: &str, parents: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let store = root.path().join("store");
    let (config, manifest) = documents();
    let id = Digest::of(&config);
    let image = json!([{"id": id.hex(), "names": ["localhost/app:1"], "layer": "up", "digest": "sha256:d"}]);
    let of_image = store.join(format!("{driver}-images/{}", id.hex()));
    put(of_image.with_file_name("images.json"), image.to_string());
    put(of_image.join("manifest"), manifest);
    put(of_image.join(format!("={}", STANDARD.encode(id.to_string()))), config);
    let layers: Vec<_> =
        parents.iter().map(|(id, parent)| json!({"id": id, "parent": parent})).collect();
    put(store.join(format!("{driver}-layers/layers.json")), json!(layers).to_string());
    for (id, layers) in [("low", &[LOWER][..]), ("up", &[LOWER, UPPER])] {
        match driver {
            "vfs" => unpack(&store.join("vfs/dir").join(id), layers),
            _ => unpack(&store.join("overlay").join(id).join("diff"), &layers[layers.len() - 1..]),
        }
        let record = record(&archive(layers[layers.len() - 1]));
        put(store.join(format!("{driver}-layers/{id}.tar-split.gz")), record);
    }
    root
}

fn opened(root: &Path) -> Result<Image, Error> {
    let store = Containers::open(root, &[PathBuf::from("/store")])?.expect("a store");
    let Sought::Found(held) = seek(store.held(), "app:1") else { panic!("{:?}", store.held()) };
    store.image(held, None)
}

const STRAIGHT: &[(&str, &str)] = &[("up", "low"), ("low", "")];

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn whole() -> Vec<(Vec<String>, Option<String>)> {
    let lower = lines(&["etc/a: lower", "etc/gone: x", "etc/link: lower"]);
    vec![(lower, None), (lines(&["no etc/gone", "etc/b: upper"]), None)]
}

#[test]
fn layers_of_podman_are_walked_as_the_archives_that_they_were() {
    for driver in ["overlay", "vfs"] {
        let root = containers(driver, STRAIGHT);
        let image = opened(root.path()).unwrap();
        assert_eq!(image.source, Source::Containers);
        assert_eq!(image.layers[1].instruction.as_deref(), Some("RUN upper"));
        assert_eq!(told(&image), whole(), "{driver}");
        assert!(image.layers.iter().all(crate::Layer::is_checked));
        let store = Containers::open(root.path(), &["store".into()]).unwrap().unwrap();
        let arm = "linux/arm64".parse().unwrap();
        let error = store.image(&store.held()[0], Some(&arm)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no image for linux/arm64, only one for linux/amd64"
        );
    }
}

#[test]
fn a_folder_that_was_changed_is_told() {
    let root = containers("overlay", STRAIGHT);
    let diff = root.path().join("store/overlay/low/diff/etc");
    fs::write(diff.join("a"), "LOWER").unwrap();
    let (lower, error) = told(&opened(root.path()).unwrap()).remove(0);
    assert!(["etc/a: LOWER", "etc/link: lower"].iter().all(|it| lower.contains(&it.to_string())));
    assert!(error.unwrap().contains("its digest is"));
    // What there is of it is told all the same.
    for change in ["shorter", "removed", "link"] {
        fs::remove_file(diff.join("a")).ok();
        match change {
            "shorter" => fs::write(diff.join("a"), "low").unwrap(),
            "link" => symlink("/etc/hostname", diff.join("a")).unwrap(),
            _ => {}
        }
        let (lower, error) = told(&opened(root.path()).unwrap()).remove(0);
        assert!(lower.contains(&"etc/gone: x".to_owned()), "{change}: {lower:?}");
        assert!(error.unwrap().contains("'etc/a' of the layer's folder"), "{change}");
    }
}

#[test]
fn files_that_were_added_to_a_folder_are_told_and_read() {
    let root = containers("overlay", STRAIGHT);
    let low = root.path().join("store/overlay/low/diff");
    put(low.join("etc/added"), "by somebody");
    let (lower, error) = told(&opened(root.path()).unwrap()).remove(0);
    assert_eq!(error, None);
    assert_eq!(lower[..3], whole()[0].0);
    assert!(lower[3].starts_with("etc/added: it is in the folder of the layer"), "{lower:?}");
    assert_eq!(lower[4..], ["etc/added: by somebody"]);
}

#[test]
fn without_a_record_the_folder_is_walked_and_not_checked() {
    for (driver, upper) in [
        ("overlay", &["no etc/gone", "etc/b: upper"][..]),
        ("vfs", &["none in ", "etc/a: lower", "etc/b: upper", "etc/link: lower"]),
    ] {
        let root = containers(driver, STRAIGHT);
        let store = root.path().join("store");
        fs::remove_file(store.join(format!("{driver}-layers/up.tar-split.gz"))).unwrap();
        if driver == "overlay" {
            // As `fuse-overlayfs` has it; devices take privileges.
            put(store.join("overlay/up/diff/etc/.wh.gone"), "");
        }
        let image = opened(root.path()).unwrap();
        assert!(!image.layers[1].is_checked());
        assert_eq!(told(&image)[1], (lines(upper), None), "{driver}");
    }
}

#[test]
fn marks_of_overlayfs_are_whiteouts() {
    let root = containers("overlay", STRAIGHT);
    let store = root.path().join("store");
    fs::remove_file(store.join("overlay-layers/up.tar-split.gz")).unwrap();
    let diff = store.join("overlay/up/diff");
    let mark = mknodat(CWD, diff.join("etc/gone"), FileType::CharacterDevice, Mode::empty(), 0);
    fs::create_dir(diff.join("opt")).unwrap();
    let opaque =
        |name: &str, value: &[u8]| setxattr(diff.join("opt"), name, value, XattrFlags::empty());
    if mark.is_err() || opaque("trusted.overlay.opaque", b"x").is_err() {
        return eprintln!("skipped: devices and attributes of overlayfs take privileges");
    }
    let told = || told(&opened(root.path()).unwrap()).remove(1).0;
    assert_eq!(told(), ["etc/b: upper", "no etc/gone"]);
    opaque("trusted.overlay.opaque", b"y").unwrap();
    assert_eq!(told(), ["etc/b: upper", "no etc/gone", "none in opt"]);
}

#[test]
fn a_store_that_is_not_whole_or_hostile_is_told() {
    let open = |parents: &[(&str, &str)]| opened(containers("overlay", parents).path());
    for (parents, why) in [
        (&[("up", "up")][..], "the store has 3 layers"),
        (&[("up", "low"), ("low", "up")], "the store has 3 layers"),
        (&[("up", "low")], "the layer 'low' is missing"),
        (&[("up", "")], "the store has 1 layers"),
        (&[("up", "../low"), ("../low", "")], "'../low' is no id"),
    ] {
        let error = open(parents).unwrap_err().to_string();
        assert!(error.contains(why), "{parents:?}: {error}");
    }
    // Nothing in the store leads out of it.
    let root = containers("overlay", STRAIGHT);
    let low = root.path().join("store/overlay/low");
    fs::rename(&low, root.path().join("outside")).unwrap();
    symlink("../../outside", &low).unwrap();
    let all = told(&opened(root.path()).unwrap());
    assert_eq!((all[0].0.len(), &all[1]), (0, &whole()[1]));
    assert!(all[0].1.as_deref().is_some_and(|error| error.contains("overlay/low/diff")));
    // A list that is none.
    put(root.path().join("store/overlay-images/images.json"), "{");
    assert!(opened(root.path()).unwrap_err().to_string().contains("images.json"));
}

#[test]
fn links_in_a_layer_mean_what_they_mean_in_its_root() {
    let root = containers("vfs", STRAIGHT);
    let low = root.path().join("store/vfs/dir/low");
    fs::rename(low.join("etc"), low.join("real")).unwrap();
    symlink("/real", low.join("etc")).unwrap();
    assert_eq!(told(&opened(root.path()).unwrap())[0], whole()[0]);
}

#[test]
fn a_store_goes_on_in_others() {
    let root = containers("overlay", STRAIGHT);
    let (first, second) = (root.path().join("store"), root.path().join("more"));
    for part in ["overlay-layers", "overlay"] {
        fs::create_dir_all(&second).unwrap();
        fs::rename(first.join(part), second.join(part)).unwrap();
    }
    put(second.join("overlay-images/images.json"), "[]");
    let folders = ["/store".into(), "/more".into(), "/none".into()];
    let store = Containers::open(root.path(), &folders).unwrap().unwrap();
    assert_eq!(told(&store.image(&store.held()[0], None).unwrap()), whole());
    assert!(Containers::open(root.path(), &folders[2..]).unwrap().is_none());
}

/// A store of Docker.
fn docker(driver: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let store = root.path().join("docker");
    let of_driver = store.join("image").join(driver);
    let (config, _) = documents();
    let id = Digest::of(&config);
    put(of_driver.join("imagedb/content/sha256").join(id.hex()), config);
    let names =
        json!({"Repositories": {"app": {"app:1": id.to_string(), "app@sha256:d": id.to_string()}}});
    put(of_driver.join("repositories.json"), names.to_string());
    let lower = Digest::of(&archive(LOWER));
    let upper = Digest::of(&archive(UPPER));
    let upper = Digest::of(format!("{lower} {upper}").as_bytes());
    for (chain, cache, layers) in [(lower, "c1", &[LOWER][..]), (upper, "c2", &[LOWER, UPPER])] {
        let of_layer = of_driver.join("layerdb/sha256").join(chain.hex());
        put(of_layer.join("cache-id"), cache);
        put(of_layer.join("tar-split.json.gz"), record(&archive(layers[layers.len() - 1])));
        match driver {
            "vfs" => unpack(&store.join("vfs/dir").join(cache), layers),
            _ => unpack(&store.join(driver).join(cache).join("diff"), &layers[layers.len() - 1..]),
        }
    }
    root
}

#[test]
fn the_store_of_docker_is_read_from_its_disk() {
    for driver in ["overlay2", "vfs"] {
        let root = docker(driver);
        let open = || DockerStore::open(root.path(), "/docker".as_ref()).unwrap().unwrap();
        let store = open();
        assert_eq!(store.held().len(), 1);
        assert_eq!(store.held()[0].names, ["app:1", "app@sha256:d"]);
        let image = store.image(&store.held()[0], None).unwrap();
        assert_eq!((image.source, told(&image)), (Source::Docker, whole()), "{driver}");
        let layers = root.path().join(format!("docker/image/{driver}/layerdb/sha256"));
        let lower = layers.join(Digest::of(&archive(LOWER)).hex());
        put(lower.join("cache-id"), "../../x");
        let error = open().image(&open().held()[0], None).unwrap_err();
        assert!(error.to_string().contains("'../../x' is no name"), "{error}");
    }
    assert!(DockerStore::open("/".as_ref(), "/nowhere/docker".as_ref()).unwrap().is_none());
}
