//! What was learned of a container, as the JSON of a container event.
//!
//! The keys are those of Falco's container plugin. Left out is what nobody reads: variables of the
//! environment, which hold secrets, and resource limits.
//!
//! Everything but the flags is text that anybody may have written into an image, so each part has a
//! bound ([`TEXT_BYTES`], [`MOUNTS_BYTES`], [`LABELS_BYTES`]): a text that is too long is cut, a
//! label or mount that does not fit is left out. The bounds together stay below what `state` reads.

use std::collections::BTreeMap;

use event::json::string;

/// Most bytes of one text, as JSON. Longer ones are cut.
const TEXT_BYTES: usize = 4 << 10;
/// Most bytes of all mounts, as JSON.
const MOUNTS_BYTES: usize = 64 << 10;
/// Most bytes of the labels of the container, and of those of its pod, as JSON.
const LABELS_BYTES: usize = 48 << 10;
/// Most bytes of the command of a probe, as JSON.
const PROBE_BYTES: usize = 4 << 10;
/// Characters of an id that events have.
pub(crate) const SHORT_ID_CHARS: usize = 12;

/// What runs a container, in the numbering of container events.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Engine {
    /// Docker.
    #[default]
    Docker,
    /// A runtime of Kubernetes that is neither of the two below.
    Cri,
    /// containerd.
    Containerd,
    /// CRI-O.
    CriO,
    /// Podman.
    Podman,
}

impl Engine {
    fn number(self) -> u8 {
        match self {
            Self::Docker => 0,
            Self::Cri => 6,
            Self::Containerd => 7,
            Self::CriO => 8,
            Self::Podman => 11,
        }
    }
}

/// What was learned of a container. Texts are empty where nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) engine: Engine,
    /// The whole id.
    pub(crate) id: String,
    pub(crate) name: String,
    /// The image as it was asked for.
    pub(crate) image: String,
    /// Without the algorithm.
    pub(crate) image_id: String,
    pub(crate) image_repository: String,
    pub(crate) image_tag: String,
    pub(crate) image_digest: String,
    pub(crate) ip: String,
    pub(crate) user: String,
    pub(crate) privileged: bool,
    pub(crate) host_pid: bool,
    pub(crate) host_network: bool,
    pub(crate) host_ipc: bool,
    pub(crate) is_pod_sandbox: bool,
    /// Seconds since the epoch.
    pub(crate) created_s: i64,
    pub(crate) mounts: Vec<Mount>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) pod_sandbox_id: String,
    pub(crate) pod_sandbox_labels: BTreeMap<String, String>,
    /// What the network plugins said.
    pub(crate) cni_json: String,
    pub(crate) probes: Probes,
}

/// One mount of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mount {
    pub(crate) source: String,
    pub(crate) destination: String,
    pub(crate) mode: String,
    pub(crate) writable: bool,
    pub(crate) propagation: String,
}

/// Commands that the engine itself runs in the container, each a program and its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Probes {
    pub(crate) health: Vec<String>,
    pub(crate) liveness: Vec<String>,
    pub(crate) readiness: Vec<String>,
}

/// The id as events have it.
pub(crate) fn short_id(id: &str) -> &str {
    id.char_indices().nth(SHORT_ID_CHARS).map_or(id, |(end, _)| &id[..end])
}

impl Description {
    /// The JSON of a container event.
    pub(crate) fn json(&self) -> Vec<u8> {
        let mut out = Object::begin(b"{\"container\":{".to_vec());
        out.number("type", i64::from(self.engine.number()));
        out.text("id", short_id(&self.id));
        out.text("full_id", &self.id);
        self.texts(&mut out);
        self.flags(&mut out);
        out.number("created_time", self.created_s);
        out.key("Mounts");
        mounts(&self.mounts, &mut out.bytes);
        out.key("labels");
        labels(&self.labels, &mut out.bytes);
        out.key("pod_sandbox_labels");
        labels(&self.pod_sandbox_labels, &mut out.bytes);
        self.probes.write(&mut out);
        out.bytes.extend_from_slice(b"}}");
        out.bytes
    }

