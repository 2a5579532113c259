//! What a file is of is told by what is in it; and what is broken in it is told.

use std::{fs, path::Path};

use super::{Gathered, Import, import, read};
use crate::{
    Space,
    db::{Change, Database, Entry},
};

fn parts(import: &Import) -> Vec<&str> {
    import.gathered.iter().map(|it| it.header.feed.as_str()).collect()
}

/// One file of each feed whose files lie with others of their kind.
const FILES: [(&str, &str, &str); 7] = [
    (
        "a.json",
        r#"{"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}"#,
        "osv-npm",
    ),
    (
        "cve.json",
        r#"{"name": "CVE-2026-1", "threat_severity": "Low", "bugzilla": {}, "package_state": [{"cpe": "cpe:/o:redhat:enterprise_linux:9", "package_name": "acl"}]}"#,
        "redhat",
    ),
    (
        "a.json",
        r#"{"document": {"csaf_version": "2.0", "category": "csaf_vex", "publisher": {"name": "Red Hat"}, "tracking": {"id": "CVE-2026-1"}}, "vulnerabilities": [{"cve": "CVE-2026-1"}]}"#,
        "redhat",
    ),
    (
        "a.openvex.json",
        r#"{"@context": "https://openvex.dev/ns/v0.2.0", "author": "Chainguard", "statements": [{"vulnerability": {"name": "CGA-1"}, "products": [{"@id": "pkg:pypi/a@1"}], "status": "fixed"}]}"#,
        "chainguard-libraries",
    ),
    (
        "b.json",
        r#"{"alias": "FEDORA-2026-1", "type": "security", "release": {"version": "40"}, "bugs": [{"title": "CVE-2026-1234 a"}], "builds": [{"nvr": "a-1-1.fc40"}]}"#,
        "fedora",
    ),
    (
        "CVE-2026-1",
        r#"{"name": "CVE-2026-1", "patches": [{"distro": "jammy", "status": "needed", "version": null, "package": "a", "priority": null}], "ignored_patches": []}"#,
        "ubuntu",
    ),
    (
        "a.md",
        "# Critical Photon OS Security Update\n### Low\na - ['[CVE-2026-1](x)']\n",
        "photon-updates",
    ),
];

#[test]
fn files_are_of_the_feed_that_their_content_says() {
    for (name, text, part) in FILES {
        let import = read(name, text.as_bytes()).unwrap();
        assert_eq!((parts(&import), &*import.troubles), (vec![part], &[][..]), "{name}");
    }
}

#[test]
fn one_broken_file_is_told_and_takes_no_others_with_it() {
    for (name, text, _) in FILES.iter().filter(|(_, text, _)| text.starts_with('{')) {
        // Its begin says what it is of, and its end is missing, or of another type.
        let cut = text.strip_suffix('}').unwrap();
        let odd = text.replacen("[{", "[7, {", 1);
        for broken in [cut, odd.as_str()] {
            let import = read(name, broken.as_bytes()).unwrap();
            assert_eq!((parts(&import).len(), import.troubles.len()), (0, 1), "{broken}");
        }
    }
}

/// Imports a file by itself.
fn take(folder: &Path, name: &str, text: &str) {
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join(name);
    fs::write(&path, text).unwrap();
    let import = import(&[path]);
    assert_eq!((import.troubles.len(), import.failed.len()), (0, 0), "{import:?}");
    let mut change = Change::begin(folder).unwrap();
    for Gathered { builder, header } in import.gathered {
        change.put(builder, header).unwrap();
    }
    change.commit().unwrap();
}

/// What a database says: errata and packages; and whether it tells of a release as a whole.
fn told(folder: &Path, space: &str) -> (Vec<String>, bool) {
    let database = Database::open(folder).unwrap();
    let mut lines = Vec::new();
    let packages = ["a", "b", "c"].map(|name| (Space::named(space), name));
    for part in database.parts() {
        let asked = packages.iter().map(|(space, name)| (space, *name));
        for (found, (_, name)) in part.entries(asked).unwrap().iter().zip(&packages) {
            for Entry { id, affected } in found {
                lines.push(format!("{id} {name} {}", affected.intervals[0].fixed().unwrap()));
            }
        }
    }
    lines.sort();
    (lines, database.covers(&Space::named(space)))
}

fn updateinfo(id: &str, day: &str, package: &str, release: &str) -> String {
    format!(
        r#"<updates><update type="security"><id>{id}</id><issued date="{day}"/>
        <references><reference id="CVE-2026-1" type="cve"/></references><pkglist><collection>
        <package name="{package}" version="1" release="{release}" epoch="0" arch="noarch"/>
        </collection></pkglist></update></updates>"#
    )
}

