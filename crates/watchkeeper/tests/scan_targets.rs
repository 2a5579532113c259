//! One small system in every form that it can be had in: the same packages each time, and those that
//! dpkg itself has there. `scripts/targets` makes it.

#![allow(clippy::unwrap_used, reason = "what is missing fails the test")]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// What is asked for, and where it lies.
const FORMS: [(&str, &str); 7] = [
    ("rootfs", "root"),
    ("image", "docker.tar"),
    ("image", "oci"),
    ("image", "oci.tar"),
    ("image", "zstd.tar"),
    ("vm", "ext4.qcow2"),
    ("vm", "xfs.qcow2"),
];

/// Packages of the distribution: name, version, architecture, name and version of the source.
type Packages = BTreeSet<[String; 5]>;

fn targets() -> Option<PathBuf> {
    Some(testkit::cache().join("targets/small")).filter(|folder| folder.join("root").exists())
}

fn scan(what: &str, path: &Path) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watchkeeper"));
    command.args(["scan", what, "--list-packages", "--format", "json"]).arg(path);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", path.display());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn packages(inventory: &Value) -> Packages {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = inventory["packages"].as_array().unwrap().iter().filter(|it| it["type"] == "deb");
    all.map(|it| {
        let source = &it["source"];
        let of = [&it["name"], &it["version"], &it["architecture"], &source["name"]];
        let [name, version, architecture, source_name] = of.map(text);
        [name, version, architecture, source_name, text(&source["version"])]
    })
    .collect()
}

/// What dpkg says of the same folder; nothing where there is no dpkg.
fn by_dpkg(root: &Path) -> Option<Packages> {
    let form = "${db:Status-Status} ${Package} ${Version} ${Architecture} ${source:Package} \
                ${source:Version}\\n";
    let mut command = Command::new("dpkg-query");
    command.arg("--admindir").arg(root.join("var/lib/dpkg")).args(["--show", "--showformat", form]);
    let output = String::from_utf8(command.output().ok()?.stdout).unwrap();
    let lines = output.lines().filter_map(|line| line.strip_prefix("installed "));
    Some(
        lines
            .map(|line| {
                let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
                words.try_into().unwrap()
            })
            .collect(),
    )
}

/// Names and sizes of programs that belong to no package.
fn unowned(inventory: &Value) -> Vec<(&Value, &Value)> {
    let all = inventory["unowned_executables"].as_array().unwrap().iter();
    all.map(|it| (&it["path"], &it["size"])).collect()
}

#[test]
fn every_form_of_a_system_has_the_packages_that_dpkg_has() {
    let Some(folder) = targets() else {
        println!("skipped: no system to scan (scripts/targets makes it)");
        return;
    };
    let root = scan("rootfs", &folder.join("root"));
    let expected = by_dpkg(&folder.join("root"));
    for (what, name) in FORMS {
        let path = folder.join(name);
        if !path.exists() {
            println!("skipped: no {} (scripts/targets makes it)", path.display());
            continue;
        }
        let inventory = scan(what, &path);
        let found = packages(&inventory);
        assert!(found.len() > 50, "{name}: {} packages", found.len());
        if let Some(expected) = &expected {
            let differ: Vec<_> = found.symmetric_difference(expected).collect();
            assert!(differ.is_empty(), "{name}: {differ:?}");
        }
        assert_eq!(inventory["distro"], root["distro"], "{name}");
        assert_eq!(unowned(&inventory), unowned(&root), "{name}");
        assert_eq!(inventory["problems"], Value::Array(Vec::new()), "{name}");
    }
}
