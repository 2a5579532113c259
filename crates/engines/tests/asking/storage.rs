//! The files of Podman and CRI-O.

use std::os::unix::fs::symlink;

use engines::Api;
use serde_json::{Value, json};

use crate::common::{IMAGE_ID, Machine, data};

const STORAGE: &str = "/var/lib/containers/storage";
const CONTAINER: &str = "8943bc48a2b4dfe2d452e2d3fd12bb98fc2c69970874db51d4fdb7d18f132a48";
/// `sha256:IMAGE_ID` in base64, as the storage calls the file.
const CONFIG: &str = "=c2hhMjU2OjY4ZjE5ODQ2NWY0NjdmYmVlYzMzYzMyMTgyYzRjMGZjNDFhNzY0OTBhNzJlM2VkMTFkMDE3ZThhNDg1ZGE0Yzc=";

fn config_path(id: &str) -> String {
    format!("{STORAGE}/overlay-containers/{id}/userdata/config.json")
}

/// A machine with the recorded storage.
fn podman() -> Machine {
    let mut machine = Machine::new();
    machine.engine(Api::Storage, STORAGE);
    fill(&machine, STORAGE);
    machine
}

/// Puts the recorded storage there.
pub(crate) fn fill(machine: &Machine, storage: &str) {
    let write = |path: &str, file| machine.write(&format!("{storage}/{path}"), data(file));
    write("overlay-containers/containers.json", "podman/containers.json");
    write(&format!("overlay-containers/{CONTAINER}/userdata/config.json"), "podman/config.json");
    write("overlay-images/images.json", "podman/images.json");
    write(&format!("overlay-images/{IMAGE_ID}/{CONFIG}"), "podman/image.json");
}

#[test]
fn the_files_of_podman_tell_nearly_as_much_as_its_socket() {
    let want = json!({
        "type": 11,
        "id": "8943bc48a2b4",
        "full_id": CONTAINER,
        "name": "web",
        "image": "registry.example:5000/team/box:1.2",
        "imageid": IMAGE_ID,
        "imagerepo": "registry.example:5000/team/box",
        "imagetag": "1.2",
        "imagedigest": "sha256:8304b90d65ff068ead7e28c2645ebb9c085845e1db39d5dda887fea11aaba791",
        "ip": "",
        "User": "1234",
        "pod_sandbox_id": "",
        "cni_json": "",
        "privileged": true,
        "host_pid": false,
        "host_network": false,
        "host_ipc": false,
        "is_pod_sandbox": false,
        "created_time": 1_795_673_613,
        "Mounts": [{
            "Source": "/srv/data",
            "Destination": "/data",
            "Mode": "",
            "RW": false,
            "Propagation": "rprivate",
        }],
        "labels": {"maintainer": "A \\\"B\\\" <c@d>"},
        "pod_sandbox_labels": {},
    });
    assert_eq!(podman().ask("8943bc48a2b4").0, Some(want));
}

#[test]
fn a_container_that_is_removed_when_it_ends_is_in_a_list_of_its_own() {
    let machine = podman();
    let volatile = "3e07a59440c19ef02962bc09b916eadc8c3873451f1d3a72c7e4b0093c211471";
    let list = json!([{"id": volatile, "names": ["gone"], "image": IMAGE_ID}]);
    machine
        .write(&format!("{STORAGE}/overlay-containers/volatile-containers.json"), list.to_string());
    // It has not begun: there is no configuration.
    let told = machine.ask(volatile).0.unwrap();
    assert_eq!((&told["name"], &told["host_pid"]), (&json!("gone"), &json!(false)));
    assert_eq!(told["imagerepo"], "registry.example:5000/team/box");
}

#[test]
fn cri_o_leaves_what_it_tells_kubernetes_in_annotations() {
    let machine = podman();
    let labels =
        json!({"io.kubernetes.container.name": "nginx", "io.kubernetes.pod.name": "web-0"});
    let mut spec: Value = serde_json::from_slice(&data("podman/config.json")).unwrap();
    spec["annotations"] = json!({
        "io.kubernetes.cri-o.ContainerType": "container",
        "io.kubernetes.cri-o.SandboxID": "274046ac9d89",
        "io.kubernetes.cri-o.ImageName": "quay.example/nginx:1",
        "io.kubernetes.cri-o.IP.0": "10.85.0.7",
        "io.kubernetes.cri-o.Labels": labels.to_string(),
    });
    machine.write(&config_path(CONTAINER), spec.to_string());
    let told = machine.ask(CONTAINER).0.unwrap();
    let parts = ["type", "name", "image", "ip", "pod_sandbox_id"].map(|key| &told[key]);
    let want = json!([8, "nginx", "quay.example/nginx:1", "10.85.0.7", "274046ac9d89"]);
    assert_eq!(json!(parts), want);
    assert_eq!(told["labels"]["io.kubernetes.pod.name"], "web-0");
}

#[test]
fn links_that_lead_out_of_the_storage_are_not_followed() {
    let machine = podman();
    machine.write("/etc/secret.json", r#"{"process":{"user":{"uid":77}}}"#);
    let path = machine.at(&config_path(CONTAINER));
    std::fs::remove_file(&path).unwrap();
    for target in ["../../../../../../../etc/secret.json", "/etc/secret.json"] {
        let _ = std::fs::remove_file(&path);
        symlink(target, &path).unwrap();
        let (told, figures) = machine.ask(CONTAINER);
        assert_eq!((told, figures.failed), (None, 1), "{target}");
    }
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let machine = podman();
    let path = machine.at(&config_path(CONTAINER));
    std::fs::remove_file(&path).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).unwrap();
    assert_eq!(machine.ask(CONTAINER).1.failed, 1);
}

#[test]
fn ids_that_are_paths_lead_nowhere() {
    let machine = podman();
    machine.write("/var/lib/containers/config.json", "{}");
    let list = json!([{"id": "abc/../../../..", "names": ["x"]}]);
    machine.write(&format!("{STORAGE}/overlay-containers/containers.json"), list.to_string());
    assert_eq!(machine.ask("abc").0, None);
}

#[test]
fn a_list_that_is_too_long_is_not_read() {
    let mut machine = podman();
    machine.settings.limits.answer_bytes = 100;
    let (told, figures) = machine.ask(CONTAINER);
    assert_eq!((told, figures.failed), (None, 1));
}
