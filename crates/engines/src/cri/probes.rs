//! Commands by which Kubernetes looks whether a container lives. No runtime is told of them, but
//! `kubectl apply` leaves what it applied as an annotation of the pod.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    description::Probes,
    lenient::{lenient, read},
};

const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pod {
    #[serde(deserialize_with = "lenient")]
    spec: Spec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    #[serde(deserialize_with = "lenient")]
    containers: Vec<Container>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Container {
    #[serde(deserialize_with = "lenient")]
    name: String,
    #[serde(deserialize_with = "lenient")]
    liveness_probe: Probe,
    #[serde(deserialize_with = "lenient")]
    readiness_probe: Probe,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Probe {
    #[serde(deserialize_with = "lenient")]
    exec: Exec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Exec {
    #[serde(deserialize_with = "lenient")]
    command: Vec<String>,
}

/// Those of the pod's container with this name.
pub(super) fn probes(annotations: &BTreeMap<String, String>, name: &str) -> Probes {
    let applied = annotations.get(APPLIED).map(|json| read::<Pod>(json.as_bytes()));
    let pod = applied.and_then(Result::ok).unwrap_or_default();
    let container = pod.spec.containers.into_iter().find(|container| container.name == name);
    let container = container.unwrap_or_default();
    Probes {
        liveness: container.liveness_probe.exec.command,
        readiness: container.readiness_probe.exec.command,
        ..Probes::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_probes_are_those_that_were_applied() {
        let json = r#"{"spec":{"containers":[
            {"name":"other","livenessProbe":{"exec":{"command":["no"]}}},
            {"name":"web","livenessProbe":{"exec":{"command":["cat","/tmp/alive"]}},
             "readinessProbe":{"httpGet":{"port":80}}}]}}"#;
        let annotations = [(APPLIED.to_owned(), json.to_owned())].into();
        let want = Probes {
            liveness: ["cat", "/tmp/alive"].map(str::to_owned).into(),
            ..Probes::default()
        };
        assert_eq!(probes(&annotations, "web"), want);
        assert_eq!(probes(&annotations, "gone"), Probes::default());
        let odd = [(APPLIED.to_owned(), r#"{"spec":[]}"#.to_owned())].into();
        assert_eq!(probes(&odd, "web"), Probes::default());
    }
}
