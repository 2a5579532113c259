//! Until when releases of distributions are supported.
//!
//! What is known stands in `data/eol.json`, with its date and where it is from; another file of the same
//! form can take its place. Dates are days, the last one on which there is support. What is not there is not
//! known, and nothing is guessed of it.
//!
//! - `endoflife`: what endoflife.date publishes, in its own form.

mod endoflife;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Distro, Error};

/// Longest file.
const MOST_BYTES: usize = 16 << 20;
/// The form that is read: the first number has to be the same.
const FORMAT: &str = "1.";
const EMBEDDED: &[u8] = include_bytes!("../../data/eol.json");

/// Until when a release is supported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EndOfLife {
    /// There are no releases: what is newest is supported.
    Rolling,
    /// Until a day.
    Until(Support),
}

/// Until when a release is supported.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Support {
    /// The name of the release: `bookworm`; empty where it has none.
    #[serde(default)]
    pub codename: String,
    /// The last day of support for all.
    pub until: Day,
    /// What follows, for those who ask for it, or for fewer packages.
    #[serde(default)]
    pub extended: Vec<Extended>,
}

/// Support beyond that for all.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Extended {
    /// Its name: `LTS`, `ESM`.
    pub name: String,
    /// Its last day.
    pub until: Day,
}

/// A day: `2026-07-11`. The order of texts is that of days.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Day(String);

impl Day {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let is_day = text.len() == 10
            && (0..10).all(|at| match at {
                4 | 7 => text.as_bytes().get(at) == Some(&b'-'),
                _ => is_digit(at),
            })
            && ("01"..="12").contains(&text.get(5..7).unwrap_or_default())
            && ("01"..="31").contains(&text.get(8..10).unwrap_or_default());
        if is_day { Ok(Self(text)) } else { Err(format!("'{text}' is no day; 2026-07-11 is one")) }
    }
}

/// What is known of all releases.
#[derive(Clone, Debug, Deserialize)]
pub struct Calendar {
    format: String,
    /// When it was put together.
    pub date: Day,
    /// Where it is from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// By the names that `os-release` has for distributions.
    distributions: BTreeMap<String, Releases>,
}

#[derive(Clone, Debug, Deserialize)]
struct Releases {
    name: String,
    #[serde(default)]
    rolling: bool,
    /// By their versions: `12`, `3.20`.
    #[serde(default)]
    releases: BTreeMap<String, Support>,
}

impl Calendar {
    /// The one that comes with the program.
    ///
    /// # Errors
    /// Never: a test reads it.
    pub fn embedded() -> Result<Self, Error> {
        Self::parse(EMBEDDED)
    }

    /// Reads one: of our own form, or as endoflife.date answers.
    ///
    /// # Errors
    /// If it is too large, is none, or of another form.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MOST_BYTES {
            return Err(Error::Limit { what: "it", limit: MOST_BYTES as u64, unit: "bytes" });
        }
        if let Some(calendar) = endoflife::parse(bytes) {
            return Ok(calendar);
        }
        let calendar: Self = serde_json::from_slice(bytes)
            .map_err(|error| Error::malformed("list of ends of life", error))?;
        if !calendar.format.starts_with(FORMAT) {
            let why = format!("its format is {}, and 1.0 is known", calendar.format.escape_debug());
            return Err(Error::malformed("list of ends of life", why));
        }
        Ok(calendar)
    }

    /// What is known of a release; `None` if that is nothing.
    pub fn of(&self, distro: &Distro) -> Option<EndOfLife> {
        ids(distro).into_iter().find_map(|id| {
            let releases = self.distributions.get(id)?;
            if releases.rolling {
                return Some(EndOfLife::Rolling);
            }
            releases.of(distro.full_version()).cloned().map(EndOfLife::Until)
        })
    }

    /// The name of a distribution for people, where it tells none itself.
    pub fn name(&self, distro: &Distro) -> Option<&str> {
        let known = ids(distro).into_iter().find_map(|id| self.distributions.get(id));
        known.map(|releases| releases.name.as_str())
    }
}

impl Releases {
    /// The release that a version is of: `12` of `12.4`; `15.0` of `15`.
    fn of(&self, version: &str) -> Option<&Support> {
        let mut part = version;
        loop {
            if let Some(support) = self.releases.get(part) {
                return Some(support);
            }
            match part.rsplit_once('.') {
                Some((shorter, _)) => part = shorter,
                None => break,
            }
        }
        let is_whole = !version.contains('.');
        is_whole.then(|| self.releases.get(&format!("{version}.0"))).flatten()
    }
}

