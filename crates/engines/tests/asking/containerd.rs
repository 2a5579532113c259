//! containerd without Kubernetes.

use engines::Api;
use serde_json::json;

use crate::{
    common::{IMAGE_DIGEST, Machine, data},
    cri::message,
    grpc::{GrpcServer, NOT_FOUND, Reply},
};

const SOCKET: &str = "/run/containerd/containerd.sock";

/// A containerd whose namespace 'shop' has the recorded container.
fn containerd(machine: &mut Machine) -> GrpcServer {
    let socket = machine.engine(Api::Containerd, SOCKET);
    GrpcServer::start(socket, |call| {
        let list = |name: &str, namespaces: &[&[u8]]| {
            assert!(call.path.ends_with(name), "{}", call.path);
            let field = |m: &&[u8]| {
                let length = m.len();
                // Lengths of more than seven bits take two bytes.
                let length = [(length & 0x7f) as u8 | 0x80, (length >> 7) as u8];
                [&[0x0a][..], &length, m].concat()
            };
            Reply::Message(namespaces.iter().flat_map(field).collect())
        };
        match call.path.rsplit('/').nth(1) {
            Some("containerd.services.namespaces.v1.Namespaces") => {
                list("List", &[&message(&[(1, "default")]), &message(&[(1, "shop")])])
            }
            Some("containerd.services.containers.v1.Containers") if call.namespace == "shop" => {
                assert_eq!(call.message, message(&[(1, r#"id~="^cache-of-sho""#)]));
                list("List", &[&data("containerd/container.bin")])
            }
            Some("containerd.services.containers.v1.Containers") => list("List", &[]),
            Some("containerd.services.images.v1.Images") if call.namespace == "shop" => {
                Reply::Message(data("containerd/image.bin"))
            }
            _ => Reply::Status(NOT_FOUND),
        }
    })
}

#[test]
fn containerd_tells_what_it_knows() {
    let mut machine = Machine::new();
    let _server = containerd(&mut machine);
    let told = machine.ask("cache-of-sho").0.unwrap();
    let mount = |source: &str, destination: &str, mode: &str, writable: bool| {
        json!({
            "Source": source,
            "Destination": destination,
            "Mode": mode,
            "RW": writable,
            "Propagation": "",
        })
    };
    let want = json!({
        "type": 7,
        "id": "cache-of-sho",
        "full_id": "cache-of-shop",
        "name": "cache-of-shop",
        "image": "registry.example:5000/team/box:1.2",
        "imageid": "",
        "imagerepo": "registry.example:5000/team/box",
        "imagetag": "1.2",
        "imagedigest": IMAGE_DIGEST,
        "ip": "",
        "User": "1234",
        "pod_sandbox_id": "",
        "cni_json": "",
        "privileged": false,
        "host_pid": false,
        "host_network": false,
        "host_ipc": false,
        "is_pod_sandbox": false,
        "created_time": 1_795_673_648,
        "Mounts": [
            mount("proc", "/proc", "", true),
            mount("tmpfs", "/dev", "755", true),
            mount("devpts", "/dev/pts", "0620", true),
            mount("shm", "/dev/shm", "1777", true),
            mount("mqueue", "/dev/mqueue", "", true),
            mount("sysfs", "/sys", "", false),
            mount("tmpfs", "/run", "755", true),
            mount("/tmp", "/data", "", false),
        ],
        "labels": {
            "io.containerd.image.config.stop-signal": "SIGTERM",
            "maintainer": "A \\\"B\\\" <c@d>",
            "team": "shop",
        },
        "pod_sandbox_labels": {},
    });
    assert_eq!(told, want);
}
