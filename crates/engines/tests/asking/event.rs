//! What is told fits into an event, and `state` reads it.

use engines::{Api, Hint};
use event::{EventBuilder, syscalls::ASYNCEVENT_E};
use serde_json::{Value, json};
use state::{Container, Engine, Limits, State};

use crate::{
    common::{DOCKER_ID, IMAGE_DIGEST, Machine, data},
    cri::{self, runtime},
    http::engine,
};

/// The container, as whoever reads a recording knows it.
fn known(machine: &Machine, id: &str) -> Container {
    let running = machine.start();
    running.engines.ask(id, Hint::default());
    running.settled();
    let answer = running.answers.try_next().unwrap();
    let mut builder = EventBuilder::default();
    builder.start(ASYNCEVENT_E, 1, -1, 0).u32(0).text("container").text(&answer.json);
    let mut state = State::new(Limits::default());
    state.event(builder.event().unwrap());
    state.container(answer.id.as_bytes()).unwrap().clone()
}

#[test]
fn state_reads_what_is_told() {
    let mut machine = Machine::new();
    let _server = runtime(machine.engine(Api::Cri, "/run/cri.sock"), "cri-o", "runtime.v1");
    let known = known(&machine, cri::CONTAINER);
    assert_eq!(known.engine, Engine::CriO);
    assert_eq!(&*known.full_id, cri::CONTAINER.as_bytes());
    assert_eq!(&*known.image_digest, IMAGE_DIGEST.as_bytes());
    assert_eq!(&*known.ip, b"10.88.0.5");
    assert_eq!((known.mounts.len(), known.labels.len()), (3, 6));
    assert!(known.privileged && known.host_pid && known.host_ipc && !known.host_network);
    assert!(known.mounts[1].writable && &*known.mounts[1].propagation == b"rslave");
    assert!(known.cni_json.starts_with(b"{\"eth0\""));
}

#[test]
fn state_reads_what_is_cut_as_well() {
    let mut machine = Machine::new();
    let mut container: Value = serde_json::from_slice(&data("docker/container.json")).unwrap();
    let label = |n| (format!("label-{n}"), Value::from("\u{1}".repeat(500)));
    let labels: serde_json::Map<_, _> = (0..300).map(label).collect();
    let mount = json!({"Source": "/\u{1}".repeat(1000), "Destination": "/d"});
    container["Config"]["Labels"] = labels.into();
    container["Mounts"] = vec![mount; 100].into();
    container["Name"] = "\u{1}".repeat(100_000).into();
    let socket = machine.engine(Api::Docker, "/run/docker.sock");
    let _server = engine(&socket, DOCKER_ID, container.to_string().into(), Vec::new());
    let known = known(&machine, DOCKER_ID);
    assert_eq!(&*known.full_id, DOCKER_ID.as_bytes());
    assert!(known.name.len() > 500 && known.labels.len() > 10 && known.mounts.len() > 2);
}