/// Names to look for. CentOS and CentOS Stream have one in `os-release`.
fn ids(distro: &Distro) -> Vec<&str> {
    match distro.id.as_str() {
        "centos" if distro.name.contains("Stream") => vec!["centos-stream"],
        "centos" => vec!["centos", "centos-stream"],
        "opensuse" => vec!["opensuse", "opensuse-leap"],
        "sled" | "sles_sap" | "sle_hpc" => vec!["sles"],
        "sl-micro" | "sle-micro-rancher" => vec!["sle-micro"],
        id => vec![id],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str, version: &str, name: &str) -> String {
        let calendar = Calendar::embedded().unwrap();
        let distro = Distro {
            id: id.into(),
            version: version.into(),
            name: name.into(),
            ..Distro::default()
        };
        match calendar.of(&distro) {
            None => "unknown".to_owned(),
            Some(EndOfLife::Rolling) => "rolling".to_owned(),
            Some(EndOfLife::Until(support)) => {
                let extended = support.extended.iter();
                let extended: String =
                    extended.map(|it| format!(", {} {}", it.name, it.until.as_str())).collect();
                format!("{} {}{extended}", support.codename, support.until.as_str())
            }
        }
    }

    #[test]
    fn releases_are_found_by_their_versions() {
        for (id, version, name, expected) in [
            ("debian", "12.4", "", "bookworm 2026-07-11, LTS 2028-06-30, ELTS 2033-06-30"),
            ("debian", "12", "", "bookworm 2026-07-11, LTS 2028-06-30, ELTS 2033-06-30"),
            ("debian", "", "Debian GNU/Linux trixie/sid", "unknown"),
            ("ubuntu", "22.04", "", "jammy 2027-06-01, ESM 2032-04-21, Legacy 2034-04-25"),
            ("ubuntu", "22.04.2", "", "jammy 2027-06-01, ESM 2032-04-21, Legacy 2034-04-25"),
            ("alpine", "3.20.3", "", " 2026-04-01"),
            ("alpine", "3.2.1", "", " 2017-05-01"),
            ("rhel", "9.2", "", " 2032-05-31, ELS 2036-05-31"),
            ("centos", "8", "CentOS Linux 8", " 2021-12-31"),
            ("centos", "8", "CentOS Stream 8", " 2024-05-31"),
            ("centos", "9", "", " 2027-05-31"),
            ("centos", "7.6.1810", "", " 2024-06-30"),
            ("rocky", "9.4", "", " 2032-05-31"),
            ("almalinux", "10.0", "", " 2035-05-31"),
            ("ol", "8.9", "", " 2029-07-31, Extended 2032-07-31"),
            ("amzn", "2", "", " 2026-06-30"),
            ("fedora", "40", "", " 2025-05-13"),
            ("sles", "15", "", " 2019-12-31, LTSS 2022-12-31"),
            ("sles", "15.7", "", " 2031-07-31, LTSS 2034-07-31"),
            ("sles", "15.9", "", "unknown"),
            ("opensuse", "15.6", "", " 2026-04-30"),
            ("opensuse-tumbleweed", "20240101", "", "rolling"),
            ("arch", "", "", "rolling"),
            ("wolfi", "20230201", "", "rolling"),
            ("photon", "5.0", "", "unknown"),
            ("azurelinux", "3.0", "", "unknown"),
            ("own", "1", "", "unknown"),
        ] {
            assert_eq!(of(id, version, name), expected, "{id} {version} {name}");
        }
    }

    #[test]
    fn what_comes_with_the_program_is_in_order() {
        let calendar = Calendar::embedded().unwrap();
        assert!(calendar.sources.len() > 2);
        for (id, releases) in &calendar.distributions {
            assert_eq!(releases.rolling, releases.releases.is_empty(), "{id}");
            for (version, support) in &releases.releases {
                let days: Vec<&Day> = support.extended.iter().map(|it| &it.until).collect();
                assert!(days.is_sorted(), "{id} {version}");
                assert!(days.first().is_none_or(|day| **day > support.until), "{id} {version}");
            }
        }
    }

    #[test]
    fn what_is_no_list_is_told() {
        for (text, why) in [
            ("{", "is no list of ends of life: EOF while parsing"),
            (
                r#"{"format":"1.0","date":"2026-13-01","distributions":{}}"#,
                "is no list of ends of life: '2026-13-01' is no day; 2026-07-11 is one at line 1",
            ),
            (
                r#"{"format":"2.0","date":"2026-01-01","distributions":{}}"#,
                "is no list of ends of life: its format is 2.0, and 1.0 is known",
            ),
        ] {
            let told = Calendar::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(told.starts_with(why), "{told}");
        }
    }
}
