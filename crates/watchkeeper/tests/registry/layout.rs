//! An image made by umoci of what the test puts into it and takes out again. What is installed in it is
//! known by that alone.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::run;

/// What is left installed, and which layer brought it.
pub(crate) const PACKAGES: [&str; 6] = [
    "kept 1 of layer 1",
    "upgraded 2 of layer 2",
    "linked 1.0 of layer 1",
    "moved 1.0 of layer 2",
    "over 1.0 of layer 3",
    "replaced 2.0 of layer 2",
];

/// A layout with one image of three layers.
pub(crate) struct Layout(TempDir);

impl Layout {
    pub(crate) fn new() -> Self {
        let layout = Self(TempDir::new().unwrap());
        run(Command::new("umoci").args(["init", "--layout"]).arg(layout.path()));
        layout.umoci("new", &[]);
        layout.layer(first);
        layout.layer(second);
        layout.third();
        layout
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("layout")
    }

    /// The image's name for skopeo.
    pub(crate) fn name(&self) -> String {
        format!("oci:{}:image", self.path().display())
    }

    /// Adds a layer with what changes.
    fn layer(&self, change: fn(&Path)) {
        let bundle = self.0.path().join("bundle");
        let at = bundle.to_str().unwrap();
        self.umoci("unpack", &["--rootless", at]);
        change(&bundle.join("rootfs"));
        self.umoci("repack", &[at]);
        fs::remove_dir_all(&bundle).unwrap();
    }

    /// Adds a layer with a folder that hides what was in it.
    fn third(&self) {
        let folder = self.0.path().join("opaque");
        write(&folder, "over-1.0.dist-info/METADATA", &metadata("over", "1.0"));
        self.umoci("insert", &["--opaque", folder.to_str().unwrap(), &format!("/{HIDDEN}")]);
    }

    fn umoci(&self, verb: &str, arguments: &[&str]) {
        let image = format!("{}:image", self.path().display());
        run(Command::new("umoci").args([verb, "--image", &image]).args(arguments));
    }
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn status(root: &Path, packages: &[(&str, &str)]) {
    let package = |(name, version): &(&str, &str)| {
        format!("Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n")
    };
    write(root, "var/lib/dpkg/status", &packages.iter().map(package).collect::<String>());
}

const LIBRARIES: &str = "opt/app/lib/python3.11/site-packages";
/// Those that the third layer hides.
const HIDDEN: &str = "srv/app/lib/python3.11/site-packages";

fn metadata(name: &str, version: &str) -> String {
    format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
}

fn python(root: &Path, name: &str, version: &str) {
    let path = format!("{LIBRARIES}/{name}-{version}.dist-info/METADATA");
    write(root, &path, &metadata(name, version));
}

fn first(root: &Path) {
    status(root, &[("kept", "1"), ("removed", "1"), ("upgraded", "1")]);
    for (name, version) in
        [("gone", "1.0"), ("moved", "1.0"), ("replaced", "1.0"), ("hidden", "1.0")]
    {
        python(root, name, version);
    }
    write(root, &format!("{HIDDEN}/under-1.0.dist-info/METADATA"), &metadata("under", "1.0"));
    // Its bytes come before the name by which it is known.
    write(root, "a/shared", &metadata("linked", "1.0"));
    let folder = root.join(LIBRARIES).join("linked-1.0.dist-info");
    fs::create_dir(&folder).unwrap();
    fs::hard_link(root.join("a/shared"), folder.join("METADATA")).unwrap();
}

fn second(root: &Path) {
    status(root, &[("kept", "1"), ("upgraded", "2")]);
    let library = |name: &str| root.join(LIBRARIES).join(format!("{name}-1.0.dist-info"));
    fs::remove_dir_all(library("gone")).unwrap();
    // The same package, of another folder from now on.
    let elsewhere = root.join("usr/local/lib/python3.11/site-packages");
    fs::create_dir_all(&elsewhere).unwrap();
    fs::rename(library("moved"), elsewhere.join("moved-1.0.dist-info")).unwrap();
    fs::remove_dir_all(library("replaced")).unwrap();
    python(root, "replaced", "2.0");
    // A link in the place of a folder hides what was in it.
    fs::remove_dir_all(library("hidden")).unwrap();
    symlink("/nowhere", library("hidden")).unwrap();
}
