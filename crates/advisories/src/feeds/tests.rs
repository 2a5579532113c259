//! What a file is of is told by what is in it; and what is broken in it is told.

use super::{Import, read};

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
