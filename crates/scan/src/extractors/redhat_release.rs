//! The distribution and its version as Red Hat's and its like tell them beside `os-release`, which is not
//! there in old ones, and lacks the version of the last update in others: `CentOS release 6.10 (Final)`.

use crate::{Distro, Error, Extractor, Found, Input, Pattern, Setting};

/// Files that have one line.
pub(super) const RELEASE: Extractor = Extractor {
    name: "redhat-release",
    about: "the distribution, of Red Hat and its like",
    setting: Setting::System,
    files: &[
        Pattern::Path("etc/almalinux-release"),
        Pattern::Path("etc/centos-release"),
        Pattern::Path("etc/fedora-release"),
        Pattern::Path("etc/oracle-release"),
        Pattern::Path("etc/redhat-release"),
        Pattern::Path("etc/rocky-release"),
        Pattern::Path("etc/system-release"),
    ],
    extract: release,
};

/// Beginnings of names, and what `os-release` calls their distributions.
const NAMES: [(&str, &str); 8] = [
    ("almalinux", "almalinux"),
    ("amazon linux", "amzn"),
    ("centos", "centos"),
    ("fedora", "fedora"),
    ("oracle", "ol"),
    ("red hat", "rhel"),
    ("rocky", "rocky"),
    ("scientific linux", "scientific"),
];

fn release(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    found.distro = input.text()?.lines().next().and_then(distro);
    Ok(())
}

fn distro(line: &str) -> Option<Distro> {
    let line = line.trim();
    let (name, version) = line.split_once(" release ")?;
    let end = version.find(|char: char| !(char.is_ascii_digit() || char == '.'));
    let version = version.get(..end.unwrap_or(version.len()))?.trim_end_matches('.');
    if !version.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let (_, id) = NAMES.iter().find(|(begin, _)| lower.starts_with(begin))?;
    Some(Distro {
        id: (*id).to_owned(),
        exact_version: Some(version.to_owned()),
        name: line.to_owned(),
        ..Distro::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::found;

    #[test]
    fn distributions_are_read_with_the_versions_of_their_updates() {
        for (line, expected) in [
            ("CentOS release 6.10 (Final)\n", Some(("centos", "6.10"))),
            ("CentOS Linux release 7.6.1810 (Core)\n", Some(("centos", "7.6.1810"))),
            ("Red Hat Enterprise Linux Server release 7.7 (Maipo)", Some(("rhel", "7.7"))),
            ("Oracle Linux Server release 8.0\n", Some(("ol", "8.0"))),
            ("AlmaLinux release 9.1 (Lime Lynx)\n", Some(("almalinux", "9.1"))),
            ("Fedora release 35 (Thirty Five)\n", Some(("fedora", "35"))),
            ("Amazon Linux AMI release 2018.03\n", Some(("amzn", "2018.03"))),
            ("CentOS release\n", None),
            ("Fedora release Rawhide\n", None),
            ("Own release 1\n", None),
            ("", None),
        ] {
            let distro = found(&RELEASE, "etc/redhat-release", line).unwrap().distro;
            let read = distro.as_ref().map(|it| (it.id.as_str(), it.full_version()));
            assert_eq!(read, expected, "{line}");
        }
    }
}
