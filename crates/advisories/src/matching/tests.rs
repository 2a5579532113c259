//! Matching as a whole, and beside the plain reading of what advisories say.

use proptest::prelude::*;
use scan::{Distro, Kind, Package, Source};
use versions::{Scheme, Version};

use super::*;
use crate::{
    Advisory, Affected, Interval, Nature, Space, Status,
    db::{self, Builder, Header, Repeats},
};

fn affected(space: &str, package: &str, fixed: &str) -> Affected {
    let (space, package) = (Space::named(space), package.to_owned());
    let intervals = vec![Interval::below(fixed)];
    Affected { space, package, intervals, ..Affected::default() }
}

fn advisory(id: &str, affected: Vec<Affected>) -> Advisory {
    Advisory { id: id.to_owned(), affected, ..Advisory::default() }
}

fn database(parts: &[(&str, Vec<Advisory>)]) -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    for (feed, advisories) in parts {
        let mut builder = Builder::new(Repeats::Add);
        advisories.iter().cloned().for_each(|it| builder.add(it));
        let header = Header { feed: (*feed).to_owned(), ..Header::default() };
        db::replace(folder.path(), builder, header).unwrap();
    }
    let database = Database::open(folder.path()).unwrap();
    (folder, database)
}

fn inventory(distro: &str, version: &str, packages: Vec<Package>) -> Inventory {
    let distro = Distro { id: distro.into(), version: version.into(), ..Distro::default() };
    Inventory { distro: Some(distro), packages, ..Inventory::default() }
}

fn told(matches: &Matches) -> Vec<(&str, &str)> {
    matches
        .findings
        .iter()
        .map(|it| (it.id.as_str(), it.fixed_version.as_deref().unwrap_or("")))
        .collect()
}

#[test]
fn a_distributions_packages_are_looked_for_by_what_they_are_built_from() {
    let advisories =
        vec![advisory("CVE-1", vec![affected("Debian:12", "glibc", "2.36-9+deb12u4")])];
    let (_folder, database) = database(&[("debian", advisories)]);
    let mut package = Package::new(Kind::Deb, "libc6", "2.36-9+deb12u3");
    package.source = Some(Source { name: "glibc".into(), version: "2.36-9+deb12u3".into() });
    let found = find(&database, &inventory("debian", "12", vec![package.clone()])).unwrap();
    assert_eq!(told(&found), [("CVE-1", "2.36-9+deb12u4")]);
    assert_eq!(found.findings[0].state, State::Fixed);
    // What another release has is not what this one has.
    let found = find(&database, &inventory("debian", "13", vec![package])).unwrap();
    assert!(found.findings.is_empty());
    assert_eq!(found.unscanned[0].space, Some(Space::named("Debian:13")));
}

#[test]
fn what_nothing_is_known_of_is_unscanned() {
    let advisories = vec![advisory("CVE-1", vec![affected("npm", "left", "1.0.0")])];
    let (_folder, database) = database(&[("osv-npm", advisories)]);
    let packages = vec![
        Package::new(Kind::Npm, "left", "1.0.0"),
        Package::new(Kind::Npm, "left", "next"),
        Package::new(Kind::Pypi, "right", "1.0.0"),
        Package::new(Kind::Snap, "core", "1"),
        Package::new(Kind::Deb, "bash", "1"),
    ];
    let found = find(&database, &inventory("plan9", "4", packages)).unwrap();
    assert!(found.findings.is_empty());
    let unscanned: Vec<_> = found.unscanned.iter().map(|it| (it.kind, it.reason.text())).collect();
    assert_eq!(
        unscanned,
        [
            (Kind::Deb, "no feed tells of them"),
            (Kind::Npm, "without a version that can be compared"),
            (Kind::Pypi, "the database has nothing of that"),
            (Kind::Snap, "no feed tells of them"),
        ]
    );
}

