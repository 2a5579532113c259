//! What endoflife.date publishes of all products (`api/v1/products/full`).
//!
//! Source: its API, version 1. `eolFrom` is when support for all ends, `eoesFrom` when that for those who pay does.
//! What has no such day is not known.

use serde::Deserialize;

use super::{Calendar, Day, Extended, FORMAT, Releases, Support};

/// What it calls distributions, and what `os-release` does, where that is another name.
const NAMES: [(&str, &str); 8] = [
    ("alpine-linux", "alpine"),
    ("amazon-linux", "amzn"),
    ("centos-stream", "centos-stream"),
    ("opensuse", "opensuse-leap"),
    ("oracle-linux", "ol"),
    ("rocky-linux", "rocky"),
    ("red-hat-enterprise-linux", "rhel"),
    ("photon-os", "photon"),
];

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    generated_at: String,
    result: Vec<Product>,
}

#[derive(Deserialize)]
struct Product {
    name: String,
    label: Option<String>,
    #[serde(default)]
    releases: Vec<Release>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    name: String,
    codename: Option<String>,
    eol_from: Option<String>,
    eoes_from: Option<String>,
}

/// `None` where it is of another form.
pub(super) fn parse(bytes: &[u8]) -> Option<Calendar> {
    let answer: Answer = serde_json::from_slice(bytes).ok()?;
    let date = answer.generated_at.get(..10).unwrap_or("1970-01-01").to_owned();
    let distributions = answer.result.into_iter().map(|product| {
        let known = NAMES.iter().find(|(name, _)| *name == product.name);
        let id = known.map_or(product.name.as_str(), |(_, id)| id).to_owned();
        let releases = product.releases.into_iter().filter_map(support).collect();
        let name = product.label.unwrap_or(product.name);
        (id, Releases { name, rolling: false, releases })
    });
    Some(Calendar {
        format: format!("{FORMAT}0"),
        date: Day::try_from(date).ok()?,
        sources: vec!["endoflife.date".to_owned()],
        distributions: distributions.collect(),
    })
}

fn support(release: Release) -> Option<(String, Support)> {
    let until = Day::try_from(release.eol_from?).ok()?;
    let extended = release.eoes_from.and_then(|day| Day::try_from(day).ok());
    let extended = extended.map(|until| Extended { name: "extended".to_owned(), until });
    let support = Support {
        codename: release.codename.unwrap_or_default(),
        until,
        extended: extended.into_iter().collect(),
    };
    Some((release.name, support))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Distro, EndOfLife};

    #[test]
    fn releases_have_the_days_that_are_told() {
        let text = r#"{"generated_at": "2026-11-26T00:00:00+00:00", "result": [{"name": "rocky-linux", "label": "Rocky Linux",
            "releases": [{"name": "9", "codename": "Blue Onyx", "eolFrom": "2032-05-31", "eoesFrom": "2034-05-31"},
                         {"name": "10", "eolFrom": null}]}]}"#;
        let calendar = Calendar::parse(text.as_bytes()).unwrap();
        assert_eq!(calendar.date.as_str(), "2026-11-26");
        let of = |version: &str| {
            let (id, version) = ("rocky".to_owned(), version.to_owned());
            calendar.of(&Distro { id, version, ..Distro::default() })
        };
        let Some(EndOfLife::Until(support)) = of("9.4") else { panic!("{calendar:?}") };
        assert_eq!(
            (support.until.as_str(), support.codename.as_str()),
            ("2032-05-31", "Blue Onyx")
        );
        assert_eq!(support.extended[0].until.as_str(), "2034-05-31");
        assert_eq!(of("10"), None);
        for other in ["{}", r#"{"result": 1}"#, "[]", ""] {
            assert!(parse(other.as_bytes()).is_none(), "{other}");
        }
    }
}
