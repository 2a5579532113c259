//! The distribution that a tree is of (os-release(5)).

/// A distribution.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Distro {
    /// Its name for programs: `debian`, `rhel`.
    pub id: String,
    /// Those that it is like, the nearest first.
    pub like: Vec<String>,
    /// Its version: `12`; empty where it has none.
    pub version: String,
    /// Its version with that of the last update, where a file of its own has it: `12.4`.
    pub exact_version: Option<String>,
    /// The name of its version: `bookworm`.
    pub codename: String,
    /// Its name for people.
    pub name: String,
}

/// Names that lists of packages have for distributions, and what `os-release` calls those.
const NAMES: [(&str, &str); 13] = [
    ("alma", "almalinux"),
    ("amazon", "amzn"),
    ("amazon linux", "amzn"),
    ("cbl-mariner", "mariner"),
    ("opensuse.leap", "opensuse-leap"),
    ("opensuse.tumbleweed", "opensuse-tumbleweed"),
    ("oracle", "ol"),
    ("red hat enterprise linux", "rhel"),
    ("redhat", "rhel"),
    ("slem", "sle-micro"),
    ("suse", "sles"),
    ("suse linux enterprise micro", "sle-micro"),
    ("suse linux enterprise server", "sles"),
];

impl Distro {
    /// Reads `os-release`; `None` where it names no distribution.
    pub fn parse(text: &str) -> Option<Self> {
        let mut distro = Self::default();
        for (key, value) in text.lines().filter_map(assignment) {
            match key {
                "ID" => distro.id = value.to_ascii_lowercase(),
                "ID_LIKE" => distro.like = value.split_whitespace().map(str::to_owned).collect(),
                "VERSION_ID" => distro.version = value,
                "VERSION_CODENAME" => distro.codename = value,
                "PRETTY_NAME" => distro.name = value,
                _ => {}
            }
        }
        (!distro.id.is_empty()).then_some(distro)
    }

    /// One of the names and versions that lists of packages have.
    pub(crate) fn named(name: &str, version: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let known = NAMES.iter().find(|(other, _)| *other == name);
        let id = known.map_or(name.as_str(), |(_, id)| id).to_owned();
        Self { id, version: version.to_owned(), ..Self::default() }
    }

    /// The one that a package URL tells: `debian-12.4`, `opensuse-leap-15.5`, `arch`.
    pub(crate) fn of_qualifier(text: &str) -> Self {
        let split = text.rsplit_once('-');
        let split = split.filter(|(_, end)| end.starts_with(|first: char| first.is_ascii_digit()));
        let (name, version) = split.unwrap_or((text, ""));
        Self::named(name, version)
    }

    /// Its version, as exactly as it is known.
    pub fn full_version(&self) -> &str {
        self.exact_version.as_deref().unwrap_or(&self.version)
    }

    /// The namespace of its packages in package URLs.
    pub fn namespace(&self) -> &str {
        match self.id.as_str() {
            "rhel" => "redhat",
            "ol" => "oracle",
            id if id.starts_with("opensuse") => "opensuse",
            id if id.starts_with("sles") || id.starts_with("sled") => "suse",
            id => id,
        }
    }
}

/// An assignment as shells have it, in the few forms that os-release(5) allows.
fn assignment(line: &str) -> Option<(&str, String)> {
    let (key, value) = line.trim_ascii().split_once('=')?;
    if key.starts_with('#') {
        return None;
    }
    let quoted =
        |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    let value = match (quoted('\''), quoted('"')) {
        (Some(plain), _) => return Some((key, plain.to_owned())),
        (None, Some(value)) => value,
        (None, None) => value,
    };
    let mut out = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(char) = rest.next() {
        out.extend(if char == '\\' { rest.next() } else { Some(char) });
    }
    Some((key, out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_distributions_are_read() {
        let text = "# a comment\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nNONSENSE\n";
        let distro = Distro::parse(text).unwrap();
        assert_eq!((distro.id.as_str(), distro.version.as_str()), ("debian", "12"));
        assert_eq!(distro.name, "Debian GNU/Linux 12 (bookworm)");
        assert_eq!(distro.codename, "bookworm");
        let distro =
            Distro::parse("ID='opensuse-leap'\nID_LIKE=\"suse opensuse\"\nNAME=\"a\\\"b\"")
                .unwrap();
        assert_eq!((distro.namespace(), distro.like.len()), ("opensuse", 2));
        assert_eq!(Distro::parse("NAME=x\n"), None);
    }

    #[test]
    fn distributions_are_known_by_the_names_that_lists_have() {
        for (text, id, version) in [
            ("debian-12.4", "debian", "12.4"),
            ("redhat-8.1", "rhel", "8.1"),
            ("opensuse-leap-15.5", "opensuse-leap", "15.5"),
            ("opensuse.leap-15.0", "opensuse-leap", "15.0"),
            ("opensuse-tumbleweed", "opensuse-tumbleweed", ""),
            ("arch", "arch", ""),
            ("-", "-", ""),
        ] {
            let distro = Distro::of_qualifier(text);
            assert_eq!((distro.id.as_str(), distro.version.as_str()), (id, version), "{text}");
        }
        assert_eq!(Distro::named("SUSE Linux Enterprise Server", "15.3").namespace(), "suse");
    }
}
