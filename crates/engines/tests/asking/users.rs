//! Engines of users.

use engines::{Api, Hint, SourceSettings};

use crate::{
    common::{DOCKER_ID, Machine, data},
    http::engine,
    storage::fill,
};

fn of_user(user: u32) -> Hint {
    Hint { user: Some(user), ..Hint::default() }
}

/// A machine on which Anna (1000) has an engine.
fn machine() -> Machine {
    let mut machine = Machine::new();
    let source = |(api, path): (Api, &str)| SourceSettings { api, path: path.into() };
    machine.settings.user_sources =
        [(Api::Podman, "podman/podman.sock"), (Api::Storage, ".local/share/containers/storage")]
            .map(source)
            .into();
    machine
        .write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n");
    machine
}

#[test]
fn a_users_engine_is_asked_only_about_the_containers_of_that_user() {
    let machine = machine();
    let socket = machine.at("/run/user/1000/podman/podman.sock");
    let _server =
        engine(&socket, DOCKER_ID, data("docker/container.json"), data("docker/image.json"));
    let (told, figures) = machine.ask_with(DOCKER_ID, of_user(1000));
    assert_eq!(told.unwrap()["name"], "web");
    assert!(figures.sources.iter().all(|source| source.user == Some(1000)));
    for hint in [Hint::default(), of_user(1001), of_user(0)] {
        assert_eq!(machine.ask_with(DOCKER_ID, hint).0, None, "{hint:?}");
    }
}

#[test]
fn what_a_user_runs_without_a_daemon_is_in_the_home_directory() {
    let machine = machine();
    fill(&machine, "/home/anna/.local/share/containers/storage");
    let told = machine.ask_with("8943bc48a2b4", of_user(1000)).0.unwrap();
    assert_eq!((&told["type"], &told["name"]), (&11.into(), &"web".into()));
}

#[test]
fn a_user_leads_nobody_out_of_the_home_directory() {
    let machine = machine();
    fill(&machine, "/var/lib/containers/storage");
    let link = machine.at("/home/anna/.local/share/containers/storage");
    std::os::unix::fs::symlink("/var/lib/containers/storage", link).unwrap();
    let (told, figures) = machine.ask_with("8943bc48a2b4", of_user(1000));
    assert_eq!((told, figures.failed), (None, 1));
}
