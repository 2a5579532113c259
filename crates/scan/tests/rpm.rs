//! A database as rpm itself writes it, against what rpm itself lists.

#![allow(clippy::expect_used, reason = "tests")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use image::{Bounds, Folder};
use scan::{Collector, Setting, extractors};

const SPEC: &str = "Name: NAME\nSummary: s\nLicense: MIT\nVersion: 1.0\nRelease: 1.el9\nBuildArch: noarch\nEPOCH\n\
    %description\nd\n%install\nmkdir -p %{buildroot}/usr/share/NAME\necho x >%{buildroot}/usr/share/NAME/file\n\
    %files\n/usr/share/NAME\n";
const LINE: &str = "%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{ARCH} %{SOURCERPM}\\n";

fn run(program: &str, arguments: &[&str]) -> Output {
    let out = Command::new(program).args(arguments).output().expect("it runs");
    assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
    out
}

fn build(folder: &Path, name: &str, epoch: &str) -> String {
    let spec = folder.join(format!("{name}.spec"));
    fs::write(&spec, SPEC.replace("NAME", name).replace("EPOCH", epoch))
        .expect("a file is written");
    let top = format!("_topdir {}", folder.display());
    run("rpmbuild", &["-bb", "--quiet", "--define", &top, &spec.display().to_string()]);
    folder.join(format!("RPMS/noarch/{name}-1.0-1.el9.noarch.rpm")).display().to_string()
}

#[test]
fn packages_are_those_that_rpm_lists() {
    if Command::new("rpmbuild").arg("--version").output().is_err() {
        eprintln!("skipped: no rpmbuild (Debian: rpm)");
        return;
    }
    let work = tempfile::tempdir().expect("a folder is made");
    let root = work.path().join("root");
    let base = root.join("var/lib/rpm");
    fs::create_dir_all(&base).expect("a folder is made");
    let path = base.display().to_string();
    run("rpm", &["--dbpath", &path, "--initdb"]);
    let mut install =
        vec!["--dbpath", &path, "-i", "--justdb", "--nodeps", "--ignoreos", "--nosignature"];
    let names: Vec<String> = (0..9).map(|number| format!("package-{number}")).collect();
    let packages: Vec<String> = names
        .iter()
        .zip(["", "Epoch: 2", "Epoch: 0"].into_iter().cycle())
        .map(|(name, epoch)| build(work.path(), name, epoch))
        .collect();
    install.extend(packages.iter().map(String::as_str));
    run("rpm", &install);

    let listed = run("rpm", &["--dbpath", &path, "-qa", "--qf", LINE]).stdout;
    let listed = String::from_utf8(listed).expect("rpm writes UTF-8").replace(" 0:", " ");
    let mut listed: Vec<&str> = listed.lines().collect();
    listed.sort_unstable();

    let mut collector = Collector::new(extractors::of(&[Setting::System]));
    let folder = Folder::open(&root, Bounds::Everywhere).expect("the folder opens");
    folder.walk(&mut collector).expect("the folder is read");
    let inventory = collector.finish();
    assert_eq!(inventory.troubles, []);
    let line = |package: &scan::Package| {
        let (name, version) = (&package.name, &package.version);
        format!("{name} {version} {} {name}-1.0-1.el9.src.rpm", package.architecture)
    };
    let mut found: Vec<String> = inventory.packages.iter().map(line).collect();
    found.sort();
    assert_eq!(found, listed);
    for package in &inventory.packages {
        let source = package.source.as_ref().expect("a source is told");
        assert_eq!((&source.name, &source.version), (&package.name, &package.version));
    }
}