#[test]
fn where_epel_is_set_up_and_nothing_of_it_is_known_that_is_told() {
    let system = || {
        let names = ["bash", "epel-release"];
        let packages = names.map(|name| Package::new(Kind::Rpm, name, "1-1.el8")).to_vec();
        inventory("almalinux", "8.10", packages)
    };
    let own = || advisory("ALSA-1", vec![affected("AlmaLinux:8", "bash", "2-1.el8")]);
    let epel = || advisory("FEDORA-EPEL-1", vec![affected("EPEL:8", "htop", "3-1.el8")]);
    let (_folder, without) = database(&[("alma", vec![own()])]);
    let found = find(&without, &system()).unwrap();
    let told: Vec<_> =
        found.unscanned.iter().map(|it| (it.space.clone(), it.reason, it.packages.len())).collect();
    assert_eq!(told, [(Some(Space::named("EPEL:8")), Reason::Brings, 1)]);
    let (_folder, with) = database(&[("alma", vec![own()]), ("epel", vec![epel()])]);
    let found = find(&with, &system()).unwrap();
    assert_eq!((found.findings.len(), found.unscanned), (1, vec![]));
}

#[test]
fn names_of_one_flaw_are_one_finding() {
    let names = |ids: &[&str]| ids.iter().copied().map(str::to_owned).collect::<Vec<_>>();
    let of = |id: &str, aliases: &[&str], fixed: &str| Advisory {
        aliases: names(aliases),
        ..advisory(id, vec![affected("Go", "m", fixed)])
    };
    let first = vec![of("GO-1", &["CVE-1", "GHSA-1"], "1.2.0"), of("GO-2", &[], "1.3.0")];
    // A circle of names, as feeds have them.
    let second = vec![of("GHSA-1", &["CVE-1", "GO-1"], "1.2.1"), of("GHSA-2", &["CVE-1"], "1.2.0")];
    let (_folder, database) = database(&[("a", first), ("b", second)]);
    let found =
        find(&database, &inventory("", "", vec![Package::new(Kind::Golang, "m", "v1.0.0")]));
    let found = found.unwrap();
    assert_eq!(told(&found), [("CVE-1", "1.2.0"), ("GO-2", "1.3.0")]);
    assert_eq!(found.findings[0].aliases, ["GHSA-1", "GHSA-2", "GO-1"]);
    assert_eq!(found.findings[0].feeds, ["a", "b"]);
}

#[test]
fn an_erratum_is_told_for_each_flaw_that_it_mends() {
    let mut erratum = advisory("ALSA-1", vec![affected("AlmaLinux:9", "acl", "2-1")]);
    erratum.covers = vec!["CVE-1".into(), "CVE-2".into()];
    let (_folder, database) = database(&[("a", vec![erratum])]);
    let found = find(
        &database,
        &inventory("almalinux", "9.0", vec![Package::new(Kind::Rpm, "acl", "1-1")]),
    );
    let found = found.unwrap();
    assert_eq!(told(&found), [("CVE-1", "2-1"), ("CVE-2", "2-1")]);
    assert_eq!(found.findings[0].aliases, ["ALSA-1"]);
}

#[test]
fn what_one_erratum_mends_is_mended_whatever_later_ones_list_again() {
    let erratum = |id: &str, fixed: &str| Advisory {
        covers: vec!["CVE-1".into()],
        ..advisory(id, vec![affected("AlmaLinux:9", "acl", fixed)])
    };
    let both = vec![erratum("ALSA-1", "1-1.el9_2"), erratum("ALSA-2", "1-1.el9_3")];
    let (_folder, database) = database(&[("a", both)]);
    for (installed, expected) in [("1-1.el9_1", &[("CVE-1", "1-1.el9_2")][..]), ("1-1.el9_2", &[])]
    {
        let package = Package::new(Kind::Rpm, "acl", installed);
        let found = find(&database, &inventory("almalinux", "9.0", vec![package])).unwrap();
        assert_eq!(told(&found), expected, "{installed}");
    }
}

#[test]
fn names_that_go_in_a_circle_are_one_flaw() {
    let of = |id: &str, alias: &str| Advisory {
        aliases: vec![alias.to_owned(), id.to_owned()],
        ..advisory(id, vec![affected("npm", "a", "2.0.0")])
    };
    let all = vec![of("GHSA-1", "CVE-1"), of("CVE-1", "OSV-1"), of("OSV-1", "GHSA-1")];
    let (_folder, database) = database(&[("a", all)]);
    let package = Package::new(Kind::Npm, "a", "1.0.0");
    let found = find(&database, &inventory("", "", vec![package])).unwrap();
    assert_eq!((told(&found), found.findings[0].aliases.len()), (vec![("CVE-1", "2.0.0")], 2));
}

