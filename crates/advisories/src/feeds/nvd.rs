//! How bad flaws are, of the National Vulnerability Database: answers and yearly files of its interface 2.0.
//!
//! Source: its JSON schema 2.0. Which software a flaw is in is told there by names of products (CPE), which are
//! not those of packages: only what is said of the flaw is read.

use serde::Deserialize;

use super::{Draft, Feed, File, Proof, Remote, Wanted};
use crate::{Advisory, Rating, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "list of the National Vulnerability Database",
    is: |file| file.begins_with(4096, "\"NVD_CVE\""),
    read,
};

const PART: &str = "nvd";

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    timestamp: String,
    #[serde(default)]
    vulnerabilities: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    cve: Cve,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cve {
    id: String,
    #[serde(default)]
    published: String,
    #[serde(default)]
    last_modified: String,
    #[serde(default)]
    vuln_status: String,
    #[serde(default)]
    cve_tags: Vec<Tags>,
    #[serde(default)]
    descriptions: Vec<Description>,
    #[serde(default)]
    metrics: Metrics,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Description {
    lang: String,
    value: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metrics {
    #[serde(rename = "cvssMetricV40")]
    v40: Vec<Metric>,
    #[serde(rename = "cvssMetricV31")]
    v31: Vec<Metric>,
    #[serde(rename = "cvssMetricV30")]
    v30: Vec<Metric>,
    #[serde(rename = "cvssMetricV2")]
    v2: Vec<Metric>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    #[serde(default)]
    source: String,
    cvss_data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    vector_string: String,
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let page: Page = serde_json::from_slice(file.bytes).map_err(|error| error.to_string())?;
    draft.dated(PART, Repeats::Replace, &page.timestamp);
    for Item { cve } in page.vulnerabilities {
        draft.add(PART, Repeats::Replace, advisory(cve));
    }
    Ok(())
}

fn advisory(cve: Cve) -> Advisory {
    let Metrics { v40, v31, v30, v2 } = cve.metrics;
    let all = [v40, v31, v30, v2].into_iter().flatten();
    let ratings =
        all.filter_map(|it| Rating::vector(source(&it.source), &it.cvss_data.vector_string));
    let english = cve.descriptions.into_iter().find(|it| it.lang == "en");
    Advisory {
        ratings: ratings.collect(),
        is_disputed: cve.cve_tags.iter().flat_map(|it| &it.tags).any(|tag| tag == "disputed"),
        withdrawn: (cve.vuln_status == "Rejected").then(|| cve.last_modified.clone()),
        summary: english.map(|it| it.value.replace('\n', " ")).unwrap_or_default(),
        published: cve.published,
        modified: cve.last_modified,
        id: cve.id,
        ..Advisory::default()
    }
}

/// Others than the database itself speak there, too: who gave the number, mostly.
fn source(of: &str) -> &str {
    if of == "nvd@nist.gov" { PART } else { of }
}

/// A file for each year, and what changed in the last eight days, each with a file of its hash.
pub(super) const REMOTE: Remote = Remote {
    name: "nvd",
    files: |_| {
        let years = (FIRST_YEAR..=LAST_YEAR).map(|year| year.to_string());
        let file = |name: String| {
            let base = format!("https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-{name}");
            let file = Wanted {
                proof: Proof::Meta(format!("{base}.meta")),
                ..Wanted::file(format!("{base}.json.gz"))
            };
            // Years to come have none yet.
            let is_to_come = name.parse().is_ok_and(|year: u16| year > THIS_YEAR);
            if is_to_come { file.if_there() } else { file }
        };
        Ok(years.chain(["modified".to_owned()]).map(file).collect())
    },
};

/// The first file has what is older, too.
const FIRST_YEAR: u16 = 2002;
/// Files of the years behind the one in which this was written need not be there.
const THIS_YEAR: u16 = 2026;
const LAST_YEAR: u16 = 2036;