    fn texts(&self, out: &mut Object) {
        out.text("name", &self.name);
        out.text("image", &self.image);
        out.text("imageid", &self.image_id);
        out.text("imagerepo", &self.image_repository);
        out.text("imagetag", &self.image_tag);
        out.text("imagedigest", &self.image_digest);
        out.text("ip", &self.ip);
        out.text("User", &self.user);
        out.text("pod_sandbox_id", &self.pod_sandbox_id);
        out.text("cni_json", &self.cni_json);
    }

    fn flags(&self, out: &mut Object) {
        out.flag("privileged", self.privileged);
        out.flag("host_pid", self.host_pid);
        out.flag("host_network", self.host_network);
        out.flag("host_ipc", self.host_ipc);
        out.flag("is_pod_sandbox", self.is_pod_sandbox);
    }
}

impl Probes {
    /// A probe that there is not has no key.
    fn write(&self, out: &mut Object) {
        let probes = [
            ("Healthcheck", &self.health),
            ("LivenessProbe", &self.liveness),
            ("ReadinessProbe", &self.readiness),
        ];
        for (key, command) in probes {
            let Some((program, arguments)) = command.split_first() else { continue };
            out.key(key);
            out.bytes.extend_from_slice(b"{\"exe\":");
            text(program, &mut out.bytes);
            out.bytes.extend_from_slice(b",\"args\":");
            let write = |argument: &String, out: &mut Vec<u8>| text(argument, out);
            List { begin: b'[', end: b']', most_bytes: PROBE_BYTES }.write(
                arguments,
                write,
                &mut out.bytes,
            );
            out.bytes.push(b'}');
        }
    }
}

/// An object that is being written.
struct Object {
    bytes: Vec<u8>,
    is_first: bool,
}

impl Object {
    fn begin(bytes: Vec<u8>) -> Self {
        Self { bytes, is_first: true }
    }

    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.is_first) {
            self.bytes.push(b',');
        }
        string(key.as_bytes(), &mut self.bytes);
        self.bytes.push(b':');
    }

    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        text(value, &mut self.bytes);
    }

    fn flag(&mut self, key: &str, value: bool) {
        self.key(key);
        self.bytes.extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn number(&mut self, key: &str, value: i64) {
        self.key(key);
        self.bytes.extend_from_slice(value.to_string().as_bytes());
    }
}

/// What is written between two brackets, with commas between.
struct List {
    begin: u8,
    end: u8,
    /// Items that would go beyond are left out.
    most_bytes: usize,
}

impl List {
    fn write<T>(
        self,
        items: impl IntoIterator<Item = T>,
        write: impl Fn(T, &mut Vec<u8>),
        out: &mut Vec<u8>,
    ) {
        out.push(self.begin);
        let start = out.len();
        for item in items {
            let before = out.len();
            if before > start {
                out.push(b',');
            }
            write(item, out);
            if out.len() - start > self.most_bytes {
                out.truncate(before);
            }
        }
        out.push(self.end);
    }
}

/// Labels of Kubernetes, from which the fields of pods are read, go first.
fn labels(labels: &BTreeMap<String, String>, out: &mut Vec<u8>) {
    let is_first = |key: &str| key.starts_with("io.kubernetes.");
    let (first, rest): (Vec<_>, Vec<_>) = labels.iter().partition(|(key, _)| is_first(key));
    let write = |(key, value): (&String, &String), out: &mut Vec<u8>| {
        // A label that is cut is another label.
        string(key.as_bytes(), out);
        out.push(b':');
        string(value.as_bytes(), out);
    };
    let fits = |(key, value): &(&String, &String)| key.len() + value.len() <= TEXT_BYTES;
    let list = List { begin: b'{', end: b'}', most_bytes: LABELS_BYTES };
    list.write(first.into_iter().chain(rest).filter(fits), write, out);
}

