//! Docker.

use std::{fs, path::Path, process::Command};

use crate::fixture::{Daemon, Fixture, NAME, done, is_root};

/// A daemon of its own, that touches no network of this machine.
fn daemon(fixture: &Fixture, socket: &Path) -> Option<Daemon> {
    let address = format!("unix://{}", socket.display());
    let mut command = Command::new("dockerd");
    command
        .args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"])
        .arg("--data-root")
        .arg(fixture.path("disk/var/lib/docker"))
        .arg("--exec-root")
        .arg(fixture.path("exec"))
        .arg("--pidfile")
        .arg(fixture.path("pid"))
        .arg("--host")
        .arg(address);
    Daemon::start(&mut command, &fixture.path("log"), socket)
}

#[test]
fn an_image_of_docker_is_what_its_archive_is_whether_it_runs_or_not() {
    if !is_root() {
        return;
    }
    let fixture = Fixture::new();
    let socket = fixture.path("d.sock");
    let Some(daemon) = daemon(&fixture, &socket) else { return };
    let address = format!("unix://{}", socket.display());
    let loaded = done(
        Command::new("docker")
            .args(["--host", &address, "load", "--quiet", "--input"])
            .arg(fixture.archive()),
    );
    if loaded.is_none() {
        return eprintln!("skipped: docker is not installed");
    }
    assert_eq!(loaded, Some(true));
    let environment = [("DOCKER_HOST", Path::new(&address))];
    for name in ["docker:app:1.2", "docker:docker.io/library/app:1.2", NAME] {
        fixture.check(NAME, &[name], &environment);
    }
    // By the context that is chosen, too.
    let config = fixture.path("config");
    let context = config.join("contexts/meta").join(image::Digest::of(b"own").hex());
    fs::create_dir_all(&context).unwrap();
    fs::write(config.join("config.json"), r#"{"currentContext":"own"}"#).unwrap();
    let meta = serde_json::json!({"Name": "own", "Endpoints": {"docker": {"Host": address}}});
    fs::write(context.join("meta.json"), meta.to_string()).unwrap();
    let environment = [("DOCKER_HOST", Path::new("")), ("DOCKER_CONFIG", &config)];
    fixture.check(NAME, &["docker:app:1.2"], &environment);
    drop(daemon);
    let disk = fixture.path("disk");
    let root = ["--root", disk.to_str().unwrap()];
    for name in ["docker:app:1.2", NAME] {
        fixture.check(NAME, &[name, root[0], root[1]], &[]);
    }
}
