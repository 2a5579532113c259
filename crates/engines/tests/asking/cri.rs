//! Runtimes of Kubernetes.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use engines::{Api, Reach};
use serde_json::{Value, json};

use crate::{
    common::{IMAGE_DIGEST, IMAGE_ID, Machine, data},
    grpc::{Call, GrpcServer, NOT_FOUND, Reply, UNIMPLEMENTED},
};

pub(crate) const CONTAINER: &str =
    "537fcee91c69daf1ed40e315b30e5ac156561900868dd3885708aa6467cd8067";
const SANDBOX: &str = "274046ac9d8981bba033df161d99726cae514f4a0112e4999bfd57af07d243e6";
const SOCKET: &str = "/run/containerd/containerd.sock";

/// A message of texts, by field.
pub(crate) fn message(fields: &[(u8, &str)]) -> Vec<u8> {
    let field = |(number, text): &(u8, &str)| {
        [&[number << 3 | 2, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    };
    fields.iter().flat_map(field).collect()
}

fn contains(message: &[u8], text: &str) -> bool {
    message.windows(text.len()).any(|window| window == text.as_bytes())
}

/// A runtime of this name and version of the interface that runs the recorded pod.
pub(crate) fn runtime(socket: PathBuf, name: &'static str, package: &'static str) -> GrpcServer {
    GrpcServer::start(socket, move |call| match call.path.strip_prefix(&format!("/{package}.")) {
        Some(method) => pod(name, method, &call),
        None => Reply::Status(UNIMPLEMENTED),
    })
}

fn pod(name: &str, method: &str, call: &Call) -> Reply {
    let asked = |id: &str| contains(&call.message, &id[..12]);
    let file = |path| Reply::Message(data(path));
    match method {
        "RuntimeService/Version" => Reply::Message(message(&[(1, "0.1.0"), (2, name)])),
        // All that run.
        "RuntimeService/ListContainers" if call.message == b"\x0a\x04\x12\x02\x08\x01" => {
            file("cri/containers.bin")
        }
        "RuntimeService/ListContainers" if asked(CONTAINER) => file("cri/containers.bin"),
        "RuntimeService/ListPodSandbox" if asked(SANDBOX) => file("cri/sandboxes.bin"),
        "RuntimeService/ContainerStatus" if asked(CONTAINER) => file("cri/container.bin"),
        "RuntimeService/PodSandboxStatus" if asked(SANDBOX) => file("cri/sandbox.bin"),
        "RuntimeService/ListContainers" | "RuntimeService/ListPodSandbox" => {
            Reply::Message(Vec::new())
        }
        _ => Reply::Status(NOT_FOUND),
    }
}

/// What the runtime tells of the container.
fn expected(number: u8) -> Value {
    json!({
        "type": number,
        "id": "537fcee91c69",
        "full_id": CONTAINER,
        "name": "nginx",
        "image": "registry.example:5000/team/box:1.2",
        "imageid": IMAGE_ID,
        "imagerepo": "registry.example:5000/team/box",
        "imagetag": "1.2",
        "imagedigest": IMAGE_DIGEST,
        "ip": "10.88.0.5",
        "User": "1234",
        "pod_sandbox_id": SANDBOX,
        "cni_json": cni_json(),
        "privileged": true,
        "host_pid": true,
        "host_network": false,
        "host_ipc": true,
        "is_pod_sandbox": false,
        "created_time": 1_795_673_728,
        "Mounts": [
            mount("/srv/data", "/data", false, "private"),
            mount("/", "/host", true, "rslave"),
            mount("/var/lib/kubelet", "/both", true, "rshared"),
        ],
        "labels": {
            "io.kubernetes.container.name": "nginx",
            "io.kubernetes.pod.name": "web-0",
            "io.kubernetes.pod.namespace": "shop",
            "io.kubernetes.pod.uid": "3e41dc6b-b97a",
            "io.kubernetes.sandbox.id": SANDBOX,
            "team": "shop",
        },
        "pod_sandbox_labels": {"app": "web"},
    })
}

fn cni_json() -> String {
    let eth0 = json!({
        "IPConfigs": [{"IP": "10.88.0.5", "Gateway": "10.88.0.1"}],
        "Mac": "d2:0b:9f:26:6a:0e",
        "Sandbox": "/var/run/netns/cni-1",
    });
    json!({"eth0": eth0}).to_string()
}

fn mount(source: &str, destination: &str, writable: bool, propagation: &str) -> Value {
    json!({
        "Source": source,
        "Destination": destination,
        "Mode": "",
        "RW": writable,
        "Propagation": propagation,
    })
}

#[test]
fn a_runtime_tells_everything_of_a_container_and_its_pod() {
    for (name, number) in [("containerd", 7), ("cri-o", 8), ("docker", 6)] {
        let mut machine = Machine::new();
        let _server = runtime(machine.engine(Api::Cri, SOCKET), name, "runtime.v1");
        assert_eq!(machine.ask("537fcee91c69").0, Some(expected(number)), "{name}");
    }
}

#[test]
fn the_version_before_is_spoken_where_the_current_one_is_not() {
    let mut machine = Machine::new();
    let _server = runtime(machine.engine(Api::Cri, SOCKET), "cri-o", "runtime.v1alpha2");
    assert_eq!(machine.ask(CONTAINER).0, Some(expected(8)));
}

#[test]
fn the_container_of_a_sandbox_is_known_as_such() {
    let mut machine = Machine::new();
    let _server = runtime(machine.engine(Api::Cri, SOCKET), "containerd", "runtime.v1");
    let told = machine.ask("274046ac9d89").0.unwrap();
    assert_eq!(told["is_pod_sandbox"], true);
    assert_eq!(told["full_id"], SANDBOX);
    assert_eq!(told["pod_sandbox_id"], SANDBOX);
    assert_eq!(told["image"], "registry.k8s.io/pause:3.6");
    assert_eq!(told["labels"]["io.kubernetes.pod.name"], "web-0");
    assert_eq!(told["pod_sandbox_labels"]["app"], "web");
    assert_eq!(told["ip"], "10.88.0.5");
}

#[test]
fn a_socket_without_kubernetes_behind_it_is_left_alone() {
    let mut machine = Machine::new();
    let socket = machine.engine(Api::Cri, SOCKET);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let _server = GrpcServer::start(socket, move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Reply::Status(UNIMPLEMENTED)
    });
    let (told, figures) = machine.ask(CONTAINER);
    assert_eq!((told, figures.unknown, figures.retried), (None, 1, 0));
    assert!(matches!(&figures.sources[0].reach, Reach::Fails(why) if why.contains("no such")));
    // Once in each version.
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}
