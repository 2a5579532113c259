//! The JSON of container events, as recorders of all ages write it: what is missing, null or of
//! another type than expected is as if it was not known.

use std::collections::BTreeMap;

use event::json::string;
use serde_json::{Map, Value};

use super::{Container, Engine, Mount};
use crate::Text;

/// Longer descriptions are not read. Real ones are a few KiB.
const MOST_BYTES: usize = 256 << 10;

/// The container that this JSON describes.
pub(super) fn container(json: &[u8]) -> Option<Container> {
    if json.len() > MOST_BYTES {
        return None;
    }
    let root: Value = serde_json::from_str(&String::from_utf8_lossy(json)).ok()?;
    let of = Object(root.get("container")?.as_object()?);
    Some(Container {
        id: of.text("id"),
        full_id: of.text("full_id"),
        engine: of.0.get("type").and_then(Value::as_u64).map_or(Engine::Unknown, Engine::of_number),
        name: of.text("name"),
        image: of.text("image"),
        image_id: of.text("imageid"),
        image_repository: of.text("imagerepo"),
        image_tag: of.text("imagetag"),
        image_digest: of.text("imagedigest"),
        ip: of.text("ip"),
        user: of.text("User"),
        privileged: of.flag("privileged"),
        host_pid: of.flag("host_pid"),
        host_network: of.flag("host_network"),
        host_ipc: of.flag("host_ipc"),
        mounts: of.mounts(),
        labels: of.labels("labels"),
        pod_sandbox_id: of.text("pod_sandbox_id"),
        pod_sandbox_labels: of.labels("pod_sandbox_labels"),
        cni_json: of.text("cni_json"),
    })
}

/// JSON that tells what is known of a container that no JSON told of: its id, and mostly not more.
pub(super) fn of_container(container: &Container) -> Vec<u8> {
    let mut out = b"{\"container\":{\"id\":".to_vec();
    string(&container.id, &mut out);
    if let Some(number) = container.engine.number() {
        out.extend_from_slice(format!(",\"type\":{number}").as_bytes());
    }
    for (key, text) in [("name", &container.name), ("image", &container.image)] {
        if !text.is_empty() {
            out.extend_from_slice(format!(",\"{key}\":").as_bytes());
            string(text, &mut out);
        }
    }
    out.extend_from_slice(b"}}");
    out
}

struct Object<'a>(&'a Map<String, Value>);

impl Object<'_> {
    fn text(&self, key: &str) -> Text {
        text_of(self.0.get(key))
    }

    fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    fn labels(&self, key: &str) -> BTreeMap<Text, Text> {
        let labels = self.0.get(key).and_then(Value::as_object).into_iter().flatten();
        labels.map(|(key, value)| (key.as_bytes().into(), text_of(Some(value)))).collect()
    }

    fn mounts(&self) -> Vec<Mount> {
        let mounts = self.0.get("Mounts").and_then(Value::as_array).into_iter().flatten();
        mounts.filter_map(Value::as_object).map(|mount| Object(mount).mount()).collect()
    }

    fn mount(&self) -> Mount {
        Mount {
            source: self.text("Source"),
            destination: self.text("Destination"),
            mode: self.text("Mode"),
            writable: self.flag("RW"),
            propagation: self.text("Propagation"),
        }
    }
}

fn text_of(value: Option<&Value>) -> Text {
    value.and_then(Value::as_str).unwrap_or_default().as_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read() {
        let json = br#"{"container":{"type":7,"id":"32a1026ccb88","full_id":"32a1","name":"n",
            "image":"fedora:38","imageid":"0ca0","imagerepo":"fedora","imagetag":"38",
            "imagedigest":"sha256:b9","ip":"172.17.0.2","User":"app","privileged":true,
            "host_pid":true,"host_network":true,"host_ipc":true,
            "Mounts":[{"Source":"/a","Destination":"/b","Mode":"z","RW":true,"Propagation":"p"}],
            "labels":{"k":"v"},"pod_sandbox_id":"p1","pod_sandbox_labels":{"x":"y"},
            "cni_json":"{}"}}"#;
        let text = |t: &str| Text::from(t.as_bytes());
        let want = Container {
            id: text("32a1026ccb88"),
            full_id: text("32a1"),
            engine: Engine::Containerd,
            name: text("n"),
            image: text("fedora:38"),
            image_id: text("0ca0"),
            image_repository: text("fedora"),
            image_tag: text("38"),
            image_digest: text("sha256:b9"),
            ip: text("172.17.0.2"),
            user: text("app"),
            privileged: true,
            host_pid: true,
            host_network: true,
            host_ipc: true,
            mounts: vec![Mount {
                source: text("/a"),
                destination: text("/b"),
                mode: text("z"),
                writable: true,
                propagation: text("p"),
            }],
            labels: [(text("k"), text("v"))].into(),
            pod_sandbox_id: text("p1"),
            pod_sandbox_labels: [(text("x"), text("y"))].into(),
            cni_json: text("{}"),
        };
        assert_eq!(container(json), Some(want));
    }

    #[test]
    fn what_no_json_told_is_told_as_json() {
        let text = |t: &str| Text::from(t.as_bytes());
        let lxc = Container { id: text("web"), engine: Engine::Lxc, ..Container::default() };
        let named = Container { name: text("\"n\""), image: text("i"), ..lxc.clone() };
        for told in [Container::default(), lxc, named] {
            assert_eq!(container(&of_container(&told)), Some(told));
        }
    }

    #[test]
    fn what_is_missing_or_odd_is_not_known() {
        let cases: [(&[u8], Option<Container>); 6] = [
            (b"", None),
            (b"{}", None),
            (br#"{"container":[]}"#, None),
            (br#"{"container":{}}"#, Some(Container::default())),
            (
                br#"{"container":{"id":7,"labels":null,"Mounts":{},"type":"docker"}}"#,
                Some(Container::default()),
            ),
            (
                b"{\"container\":{\"id\":\"a\xff\"}}",
                Some(Container { id: "a\u{fffd}".as_bytes().into(), ..Container::default() }),
            ),
        ];
        for (json, want) in cases {
            assert_eq!(container(json), want, "{}", String::from_utf8_lossy(json));
        }
        assert_eq!(container(&vec![b' '; MOST_BYTES + 1]), None);
    }
}
