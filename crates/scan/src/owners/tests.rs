//! Whose files paths are, in small trees.

use std::io::Cursor;

use image::{Entry, Kind as EntryKind, Visitor, Want};

use super::*;
use crate::{Collector, Package, Setting, extractors};

/// What is installed in a tree of files and links, and whose these paths are.
fn asked(files: &[(&str, &str)], links: &[(&str, &str)], paths: &[&str]) -> Inventory {
    let settings = [Setting::System, Setting::Installed, Setting::Files];
    let mut collector = Collector::new(extractors::of(&settings));
    collector.ask_owners(paths.iter().map(|path| path.as_bytes().to_vec()).collect());
    for (path, target) in links {
        let kind = EntryKind::Symlink(target.as_bytes());
        collector.entry(&Entry { path: path.as_bytes(), kind, mode: 0o777, size_bytes: 0 });
    }
    for (path, text) in files {
        let size_bytes = text.len() as u64;
        let entry = Entry { path: path.as_bytes(), kind: EntryKind::File, mode: 0o644, size_bytes };
        if collector.entry(&entry) == Want::Content {
            collector.content(&entry, &mut Cursor::new(text.as_bytes()));
        }
    }
    collector.finish()
}

/// `name: known or not, places of its paths`.
fn told(inventory: &Inventory) -> Vec<String> {
    let owners = inventory.owners.as_ref().unwrap();
    let line = |(package, owned): (&Package, &Owned)| {
        let known = if owned.is_known { "known" } else { "unknown" };
        format!("{}: {known} {:?}", package.name, owned.asked)
    };
    inventory.packages.iter().zip(&owners.of_packages).map(line).collect()
}

#[test]
fn files_of_debian_are_known_by_lists_links_and_architectures() {
    let status = "Package: libz\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n\
                  Package: libz\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\n\n\
                  Package: mawk\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2\n\n\
                  Package: none\nStatus: install ok installed\nArchitecture: all\nVersion: 3\n";
    let inventory = asked(
        &[
            ("var/lib/dpkg/status", status),
            (
                "var/lib/dpkg/info/libz:amd64.list",
                "/.\n/lib/x86_64/libz.so.1\n/lib/x86_64/libz.so.1.2\n",
            ),
            ("var/lib/dpkg/info/libz:i386.list", "/lib/i386/libz.so.1\n"),
            ("var/lib/dpkg/info/mawk.list", "/usr/bin/mawk\n"),
        ],
        &[
            ("lib", "usr/lib"),
            ("usr/lib/x86_64/libz.so.1", "libz.so.1.2"),
            ("usr/bin/awk", "/etc/alternatives/awk"),
            ("etc/alternatives/awk", "/usr/bin/mawk"),
        ],
        &["/usr/lib/x86_64/libz.so.1", "/lib/i386/libz.so.1", "/usr/bin/awk", "/usr/bin/gawk"],
    );
    assert_eq!(
        told(&inventory),
        ["libz: known [0]", "libz: known [1]", "mawk: known [2]", "none: unknown []"]
    );
}

#[test]
fn files_of_alpine_are_known_by_the_database() {
    let installed = "P:musl\nV:1\nA:x86_64\nF:lib\nR:ld-musl-x86_64.so.1\n\n\
                     P:busybox\nV:2\nA:x86_64\nF:bin\nR:busybox\nR:sh\n\nP:empty\nV:3\n\n";
    let inventory = asked(
        &[("lib/apk/db/installed", installed)],
        &[],
        &["/bin/busybox", "/bin/sh", "/bin/bash"],
    );
    assert_eq!(told(&inventory), ["busybox: known [0, 1]", "empty: unknown []", "musl: known []"]);
    let owners = inventory.owners.unwrap();
    assert_eq!(owners.of_packages[2].by_kernel, Some(ByKernel::Loader));
    assert_eq!(owners.of_packages[0].by_kernel, None);
}

#[test]
fn files_of_python_are_known_by_records_and_compiled_modules_by_their_sources() {
    let site = "usr/lib/python3/site-packages";
    let (metadata, record) =
        (format!("{site}/a-1.dist-info/METADATA"), format!("{site}/a-1.dist-info/RECORD"));
    let other = format!("{site}/b-1.dist-info/METADATA");
    let inventory = asked(
        &[
            (metadata.as_str(), "Name: a\nVersion: 1\n"),
            (record.as_str(), "a/core.py,,\n../../../bin/a,,\n"),
            (other.as_str(), "Name: b\nVersion: 1\n"),
        ],
        &[],
        &[
            "/usr/lib/python3/site-packages/a/__pycache__/core.cpython-311.opt-1.pyc",
            "/usr/bin/a",
            "/usr/lib/python3/site-packages/b/core.py",
        ],
    );
    assert_eq!(told(&inventory), ["a: known [0, 1]", "b: unknown []"]);
}

#[test]
fn what_is_in_a_folder_within_another_packages_folder_is_of_the_inner_one() {
    let package = |name: &str| format!("{{\"name\": \"{name}\", \"version\": \"1\"}}");
    let (a, b) = (package("a"), package("b"));
    let inventory = asked(
        &[
            ("srv/node_modules/a/package.json", a.as_str()),
            ("srv/node_modules/a/node_modules/b/package.json", b.as_str()),
        ],
        &[],
        &[
            "/srv/node_modules/a/index.js",
            "/srv/node_modules/a/node_modules/b/lib/b.js",
            "/srv/main.js",
        ],
    );
    assert_eq!(told(&inventory), ["a: known [0]", "b: known [1]"]);
    // Of a document, the same is known.
    let again = owners(&inventory, &[b"/srv/node_modules/a/index.js".to_vec()]);
    assert_eq!(again.of_packages[0].asked, [0]);
}

#[test]
fn what_the_kernel_reads_is_known_by_its_name() {
    for (path, expected) in [
        ("usr/lib64/ld-linux-x86-64.so.2", Some(ByKernel::Loader)),
        ("lib/ld-musl-aarch64.so.1", Some(ByKernel::Loader)),
        ("lib/x86_64-linux-gnu/ld-2.31.so", Some(ByKernel::Loader)),
        ("usr/bin/ld", None),
        ("boot/vmlinuz-6.1.0-18-amd64", Some(ByKernel::Kernel)),
        ("lib/modules/6.1/vmlinuz", Some(ByKernel::Kernel)),
        ("lib/modules/6.1/kernel/fs/ext4/ext4.ko.xz", Some(ByKernel::Kernel)),
        ("lib/modules", None),
        ("usr/lib/libz.so.1", None),
    ] {
        assert_eq!(by_kernel(path.as_bytes()), expected, "{path}");
    }
}
