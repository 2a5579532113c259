//! Docker and Podman.

use engines::Api;
use serde_json::{Value, json};

use crate::{
    common::{DOCKER_ID, IMAGE_DIGEST, IMAGE_ID, Machine, data},
    http::{HttpServer, Reply, engine},
};

/// What Docker tells in the recorded files.
fn expected(number: u8) -> Value {
    json!({
        "type": number,
        "id": "89108fb2711e",
        "full_id": DOCKER_ID,
        "name": "web",
        "image": "registry.example:5000/team/box:1.2",
        "imageid": IMAGE_ID,
        "imagerepo": "registry.example:5000/team/box",
        "imagetag": "1.2",
        "imagedigest": IMAGE_DIGEST,
        "ip": "172.17.0.2",
        "User": "1234",
        "pod_sandbox_id": "",
        "cni_json": "",
        "privileged": false,
        "host_pid": false,
        "host_network": false,
        "host_ipc": false,
        "is_pod_sandbox": false,
        "created_time": 1_795_673_763,
        "Mounts": [{
            "Source": "/srv/data",
            "Destination": "/data",
            "Mode": "ro",
            "RW": false,
            "Propagation": "rslave",
        }],
        "labels": {"maintainer": "A \\\"B\\\" <c@d>", "team": "shop"},
        "pod_sandbox_labels": {},
        "Healthcheck": {"exe": "/bin/sh", "args": ["-c", "true && x"]},
    })
}

#[test]
fn docker_tells_everything_of_a_container() {
    let mut machine = Machine::new();
    let socket = machine.engine(Api::Docker, "/run/docker.sock");
    let server =
        engine(&socket, DOCKER_ID, data("docker/container.json"), data("docker/image.json"));
    assert_eq!(machine.ask("89108fb2711e").0, Some(expected(0)));
    let want =
        ["/containers/89108fb2711e/json".to_owned(), format!("/images/sha256:{IMAGE_ID}/json")];
    assert_eq!(server.requests(), want);
}

#[test]
fn podman_is_asked_in_the_same_way() {
    let mut machine = Machine::new();
    let socket = machine.engine(Api::Podman, "/run/podman/podman.sock");
    let _server =
        engine(&socket, DOCKER_ID, data("docker/container.json"), data("docker/image.json"));
    assert_eq!(machine.ask(DOCKER_ID).0, Some(expected(11)));
}

#[test]
fn answers_in_chunks_are_put_together() {
    let mut machine = Machine::new();
    let socket = machine.engine(Api::Docker, "/run/docker.sock");
    let _server = HttpServer::start(socket, |path, _| {
        let is_image = path.starts_with("/images/");
        Reply::Chunked(data(if is_image { "docker/image.json" } else { "docker/container.json" }))
    });
    assert_eq!(machine.ask(DOCKER_ID).0, Some(expected(0)));
}

/// The recorded container with some parts changed.
fn changed(changes: &[(&str, Value)]) -> Vec<u8> {
    let mut container: Value = serde_json::from_slice(&data("docker/container.json")).unwrap();
    for (pointer, value) in changes {
        *container.pointer_mut(pointer).unwrap() = value.clone();
    }
    container.to_string().into_bytes()
}

#[test]
fn namespaces_of_the_host_are_told() {
    let mut machine = Machine::new();
    let socket = machine.engine(Api::Docker, "/run/docker.sock");
    let container = changed(&[
        ("/HostConfig/NetworkMode", json!("host")),
        ("/HostConfig/PidMode", json!("host")),
        ("/HostConfig/IpcMode", json!("host")),
        ("/HostConfig/Privileged", json!(true)),
    ]);
    let _server = engine(&socket, DOCKER_ID, container, data("docker/image.json"));
    let told = machine.ask(DOCKER_ID).0.unwrap();
    for flag in ["host_network", "host_pid", "host_ipc", "privileged"] {
        assert_eq!(told[flag], true, "{flag}");
    }
}

#[test]
fn a_container_in_the_network_of_another_has_its_address() {
    let mut machine = Machine::new();
    let socket = machine.engine(Api::Docker, "/run/docker.sock");
    let other = "110e33684a384913a5f9db2b0a1fbcd37aebe882b8dd10ec3f6a74caa8b80ceb";
    let container = changed(&[
        ("/HostConfig/NetworkMode", json!(format!("container:{other}"))),
        ("/NetworkSettings", json!({})),
    ]);
    let _server = HttpServer::start(socket, move |path, _| match path {
        path if path.contains(other) => Reply::Json(changed(&[
            ("/Id", json!(other)),
            // Engines of today tell addresses by network alone.
            ("/NetworkSettings/IPAddress", json!("")),
            ("/NetworkSettings/Networks/bridge/IPAddress", json!("172.17.0.9")),
        ])),
        path if path.starts_with("/images") => Reply::NotFound,
        _ => Reply::Json(container.clone()),
    });
    assert_eq!(machine.ask(DOCKER_ID).0.unwrap()["ip"], "172.17.0.9");
}

#[test]
fn parts_of_another_type_than_expected_are_as_if_not_there() {
    let mut machine = Machine::new();
    let socket = machine.engine(Api::Docker, "/run/docker.sock");
    let container = changed(&[
        ("/Mounts", json!({"a": 1})),
        ("/Config/Labels", json!(null)),
        ("/HostConfig", json!([7])),
        ("/Name", json!(1.5)),
    ]);
    let _server = engine(&socket, DOCKER_ID, container, b"[]".to_vec());
    let told = machine.ask(DOCKER_ID).0.unwrap();
    assert_eq!(
        [&told["Mounts"], &told["labels"], &told["name"]],
        [&json!([]), &json!({}), &json!("")]
    );
    assert_eq!(told["image"], "registry.example:5000/team/box:1.2");
}
