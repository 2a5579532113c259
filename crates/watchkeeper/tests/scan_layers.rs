//! Which findings are of the image that another was built on, and which are of own layers, as a person meets them;
//! and findings of `scan diff`.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::Digest;
use serde_json::{Value, json};
use tar::{Builder, Header};
use tempfile::TempDir;

const RELEASE: &str = "ID=debian\nVERSION_ID=\"12\"\n";
const BASH: &str =
    "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n";

/// A layer: files with their texts.
type Layer = Vec<(&'static str, String)>;

/// An image that has these layers, and these instructions; `-` is one that makes none.
struct Made {
    layers: Vec<Layer>,
    history: Vec<&'static str>,
    annotations: Value,
}

fn openssl(version: &str) -> String {
    format!(
        "{BASH}\nPackage: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
    )
}

fn base() -> Made {
    let dpkg = ("var/lib/dpkg/status", openssl("3.0.11-1"));
    let files = vec![("etc/os-release", RELEASE.to_owned()), dpkg];
    Made {
        layers: vec![files],
        history: vec!["/bin/sh -c #(nop) ADD file:1 in /", "-CMD [\"bash\"]"],
        annotations: json!({}),
    }
}

/// Built on the base: another version of a package of the distribution, and one of npm.
fn app() -> Made {
    let mut made = base();
    made.layers.push(vec![("var/lib/dpkg/status", openssl("3.0.12-1"))]);
    made.layers.push(vec![(
        "srv/node_modules/left/package.json",
        json!({"name": "left", "version": "1.2.0"}).to_string(),
    )]);
    made.history.extend(["RUN apt-get upgrade", "COPY . /srv", "-CMD [\"app\"]"]);
    made
}

fn archive(layer: &Layer) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (path, text) in layer {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

impl Made {
    fn config(&self) -> Vec<u8> {
        let ids: Vec<String> =
            self.layers.iter().map(|it| Digest::of(&archive(it)).to_string()).collect();
        let history = self.history.iter().map(|it| {
            let text = it.strip_prefix('-').unwrap_or(it);
            json!({"created_by": text, "empty_layer": it.starts_with('-')})
        });
        let history: Vec<Value> = history.collect();
        json!({"architecture": "amd64", "os": "linux", "config": {}, "history": history,
            "rootfs": {"type": "layers", "diff_ids": ids}})
        .to_string()
        .into_bytes()
    }

    fn manifest(&self) -> Vec<u8> {
        let part =
            |bytes: &[u8]| json!({"digest": Digest::of(bytes).to_string(), "size": bytes.len()});
        let layers: Vec<Value> = self.layers.iter().map(|it| part(&archive(it))).collect();
        json!({"schemaVersion": 2, "config": part(&self.config()), "layers": layers,
            "annotations": self.annotations})
        .to_string()
        .into_bytes()
    }

    /// Writes it as a layout of OCI.
    fn write(&self, folder: &Path) {
        let blobs = folder.join("blobs/sha256");
        fs::create_dir_all(&blobs).unwrap();
        let put = |bytes: &[u8]| fs::write(blobs.join(Digest::of(bytes).hex()), bytes).unwrap();
        self.layers.iter().for_each(|it| put(&archive(it)));
        put(&self.config());
        put(&self.manifest());
        let manifest = self.manifest();
        let listed = json!({"digest": Digest::of(&manifest).to_string(), "size": manifest.len(),
            "mediaType": "application/vnd.oci.image.manifest.v1+json"});
        let index = json!({"schemaVersion": 2, "manifests": [listed]}).to_string();
        fs::write(folder.join("index.json"), index).unwrap();
        fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion": "1.0.0"}"#).unwrap();
    }

    /// Writes it as the only image of a store of Podman, with one layer, under this name.
    fn store(&self, folder: &Path, name: &str) {
        let (config, manifest) = (self.config(), self.manifest());
        let id = Digest::of(&config);
        let put = |path: PathBuf, bytes: &[u8]| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        let images = json!([{"id": id.hex(), "names": [name], "layer": "low",
            "digest": Digest::of(&manifest).to_string()}]);
        put(folder.join("vfs-images/images.json"), images.to_string().as_bytes());
        let of_image = folder.join("vfs-images").join(id.hex());
        put(of_image.join("manifest"), &manifest);
        put(of_image.join(format!("={}", STANDARD.encode(id.to_string()))), &config);
        let layers = json!([{"id": "low"}]).to_string();
        put(folder.join("vfs-layers/layers.json"), layers.as_bytes());
        for (path, text) in &self.layers[0] {
            put(folder.join("vfs/dir/low").join(path), text.as_bytes());
        }
    }
}

/// A folder with a database of npm and Debian 12, and both images.
struct Fixture(TempDir);

impl Fixture {
    fn new() -> Self {
        let fixture = Self(tempfile::tempdir().unwrap());
        let left = json!({"id": "GHSA-aaaa", "modified": "2026-01-01T00:00:00Z", "aliases": ["CVE-2026-1"],
            "database_specific": {"severity": "CRITICAL"}, "affected": [{
                "package": {"ecosystem": "npm", "name": "left"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.10.0"}]}]}]});
        let of = |status: &str, fixed: &str| {
            json!({"releases": {"bookworm":
            {"status": status, "fixed_version": fixed, "urgency": "low", "repositories": {}}}})
        };
        let tracker = json!({
            "bash": {"CVE-2026-5": of("open", "")},
            "openssl": {"CVE-2026-7": of("resolved", "3.0.15-1"), "CVE-2026-8": of("resolved", "3.0.12-1")},
        });
        fs::create_dir_all(fixture.path("feeds/npm")).unwrap();
        fs::write(fixture.path("feeds/npm/GHSA-aaaa.json"), left.to_string()).unwrap();
        fs::write(fixture.path("feeds/debian.json"), tracker.to_string()).unwrap();
        base().write(&fixture.path("base"));
        app().write(&fixture.path("app"));
        let output = fixture.run(&["db", "import", "feeds"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program, in an environment in which it finds no engine but the store of Podman in this folder.
    fn run(&self, arguments: &[&str]) -> Output {
        let settings = format!("[storage]\ngraphroot = {:?}\n", self.path("store"));
        fs::write(self.path("storage.conf"), settings).unwrap();
        Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
            .current_dir(self.0.path())
            .env("WATCHKEEPER_DB", self.path("db"))
            .env("HOME", self.path("none"))
            .env("XDG_RUNTIME_DIR", self.path("none"))
            .env("DOCKER_HOST", "unix:///no/such/socket")
            .env("CONTAINERD_ADDRESS", self.path("none"))
            .env("CONTAINERS_STORAGE_CONF", self.path("storage.conf"))
            .args(arguments)
            .output()
            .unwrap()
    }

    fn json(&self, arguments: &[&str], code: i32) -> Value {
        let output = self.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Package, flaw and whose it is, with the number of the layer.
fn origins(document: &Value) -> Vec<(String, String, String, u64)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let findings = document["findings"].as_array().unwrap().iter();
    findings
        .map(|it| {
            let layer = it["layer"]["number"].as_u64().unwrap_or_default();
            (text(&it["package"]["name"]), text(&it["id"]), text(&it["from"]), layer)
        })
        .collect()
}

fn expected() -> Vec<(String, String, String, u64)> {
    [
        ("bash", "CVE-2026-5", "base", 1),
        // What an own layer has in another version is own.
        ("openssl", "CVE-2026-7", "own", 2),
        ("left", "CVE-2026-1", "own", 3),
    ]
    .map(|(name, id, from, layer)| (name.into(), id.into(), from.into(), layer))
    .to_vec()
}

#[test]
fn findings_are_of_the_base_or_own_by_whatever_tells_the_base() {
    let fixture = Fixture::new();
    let app = |base: &[&str]| fixture.json(&[&["scan", "image", "app"], base].concat(), 0);
    let named = app(&["--base", "./base"]);
    assert_eq!(origins(&named), expected());
    assert_eq!(named["base"]["how"], "named");
    assert_eq!(named["base"]["layers"], 1);
    let guessed = app(&[]);
    assert_eq!((origins(&guessed), &guessed["base"]["how"]), (expected(), &json!("guessed")));
    // What the image says of its base is looked at where a store has it, and is a name alone where none has.
    let mut annotated = app_annotated();
    annotated.write(&fixture.path("annotated"));
    let told = fixture.json(&["scan", "image", "annotated"], 0);
    assert_eq!(
        (&told["base"]["how"], &told["base"]["name"]),
        (&json!("guessed"), &json!("example.org/base:1"))
    );
    base().store(&fixture.path("store"), "example.org/base:1");
    let told = fixture.json(&["scan", "image", "annotated"], 0);
    assert_eq!((origins(&told), &told["base"]["how"]), (expected(), &json!("annotated")));
    // A name that went on to another image tells nothing, and neither do instructions that nobody told.
    annotated.annotations = json!({"org.opencontainers.image.base.name": "example.org/base:1"});
    annotated.history.clear();
    annotated.layers[0].push(("etc/issue", "other".to_owned()));
    annotated.write(&fixture.path("other"));
    let told = fixture.json(&["scan", "image", "other"], 0);
    assert_eq!(
        told["base"],
        json!({"name": "example.org/base:1", "layers": null, "how": "unknown"})
    );
    assert!(origins(&told).iter().all(|it| it.2 == "-"));
    let text = fixture.run(&["scan", "image", "other"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("example.org/base:1: which layers are its own is not known"), "{text}");
}

fn app_annotated() -> Made {
    let digest = Digest::of(&base().manifest()).to_string();
    let annotations = json!({"org.opencontainers.image.base.name": "example.org/base:1",
        "org.opencontainers.image.base.digest": digest});
    Made { annotations, ..app() }
}

#[test]
fn what_is_of_the_base_is_told_apart_and_gated() {
    let fixture = Fixture::new();
    let run = |more: &[&str]| {
        fixture.run(&[&["scan", "image", "app", "--base", "./base"], more].concat())
    };
    let text = String::from_utf8_lossy(&run(&[]).stdout).into_owned();
    let expected =
        "from the base ./base (layer 1 of 3, as was named): 1 finding, 0 with a fix; take";
    assert!(text.contains(expected), "{text}");
    assert!(
        text.contains("from own layers: 2 findings, 2 with a fix; upgrade these packages"),
        "{text}"
    );
    for (gate, code) in
        [("low,base", 1), ("critical,base", 0), ("critical,own", 1), ("fixable,base", 0)]
    {
        assert_eq!(run(&["--fail-on", gate]).status.code(), Some(code), "{gate}");
    }
    // Where nobody knows, nothing is let through.
    let gate = ["scan", "image", "base", "--fail-on", "low,own"];
    assert_eq!(fixture.run(&gate).status.code(), Some(1));
    let sarif: Value = serde_json::from_slice(&run(&["--format", "sarif"]).stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let from: Vec<&Value> = results.iter().map(|it| &it["properties"]["from"]).collect();
    assert_eq!(from, ["base", "own", "own"]);
    let cyclonedx = String::from_utf8_lossy(&run(&["--format", "cyclonedx"]).stdout).into_owned();
    assert!(cyclonedx.contains("watchkeeper:from"));
    for format in ["junit", "github", "html"] {
        let text = String::from_utf8_lossy(&run(&["--format", format]).stdout).into_owned();
        let from =
            ["of the base, layer 1", "own, layer ", "from the base ./base", "from own layers"];
        from.iter().for_each(|from| assert!(text.contains(from), "{format}: no {from}: {text}"));
        assert_eq!(text.matches("of the base, layer 1").count(), 1, "{format}: {text}");
    }
    let output = fixture.run(&["scan", "image", "base", "--base", "./app"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("1 of its 3 layers are those of the image"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn findings_go_come_and_stay_from_one_target_to_another() {
    let fixture = Fixture::new();
    let document = fixture.json(&["scan", "diff", "base", "app", "--unchanged"], 1);
    let findings = &document["findings"];
    assert_eq!(
        findings["summary"],
        json!({"new": 1, "fixed": 1, "changed": 0, "lost": 0, "unchanged": 2})
    );
    let one = |of: &str| (findings[of][0]["id"].clone(), findings[of][0]["why"].clone());
    assert_eq!(one("new"), (json!("CVE-2026-1"), json!("added")));
    assert_eq!(one("fixed"), (json!("CVE-2026-8"), json!("upgraded")));
    assert_eq!(findings["unchanged"].as_array().unwrap().len(), 2);
    let back = fixture.json(&["scan", "diff", "app", "base"], 1);
    assert_eq!(back["findings"]["new"][0]["why"], "changed");
    assert_eq!(back["findings"]["fixed"][0]["why"], "removed");
    assert_eq!(back["findings"]["unchanged"], Value::Null);
    let text = fixture.run(&["scan", "diff", "base", "app"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("findings: 1 new, 1 fixed, 2 stay"), "{text}");
    assert!(
        text.contains("NEW FINDINGS\n  critical  CVE-2026-1  left 1.2.0  fixed in 1.10.0; added"),
        "{text}"
    );
    assert!(text.contains("FIXED FINDINGS\n  low  CVE-2026-8  openssl 3.0.11-1  "), "{text}");
    assert!(text.find("FIXED FINDINGS") < text.find("\nADDED\n"), "{text}");
    let same = fixture.json(&["scan", "diff", "app", "app"], 0);
    assert_eq!(same["findings"]["summary"]["unchanged"], 3);
}

#[test]
fn only_new_findings_fail_a_comparison_that_is_gated() {
    let fixture = Fixture::new();
    let code = |more: &[&str]| {
        let output = fixture.run(&[&["scan", "diff"], more].concat());
        (output.status.code(), stderr(&output))
    };
    assert_eq!(code(&["base", "app", "--fail-on", "critical"]).0, Some(1));
    assert_eq!(code(&["base", "app", "--fail-on", "any", "--fail-on", "malicious"]).0, Some(1));
    // No feed of the database tells what is exploited.
    assert_eq!(code(&["base", "app", "--fail-on", "kev"]).0, Some(2));
    // It stays, and packages alone changed.
    assert_eq!(code(&["app", "app", "--fail-on", "any"]).0, Some(0));
    assert_eq!(code(&["app", "base", "--fail-on", "critical"]).0, Some(0));
    let ignored = "ignore:\n  - id: CVE-2026-1\n    reason: tests alone\n";
    fs::write(fixture.path(".watchkeeper.yaml"), ignored).unwrap();
    assert_eq!(code(&["base", "app", "--fail-on", "any"]).0, Some(0));
    // Without a database packages are compared, but for who asks about findings.
    let (status, said) = code(&["base", "app", "--no-findings"]);
    assert_eq!((status, said.as_str()), (Some(1), ""));
    let (status, said) = code(&["base", "app", "--fail-on", "any", "--db", "nowhere"]);
    assert_eq!(status, Some(2));
    assert!(said.contains("nowhere: no database of advisories"), "{said}");
    fs::remove_dir_all(fixture.path("feeds/npm")).unwrap();
    fs::remove_dir_all(fixture.path("db")).unwrap();
    fixture.run(&["db", "import", "feeds"]);
    let (status, _) = code(&["base", "app"]);
    assert_eq!(status, Some(3), "packages of npm are unscanned");
}
