//! What an archive of Java says of itself: `pom.properties`, which Maven puts in; `MANIFEST.MF` (the JAR
//! file specification, and headers of OSGi); its own name.

use std::collections::HashMap;

/// A package of Maven.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Coordinates {
    pub(super) group: String,
    pub(super) artifact: String,
    pub(super) version: String,
}

impl Coordinates {
    /// `group:artifact`, or the artifact alone.
    pub(super) fn name(&self) -> String {
        if self.group.is_empty() {
            self.artifact.clone()
        } else {
            format!("{}:{}", self.group, self.artifact)
        }
    }

    /// Of `pom.properties`, where all three are told.
    pub(super) fn of_properties(text: &str) -> Option<Self> {
        let mut read = Self::default();
        for line in text.lines() {
            let Some((key, value)) = line.split_once(['=', ':']) else { continue };
            let field = match key.trim() {
                "groupId" => &mut read.group,
                "artifactId" => &mut read.artifact,
                "version" => &mut read.version,
                _ => continue,
            };
            value.trim().clone_into(field);
        }
        let is_whole =
            [&read.group, &read.artifact, &read.version].iter().all(|part| !part.is_empty());
        is_whole.then_some(read)
    }

    /// `artifact-version.jar`: the version begins with the last digit behind a dash.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let stem = name.rsplit('/').next()?.rsplit_once('.')?.0;
        let is_start = |at: &usize| {
            let next = stem.as_bytes().get(at + 1);
            let before = at.checked_sub(1).and_then(|before| stem.as_bytes().get(before));
            next.is_some_and(u8::is_ascii_digit) && before.is_some_and(|byte| *byte != b'-')
        };
        let at = stem.match_indices('-').map(|(at, _)| at).rfind(is_start)?;
        let (artifact, version) = (stem.get(..at)?, stem.get(at + 1..)?);
        let is_name = is_plain(artifact) && !version.contains(char::is_whitespace);
        is_name.then(|| Self {
            group: String::new(),
            artifact: artifact.to_owned(),
            version: version.to_owned(),
        })
    }

    /// Of `MANIFEST.MF`, with the archive's own name where that says more. Titles for people are no
    /// artifacts, and names of companies are no groups.
    pub(super) fn of_manifest(text: &str, named: Option<&Self>) -> Option<Self> {
        let headers = headers(text);
        let get = |name: &str| {
            let value = headers.get(name).map(String::as_str);
            value.filter(|value| !value.is_empty() && !value.starts_with(['%', '$']))
        };
        let symbolic = get("bundle-symbolicname").and_then(|name| name.split(';').next());
        let symbolic = symbolic.map(str::trim).filter(|name| is_plain(name));
        let title = ["implementation-title", "specification-title", "bundle-name"]
            .into_iter()
            .find_map(|name| get(name).filter(|title| is_plain(title)));
        let artifact = named
            .map(|named| named.artifact.as_str())
            .or(title)
            .or_else(|| symbolic.and_then(|name| name.rsplit('.').next()))?;
        let version = ["implementation-version", "bundle-version", "specification-version"]
            .into_iter()
            .find_map(|name| get(name).filter(|version| !version.contains(char::is_whitespace)));
        let version = named.map(|named| named.version.as_str()).or(version)?;
        let vendor = get("implementation-vendor-id").filter(|vendor| is_group(vendor));
        let group = vendor.or_else(|| symbolic.and_then(|name| group(name, artifact)));
        Some(Self {
            group: group.unwrap_or_default().to_owned(),
            artifact: artifact.to_owned(),
            version: version.to_owned(),
        })
    }
}