/// Errata of one package that mend one flaw: ids and versions.
fn errata(space: &str, fixes: &[(&str, &str)]) -> Vec<Advisory> {
    let of = |(id, fixed): &(&str, &str)| Advisory {
        covers: vec!["CVE-1".into()],
        ..advisory(id, vec![affected(space, "acl", fixed)])
    };
    fixes.iter().map(of).collect()
}

#[test]
fn a_later_erratum_of_the_same_line_mends_what_the_first_left() {
    let fixes = [("ALSA-1", "1-1.el9_2"), ("ALSA-2", "1-2.el9_2"), ("ALSA-3", "1-9.el9_3")];
    let (_folder, rebuilt) = database(&[("a", errata("AlmaLinux:9", &fixes))]);
    let fixes = [("ALAS-1", "4.14.200-1.amzn2"), ("ALASKERNEL-5.10-1", "5.10.30-1.amzn2")];
    let (_folder, lines) = database(&[("a", errata("Amazon Linux:2", &fixes))]);
    for (database, distro, installed, expected) in [
        (&rebuilt, ("almalinux", "9"), "1-0.el9_2", Some("1-2.el9_2")),
        (&rebuilt, ("almalinux", "9"), "1-1.el9_2", Some("1-2.el9_2")),
        (&rebuilt, ("almalinux", "9"), "1-2.el9_2", None),
        (&rebuilt, ("almalinux", "9"), "1-8.el9_3", Some("1-9.el9_3")),
        (&lines, ("amzn", "2"), "4.14.100-1.amzn2", Some("4.14.200-1.amzn2")),
        (&lines, ("amzn", "2"), "4.14.210-1.amzn2", None),
        (&lines, ("amzn", "2"), "5.10.10-1.amzn2", Some("5.10.30-1.amzn2")),
        (&lines, ("amzn", "2"), "1:5.10.10-1.amzn2", Some("5.10.30-1.amzn2")),
        (&lines, ("amzn", "2"), "5.10.30-1.amzn2", None),
    ] {
        let package = Package::new(Kind::Rpm, "acl", installed);
        let found = find(database, &inventory(distro.0, distro.1, vec![package])).unwrap();
        let fixed: Vec<_> = found.findings.iter().map(|it| it.fixed_version.as_deref()).collect();
        assert_eq!(fixed, expected.map(Some).into_iter().collect::<Vec<_>>(), "{installed}");
    }
}

#[test]
fn one_erratum_with_several_builds_is_mended_by_any_of_them() {
    let builds = ["110-1.el8", "110-1.0.1.el8"].map(|it| affected("Oracle Linux:8", "osbuild", it));
    let erratum = Advisory { covers: vec!["CVE-1".into()], ..advisory("ELSA-1", builds.to_vec()) };
    let (_folder, database) = database(&[("oracle", vec![erratum])]);
    for (installed, expected) in [("109-1.el8", &[("CVE-1", "110-1.el8")][..]), ("110-1.el8", &[])]
    {
        let package = Package::new(Kind::Rpm, "osbuild", installed);
        let found = find(&database, &inventory("ol", "8.9", vec![package])).unwrap();
        assert_eq!(told(&found), expected, "{installed}");
    }
}

#[test]
fn errata_are_for_the_processors_and_variants_that_they_tell() {
    let of = |fixed: &str, processor: &str| Affected {
        processors: vec![processor.to_owned()],
        ..affected("Oracle Linux:7", "rsyslog", fixed)
    };
    let one = Advisory {
        covers: vec!["CVE-1".into()],
        ..advisory("ELSA-1", vec![of("8-57.0.4.el7", "aarch64"), of("8-57.0.1.el7", "x86_64")])
    };
    let live = affected("Oracle Linux:7", "rsyslog", "9-1.ksplice1.el7");
    let (_folder, database) = database(&[("oracle", vec![one, advisory("CVE-2", vec![live])])]);
    for (processor, version, expected) in [
        ("x86_64", "8-57.el7", &[("CVE-1", "8-57.0.1.el7")][..]),
        ("aarch64", "8-57.el7", &[("CVE-1", "8-57.0.4.el7")]),
        ("x86_64", "8-57.0.1.el7", &[]),
        ("aarch64", "8-57.0.1.el7", &[("CVE-1", "8-57.0.4.el7")]),
        ("s390x", "8-57.el7", &[]),
        ("x86_64", "8-57.0.1.ksplice1.el7", &[("CVE-2", "9-1.ksplice1.el7")]),
    ] {
        let mut package = Package::new(Kind::Rpm, "rsyslog", version);
        package.architecture = processor.to_owned();
        let found = find(&database, &inventory("ol", "7.9", vec![package])).unwrap();
        assert_eq!(told(&found), expected, "{processor} {version}");
    }
}