/// Mounts of sockets of engines and of the host's own folders, by which one gets out of a container,
/// are among the first in any list that a person wrote: the order is kept.
fn mounts(mounts: &[Mount], out: &mut Vec<u8>) {
    let write = |mount: &Mount, out: &mut Vec<u8>| {
        let mut object = Object::begin(std::mem::take(out));
        object.bytes.push(b'{');
        object.text("Source", &mount.source);
        object.text("Destination", &mount.destination);
        object.text("Mode", &mount.mode);
        object.flag("RW", mount.writable);
        object.text("Propagation", &mount.propagation);
        object.bytes.push(b'}');
        *out = object.bytes;
    };
    List { begin: b'[', end: b']', most_bytes: MOUNTS_BYTES }.write(mounts, write, out);
}

/// Writes a text, cut to [`TEXT_BYTES`].
fn text(text: &str, out: &mut Vec<u8>) {
    /// A byte of a text takes up to six: `\u0001`.
    const WORST: usize = 6;
    let start = out.len();
    string(cut(text, TEXT_BYTES).as_bytes(), out);
    if out.len() - start > TEXT_BYTES + 2 {
        out.truncate(start);
        string(cut(text, TEXT_BYTES / WORST).as_bytes(), out);
    }
}

fn cut(text: &str, most_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(most_bytes)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// What `state` reads.
    const MOST_JSON_BYTES: usize = 256 << 10;

    fn value(description: &Description) -> Value {
        let json = description.json();
        assert!(json.len() <= MOST_JSON_BYTES, "{} bytes", json.len());
        serde_json::from_slice::<Value>(&json).unwrap()["container"].clone()
    }

    #[test]
    fn what_matters_most_is_kept_where_not_everything_fits() {
        let long = "\u{1}".repeat(1 << 20);
        let label = |n: usize| (format!("a{n:05}"), "v".repeat(100));
        let mount = Mount { source: "/s".repeat(2000), ..Mount::default() };
        let description = Description {
            id: "605439acbd4fb18c".to_owned(),
            name: long.clone(),
            image: long.clone(),
            cni_json: long.clone(),
            privileged: true,
            mounts: vec![mount; 10_000],
            labels: (0..10_000)
                .map(label)
                .chain([("io.kubernetes.pod.name".to_owned(), "web".to_owned())])
                .chain([("a".to_owned(), long.clone())])
                .collect(),
            pod_sandbox_labels: (0..10_000).map(label).collect(),
            probes: Probes { health: vec![long; 100], ..Probes::default() },
            ..Description::default()
        };
        let container = value(&description);
        assert_eq!(container["id"], "605439acbd4f");
        assert_eq!(container["privileged"], true);
        assert_eq!(container["labels"]["io.kubernetes.pod.name"], "web");
        assert_eq!(container["labels"]["a00000"], "v".repeat(100));
        assert_eq!(container["labels"]["a"], Value::Null);
        assert!(container["Mounts"].as_array().unwrap().len() > 10);
        assert!(container["name"].as_str().unwrap().len() > 500);
    }

    proptest! {
        #[test]
        fn any_text_reads_back(text in any::<String>(), key in any::<String>()) {
            let description = Description {
                id: text.clone(),
                name: text.clone(),
                labels: [(key.clone(), text.clone())].into(),
                mounts: vec![Mount { source: text.clone(), ..Mount::default() }],
                ..Description::default()
            };
            let container = value(&description);
            prop_assert_eq!(&container["id"], short_id(&text));
            prop_assert_eq!(&container["name"], &text);
            prop_assert_eq!(&container["labels"][&key], &text);
            prop_assert_eq!(&container["Mounts"][0]["Source"], &text);
        }
    }
}
