//! Podman.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::fixture::{Fixture, NAME, done, is_root};

/// Puts the image into a store of this driver, whose configuration is returned; `None`, with a line,
/// where that can't be.
fn store(fixture: &Fixture, driver: &str) -> Option<PathBuf> {
    let (root, run) = (fixture.path("store"), fixture.path("run"));
    let loaded = done(
        Command::new("podman")
            .arg("--root")
            .arg(&root)
            .arg("--runroot")
            .arg(&run)
            .args(["--storage-driver", driver, "load", "--quiet", "--input"])
            .arg(fixture.archive()),
    );
    if loaded != Some(true) {
        let why = if loaded.is_none() { "is not installed" } else { "can't load an image here" };
        eprintln!("skipped: podman ({driver}) {why}");
        return None;
    }
    let settings = fixture.path("storage.conf");
    fs::write(&settings, format!("[storage]\ndriver = \"{driver}\"\ngraphroot = {root:?}\n"))
        .unwrap();
    Some(settings)
}

fn check(fixture: &Fixture, settings: &Path) {
    let environment = [("CONTAINERS_STORAGE_CONF", settings)];
    for name in ["podman:app:1.2", "podman:localhost/app:1.2", NAME] {
        fixture.check("localhost/app:1.2", &[name], &environment);
    }
}

#[test]
fn an_image_of_podman_is_what_its_archive_is() {
    if !is_root() {
        return;
    }
    for driver in ["vfs", "overlay"] {
        let fixture = Fixture::new();
        let Some(settings) = store(&fixture, driver) else { continue };
        check(&fixture, &settings);
        // The same without the records of archives: folders, with whiteouts of overlayfs.
        for entry in fs::read_dir(fixture.path("store").join(format!("{driver}-layers"))).unwrap() {
            let path = entry.unwrap().path();
            if path.to_str().unwrap().ends_with(".tar-split.gz") {
                fs::remove_file(path).unwrap();
            }
        }
        let environment = [("CONTAINERS_STORAGE_CONF", settings.as_path())];
        let told = fixture.told(&["podman:app:1.2"], &environment);
        let packages = told["packages"].as_array().unwrap().iter();
        let names: Vec<_> = packages.map(|package| package["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["curl", "libc6", "left", "right"], "{driver}");
        assert_eq!(told["layers"][0]["unchecked"], true);
    }
}

#[test]
fn names_and_layers_that_are_not_there_are_told() {
    if !is_root() {
        return;
    }
    let fixture = Fixture::new();
    let Some(settings) = store(&fixture, "vfs") else { return };
    let environment = [("CONTAINERS_STORAGE_CONF", settings.as_path())];
    let output = fixture.scan(&["podman:ap:1.2"], &environment);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors.contains("Podman has no image 'ap:1.2'"), "{errors}");
    assert!(errors.contains("did you mean localhost/app:1.2?"), "{errors}");
    let output = fixture.scan(&[NAME], &environment);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("'app:1.2' is an image of Podman, "), "{errors}");
    // A layer whose folder was changed is told, and so is what it has.
    let layers = fs::read_dir(fixture.path("store/vfs/dir")).unwrap();
    for layer in layers.map(|layer| layer.unwrap().path()) {
        fs::write(
            layer.join("srv/a/node_modules/left/package.json"),
            r#"{"name":"left","version":"6.6.6"}"#,
        )
        .unwrap();
    }
    let output = fixture.scan(&[NAME], &environment);
    let (told, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(3), "{errors}");
    assert!(told.contains("6.6.6") && errors.contains("its digest is"), "{errors}");
}
