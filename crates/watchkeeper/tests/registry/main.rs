//! Images that others made and keep: built by umoci, pushed by skopeo, kept by Docker's own registry.
//! Skipped where one of these is missing (`scripts/setup registries`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

mod daemon;
mod layout;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use daemon::{Daemon, Guard, certificate};
use layout::Layout;
use serde_json::Value;
use tempfile::TempDir;

/// Whether all of these and the registry can be run; says which can't.
fn have(tools: &[&str]) -> bool {
    let registry = daemon::program();
    let tools = tools.iter().map(Path::new).chain([registry.as_path()]);
    let missing = tools.into_iter().find(|it| Command::new(it).arg("--version").output().is_err());
    if let Some(tool) = missing {
        eprintln!("skipped: no {}", tool.display());
    }
    missing.is_none()
}

/// Runs a tool, which has to end well.
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
}

fn skopeo(home: &Path) -> Command {
    let mut command = Command::new("skopeo");
    command.env("HOME", home).arg("--insecure-policy").arg("copy");
    command
}

/// Scans an image, as somebody with this home and nothing else.
fn scan(home: &Path, image: &str, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
        .args(["scan", "image", image, "--list-packages", "--format", "json"])
        .args(options)
        .env("HOME", home)
        .env("DOCKER_CONFIG", home.join("docker"))
        .env("CONTAINERS_REGISTRIES_CONF", home.join("registries.conf"))
        .env_remove("REGISTRY_AUTH_FILE")
        .env_remove("XDG_RUNTIME_DIR")
        .output()
        .unwrap()
}

fn inventory(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A line for each package, with the place of the layer that it came with.
fn packages(inventory: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let layers: Vec<String> =
        inventory["layers"].as_array().unwrap().iter().map(|it| text(&it["diff_id"])).collect();
    let line = |package: &Value| {
        let layer = text(&package["locations"][0]["layer"]);
        let layer = layers.iter().position(|it| *it == layer).unwrap() + 1;
        format!("{} {} of layer {layer}", text(&package["name"]), text(&package["version"]))
    };
    inventory["packages"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn an_image_is_the_same_from_a_registry_as_from_a_folder() {
    if !have(&["umoci", "skopeo"]) {
        return;
    }
    let layout = Layout::new();
    let home = TempDir::new().unwrap();
    let from_folder = inventory(&scan(home.path(), layout.path().to_str().unwrap(), &[]));
    assert_eq!(packages(&from_folder), layout::PACKAGES);
    let daemon = Daemon::start(&Guard::default());
    for (tag, options) in [
        ("oci", &["--format", "oci"][..]),
        ("docker", &["--format", "v2s2"]),
        ("zstd", &["--format", "oci", "--dest-compress-format", "zstd"]),
    ] {
        let name = format!("{}/team/app:{tag}", daemon.host);
        run(skopeo(home.path())
            .args(options)
            .arg("--dest-tls-verify=false")
            .arg(layout.name())
            .arg(format!("docker://{name}")));
        let output = scan(home.path(), &format!("registry:{name}"), &["--plain-http"]);
        let from_registry = inventory(&output);
        assert_eq!(from_registry["target"], name.as_str());
        for part in ["packages", "distro", "unowned_executables", "problems"] {
            assert_eq!(from_registry[part], from_folder[part], "{tag}: {part}");
        }
    }
}

#[test]
fn a_registry_that_lets_some_in_is_asked_as_who_logged_in() {
    if !have(&["umoci", "skopeo", "htpasswd", "openssl"]) {
        return;
    }
    let (layout, home) = (Layout::new(), TempDir::new().unwrap());
    let ca = certificate(home.path());
    let daemon = Daemon::start(&Guard { tls: Some(home.path()), login: Some("me:hunter2") });
    let name = format!("{}/team/app:1", daemon.host);
    let certs = home.path().join(".config/containers/certs.d").join(&daemon.host);
    fs::create_dir_all(&certs).unwrap();
    run(skopeo(home.path())
        .args(["--dest-creds", "me:hunter2", "--dest-cert-dir"])
        .arg(home.path())
        .arg(layout.name())
        .arg(format!("docker://{name}")));

    let asked = |options: &[&str]| scan(home.path(), &format!("registry:{name}"), options);
    let refused = |output: &Output, why: &str| {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(why) && !text.contains("hunter2"), "{text}");
    };
    refused(&asked(&[]), "with --ca-file");
    let trusting = ["--ca-file", ca.to_str().unwrap()];
    refused(&asked(&trusting), &format!("log in with 'docker login {}'", daemon.host));

    let login = |password: &str| {
        let folder = home.path().join("docker");
        fs::create_dir_all(&folder).unwrap();
        let auth = format!(r#"{{"username": "me", "password": "{password}"}}"#);
        let json = format!(r#"{{"auths": {{"{}/team": {auth}}}}}"#, daemon.host);
        fs::write(folder.join("config.json"), json).unwrap();
    };
    login("hunter22");
    refused(&asked(&trusting), "with the credentials at hand");
    login("hunter2");
    assert_eq!(packages(&inventory(&asked(&trusting))), layout::PACKAGES);
    fs::copy(&ca, certs.join("ca.crt")).unwrap();
    assert_eq!(packages(&inventory(&asked(&[]))), layout::PACKAGES);

    // Who is blocked is not asked.
    let blocked = format!("[[registry]]\nlocation = \"{}/team\"\nblocked = true\n", daemon.host);
    fs::write(home.path().join("registries.conf"), blocked).unwrap();
    refused(&asked(&[]), "registries.conf");
}
