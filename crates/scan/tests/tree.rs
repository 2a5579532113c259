//! Whole trees: which files are read by their names, and what is put together of them.

#![allow(clippy::expect_used, reason = "tests")]

use std::{fs, path::Path};

use image::{Bounds, Folder};
use scan::{Collector, Inventory, Setting, extractors, purl};

fn scan(files: &[(&str, &str)], settings: &[Setting]) -> Inventory {
    let root = tempfile::tempdir().expect("a folder is made");
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }
    let mut collector = Collector::new(extractors::of(settings));
    let folder = Folder::open(root.path(), Bounds::Everywhere).expect("the folder opens");
    folder.walk(&mut collector).expect("the folder is read");
    collector.finish()
}

fn lines(inventory: &Inventory) -> Vec<String> {
    let line = |it: &scan::Package| {
        let places: Vec<_> = it.locations.iter().map(|place| place.path.as_str()).collect();
        format!("{} {}", purl(it, inventory.distro.as_ref()), places.join(" "))
    };
    inventory.packages.iter().map(line).collect()
}

const STORE: &str = "nix/store/0c2h5pxzcbrxkhmk4b8ri4kzmhlvcqsa-bash-5.2-p15";

#[test]
fn files_are_read_by_the_form_of_their_names() {
    let inventory = scan(
        &[
            (&format!("{STORE}/bin/bash"), ""),
            ("nix/store/1c2h5pxzcbrxkhmk4b8ri4kzmhlvcqsa-source-1.tar.gz", ""),
            ("srv/wp-content/plugins/a/a.php", "<?php /*\nPlugin Name: A\nVersion: 1\n*/"),
            ("srv/wp-content/plugins/a/deep/a.php", "<?php /*\nPlugin Name: A\nVersion: 2\n*/"),
            ("wp-includes/version.php", "<?php\n$wp_version = '6.4';\n"),
            ("snap/core/1/meta/snap.yaml", "name: core\nversion: '1'\n"),
            ("elsewhere/snap.yaml", "name: core\nversion: '2'\n"),
            ("app/packages.config", "<packages><package id='B' version='3'/></packages>"),
            ("app/pom.xml", "<project/>"),
        ],
        &[Setting::System, Setting::Installed],
    );
    assert_eq!(inventory.troubles, []);
    let expected = [
        &format!("pkg:nix/bash@5.2-p15 {STORE}"),
        "pkg:nuget/B@3 app/packages.config",
        "pkg:snap/core@1 snap/core/1/meta/snap.yaml",
        "pkg:wordpress/a@1 srv/wp-content/plugins/a/a.php",
        "pkg:wordpress/wordpress@6.4 wp-includes/version.php",
    ];
    assert_eq!(lines(&inventory), expected);
}

#[test]
fn packages_of_arch_and_gentoo_own_their_files() {
    let inventory = scan(
        &[
            ("etc/os-release", "ID=arch\nNAME=Arch\n"),
            ("var/lib/pacman/local/a-1-1/desc", "%NAME%\na\n\n%VERSION%\n1-1\n\n%ARCH%\nx86_64\n"),
            ("var/lib/pacman/local/a-1-1/files", "%FILES%\nusr/lib/a-2.jar\n"),
            ("var/db/pkg/app-misc/b-3-r1/PF", "b-3-r1\n"),
            ("var/db/pkg/app-misc/b-3-r1/CONTENTS", "obj /usr/lib/b-3.deps.json 0 0\n"),
            ("usr/lib/a-2.jar", "no archive"),
            ("usr/lib/b-3.deps.json", r#"{"libraries":{"c/1":{"type":"package"}}}"#),
            ("usr/lib/d.deps.json", r#"{"libraries":{"d/1":{"type":"package"}}}"#),
        ],
        &[Setting::System, Setting::Installed],
    );
    let expected = [
        "pkg:alpm/arch/a@1-1?arch=x86_64&distro=arch var/lib/pacman/local/a-1-1/desc",
        "pkg:nuget/d@1 usr/lib/d.deps.json",
        "pkg:portage/app-misc/b@3-r1?distro=arch var/db/pkg/app-misc/b-3-r1/PF",
    ];
    assert_eq!(lines(&inventory), expected);
}

#[test]
fn distributions_are_told_by_os_release_and_by_files_of_their_own() {
    const CENTOS: (&str, &str) = ("etc/centos-release", "CentOS Linux release 7.6.1810 (Core)\n");
    const OLD: (&str, &str) = ("etc/redhat-release", "CentOS release 6.10 (Final)\n");
    const OTHER: (&str, &str) = ("etc/redhat-release", "Red Hat Enterprise Linux release 9.9\n");
    const WHOLE: (&str, &str) =
        ("etc/os-release", "ID=\"centos\"\nVERSION_ID=\"7\"\nPRETTY_NAME=\"CentOS 7\"\n");
    for (files, expected) in [
        (&[OLD][..], ("centos", "6.10", "CentOS release 6.10 (Final)")),
        (&[CENTOS, WHOLE], ("centos", "7.6.1810", "CentOS 7")),
        (&[OTHER, WHOLE], ("centos", "7", "CentOS 7")),
    ] {
        let distro = scan(files, &[Setting::System]).distro.expect("it is told");
        assert_eq!((distro.id.as_str(), distro.full_version(), distro.name.as_str()), expected);
    }
}

#[test]
fn projects_of_maven_are_put_together_over_the_tree() {
    let parent = "<project><groupId>g</groupId><artifactId>top</artifactId><version>1</version>
        <dependencyManagement><dependencies><dependency><groupId>x</groupId><artifactId>a</artifactId>
        <version>2</version></dependency></dependencies></dependencyManagement></project>";
    let child = "<project><parent><groupId>g</groupId><artifactId>top</artifactId></parent><artifactId>child</artifactId>
        <dependencies><dependency><groupId>x</groupId><artifactId>a</artifactId></dependency></dependencies></project>";
    let files = [("pom.xml", parent), ("child/pom.xml", child), ("src/it/one/pom.xml", child)];
    let inventory = scan(&files, &[Setting::Declared]);
    let expected = [
        "pkg:maven/g/child@1 child/pom.xml src/it/one/pom.xml",
        "pkg:maven/g/top@1 pom.xml",
        "pkg:maven/x/a@2 child/pom.xml src/it/one/pom.xml",
    ];
    assert_eq!(lines(&inventory), expected);
    assert!(inventory.packages.iter().all(|package| !package.is_dev));
}