#[test]
fn fixes_that_a_package_got_from_others_count() {
    let all = vec![advisory(
        "CVE-1",
        vec![
            affected("Red Hat:8", "acl", "1-9.el8_8"),
            affected("Red Hat:rhel_eus:8.6", "acl", "1-3.el8_6"),
            Affected {
                intervals: vec![Interval::default()],
                ..affected("Ubuntu:16.04", "acl", "")
            },
            affected("Ubuntu Pro:16.04", "acl", "1-1ubuntu1+esm2"),
            Affected { intervals: vec![Interval::default()], ..affected("Debian:14", "acl", "") },
            affected("Debian:sid", "acl", "1-7"),
            affected("EPEL:8", "htop", "3-1.el8"),
        ],
    )];
    let (_folder, database) = database(&[("a", all)]);
    for (distro, release, kind, name, version, expected) in [
        ("rhel", "8.6", Kind::Rpm, "acl", "1-2.el8_6", &[("CVE-1", "1-9.el8_8")][..]),
        ("rhel", "8.6", Kind::Rpm, "acl", "1-3.el8_6.1", &[]),
        ("rhel", "8.6", Kind::Rpm, "acl", "1-4.el8_7", &[("CVE-1", "1-9.el8_8")]),
        ("ubuntu", "16.04", Kind::Deb, "acl", "1-1ubuntu1", &[("CVE-1", "")]),
        ("ubuntu", "16.04", Kind::Deb, "acl", "1-1ubuntu1+esm1", &[("CVE-1", "")]),
        ("ubuntu", "16.04", Kind::Deb, "acl", "1-1ubuntu1+esm2", &[]),
        ("debian", "forky/sid", Kind::Deb, "acl", "1-6", &[("CVE-1", "")]),
        ("debian", "forky/sid", Kind::Deb, "acl", "1-7", &[]),
        ("almalinux", "8.6", Kind::Rpm, "htop", "2-1.el8", &[]),
        ("rocky", "8.6", Kind::Rpm, "htop", "2-1.el8", &[]),
        ("rhel", "8.6", Kind::Rpm, "htop", "2-1.el8", &[("CVE-1", "3-1.el8")]),
    ] {
        let found =
            find(&database, &inventory(distro, release, vec![Package::new(kind, name, version)]));
        assert_eq!(told(&found.unwrap()), expected, "{distro} {version}");
    }
}

#[test]
fn who_rebuilds_a_package_is_believed_of_the_versions_that_are_its_own() {
    let flaw = Advisory {
        aliases: vec!["CVE-1".into()],
        ..advisory("GHSA-1", vec![affected("PyPI", "urllib3", "1.26.18")])
    };
    let own = Affected {
        status: Status::NotAffected,
        intervals: vec![],
        versions: vec!["1.26.16+cgr.1".into()],
        ..affected("PyPI", "urllib3", "")
    };
    let rebuilt = Advisory { aliases: vec!["CVE-1".into()], ..advisory("CGA-1", vec![own]) };
    let (_folder, database) = database(&[("osv-pypi", vec![flaw]), ("rebuilt", vec![rebuilt])]);
    for (version, count) in [("1.26.16", 1), ("1.26.16+cgr.0", 1), ("1.26.16+cgr.1", 0)] {
        let package = Package::new(Kind::Pypi, "urllib3", version);
        let found = find(&database, &inventory("", "", vec![package])).unwrap();
        assert_eq!(found.findings.len(), count, "{version}");
    }
}