/// `org.example.tool` is of `org.example`; so is `org.example` of itself, if that is no artifact's name.
fn group<'a>(symbolic: &'a str, artifact: &str) -> Option<&'a str> {
    let of_artifact = symbolic.strip_suffix(artifact).and_then(|rest| rest.strip_suffix('.'));
    of_artifact.or_else(|| Some(symbolic.rsplit_once('.')?.0)).filter(|group| !group.is_empty())
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Groups are names of domains turned round.
fn is_group(name: &str) -> bool {
    is_plain(name) && (name.contains('.') || name.bytes().all(|byte| !byte.is_ascii_uppercase()))
}

/// Headers by their names in small letters: those of the archive, and where it has none, those of the
/// first of its packages that has some. A line that begins with a space goes on with the one before.
fn headers(text: &str) -> HashMap<String, String> {
    let mut headers: HashMap<String, String> = HashMap::new();
    let mut last: Option<(String, String)> = None;
    for line in text.lines().chain([""]) {
        if let (Some(more), Some((_, value))) = (line.strip_prefix(' '), &mut last) {
            value.push_str(more);
            continue;
        }
        if let Some((name, value)) = last.take() {
            headers.entry(name).or_insert_with(|| value.trim().to_owned());
        }
        last = line.split_once(':').map(|(name, it)| (name.to_ascii_lowercase(), it.to_owned()));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(coordinates: Option<Coordinates>) -> Option<String> {
        coordinates.map(|it| format!("{} {}", it.name(), it.version))
    }

    #[test]
    fn names_of_files_have_artifacts_and_versions() {
        for (name, expected) in [
            ("lib/spring-core-5.3.4-SNAPSHOT.jar", Some("spring-core 5.3.4-SNAPSHOT")),
            ("log4j-1.2-api-2.17.1.jar", Some("log4j-1.2-api 2.17.1")),
            ("guava-31.1-jre.jar", Some("guava 31.1-jre")),
            ("tool.jar", None),
            ("-1.jar", None),
            ("a--1.jar", None),
            ("a b-1.jar", None),
            ("", None),
        ] {
            assert_eq!(line(Coordinates::of_name(name)).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn properties_have_all_three() {
        let text = "#Generated by Maven\r\nversion = 1.0\r\ngroupId=a.b\r\nartifactId=c\r\n";
        assert_eq!(line(Coordinates::of_properties(text)).as_deref(), Some("a.b:c 1.0"));
        assert_eq!(Coordinates::of_properties("version=1\ngroupId=a\nartifactId=\n"), None);
    }

    #[test]
    fn manifests_are_read_with_the_names_of_their_files() {
        for (text, file, expected) in [
            (
                "Manifest-Version: 1.0\r\nBundle-SymbolicName: com.fasterxml.jackson.core.jackson-dat\r\n abind;x:=1\r\nBundle-Version: 2.9.1\r\n",
                "a.jar",
                Some("com.fasterxml.jackson.core:jackson-databind 2.9.1"),
            ),
            (
                "Implementation-Title: jackson-databind\nImplementation-Version: 2.9.1\nImplementation-Vendor-Id: com.fasterxml.jackson.core\nBundle-SymbolicName: other\n",
                "x.jar",
                Some("com.fasterxml.jackson.core:jackson-databind 2.9.1"),
            ),
            (
                "Implementation-Title: Apache Commons Lang\nImplementation-Version: 3.1\nImplementation-Vendor-Id: The Apache Foundation\n",
                "commons-lang3-3.1.jar",
                Some("commons-lang3 3.1"),
            ),
            (
                "Name: org/a/\nSpecification-Title: Tool\nSpecification-Version: 1\n",
                "a.jar",
                Some("Tool 1"),
            ),
            ("Bundle-Name: %name\nBundle-Version: 1\n", "a.jar", None),
            ("Implementation-Title: a\nImplementation-Version: ${version}\n", "a.jar", None),
            ("", "a.jar", None),
        ] {
            let named = Coordinates::of_name(file);
            assert_eq!(
                line(Coordinates::of_manifest(text, named.as_ref())).as_deref(),
                expected,
                "{text}"
            );
        }
    }
}
