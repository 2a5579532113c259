//! Fields of containers and pods.

use event::{EventBuilder, syscalls::ASYNCEVENT_E};

use super::proc_tests::{by, check, machine};

fn tell(json: &str) -> EventBuilder {
    let mut builder = EventBuilder::default();
    builder.start(ASYNCEVENT_E, 1, -1, 0).u32(0).text("container").text(json);
    builder
}

#[test]
fn outside_of_containers_there_is_the_host() {
    check(
        &mut machine(),
        &by(200),
        &[
            ("container.id", Some("host")),
            ("container.full_id", Some("host")),
            ("container.name", Some("host")),
            ("container.type", Some("host")),
            ("container.image", Some("")),
            ("container.privileged", Some("false")),
            ("container.mounts", Some("")),
            ("container.mount[0]", None),
            ("container.start_ts", None),
            ("container.healthcheck", None),
            ("k8s.pod.name", None),
            ("k8s.pod.ip", Some("")),
            ("k8s.pod.labels", Some("")),
            ("k8s.rc.name", None),
        ],
    );
}

#[test]
fn a_container_that_nothing_was_told_of_has_an_id_alone() {
    check(
        &mut machine(),
        &by(300),
        &[
            ("container.id", Some("605439acbd4f")),
            ("container.name", None),
            ("container.privileged", None),
            ("container.duration", Some("1000000000")),
            ("k8s.pod.ip", None),
        ],
    );
}

#[test]
fn a_container_has_what_was_told_of_it() {
    let mut state = machine();
    let json = r#"{"container":{"type":7,"id":"605439acbd4f","full_id":"605439acbd4fb18c",
        "name":"web","image":"docker.io/nginx:1","imageid":"f0","imagerepo":"docker.io/nginx",
        "imagetag":"1","imagedigest":"sha256:b9","ip":"10.0.0.7","User":"app","privileged":true,
        "host_pid":true,"host_network":false,"host_ipc":true,
        "Mounts":[{"Source":"/a","Destination":"/b","Mode":"z","RW":true,"Propagation":"p"},
            {"Source":"/proc","Destination":"/host/proc","Mode":"","RW":false,"Propagation":""}],
        "labels":{"tier":"front","empty":"","io.kubernetes.pod.name":"web-1",
            "io.kubernetes.pod.namespace":"shop","io.kubernetes.pod.uid":"3e41"},
        "pod_sandbox_id":"63060edc2d3aa803ab55","pod_sandbox_labels":{"app":"web"},
        "cni_json":""}}"#;
    let sandbox = r#"{"container":{"id":"63060edc2d3a","ip":"10.0.0.9","cni_json":"{1}",
        "pod_sandbox_labels":{"app":"shop","io.kubernetes.x":"y"}}}"#;
    let told = tell(json);
    check(&mut state, &told, &[("container.name", Some("web")), ("container.start_ts", None)]);
    state.event(tell(sandbox).event().unwrap());
    check(
        &mut state,
        &by(300),
        &[
            ("container.id", Some("605439acbd4f")),
            ("container.full_id", Some("605439acbd4fb18c")),
            ("container.name", Some("web")),
            ("container.type", Some("containerd")),
            ("container.image", Some("docker.io/nginx:1")),
            ("container.image.id", Some("f0")),
            ("container.image.repository", Some("docker.io/nginx")),
            ("container.image.tag", Some("1")),
            ("container.image.digest", Some("sha256:b9")),
            ("container.ip", Some("10.0.0.7")),
            ("container.privileged", Some("true")),
            ("container.host_pid", Some("true")),
            ("container.host_network", Some("false")),
            ("container.host_ipc", Some("true")),
            ("container.start_ts", Some("9000000000")),
            ("container.mounts", Some("/a:/b:z:true:p,/proc:/host/proc::false:")),
            ("container.mount[0]", Some("/a:/b:z:true:p")),
            ("container.mount[2]", None),
            ("container.mount[/p*c]", Some("/proc:/host/proc::false:")),
            ("container.mount[/host/proc]", None),
            ("container.mount.source[/host/*]", Some("/proc")),
            ("container.mount.dest[/a]", Some("/b")),
            ("container.mount.mode[/a]", Some("z")),
            ("container.mount.rdwr[/?]", Some("true")),
            ("container.mount.rdwr[1]", Some("false")),
            ("container.mount.propagation[0]", Some("p")),
            ("container.label.tier", Some("front")),
            ("container.label.none", None),
            ("container.labels", Some("empty, tier:front")),
            ("k8s.pod.name", Some("web-1")),
            ("k8s.ns.name", Some("shop")),
            ("k8s.pod.id", Some("3e41")),
            ("k8s.pod.uid", Some("3e41")),
            ("k8s.pod.sandbox_id", Some("63060edc2d3a")),
            ("k8s.pod.full_sandbox_id", Some("63060edc2d3aa803ab55")),
            ("k8s.pod.label.app", Some("shop")),
            ("k8s.pod.labels", Some("app:shop")),
            ("k8s.pod.ip", Some("10.0.0.9")),
            ("k8s.pod.cni.json", Some("{1}")),
        ],
    );
}
