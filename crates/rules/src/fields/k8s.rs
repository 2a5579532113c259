//! The Kubernetes pod of the container.

use state::{Container, Context, SHORT_ID_BYTES};

use super::{
    ArgumentSpec, Field, FieldTraits,
    container::{all_labels, container, label},
    proc_text::composed,
};
use crate::value::Value::{self, Text};

/// The fields.
pub(super) const FIELDS: &[Field] = &[
    Field::text("k8s.pod.name", "Name of the pod.", "k8s.pod.name startswith web-", |c, _, _| {
        own_label(c, "io.kubernetes.pod.name")
    }),
    Field::text("k8s.ns.name", "Namespace of the pod.", "k8s.ns.name = kube-system", |c, _, _| {
        own_label(c, "io.kubernetes.pod.namespace")
    }),
    Field::text(
        "k8s.pod.id",
        "The same as k8s.pod.uid, for old rules.",
        "k8s.pod.id startswith 3e41dc6b",
        |c, _, _| own_label(c, "io.kubernetes.pod.uid"),
    ),
    Field::text(
        "k8s.pod.uid",
        "UID of the pod: the same for as long as the pod lives.",
        "k8s.pod.uid startswith 3e41dc6b",
        |c, _, _| own_label(c, "io.kubernetes.pod.uid"),
    ),
    Field::text(
        "k8s.pod.sandbox_id",
        "First 12 characters of the id of the pod's sandbox: the container that holds its network.",
        "k8s.pod.sandbox_id = 63060edc2d3a",
        |c, _, _| {
            let id = &container(c)?.pod_sandbox_id;
            Some(Text(id.get(..SHORT_ID_BYTES).unwrap_or(id)))
        },
    ),
    Field::text(
        "k8s.pod.full_sandbox_id",
        "The whole id of the pod's sandbox.",
        "k8s.pod.full_sandbox_id startswith 63060edc2d3a",
        |c, _, _| Some(Text(&container(c)?.pod_sandbox_id)),
    ),
    Field::text(
        "k8s.pod.label",
        "Value of one label of the pod.",
        "k8s.pod.label.app = web",
        |c, argument, _| {
            let container = container(c)?;
            sandbox(c, container)
                .and_then(|sandbox| label(&sandbox.pod_sandbox_labels, argument))
                .or_else(|| label(&container.pod_sandbox_labels, argument))
        },
    )
    .with(ArgumentSpec::Key { required: true })
    .with_traits(FieldTraits::DOTTED),
    Field::text(
        "k8s.pod.labels",
        "Labels of the pod, key:value each, with ', ' between. Those of Kubernetes are left out.",
        "k8s.pod.labels contains app:web",
        |c, _, s| {
            let container = container(c)?;
            let pod = sandbox(c, container).unwrap_or(container);
            composed(s, |out| all_labels(&pod.pod_sandbox_labels, out))
        },
    ),
    Field::text("k8s.pod.ip", "IPv4 address of the pod.", "k8s.pod.ip = 10.0.0.7", |c, _, _| {
        Some(Text(&networked(c)?.ip))
    }),
    Field::text(
        "k8s.pod.cni.json",
        "What the network plugins said when they set the pod up, as JSON.",
        "k8s.pod.cni.json contains eth1",
        |c, _, _| Some(Text(&networked(c)?.cni_json)),
    ),
    never("k8s.rc.name", "k8s.rc.name exists"),
    never("k8s.rc.id", "k8s.rc.id exists"),
    never_label("k8s.rc.label", "k8s.rc.label.app exists"),
    never("k8s.rc.labels", "k8s.rc.labels exists"),
    never("k8s.svc.name", "k8s.svc.name exists"),
    never("k8s.svc.id", "k8s.svc.id exists"),
    never_label("k8s.svc.label", "k8s.svc.label.app exists"),
    never("k8s.svc.labels", "k8s.svc.labels exists"),
    never("k8s.ns.id", "k8s.ns.id exists"),
    never_label("k8s.ns.label", "k8s.ns.label.app exists"),
    never("k8s.ns.labels", "k8s.ns.labels exists"),
    never("k8s.rs.name", "k8s.rs.name exists"),
    never("k8s.rs.id", "k8s.rs.id exists"),
    never_label("k8s.rs.label", "k8s.rs.label.app exists"),
    never("k8s.rs.labels", "k8s.rs.labels exists"),
    never("k8s.deployment.name", "k8s.deployment.name exists"),
    never("k8s.deployment.id", "k8s.deployment.id exists"),
    never_label("k8s.deployment.label", "k8s.deployment.label.app exists"),
    never("k8s.deployment.labels", "k8s.deployment.labels exists"),
];

/// A field of what the API server alone knows, which no recording tells.
const fn never(name: &'static str, example: &'static str) -> Field {
    Field::text(name, "Never there: kept for old rules.", example, |_, _, _| None)
}

const fn never_label(name: &'static str, example: &'static str) -> Field {
    never(name, example).with(ArgumentSpec::Key { required: true }).with_traits(FieldTraits::DOTTED)
}

/// A label that Kubernetes puts on every container of a pod.
fn own_label<'v>(c: &Context<'v>, key: &str) -> Option<Value<'v>> {
    container(c)?.labels.get(key.as_bytes()).map(|value| Text(value))
}

/// The sandbox of the container's pod, unless the container itself tells of the pod's network.
fn sandbox<'v>(c: &Context<'v>, container: &Container) -> Option<&'v Container> {
    if !container.cni_json.is_empty() {
        return None;
    }
    let id = &container.pod_sandbox_id;
    c.state.container(id.get(..SHORT_ID_BYTES).unwrap_or(id))
}

/// Who tells of the pod's network: the container or its sandbox.
fn networked<'v>(c: &Context<'v>) -> Option<&'v Container> {
    let container = container(c)?;
    if container.cni_json.is_empty() { sandbox(c, container) } else { Some(container) }
}
