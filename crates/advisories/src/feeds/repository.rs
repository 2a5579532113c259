//! Repositories of rpm packages: where they have their lists of updates, which [`super::updateinfo`] reads.
//!
//! Source: `repomd.xml` as createrepo_c writes it, and lists of mirrors as yum reads them: an address in each line.

use quick_xml::{Reader, events::Event};

use super::{Ask, Proof, Remote, Unanswered, Wanted};

/// Amazon's: the repository that each release comes from.
pub(super) const AMAZON: Remote = Remote {
    name: "amazon",
    files: |ask| {
        let mut files = Vec::new();
        for place in ["2/core/latest", "al2023/core/mirrors/latest"] {
            let mirrors = format!("https://cdn.amazonlinux.com/{place}/x86_64/mirror.list");
            match ask(&mirrors) {
                Ok(text) => files.push(updates(&text, &mirrors, ask)?),
                // Of a release that has ended, one day there is none.
                Err(Unanswered::Absent(_)) => {}
                Err(why) => return Err(why.into()),
            }
        }
        match files.is_empty() {
            true => Err("no release has a list of mirrors".to_owned()),
            false => Ok(files),
        }
    },
};

/// The list of updates that the first of the mirrors has.
fn updates(mirrors: &str, list: &str, ask: &mut Ask<'_>) -> Result<Wanted, String> {
    let mut lines = mirrors.lines().map(str::trim);
    let base = lines.find(|line| line.starts_with("https://"));
    let base = base.ok_or_else(|| format!("{list}: names no mirror"))?.trim_end_matches('/');
    let index = format!("{base}/repodata/repomd.xml");
    let (place, hash) =
        in_index(&ask(&index)?).ok_or_else(|| format!("{index}: has no list of updates"))?;
    let file = Wanted::file(format!("{base}/{place}"));
    Ok(Wanted { proof: if hash.is_empty() { Proof::Form } else { Proof::Hash(hash) }, ..file })
}

/// Where an index has the list of updates, and its SHA-256; empty where that is not told.
fn in_index(index: &str) -> Option<(String, String)> {
    let mut reader = Reader::from_str(index);
    let (mut is_of_updates, mut is_hash) = (false, false);
    let (mut place, mut hash) = (None, String::new());
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => {
                let value = |name: &str| {
                    let mut all = start.attributes().flatten();
                    let found = all.find(|it| it.key.as_ref() == name.as_bytes())?;
                    String::from_utf8(found.value.into_owned()).ok()
                };
                is_hash = false;
                match start.local_name().as_ref() {
                    b"data" => is_of_updates = value("type").as_deref() == Some("updateinfo"),
                    b"checksum" => is_hash = value("type").as_deref() == Some("sha256"),
                    b"location" if is_of_updates => place = value("href"),
                    _ => {}
                }
            }
            Event::Text(text) if is_of_updates && is_hash => {
                text.decode().ok()?.trim().clone_into(&mut hash);
            }
            Event::End(end) if end.local_name().as_ref() == b"data" && is_of_updates => break,
            Event::Eof => return None,
            _ => {}
        }
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    let place = place.filter(|it| it.bytes().all(is_plain) && !it.contains(".."))?;
    Some((place, hash))
}

/// SecureOS': one list, whose address and hash a file tells.
pub(super) const SECUREOS: Remote = Remote {
    name: "secureos",
    files: |ask| {
        let place = "https://security.secureos.io/v1/latest.json";
        let told: serde_json::Value =
            serde_json::from_str(&ask(place)?).map_err(|error| format!("{place}: {error}"))?;
        let text = |name: &str| told.get(name).and_then(serde_json::Value::as_str);
        let url = text("latest_url").filter(|url| url.starts_with("https://"));
        let url = url.ok_or_else(|| format!("{place}: names no list"))?;
        let proof = text("sha256").map_or(Proof::Form, |hash| Proof::Hash(hash.to_owned()));
        Ok(vec![Wanted { proof, ..Wanted::file(url) }])
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_index_the_list_of_updates_is_taken() {
        let data = |kind: &str, place: &str, hash: &str| {
            format!(
                "<data type=\"{kind}\"><checksum type=\"sha256\">{hash}</checksum>\
                 <open-checksum type=\"sha256\">no</open-checksum><location href=\"{place}\"/>\
                 <size>1</size></data>"
            )
        };
        let index = |data: &str| format!("<?xml version=\"1.0\"?><repomd>{data}</repomd>");
        let both = data("primary", "repodata/p.xml.gz", "aa")
            + &data("updateinfo", "repodata/u.xml.gz", "bb")
            + &data("filelists", "repodata/f.xml.gz", "cc");
        let told = in_index(&index(&both));
        assert_eq!(told, Some(("repodata/u.xml.gz".to_owned(), "bb".to_owned())));
        assert_eq!(in_index(&index(&data("primary", "repodata/p.xml.gz", "aa"))), None);
        assert_eq!(in_index(&index(&data("updateinfo", "../../u.xml.gz", "aa"))), None);
        assert_eq!(in_index("<repomd><data type=\"updateinfo\">"), None);
        assert_eq!(in_index("no"), None);
        let whole = index(&both);
        let end = whole.find("u.xml.gz").unwrap();
        for at in 0..end {
            assert_eq!(in_index(&whole[..at]), None, "{at}");
        }
    }
}
