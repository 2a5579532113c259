//! The shop's container, and what recorders tell of it.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::stage::{BOOT_TS_NS, FIRST_PID};

pub(super) const ID: &str = "6d9f0c41e8b27a5531f4c9a86b20d7e3f85194ac7730be62d1489f5c0a3be917";
/// Characters of the id that are commonly shown.
const SHORT_ID_CHARS: usize = 12;
pub(super) const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 130);
pub(super) const GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 129);
/// Pids that the host handed out before the container's first, and from then to the recording.
const PIDS_BEFORE: i64 = 803;
const PIDS_MEANWHILE: i64 = 3_900;
pub(super) const STARTED_TS_NS: u64 = BOOT_TS_NS + 94_000_000_000;
const POD: &str = "web-6d9f7c8b54-x2x7q";
const POD_UID: &str = "5f0e7c1a-93d4-4b6e-8a57-2c1d9be04f36";
const MOST_BYTES: u64 = 512 << 20;

pub(super) const ENVIRONMENT: &[&str] = &[
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOSTNAME=web-6d9f7c8b54-x2x7q",
    "PHP_VERSION=8.2.26",
    "DB_HOST=db.example.com",
];

pub(super) fn short_id() -> &'static str {
    ID.get(..SHORT_ID_CHARS).unwrap_or(ID)
}

/// The pid in the container of a process with this one on the host.
pub(super) fn inner_pid(pid: i64) -> i64 {
    if pid < FIRST_PID { pid - PIDS_BEFORE } else { pid - PIDS_BEFORE - PIDS_MEANWHILE }
}

pub(super) fn cgroup() -> String {
    format!("/kubepods/burstable/pod{POD_UID}/{ID}")
}

/// The container as recorders write it: all keys, in order.
pub(super) fn notice() -> String {
    let limits = json!({
        "cpu_period": 100_000, "cpu_quota": 0, "cpu_shares": 102, "cpuset_cpu_count": 0,
        "memory_limit": MOST_BYTES, "swap_limit": MOST_BYTES,
    });
    let image = json!({
        "image": "registry.example.com/nginx-php:1.25",
        "imagedigest":
            "sha256:3b1e5c7a0f9d42861c6be4d05a7f83912ed6c40b7a58f1239d0ce6714ab28f55",
        "imageid": "f68d6e55e06520f152403e6d96d0de5c9790a89b4cfc99f4626f68146fa1dbdc",
        "imagerepo": "registry.example.com/nginx-php",
        "imagetag": "1.25",
    });
    let pod = json!({ "pod_sandbox_id": "", "pod_sandbox_labels": {}, "labels": labels() });
    let place = json!({
        "Mounts": mounts(), "User": "", "cni_json": "", "host_ipc": false, "host_network": false,
        "host_pid": false, "ip": ADDRESS.to_string(), "port_mappings": [], "privileged": false,
    });
    let itself = json!({
        "created_time": STARTED_TS_NS / 1_000_000_000, "env": [], "full_id": ID, "id": short_id(),
        "is_pod_sandbox": false, "name": "shop-web-1", "size": -1, "type": 0,
    });
    let all = [limits, image, pod, place, itself];
    let pairs = all.into_iter().filter_map(|part| match part {
        Value::Object(pairs) => Some(pairs),
        _ => None,
    });
    let container: serde_json::Map<String, Value> = pairs.flatten().collect();
    json!({ "container": container }).to_string()
}

fn labels() -> Value {
    json!({
        "app": "web",
        "io.kubernetes.container.name": "web",
        "io.kubernetes.pod.name": POD,
        "io.kubernetes.pod.namespace": "shop",
        "io.kubernetes.pod.uid": POD_UID,
        "io.kubernetes.sandbox.id":
            "c02b7d64a91f3e5508dd1c6fb4e7329a05c8136bfd49e27012ab86cd97f5e430",
    })
}

fn mounts() -> Value {
    json!([{
        "Destination": "/var/www/html/uploads", "Mode": "", "Propagation": "rprivate", "RW": true,
        "Source": "/srv/shop/uploads",
    }])
}
