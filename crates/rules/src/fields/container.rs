//! The container that the event happened in, or tells of.

use state::{Container, Context, Text as Bytes};

use super::{Argument, ArgumentSpec, Field, FieldTraits, proc_text::composed};
use crate::value::{
    FieldType::{AbsTime, Bool, RelTime},
    Value::{self, Text},
};

/// The fields.
pub(super) const FIELDS: &[Field] = &[
    Field::text(
        "container.id",
        "First 12 characters of the container's id; 'host' outside of containers. Known from the \
         thread's control groups, also where nothing else is known of the container.",
        "container.id != host",
        |c, _, _| match container(c) {
            Some(container) => Some(Text(&container.id)),
            None => Some(Text(&c.thread?.container_id)),
        },
    ),
    Field::text(
        "container.full_id",
        "The container's whole id; 'host' outside of containers.",
        "container.full_id startswith 3ad7b26ded6d",
        |c, _, _| Some(Text(&container(c)?.full_id)),
    ),
    Field::text(
        "container.name",
        "The container's name; 'host' outside of containers.",
        "container.name = web",
        |c, _, _| Some(Text(&container(c)?.name)),
    ),
    Field::text(
        "container.image",
        "The image that the container was started from, as it was asked for.",
        "container.image = nginx:latest",
        |c, _, _| Some(Text(&container(c)?.image)),
    ),
    Field::text(
        "container.image.id",
        "Id of the image.",
        "container.image.id startswith 6f7e2741b66b",
        |c, _, _| Some(Text(&container(c)?.image_id)),
    ),
    Field::text(
        "container.type",
        "What runs the container: docker, podman, containerd, cri-o, cri, lxc, libvirt-lxc, bpm; \
         'host' outside of containers.",
        "container.type = podman",
        |c, _, _| Some(Text(container(c)?.engine.name().as_bytes())),
    ),
    Field::one(
        "container.privileged",
        Bool,
        "Whether the container has all capabilities and devices of the host.",
        "container.privileged = true",
        |c, _, _| Some(Value::Bool(container(c)?.privileged)),
    ),
    Field::text(
        "container.image.repository",
        "Name of the image without tag and digest.",
        "container.image.repository endswith /nginx",
        |c, _, _| Some(Text(&container(c)?.image_repository)),
    ),
    Field::text(
        "container.image.tag",
        "Tag of the image.",
        "container.image.tag = latest",
        |c, _, _| Some(Text(&container(c)?.image_tag)),
    ),
    Field::text(
        "container.image.digest",
        "Digest by which the registry knows the image.",
        "container.image.digest startswith sha256:",
        |c, _, _| Some(Text(&container(c)?.image_digest)),
    ),
    Field::text(
        "container.healthcheck",
        "Never there: kept for old rules.",
        "container.healthcheck exists",
        |_, _, _| None,
    ),
    Field::text(
        "container.liveness_probe",
        "Never there: kept for old rules.",
        "container.liveness_probe exists",
        |_, _, _| None,
    ),
    Field::text(
        "container.readiness_probe",
        "Never there: kept for old rules.",
        "container.readiness_probe exists",
        |_, _, _| None,
    ),
    Field::one(
        "container.start_ts",
        AbsTime,
        "When the container began, in ns since the epoch: when the first process of the thread's \
         pid namespace began.",
        "container.start_ts > 1700000000000000000",
        |c, _, _| started(c).map(Value::U64),
    ),
    Field::one(
        "container.duration",
        RelTime,
        "Time since container.start_ts, in ns.",
        "container.duration < 60000000000",
        |c, _, _| Some(Value::U64(c.event.ts_ns.saturating_sub(started(c)?))),
    ),
    Field::text(
        "container.ip",
        "IPv4 address of the container or its pod.",
        "container.ip = 172.17.0.2",
        |c, _, _| Some(Text(&container(c)?.ip)),
    ),
    Field::text(
        "container.cni.json",
        "What the network plugins said when they set the pod up, as JSON.",
        "container.cni.json contains eth1",
        |c, _, _| Some(Text(&container(c)?.cni_json)),
    ),
    Field::one(
        "container.host_pid",
        Bool,
        "Whether the container shares the host's pid namespace.",
        "container.host_pid = true",
        |c, _, _| Some(Value::Bool(container(c)?.host_pid)),
    ),
    Field::one(
        "container.host_network",
        Bool,
        "Whether the container shares the host's network namespace.",
        "container.host_network = true",
        |c, _, _| Some(Value::Bool(container(c)?.host_network)),
    ),
    Field::one(
        "container.host_ipc",
        Bool,
        "Whether the container shares the host's IPC namespace.",
        "container.host_ipc = true",
        |c, _, _| Some(Value::Bool(container(c)?.host_ipc)),
    ),
    Field::text(
        "container.label",
        "Value of one label of the container.",
        "container.label.maintainer contains example.org",
        |c, argument, _| label(&container(c)?.labels, argument),
    )
    .with(ArgumentSpec::Key { required: true })
    .with_traits(FieldTraits::DOTTED),
    Field::text(
        "container.labels",
        "Labels of the container, key:value each, with ', ' between. Those of Kubernetes are left \
         out.",
        "container.labels contains app:web",
        |c, _, s| {
            let container = container(c)?;
            composed(s, |out| all_labels(&container.labels, out))
        },
    ),
    Field::one(
        "proc.is_container_healthcheck",
        Bool,
        "Never there: kept for old rules.",
        "proc.is_container_healthcheck = true",
        |_, _, _| None,
    ),
    Field::one(
        "proc.is_container_liveness_probe",
        Bool,
        "Never there: kept for old rules.",
        "proc.is_container_liveness_probe = true",
        |_, _, _| None,
    ),
    Field::one(
        "proc.is_container_readiness_probe",
        Bool,
        "Never there: kept for old rules.",
        "proc.is_container_readiness_probe = true",
        |_, _, _| None,
    ),
];

/// Labels by key.
pub(super) type Labels = std::collections::BTreeMap<Bytes, Bytes>;

/// The container that the event tells of, or else the one that its thread is in.
pub(super) fn container<'v>(c: &Context<'v>) -> Option<&'v Container> {
    c.state.told_container().or_else(|| c.state.container(&c.thread?.container_id))
}

fn started(c: &Context<'_>) -> Option<u64> {
    Some(c.thread?.pidns_init_start_ts_ns)
        .filter(|&ts| ts != 0 && c.state.told_container().is_none())
}

/// Value of the label that the argument names.
pub(super) fn label<'v>(labels: &'v Labels, argument: &Argument) -> Option<Value<'v>> {
    let Argument::Key(key) = argument else { return None };
    labels.get(key.as_bytes()).map(|value| Text(value))
}

/// Appends all labels but those that Kubernetes itself makes.
pub(super) fn all_labels(labels: &Labels, out: &mut Vec<u8>) {
    let own = |key: &[u8]| key.starts_with(b"annotation.") || key.starts_with(b"io.kubernetes.");
    let begin = out.len();
    for (key, value) in labels.iter().filter(|(key, _)| !own(key)) {
        if out.len() > begin {
            out.extend_from_slice(b", ");
        }
        out.extend_from_slice(key);
        if !value.is_empty() {
            out.push(b':');
            out.extend_from_slice(value);
        }
    }
}