#[test]
fn kernels_that_are_signed_are_those_that_they_were_signed_as() {
    let (_folder, database) = database(&[(
        "debian",
        vec![advisory("CVE-1", vec![affected("Debian:12", "linux", "6.1.90-1")])],
    )]);
    for (version, source, expected) in [
        ("6.1.76-1", ("linux-signed-amd64", "6.1.76+1"), &[("CVE-1", "6.1.90-1")][..]),
        ("6.1.90-1", ("linux-signed-amd64", "6.1.90+1"), &[]),
        ("6.1.76-1", ("linux", "6.1.76-1"), &[("CVE-1", "6.1.90-1")]),
    ] {
        let mut package = Package::new(Kind::Deb, "linux-image-6.1.0-18-amd64", version);
        package.source = Some(Source { name: source.0.into(), version: source.1.into() });
        let found = find(&database, &inventory("debian", "12.5", vec![package])).unwrap();
        assert_eq!(told(&found), expected, "{version}");
    }
}

proptest! {
    /// The plain reading of errata: whoever has none of the versions that mend a flaw has it, and so has who has
    /// one, where a later one is of the branch that the version is of.
    #[test]
    fn what_errata_mend_is_what_the_plain_reading_says(
        all in prop::collection::vec((0_u32..3, 0_u32..2, 0_u32..4, 0_u32..3, 0_usize..3), 1..7),
        installed in (0_u32..2, 0_u32..5, 0_u32..3),
        backwards in any::<bool>(),
    ) {
        let text = |(n, m, k): (u32, u32, u32)| format!("1.{n}-{m}.el9_{k}");
        let processors = [&[][..], &["x86_64"], &["aarch64"]];
        let made = |(at, (flaw, n, m, k, processor)): (usize, &(u32, u32, u32, u32, usize))| {
            let of = processors[*processor].iter().map(|it| (*it).to_owned()).collect();
            let one = Affected { processors: of, ..affected("AlmaLinux:9", "acl", &text((*n, *m, *k))) };
            Advisory { covers: vec![format!("CVE-{flaw}")], ..advisory(&format!("ALSA-{at}"), vec![one]) }
        };
        let mut errata: Vec<Advisory> = all.iter().enumerate().map(made).collect();
        if backwards {
            errata.reverse();
        }
        let (_folder, database) = database(&[("a", errata)]);
        let look = |version: &str| {
            let mut package = Package::new(Kind::Rpm, "acl", version);
            package.architecture = "x86_64".into();
            find(&database, &inventory("almalinux", "9", vec![package])).unwrap().findings
        };
        let found = look(&text(installed));
        for flaw in 0..3 {
            let id = format!("CVE-{flaw}");
            let of = all.iter().filter(|it| it.0 == flaw && it.4 != 2).map(|it| (it.1, it.2, it.3));
            let fixes: Vec<(u32, u32, u32)> = of.collect();
            let is_mended = fixes.iter().any(|it| *it <= installed);
            let has_it = fixes.iter().any(|it| {
                *it > installed && (!is_mended || (it.0, it.2) == (installed.0, installed.2))
            });
            let told = found.iter().find(|it| it.id == id);
            prop_assert_eq!(told.is_some(), has_it, "{} {:?}", id, fixes);
            // Whoever follows what is told is rid of it.
            if let Some(fixed) = told.and_then(|it| it.fixed_version.as_deref()) {
                prop_assert!(look(fixed).iter().all(|it| it.id != id), "{} {}", id, fixed);
            }
        }
    }
}

#[test]
fn who_makes_a_package_is_believed_that_it_has_no_flaw() {
    let denied = Affected {
        status: Status::NotAffected,
        intervals: vec![],
        ..affected("Debian:12", "a", "")
    };
    let own = vec![advisory("CVE-1", vec![denied])];
    let others = vec![advisory("CVE-1", vec![affected("Debian:12", "a", "2")])];
    let (_folder, database) = database(&[("debian", own), ("others", others)]);
    let found =
        find(&database, &inventory("debian", "12", vec![Package::new(Kind::Deb, "a", "1")]));
    assert!(found.unwrap().findings.is_empty());
}

