//! Containers of real engines on a kernel of their own, recorded by the agent: crun and runc alone,
//! Podman, containerd, a pod of Kubernetes' interface.
//!
//! One boot for all; the engines are on a disk image that `scripts/images` makes. Where it, QEMU or a
//! kernel is missing, nothing is tested, which is said.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what is missing fails the test")]

mod cri;

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use testkit::vm::{Guest, Kernel, Outcome, image, kernels};

/// Lines of alerts that containers are known by once their engine has answered: id or its beginning,
/// and what stands behind it, in this order.
const KNOWN: [&[&str]; 5] = [
    &["|early|podman|localhost/box:1|false|", "/libpod-"],
    &["|web|podman|localhost/box:1|false|", "/libpod-"],
    &["|served|podman|localhost/box:1|true|shop|/tmp|", "/libpod-"],
    &["plain|plain|containerd|localhost/box:1|", "/default/plain"],
    &["|till|containerd|localhost/box:1|true|sales|/tmp|market/shop-7d4/3e41dc6b-0001|shop|"],
];

/// Containers that no engine knows, by their whole ids' only digit.
const UNKNOWN: [char; 3] = ['b', 'c', 'd'];

#[test]
fn containers_of_every_engine_are_known_by_name() {
    let Some(image) = image("containers") else { return };
    for kernel in kernels() {
        let guest = Guest::new(kernel)
            .memory_mib(2048)
            .module("overlay")
            .image(&image)
            .copy(env!("CARGO_BIN_EXE_watchkeeper"), "/bin/watchkeeper")
            .copy(env::current_exe().unwrap(), "/bin/cri")
            .bytes("/vm/work.sh", include_str!("work.sh"), 0o644)
            .limit(Duration::from_secs(900));
        match guest.run(include_str!("script.sh")).and_then(Outcome::success) {
            Ok(outcome) => Left { kernel, folder: outcome.out(), text: &outcome.text }.check(),
            Err(error) => panic!("{kernel}: {error}"),
        }
    }
}

/// What the guest left.
struct Left<'o> {
    kernel: Kernel,
    folder: &'o Path,
    text: &'o str,
}

impl Left<'_> {
    fn check(&self) {
        assert_eq!(self.file("code"), "code 0\n", "{}", self.all());
        let alerts = self.file("alerts");
        for parts in KNOWN {
            assert!(alerts.lines().any(|line| has(line, parts)), "{parts:?}: {}", self.all());
        }
        for digit in UNKNOWN {
            let id = digit.to_string().repeat(12);
            let (line, path) = (format!("read in {id}|<NA>|"), digit.to_string().repeat(64));
            assert!(alerts.lines().any(|it| has(it, &[&line, &path])), "{line}: {}", self.all());
        }
        self.the_group_alone_tells_a_container(&alerts);
        assert_eq!(self.file("replayed"), alerts, "{}: a replay tells the same", self.kernel);
        let said = self.file("said");
        assert!(has(&said, &["containers: engines told of them", " 3 known to none"]), "{said}");
        self.incidents_are_completed();
        let shown = self.file("shown");
        for name in ["container served", "container till", "pod market/shop-7d4"] {
            assert!(shown.contains(name), "{name}: {shown}");
        }
    }

    fn the_group_alone_tells_a_container(&self, alerts: &str) {
        let group = format!("unified=/bare.slice/libpod-{}.scope", "b".repeat(64));
        assert!(alerts.lines().any(|line| line.contains(&group)), "{}", self.all());
    }

    /// Where an alert was told before the engine had answered, its incident has the name all the same.
    fn incidents_are_completed(&self) {
        let is_known =
            |id: &str| UNKNOWN.iter().all(|digit| !id.starts_with(&digit.to_string().repeat(12)));
        let mut completed = 0;
        for alert in self.manifests().iter().flat_map(|it| it["alerts"].as_array().unwrap()) {
            let id = alert["fields"]["container.id"].as_str().unwrap();
            if is_known(id) {
                let name = alert["fields"]["container.name"].as_str();
                assert!(name.is_some_and(|name| !name.is_empty()), "{alert}");
                assert_eq!(alert["actor"]["container_name"].as_str(), name, "{alert}");
                completed += usize::from(alert["output"].as_str().unwrap().contains("|<NA>|<NA>"));
            }
        }
        assert!(completed > 0, "no alert was told before its engine answered: {}", self.all());
    }

    fn manifests(&self) -> Vec<Value> {
        let incidents = walk(&self.folder.join("store"));
        let manifests = incidents.iter().filter(|path| path.ends_with("incident.json"));
        manifests.map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name))
            .unwrap_or_else(|error| panic!("{}: {name}: {error}\n{}", self.kernel, self.text))
    }

    /// All there is to find out what went wrong.
    fn all(&self) -> String {
        let file = |name| fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        let (said, alerts) = (file("said"), file("alerts"));
        format!(
            "{}\n--- printed\n{}\n--- said\n{said}\n--- alerts\n{alerts}",
            self.kernel, self.text
        )
    }
}

/// Whether the text has these, in this order.
fn has(text: &str, parts: &[&str]) -> bool {
    let mut rest = text;
    parts.iter().all(|part| match rest.split_once(part) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// All files below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
