//! Records as databases have them.

use super::*;

fn read(json: &str) -> Option<Advisory> {
    let record: Record<'_> = serde_json::from_str(json).unwrap();
    let only = ecosystems(&record).first().copied().unwrap_or_default().to_owned();
    advisory(&record, &only)
}

#[test]
fn a_record_says_what_is_in_which_versions() {
    let one = read(
        r#"{"id": "PYSEC-1", "modified": "2026-01-02T00:00:00Z", "aliases": ["CVE-2026-1"],
        "details": "Bad.\nMore.", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [{"package": {"ecosystem": "PyPI", "name": "A_b"}, "versions": ["1.0", "1.1", "9"],
        "ranges": [{"type": "GIT", "events": [{"introduced": "abc"}]},
                   {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]}]}]}"#,
    );
    let one = one.unwrap();
    assert_eq!((one.id.as_str(), one.summary.as_str()), ("PYSEC-1", "Bad."));
    assert_eq!(one.aliases, ["CVE-2026-1"]);
    assert_eq!(one.ratings[0].score().unwrap().value, 9.8);
    let [affected] = &*one.affected else { panic!("{one:?}") };
    assert_eq!((affected.space.as_str(), affected.package.as_str()), ("PyPI", "a-b"));
    assert_eq!(affected.intervals, [crate::Interval::below("1.2")]);
    assert_eq!(affected.versions, ["9"], "what the range has is not listed again");
}

#[test]
fn an_erratum_mends_flaws_that_have_names_of_their_own() {
    let affected = r#""affected": [{"package": {"ecosystem": "AlmaLinux:9", "name": "acl"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2-1"}]}]}]"#;
    let of = |id: &str, ids: &str| read(&format!(r#"{{"id": "{id}", {ids}, {affected}}}"#));
    let erratum = of("ALSA-2026:1", r#""related": ["CVE-2026-1", "CVE-2026-2"]"#).unwrap();
    assert_eq!(erratum.covers, ["CVE-2026-1", "CVE-2026-2"]);
    assert!(erratum.aliases.is_empty());
    assert!(of("ALBA-2026:1", r#""related": []"#).is_none(), "mends bugs alone");
    let word =
        of("UBUNTU-CVE-2026-1", r#""upstream": ["CVE-2026-1"], "related": ["USN-1"]"#).unwrap();
    assert_eq!((word.aliases, word.covers), (vec!["CVE-2026-1".to_owned()], vec![]));
}

#[test]
fn words_of_databases_are_levels_and_natures() {
    let one = read(
        r#"{"id": "GHSA-1", "database_specific": {"severity": "MODERATE", "cwe_ids": [1]},
        "affected": [{"package": {"ecosystem": "crates.io", "name": "a"}, "versions": ["1.0.0"],
        "database_specific": {"informational": "unsound"}, "ecosystem_specific": {"severity": ["odd"]}}]}"#,
    );
    let one = one.unwrap();
    assert_eq!(one.ratings, [Rating::level("ghsa", "medium").unwrap()]);
    assert_eq!(one.nature, Nature::Unsound);
    let malicious = r#"{"id": "MAL-1", "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}"#;
    assert_eq!(read(malicious).unwrap().nature, Nature::Malicious);
}

#[test]
fn what_is_of_no_packages_is_left_out() {
    for affected in [
        "[]",
        r#"[{"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}]"#,
        r#"[{"package": {"ecosystem": "OSS-Fuzz", "name": "a"}, "versions": ["1"]}]"#,
        r#"[{"package": {"ecosystem": "npm", "name": "a"}}]"#,
    ] {
        assert_eq!(
            read(&format!(r#"{{"id": "A-1", "affected": {affected}}}"#)),
            None,
            "{affected}"
        );
    }
}

#[test]
fn what_is_mended_for_those_who_pay_is_there_for_all_others() {
    let of = |ecosystem: &str, name: &str| {
        format!(
            r#"{{"package": {{"ecosystem": "{ecosystem}", "name": "{name}"}}, "ranges": [{{"type": "ECOSYSTEM",
            "events": [{{"introduced": "0"}}, {{"fixed": "1-1ubuntu1+esm1"}}]}}]}}"#
        )
    };
    let all = [
        of("Ubuntu:Pro:16.04:LTS", "a"),
        of("Ubuntu:Pro:16.04:LTS", "b"),
        of("Ubuntu:16.04:LTS", "b"),
        of("Ubuntu:Pro:FIPS:22.04:LTS", "c"),
    ];
    let json = format!(r#"{{"id": "UBUNTU-CVE-2026-1", "affected": [{}]}}"#, all.join(","));
    let one = read(&json).unwrap();
    let told: Vec<String> = one
        .affected
        .iter()
        .filter(|it| it.space.ecosystem() == "Ubuntu")
        .map(|it| format!("{} {} {:?}", it.space, it.package, it.status))
        .collect();
    assert_eq!(told, ["Ubuntu:16.04 b Affected", "Ubuntu:16.04 a WillNotFix"]);
}

#[test]
fn the_first_line_of_what_is_said_stands_for_a_summary() {
    for (details, expected) in [
        (r#""""#, ""),
        (r#""one line""#, "one line"),
        (r#""one\ntwo \"quoted\"\nthree""#, "one"),
        (r#""one\r\ntwo""#, "one"),
        (r#""one\u000atwo\nthree""#, "one"),
        (r#""C:\\new \u00fc \\\ntwo""#, "C:\\new ü \\"),
        (r#""\ntwo""#, ""),
        ("null", ""),
        ("7", ""),
        (r#"["a\nb"]"#, ""),
    ] {
        assert_eq!(summary(None, details), expected, "{details}");
    }
    assert_eq!(summary(Some("own"), r#""one""#), "own");
    assert_eq!(summary(Some(""), r#""one""#), "one");
}
