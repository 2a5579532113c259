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
