//! Lists of requirements (pip.pypa.io, requirements file format). Those that name one version are packages, others
//! are what is asked for.

use super::{is_for_developers, is_version, normal};
use crate::{Ask, Error, Extractor, Found, Input, Kind, Manifest, Package, Pattern, Role, Setting};

/// Lists of requirements.
pub(in super::super) const REQUIREMENTS: Extractor = Extractor {
    name: "pip-requirements",
    about: "lists of requirements of pip",
    setting: Setting::Declared,
    files: &[
        Pattern::Affixes("requirements", ".txt"),
        Pattern::Suffix("-requirements.txt"),
        Pattern::Suffix("_requirements.txt"),
        Pattern::Within("requirements", ".txt"),
    ],
    extract: requirements,
};

fn requirements(input: &mut Input<'_>, found: &mut Found) -> Result<(), Error> {
    let text = text(input.bytes()?);
    let file = String::from_utf8_lossy(input.entry.name());
    let group = file.trim_end_matches(".txt").replace("requirements", "");
    let is_dev = group.split(['-', '_', '.']).any(is_for_developers);
    let mut line = String::new();
    let mut asks = Vec::new();
    for part in text.lines() {
        // A line goes on after a backslash at its end.
        if let Some(part) = part.trim_end().strip_suffix('\\') {
            line.push_str(part);
            continue;
        }
        line.push_str(part);
        if let Some((name, version)) = pin(&line) {
            let mut package = Package::new(Kind::Pypi, name, version);
            package.is_dev = is_dev;
            found.packages.push(package);
        } else if let Some(name) = name(&line).filter(|_| !is_dev) {
            asks.push(Ask { name: normal(name), range: String::new() });
        }
        line.clear();
    }
    if !asks.is_empty() {
        found.role = Some(Role::Manifest(Manifest { asks, ..Manifest::default() }));
    }
    Ok(())
}

/// What a requirement for other versions than one is of; `None` for options, places and addresses.
fn name(line: &str) -> Option<&str> {
    let line = line.split(['#', ';']).next()?.trim();
    let end = line.find(|it: char| !it.is_ascii_alphanumeric() && !"._-".contains(it));
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    let begins = name.starts_with(|it: char| it.is_ascii_alphanumeric());
    let is_of_versions = rest.trim_start().chars().next().is_none_or(|it| "[(<>=!~,".contains(it));
    (begins && is_of_versions).then_some(name)
}

/// The text of a file, which the shell of Windows writes in UTF-16.
fn text(bytes: Vec<u8>) -> String {
    let units = |of: fn([u8; 2]) -> u16| -> String {
        let (pairs, _) = bytes.get(2..).unwrap_or_default().as_chunks::<2>();
        char::decode_utf16(pairs.iter().map(|pair| of(*pair))).filter_map(Result::ok).collect()
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// The name and version of a requirement for one version: `name[extra] == 1.0 ; marker --hash=… # comment`.
pub(super) fn pin(line: &str) -> Option<(&str, &str)> {
    let line = line.split(['#', ';']).next()?;
    let line = line.split("--").next()?.trim();
    let end = line.find(|it: char| !it.is_ascii_alphanumeric() && !"._-".contains(it))?;
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1,
        None => rest,
    };
    let rest = rest.trim().trim_start_matches('(').trim_end_matches(')');
    let version = rest.split(',').find_map(|part| part.trim().strip_prefix("=="))?;
    let version = version.strip_prefix('=').unwrap_or(version).trim();
    (!name.is_empty() && !name.starts_with('-') && is_version(version)).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extractors::{found, listed, survives};

    const LIST: &str = "\
# all of it
-r other.txt
--index-url https://example.org
click==8.0.0
Flask [async] == 2.0.0 ; python_version < '3.9'
requests[security,socks]==2.31.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
MarkupSafe>2.0.0
wild==1.*
both>=1.0,==1.2
exact===2004d
old.name_x (==1.0)
last==1.0\t--hash=sha256:aa # a comment
git+https://example.org/a.git@v1==2#egg=a
./local==1
nothing
";

    #[test]
    fn requirements_for_one_version_are_listed() {
        let expected = [
            "click 8.0.0",
            "Flask 2.0.0",
            "requests 2.31.0",
            "both 1.2",
            "exact 2004d",
            "old.name_x 1.0",
            "last 1.0",
        ];
        assert_eq!(listed(&REQUIREMENTS, "requirements.txt", LIST), expected);
        let found = found(&REQUIREMENTS, "requirements.txt", LIST).unwrap();
        let Some(Role::Manifest(manifest)) = found.role else { panic!("nothing is asked for") };
        let asks: Vec<&str> = manifest.asks.iter().map(|ask| ask.name.as_str()).collect();
        assert_eq!(asks, ["markupsafe", "wild", "nothing"]);
        survives(&REQUIREMENTS, "requirements.txt", LIST);
    }

    #[test]
    fn lists_for_developers_are_known_by_their_names() {
        for (name, expected) in [
            ("requirements-dev.txt", "a 1 dev"),
            ("test_requirements.txt", "a 1 dev"),
            ("requirements/docs.txt", "a 1 dev"),
            ("requirements-device.txt", "a 1"),
        ] {
            assert_eq!(listed(&REQUIREMENTS, name, "a==1\n"), [expected], "{name}");
        }
    }

    #[test]
    fn other_encodings_are_read() {
        let text = "a==1\r\n";
        let little: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let big: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        for bytes in [little, big, [b"\xef\xbb\xbf", text.as_bytes()].concat()] {
            assert_eq!(listed(&REQUIREMENTS, "requirements.txt", bytes), ["a 1"]);
        }
    }
}
