//! What runtimes tell beside the interface if they are asked for more: JSON with parts of their own.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use crate::lenient::{lenient, read};

/// More is not taken apart: it would be cut to a few KiB in any case.
const MOST_CNI_BYTES: usize = 64 << 10;

/// Of a container or sandbox.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Info {
    /// CRI-O
    #[serde(deserialize_with = "lenient")]
    privileged: Option<bool>,
    /// containerd: the container as the kubelet asked for it.
    #[serde(deserialize_with = "lenient")]
    config: Config,
    /// containerd: name of the image of a sandbox.
    #[serde(deserialize_with = "lenient")]
    image: String,
    #[serde(deserialize_with = "lenient")]
    runtime_spec: RuntimeSpec,
    /// containerd: what the network plugins said of a sandbox.
    #[serde(deserialize_with = "lenient")]
    cni_result: CniResult,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Config {
    #[serde(deserialize_with = "lenient")]
    image: ConfigImage,
    #[serde(deserialize_with = "lenient")]
    linux: LinuxConfig,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ConfigImage {
    #[serde(deserialize_with = "lenient")]
    image: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LinuxConfig {
    #[serde(deserialize_with = "lenient")]
    security_context: SecurityContext,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SecurityContext {
    #[serde(deserialize_with = "lenient")]
    privileged: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RuntimeSpec {
    #[serde(deserialize_with = "lenient")]
    annotations: BTreeMap<String, String>,
    #[serde(deserialize_with = "lenient")]
    process: Process,
    #[serde(deserialize_with = "lenient")]
    linux: LinuxConfig,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Process {
    #[serde(deserialize_with = "lenient")]
    user: User,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct User {
    #[serde(deserialize_with = "lenient")]
    uid: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CniResult {
    /// A table by name, or a list, of whatever the plugins say.
    #[serde(deserialize_with = "lenient", rename = "Interfaces", alias = "interfaces")]
    interfaces: Option<Box<RawValue>>,
}

impl Info {
    /// Reads it; nothing if there is nothing to read.
    pub(super) fn of(info: &BTreeMap<String, String>) -> Self {
        info.get("info").and_then(|json| read(json.as_bytes()).ok()).unwrap_or_default()
    }

    pub(super) fn is_privileged(&self) -> bool {
        let spec = self.runtime_spec.linux.security_context.privileged;
        let config = self.config.linux.security_context.privileged;
        spec.or(config).or(self.privileged).unwrap_or_default()
    }

    /// User that the first process runs as, which older runtimes do not tell elsewhere.
    pub(super) fn user(&self) -> Option<u32> {
        self.runtime_spec.process.user.uid
    }

    /// Image of a sandbox.
    pub(super) fn sandbox_image(&self) -> &str {
        &self.image
    }

    /// Id of the image: containerd puts it where the name was.
    pub(super) fn image(&self) -> &str {
        &self.config.image.image
    }

    /// The image as it was asked for, where the runtime notes it.
    pub(super) fn image_name(&self) -> Option<&str> {
        const KEYS: [&str; 3] = [
            "io.kubernetes.cri.image-name",
            "io.kubernetes.cri-o.Image",
            "io.kubernetes.cri-o.ImageName",
        ];
        KEYS.into_iter().find_map(|key| self.annotation(key))
    }

    /// What the network plugins said, as JSON.
    pub(super) fn cni_json(&self) -> String {
        let interfaces = self.cni_result.interfaces.as_deref().map(RawValue::get);
        interfaces
            .filter(|json| json.len() <= MOST_CNI_BYTES)
            .and_then(|json| told_interfaces(serde_json::from_str(json).ok()?))
            .or_else(|| self.annotation("io.kubernetes.cri-o.CNIResult").map(str::to_owned))
            .unwrap_or_default()
    }

    fn annotation(&self, key: &str) -> Option<&str> {
        self.runtime_spec.annotations.get(key).map(String::as_str)
    }
}

/// Without those that every pod has.
fn told_interfaces(interfaces: Value) -> Option<String> {
    let is_told = |name: &str| !["lo", "veth"].contains(&name);
    let told = match interfaces {
        Value::Object(table) => {
            table.into_iter().filter(|(name, _)| is_told(name)).collect::<Map<_, _>>().into()
        }
        Value::Array(list) => {
            let name = |interface: &Value| {
                interface.get("name").and_then(Value::as_str).is_none_or(is_told)
            };
            list.into_iter().filter(name).collect::<Vec<_>>().into()
        }
        _ => return None,
    };
    serde_json::to_string::<Value>(&told).ok()
}
