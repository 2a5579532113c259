use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tar::{Builder, Header};
use tempfile::TempDir;

use super::*;
use crate::{Content, Entry, Problem, Visitor, Want, Whiteout};

/// The names of files.
#[derive(Default)]
struct Names(Vec<String>);

impl Visitor for Names {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        self.0.push(String::from_utf8_lossy(entry.path).into_owned());
        Want::Nothing
    }

    fn content(&mut self, _: &Entry<'_>, _: &mut dyn Content) {}

    fn whiteout(&mut self, _: Whiteout<'_>) {}

    fn problem(&mut self, problem: Problem) {
        panic!("{}", problem.error);
    }
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn config(layers: &[&[u8]]) -> Vec<u8> {
    let diff_ids: Vec<String> = layers.iter().map(|layer| Digest::of(layer).to_string()).collect();
    json!({
        "architecture": "amd64",
        "os": "linux",
        "created": "2024-01-01T00:00:00Z",
        "config": {"Env": ["PATH=/bin"], "Entrypoint": ["/init"], "Cmd": ["serve"], "Labels": {"a": "b"}},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [
            {"created_by": "ADD rootfs"},
            {"created_by": "ENV PATH=/bin", "empty_layer": true},
            {"created_by": "RUN make"},
        ],
    })
    .to_string()
    .into_bytes()
}

/// Files of an archive: name and bytes.
type Files = Vec<(String, Vec<u8>)>;

/// Two layers and what `docker save` writes of them.
fn saved(names: &[&str]) -> Files {
    let layers = [tar(&[("etc/a", b"a")]), tar(&[("etc/b", b"b")])];
    let config = config(&[&layers[0], &layers[1]]);
    let name = format!("{}.json", Digest::of(&config).hex());
    let manifest =
        json!([{"Config": name, "RepoTags": names, "Layers": ["1/layer.tar", "2/layer.tar"]}]);
    let [first, second] = layers;
    vec![
        ("1/layer.tar".into(), first),
        ("2/layer.tar".into(), second),
        (name, config),
        ("manifest.json".into(), manifest.to_string().into_bytes()),
    ]
}

fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    tar(&files.iter().map(|(path, bytes)| (path.as_str(), &bytes[..])).collect::<Vec<_>>())
}

/// A layout with an image for each of these platforms, its layers wrapped by gzip and zstd.
fn layout(folder: &Path, platforms: &[&str]) {
    let put = |bytes: &[u8]| {
        let digest = Digest::of(bytes);
        fs::create_dir_all(folder.join("blobs/sha256")).unwrap();
        fs::write(folder.join("blobs/sha256").join(digest.hex()), bytes).unwrap();
        digest.to_string()
    };
    let mut manifests = Vec::new();
    for platform in platforms {
        let layers = [tar(&[(*platform, b"")]), tar(&[("etc/b", b"b")])];
        let config = put(&config(&[&layers[0], &layers[1]]));
        let wrapped = [put(&gzip(&layers[0])), put(&zstd::encode_all(&layers[1][..], 1).unwrap())];
        let layers: Vec<Value> = wrapped.iter().map(|digest| json!({"digest": digest})).collect();
        let manifest =
            put(json!({"config": {"digest": config}, "layers": layers}).to_string().as_bytes());
        let (os, architecture) = platform.split_once('/').unwrap();
        manifests.push(
            json!({"digest": manifest, "platform": {"os": os, "architecture": architecture}}),
        );
    }
    let attestation =
        json!({"digest": put(b"{}"), "platform": {"os": "unknown", "architecture": "unknown"}});
    manifests.push(attestation);
    let inner = put(json!({"manifests": manifests}).to_string().as_bytes());
    let index = json!({"manifests": [{
        "digest": inner,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "annotations": {"org.opencontainers.image.ref.name": "latest"},
    }]});
    fs::write(folder.join("index.json"), index.to_string()).unwrap();
    fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion": "1.0.0"}"#).unwrap();
}

fn write(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("image");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn names(image: &Image) -> Vec<String> {
    let mut names = Names::default();
    image.layers.iter().for_each(|layer| layer.walk(&mut names).unwrap());
    names.0
}

#[test]
fn what_docker_saves_is_an_image() {
    let whole = archive(&saved(&["app:1"]));
    for bytes in [whole.clone(), gzip(&whole), zstd::encode_all(&whole[..], 1).unwrap()] {
        let (_folder, path) = write(&bytes);
        let image = Image::open(&path, None, None).unwrap();
        assert_eq!(
            (image.source, &image.names[..]),
            (Source::DockerArchive, &["app:1".to_owned()][..])
        );
        assert_eq!(image.config.command, ["/init", "serve"]);
        let instructions: Vec<_> =
            image.layers.iter().map(|it| it.instruction.as_deref()).collect();
        assert_eq!(instructions, [Some("ADD rootfs"), Some("RUN make")]);
        assert_eq!(names(&image), ["etc/a", "etc/b"]);
        assert!(Image::open(&path, Some("app:1"), None).is_ok());
    }
}

#[test]
fn a_layout_is_an_image_for_each_platform() {
    let folder = TempDir::new().unwrap();
    layout(folder.path(), &["linux/amd64", "linux/arm64"]);
    let open = |name, platform: Option<&str>| {
        let platform = platform.map(|it| it.parse().unwrap());
        Image::open(folder.path(), name, platform.as_ref())
    };
    let image = open(None, Some("linux/arm64")).unwrap();
    assert_eq!((image.source, &image.names[..]), (Source::OciLayout, &["latest".to_owned()][..]));
    assert_eq!(names(&image), ["linux/arm64", "etc/b"]);
    assert_eq!(
        names(&open(Some("latest"), Some("linux/amd64")).unwrap()),
        ["linux/amd64", "etc/b"]
    );
    let why = open(None, Some("linux/s390x")).unwrap_err().to_string();
    assert_eq!(
        why,
        "there is no image for linux/s390x; choose one with --platform: linux/amd64, linux/arm64"
    );
    let why = open(Some("other"), None).unwrap_err().to_string();
    assert_eq!(why, "there is no image 'other'; there are: latest");
}

#[test]
fn an_archive_of_a_layout_is_an_image() {
    let folder = TempDir::new().unwrap();
    layout(folder.path(), &["linux/amd64"]);
    let mut archive = Builder::new(Vec::new());
    archive.append_dir_all(".", folder.path()).unwrap();
    let (_folder, path) = write(&archive.into_inner().unwrap());
    let image = Image::open(&path, None, None).unwrap();
    assert_eq!(image.source, Source::OciArchive);
    assert_eq!(names(&image), ["linux/amd64", "etc/b"]);
}

#[test]
fn layers_that_are_others_than_promised_are_told() {
    let mut files = saved(&[]);
    files[1].1 = tar(&[("etc/c", b"c")]);
    let (_folder, path) = write(&archive(&files));
    let image = Image::open(&path, None, None).unwrap();
    let mut names = Names::default();
    image.layers[0].walk(&mut names).unwrap();
    let why = image.layers[1].walk(&mut names).unwrap_err().to_string();
    assert!(
        why.starts_with("its digest is sha256:") && why.contains("damaged or changed"),
        "{why}"
    );
    assert_eq!(names.0, ["etc/a", "etc/c"]);

    let folder = TempDir::new().unwrap();
    layout(folder.path(), &["linux/amd64"]);
    let blobs = folder.path().join("blobs/sha256");
    let image = Image::open(folder.path(), None, None).unwrap();
    let stored = blobs.join(image.layers[0].digest.unwrap().hex());
    fs::write(stored, gzip(&tar(&[("etc/c", b"c")]))).unwrap();
    assert!(image.layers[0].walk(&mut Names::default()).is_err());
}

#[test]
fn what_is_no_image_is_said() {
    let changed = |change: &dyn Fn(&mut Files)| {
        let mut files = saved(&["app:1"]);
        change(&mut files);
        let (_folder, path) = write(&archive(&files));
        match Image::open(&path, None, None) {
            Err(error) => error.to_string(),
            Ok(image) => image.layers[1].walk(&mut Names::default()).unwrap_err().to_string(),
        }
    };
    let manifest =
        |text: &'static str| changed(&|files: &mut Files| files[3].1 = text.as_bytes().to_vec());
    assert!(changed(&|files| drop(files.remove(3))).starts_with("it is no image"));
    assert_eq!(
        changed(&|files| drop(files.remove(1))),
        "2/layer.tar is missing; the image is not whole"
    );
    assert!(changed(&|files| files[2].1.push(b' ')).contains("damaged or changed"));
    assert!(manifest("{").starts_with("the image's manifest is malformed: "));
    assert_eq!(manifest("[]"), "there is no image in it");
    assert!(
        manifest(r#"[{"Config": "../../etc/passwd", "Layers": []}]"#)
            .contains("leads out of the tree")
    );
    let (_folder, path) = write(b"no archive at all");
    assert!(Image::open(&path, None, None).is_err());
    assert!(
        Image::open(Path::new("/nowhere"), None, None)
            .unwrap_err()
            .to_string()
            .starts_with("/nowhere: ")
    );
}

#[test]
fn an_image_that_is_for_another_platform_is_not_taken() {
    let (_folder, path) = write(&archive(&saved(&["app:1"])));
    let layout_of = TempDir::new().unwrap();
    layout(layout_of.path(), &["linux/amd64"]);
    let arm = "linux/arm64".parse().unwrap();
    let why = |path: &Path| Image::open(path, None, Some(&arm)).unwrap_err().to_string();
    assert_eq!(why(&path), "there is no image for linux/arm64, only one for linux/amd64");
    assert!(why(layout_of.path()).starts_with("there is no image for linux/arm64"));
    let amd = "linux/amd64".parse().unwrap();
    assert!(Image::open(&path, None, Some(&amd)).is_ok());
}

#[test]
fn an_archive_that_unwraps_beyond_measure_fills_no_disk() {
    let mut header = Header::new_gnu();
    header.set_size(1 << 30);
    header.set_path("bomb").unwrap();
    header.set_cksum();
    let mut bomb = GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(header.as_bytes()).unwrap();
    (0..1 << 8).for_each(|_| bomb.write_all(&vec![0; 1 << 20]).unwrap());
    let (_folder, path) = write(&bomb.finish().unwrap());
    let why = Image::open(&path, None, None).unwrap_err().to_string();
    assert!(why.starts_with("the archive has more than"), "{why}");
    // What is no archive is not unwrapped at all.
    let (_folder, path) = write(&gzip(&[0; 1 << 20]));
    let why = Image::open(&path, None, None).unwrap_err().to_string();
    assert_eq!(why, "it is no image: it is not an archive (tar)");
}

#[test]
fn a_layout_of_pipes_is_not_waited_for() {
    let folder = TempDir::new().unwrap();
    layout(folder.path(), &["linux/amd64"]);
    let image = Image::open(folder.path(), None, None).unwrap();
    let blob = folder.path().join("blobs/sha256").join(image.layers[0].digest.unwrap().hex());
    let pipe = |path: &Path| {
        fs::remove_file(path).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path, 0o600.into()).unwrap();
    };
    pipe(&blob);
    let why = image.layers[0].walk(&mut Names::default()).unwrap_err().to_string();
    assert!(why.ends_with("it is no regular file"), "{why}");
    pipe(&folder.path().join("index.json"));
    let why = Image::open(folder.path(), None, None).unwrap_err().to_string();
    assert!(why.ends_with("index.json: it is no regular file"), "{why}");
    let why = Image::open(&folder.path().join("index.json"), None, None).unwrap_err().to_string();
    assert!(why.starts_with("it is neither a file nor a folder"), "{why}");
}

#[test]
fn a_layout_gives_nothing_from_outside() {
    let folder = TempDir::new().unwrap();
    layout(folder.path(), &["linux/amd64"]);
    let index = folder.path().join("index.json");
    let text = fs::read_to_string(&index).unwrap();
    fs::remove_file(&index).unwrap();
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("index.json"), text).unwrap();
    std::os::unix::fs::symlink(outside.path().join("index.json"), &index).unwrap();
    let why = Image::open(folder.path(), None, None).unwrap_err().to_string();
    assert!(why.contains("index.json: "), "{why}");
}

#[test]
fn links_of_older_archives_lead_to_layers() {
    let mut files = saved(&[]);
    let manifest =
        String::from_utf8(files[3].1.clone()).unwrap().replace("2/layer.tar", "3/layer.tar");
    files[3].1 = manifest.into_bytes();
    let mut whole = Builder::new(Vec::new());
    for (path, bytes) in &files {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        whole.append_data(&mut header, path, &bytes[..]).unwrap();
    }
    let mut header = Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    whole.append_link(&mut header, "3/layer.tar", "../2/layer.tar").unwrap();
    let (_folder, path) = write(&whole.into_inner().unwrap());
    assert_eq!(names(&Image::open(&path, None, None).unwrap()), ["etc/a", "etc/b"]);
}
