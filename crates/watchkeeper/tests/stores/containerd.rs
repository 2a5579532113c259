//! containerd.

use std::{fs, path::Path, process::Command};

use crate::fixture::{Daemon, Fixture, NAME, done, is_root};

/// A daemon of its own, without the part that makes pods.
fn daemon(fixture: &Fixture, socket: &Path) -> Option<Daemon> {
    let settings = fixture.path("containerd.toml");
    let (root, state) = (fixture.path("disk/var/lib/containerd"), fixture.path("state"));
    let text = format!(
        "version = 2\nroot = {root:?}\nstate = {state:?}\n\
         disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n[grpc]\naddress = {socket:?}\n"
    );
    fs::write(&settings, text).unwrap();
    let mut command = Command::new("containerd");
    Daemon::start(command.arg("--config").arg(settings), &fixture.path("log"), socket)
}

/// Puts the image into a namespace.
fn import(fixture: &Fixture, socket: &Path, namespace: &str) {
    let imported = done(
        Command::new("ctr")
            .arg("--address")
            .arg(socket)
            .args(["--namespace", namespace, "image", "import", "--no-unpack"])
            .arg(fixture.archive()),
    );
    assert_eq!(imported, Some(true));
}

#[test]
fn an_image_of_containerd_is_what_its_archive_is() {
    if !is_root() {
        return;
    }
    let fixture = Fixture::new();
    let socket = fixture.path("c.sock");
    let Some(daemon) = daemon(&fixture, &socket) else { return };
    import(&fixture, &socket, "k8s.io");
    let environment = [("CONTAINERD_ADDRESS", socket.as_path())];
    for name in ["containerd:app:1.2", "containerd:docker.io/library/app:1.2", NAME] {
        fixture.check("docker.io/library/app:1.2", &[name], &environment);
    }
    let other = [environment[0], ("CONTAINERD_NAMESPACE", Path::new("default"))];
    let output = fixture.scan(&["containerd:app:1.2"], &other);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("containerd has no image 'app:1.2'"), "{errors}");
    drop(daemon);
    let disk = fixture.path("disk");
    for name in ["containerd:app:1.2", NAME] {
        let arguments = [name, "--root", disk.to_str().unwrap()];
        fixture.check("docker.io/library/app:1.2", &arguments, &[]);
    }
    // Contents that were discarded are told, and the rest is listed.
    let blobs = disk.join("var/lib/containerd/io.containerd.content.v1.content/blobs/sha256");
    let told = fixture.told(&["containerd:app:1.2", "--root", disk.to_str().unwrap()], &[]);
    let lower = told["layers"][0]["digest"].as_str().unwrap().to_owned();
    fs::remove_file(blobs.join(lower.strip_prefix("sha256:").unwrap())).unwrap();
    let output = fixture.scan(&["containerd:app:1.2", "--root", disk.to_str().unwrap()], &[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{errors}");
    assert!(errors.contains("'discard_unpacked_layers'"), "{errors}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("curl"));
}
