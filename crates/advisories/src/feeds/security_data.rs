//! What Red Hat says of each flaw, by its Security Data API: one object for each.
//!
//! Source: Red Hat's documentation of that API (`hydra/rest/securitydata/cve/….json`). `affected_release` has what
//! errata brought, by the names of what packages are built from; `package_state` all else. Of a stream of a
//! module only the module is told there: its packages stand in the erratum.

use serde::Deserialize;

use super::{Draft, Feed, File};
use crate::{Advisory, Affected, Interval, Level, Rating, Space, Status, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "record of Red Hat's Security Data API",
    is: |file| {
        let keys = ["\"affected_release\"", "\"package_state\"", "\"threat_severity\""];
        file.first() == Some(b'{')
            && file.begins_with(usize::MAX, "\"bugzilla\"")
            && keys.iter().any(|key| file.begins_with(usize::MAX, key))
            || file.first() == Some(b'{') && file.begins_with(256, "\"threat_severity\"")
    },
    read,
};

const PART: &str = "redhat";

#[derive(Deserialize)]
struct Record {
    name: String,
    threat_severity: Option<String>,
    #[serde(default)]
    public_date: String,
    bugzilla: Option<Bug>,
    cvss3: Option<Cvss3>,
    cvss: Option<Cvss2>,
    #[serde(default)]
    affected_release: Vec<Release>,
    #[serde(default)]
    package_state: Vec<State>,
}

#[derive(Deserialize)]
struct Bug {
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct Cvss3 {
    cvss3_scoring_vector: Option<String>,
}

#[derive(Deserialize)]
struct Cvss2 {
    cvss_scoring_vector: Option<String>,
}

#[derive(Deserialize)]
struct Release {
    #[serde(default)]
    cpe: String,
    package: Option<String>,
}

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    cpe: String,
    package_name: String,
    #[serde(default)]
    fix_state: String,
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    match serde_json::from_slice::<Record>(file.bytes) {
        Ok(record) => draft.add(PART, Repeats::Replace, advisory(record)),
        // Others of a folder are whole.
        Err(error) => draft.trouble(file.name, format!("is no {}: {error}", FEED.about)),
    }
    Ok(())
}

fn advisory(record: Record) -> Advisory {
    let level = record.threat_severity.as_deref().and_then(Level::parse);
    let mended = record.affected_release.iter().filter_map(mended);
    let others = record.package_state.iter().filter_map(other);
    let mut affected: Vec<Affected> =
        mended.chain(others).map(|it| Affected { level, ..it }).collect();
    affected.sort();
    affected.dedup();
    let vectors = [
        record.cvss3.and_then(|it| it.cvss3_scoring_vector),
        record.cvss.and_then(|it| it.cvss_scoring_vector),
    ];
    let word = record.threat_severity.as_deref().and_then(|it| Rating::level(PART, it));
    let vectors = vectors.iter().flatten().filter_map(|it| Rating::vector(PART, it));
    Advisory {
        ratings: vectors.chain(word).collect(),
        summary: record.bugzilla.map(|it| it.description).unwrap_or_default(),
        references: vec![format!("https://access.redhat.com/security/cve/{}", record.name)],
        published: record.public_date,
        affected,
        id: record.name,
        ..Advisory::default()
    }
}

fn mended(release: &Release) -> Option<Affected> {
    let (package, version) = name_and_version(release.package.as_deref()?)?;
    Some(Affected {
        space: Space::of_cpe(&release.cpe)?,
        package: package.to_owned(),
        intervals: vec![Interval::below(version)],
        ..Affected::default()
    })
}

/// `bind-32:9.11.4-26.P2.el7_9.13`. What has no version is a stream of a module (`nodejs:12-8030…`) or an image.
fn name_and_version(text: &str) -> Option<(&str, &str)> {
    let (before, _) = text.rsplit_once('-')?;
    let (name, _) = before.rsplit_once('-')?;
    let version = text.get(name.len() + 1..)?;
    let is_version = version.starts_with(|first: char| first.is_ascii_digit());
    let epoch = version.split_once(':').map(|(epoch, _)| epoch);
    let is_epoch = epoch.is_none_or(|epoch| epoch.bytes().all(|byte| byte.is_ascii_digit()));
    let without_zero = version.strip_prefix("0:").unwrap_or(version);
    (is_version && is_epoch && !name.contains([':', '/'])).then_some((name, without_zero))
}

fn other(state: &State) -> Option<Affected> {
    let (module, package) = match state.package_name.rsplit_once('/') {
        Some((module, package)) => (module, package),
        None => ("", state.package_name.as_str()),
    };
    // Images and Flatpaks have their own packages.
    if module.ends_with(":flatpak") || (!module.is_empty() && !module.contains(':')) {
        return None;
    }
    let status = match state.fix_state.to_ascii_lowercase().as_str() {
        "not affected" => Status::NotAffected,
        "will not fix" => Status::WillNotFix,
        "fix deferred" => Status::Deferred,
        "out of support scope" => Status::EndOfLife,
        "under investigation" => Status::UnderInvestigation,
        _ => Status::Affected,
    };
    Some(Affected {
        space: Space::of_cpe(&state.cpe)?,
        package: package.to_owned(),
        module: module.to_owned(),
        status,
        intervals: vec![Interval::default()],
        ..Affected::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_errata_have_versions_and_modules_have_not() {
        for (text, expected) in [
            ("bind-32:9.11.4-26.P2.el7_9.13", Some(("bind", "32:9.11.4-26.P2.el7_9.13"))),
            (
                "java-1.8.0-openjdk-1:1.8.0.131-2.b11.el7_3",
                Some(("java-1.8.0-openjdk", "1:1.8.0.131-2.b11.el7_3")),
            ),
            ("firefox-0:102.15.1-1.el8_8", Some(("firefox", "102.15.1-1.el8_8"))),
            ("nodejs:12-8030020210304194546.229f0a1c", None),
            ("container-tools:rhel8-8060020220101.abc", None),
            ("openshift4/ose-cli:v4.5-1", None),
            ("kernel", None),
        ] {
            assert_eq!(name_and_version(text), expected, "{text}");
        }
    }

    #[test]
    fn states_are_those_of_packages_and_streams() {
        let state = |package: &str, fix_state: &str| State {
            cpe: "cpe:/o:redhat:enterprise_linux:8".into(),
            package_name: package.into(),
            fix_state: fix_state.into(),
        };
        let told =
            |package, fix| other(&state(package, fix)).map(|it| (it.package, it.module, it.status));
        let of = |package: &str, module: &str, status| {
            Some((package.to_owned(), module.to_owned(), status))
        };
        assert_eq!(
            told("python38:3.8/python-lxml", "Not affected"),
            of("python-lxml", "python38:3.8", Status::NotAffected)
        );
        assert_eq!(told("gimp:flatpak/OpenEXR", "Will not fix"), None);
        assert_eq!(told("OpenEXR", "Out of support scope"), of("OpenEXR", "", Status::EndOfLife));
        assert_eq!(told("OpenEXR", "New"), of("OpenEXR", "", Status::Affected));
    }
}