#[test]
fn packages_of_modules_are_compared_with_their_own_streams() {
    let fixed = |module: &str, fixed: &str| Affected {
        module: module.into(),
        ..affected("Rocky Linux:8", "nodejs", fixed)
    };
    let told_streams = advisory(
        "CVE-1",
        vec![fixed("nodejs:10", "10.2-1.module+el8"), fixed("nodejs:12", "12.3-1.module+el8")],
    );
    let untold =
        advisory("CVE-2", vec![fixed("", "10.2-1.module+el8"), fixed("", "12.3-1.module+el8")]);
    let plain = advisory("CVE-3", vec![fixed("", "99-1.el8")]);
    let (_folder, database) = database(&[("rocky", vec![told_streams, untold, plain])]);
    for (version, module, expected) in [
        ("10.1-1.module+el8", Some("nodejs:10:8:x"), &["CVE-1", "CVE-2"][..]),
        ("10.2-1.module+el8", Some("nodejs:10:8:x"), &[]),
        ("12.1-1.module+el8", Some("nodejs:12:8:x"), &["CVE-1", "CVE-2"]),
        ("12.3-1.module+el8", Some("nodejs:1"), &[]),
        ("12.1-1.el8", None, &["CVE-3"]),
    ] {
        let mut package = Package::new(Kind::Rpm, "nodejs", version);
        package.module = module.map(str::to_owned);
        let found = find(&database, &inventory("rocky", "8.5", vec![package])).unwrap();
        let ids: Vec<&str> = found.findings.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, expected, "{version}");
    }
}

#[test]
fn what_does_harm_is_told_by_that_name() {
    let one = Advisory {
        nature: Nature::Malicious,
        aliases: vec!["GHSA-1".into()],
        ..advisory(
            "MAL-1",
            vec![Affected { intervals: vec![Interval::default()], ..affected("npm", "a", "") }],
        )
    };
    let (_folder, database) = database(&[("osv-npm", vec![one])]);
    let found =
        find(&database, &inventory("", "", vec![Package::new(Kind::Npm, "a", "1.0.0")])).unwrap();
    assert_eq!((told(&found), found.findings[0].nature), (vec![("MAL-1", "")], Nature::Malicious));
}

proptest! {
    /// The plain reading: a version is affected if it is listed, or not below a begin and below its end.
    #[test]
    fn what_is_found_is_what_advisories_say(
        all in prop::collection::vec(("CVE-[1-4]", "[ab]", 0_u32..6, 0_u32..6, prop::collection::vec(0_u32..6, 0..2)), 0..8),
        installed in prop::collection::vec(("[ab]", 0_u32..6), 0..6),
    ) {
        let text = |number: u32| format!("1.{number}.0");
        let made = |(id, package, low, high, listed): &(String, String, u32, u32, Vec<u32>)| {
            let low = Some(crate::Bound { version: text(*low), ends: crate::Ends::Within });
            let interval = Interval { low, ..Interval::below(text(*high)) };
            let versions = listed.iter().map(|it| text(*it)).collect();
            advisory(id, vec![Affected { intervals: vec![interval], versions, ..affected("npm", package, "") }])
        };
        let (_folder, database) = database(&[("a", all.iter().map(made).collect()), ("b", vec![advisory("X", vec![affected("npm", "c", "1.0.0")])])]);
        let packages = installed.iter().map(|(name, it)| Package::new(Kind::Npm, name, text(*it)));
        let found = find(&database, &inventory("", "", packages.collect())).unwrap();
        let found: BTreeSet<(usize, String)> = found.findings.iter().map(|it| (it.package, it.id.clone())).collect();
        let mut expected = BTreeSet::new();
        for (at, (name, it)) in installed.iter().enumerate() {
            for (id, package, low, high, listed) in &all {
                if package == name && (listed.contains(it) || (low <= it && it < high)) {
                    expected.insert((at, id.clone()));
                }
            }
        }
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn versions_are_compared_by_the_order_of_their_space() {
    let older = Version::parse(Scheme::Dpkg, "1.0~rc1").unwrap();
    assert!(older < Version::parse(Scheme::Dpkg, "1.0").unwrap());
    let (_folder, database) =
        database(&[("debian", vec![advisory("CVE-1", vec![affected("Debian:12", "a", "1.0")])])]);
    let found =
        find(&database, &inventory("debian", "12", vec![Package::new(Kind::Deb, "a", "1.0~rc1")]));
    assert_eq!(found.unwrap().findings.len(), 1);
}