#[test]
fn errata_of_several_repositories_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let update = |id, day, package| updateinfo(id, day, package, "1.el9");
    take(folder.path(), "updateinfo.xml", &update("RLSA-1", "2026-01-01", "a"));
    take(folder.path(), "updateinfo.xml", &update("RLSA-1", "2026-01-03", "b"));
    take(folder.path(), "updateinfo.xml", &update("RLSA-2", "2026-01-02", "c"));
    let all = ["RLSA-1 a 0:1-1.el9", "RLSA-1 b 0:1-1.el9", "RLSA-2 c 0:1-1.el9"];
    assert_eq!(told(folder.path(), "Rocky Linux:9"), (all.map(str::to_owned).into(), true));
}

#[test]
fn one_page_of_amazon_is_added_to_its_list() {
    let page =
        "<title>ALAS-77</title><b>Amazon Linux 2023 Security Advisory:</b> ALAS-2023-77\n</span>
        <div id='severity'><i></i> Low<br /></div><div id='references'>CVE-2026-2</div>
        <div id='new_packages'><pre>noarch:<br />&nbsp; b-1-1.amzn2023.noarch<br /></pre></div>";
    let amazon = "Amazon Linux:2023";
    let folder = tempfile::tempdir().unwrap();
    take(folder.path(), "ALAS-77.html", page);
    let of_page = "ALAS-2023-77 b 1-1.amzn2023".to_owned();
    assert_eq!(told(folder.path(), amazon), (vec![of_page.clone()], false), "it is not all");
    let list = updateinfo("ALAS2023-2023-1", "2026-01-01", "a", "1.amzn2023");
    let both = (vec![of_page, "ALAS2023-2023-1 a 0:1-1.amzn2023".to_owned()], true);
    for (name, text) in [("updateinfo.xml", list.as_str()), ("ALAS-77.html", page)] {
        take(folder.path(), name, text);
        assert_eq!(told(folder.path(), amazon), both, "{name}");
    }
}

#[test]
fn one_erratum_of_oracle_is_added_to_the_file_of_all() {
    let definition = |id: &str, package: &str| {
        format!(
            r#"<definition id="{id}" class="patch"><metadata><reference ref_id="{id}"/></metadata><criteria
            operator="AND"><criterion comment="Oracle Linux 8 is installed"/><criterion
            comment="{package} is earlier than 1-1.el8"/></criteria></definition>"#
        )
    };
    let document = |definitions: &[String]| {
        format!("<oval_definitions>{}</oval_definitions>", definitions.concat())
    };
    let folder = tempfile::tempdir().unwrap();
    let (first, second, third) =
        (definition("ELSA-1", "a"), definition("ELSA-2", "b"), definition("ELSA-3", "c"));
    let told = || told(folder.path(), "Oracle Linux:8");
    let errata =
        |ids: &[&str]| -> Vec<String> { ids.iter().map(|id| format!("{id} 1-1.el8")).collect() };
    take(folder.path(), "com.oracle.elsa-3.xml", &document(std::slice::from_ref(&third)));
    assert_eq!(told(), (errata(&["ELSA-3 c"]), false));
    take(folder.path(), "com.oracle.elsa-all.xml", &document(&[first.clone(), second]));
    assert_eq!(told(), (errata(&["ELSA-1 a", "ELSA-2 b"]), true));
    take(folder.path(), "com.oracle.elsa-3.xml", &document(&[third]));
    assert_eq!(told(), (errata(&["ELSA-1 a", "ELSA-2 b", "ELSA-3 c"]), true));
    take(folder.path(), "com.oracle.elsa-all.xml", &document(&[first]));
    assert_eq!(told(), (errata(&["ELSA-1 a"]), true), "the file of all has what there is");
}

#[test]
fn one_record_of_ubuntu_does_not_take_the_place_of_all() {
    let record = |id: &str, package: &str| {
        format!(
            r#"{{"name": "{id}", "patches": [{{"distro": "jammy", "status": "released", "version": "1", "package": "{package}", "priority": null}}], "ignored_patches": []}}"#
        )
    };
    let folder = tempfile::tempdir().unwrap();
    take(folder.path(), "CVE-1", &record("CVE-1", "a"));
    take(folder.path(), "CVE-2", &record("CVE-2", "b"));
    let both = vec!["CVE-1 a 1".to_owned(), "CVE-2 b 1".to_owned()];
    assert_eq!(told(folder.path(), "Ubuntu:22.04"), (both, false), "it is not all that is known");
}

#[test]
fn what_tells_something_beside_makes_nothing_known() {
    let vex = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "author": "Chainguard", "statements":
        [{"vulnerability": {"name": "CGA-1"}, "products": [{"@id": "pkg:pypi/a@1+cgr.1"}], "status": "fixed"}]}"#;
    let folder = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    fs::write(files.path().join("a.openvex.json"), vex).unwrap();
    let mut change = Change::begin(folder.path()).unwrap();
    for Gathered { builder, header } in import(&[files.path().to_owned()]).gathered {
        change.put(builder, header).unwrap();
    }
    change.commit().unwrap();
    let database = Database::open(folder.path()).unwrap();
    assert!(database.has(&Space::named("PyPI")) && !database.covers(&Space::named("PyPI")));
}
