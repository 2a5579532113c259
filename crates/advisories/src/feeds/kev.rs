//! The catalogue of flaws that are known to be exploited, of CISA.
//!
//! Source: its JSON and the schema published with it.

use serde::Deserialize;

use super::{Draft, Feed, File, Remote, Wanted};
use crate::{Advisory, Exploited, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "catalogue of exploited flaws",
    is: |file| file.begins_with(4096, "\"catalogVersion\""),
    read,
};

const PART: &str = "kev";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Catalogue {
    #[serde(default)]
    date_released: String,
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vulnerability {
    #[serde(rename = "cveID")]
    cve_id: String,
    date_added: String,
    #[serde(default)]
    due_date: String,
    #[serde(default)]
    known_ransomware_campaign_use: String,
}

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let catalogue: Catalogue = serde_json::from_slice(file.bytes).map_err(|it| it.to_string())?;
    draft.dated(PART, Repeats::Add, &catalogue.date_released);
    for flaw in catalogue.vulnerabilities {
        let exploited = Exploited {
            since: flaw.date_added,
            due: flaw.due_date,
            by_ransomware: flaw.known_ransomware_campaign_use == "Known",
        };
        let exploited = Some(exploited);
        draft.add(
            PART,
            Repeats::Add,
            Advisory { id: flaw.cve_id, exploited, ..Advisory::default() },
        );
    }
    Ok(())
}

/// Where CISA publishes it.
pub(super) const REMOTE: Remote = Remote {
    name: "kev",
    files: |_| {
        Ok(vec![Wanted::file(
            "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        )])
    },
};
