//! Records that changed since all of a feed was fetched, by a list that it has of them.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use super::{
    download::{self, Fetched},
    http::{Failure, Http, Validators},
    patience::Deadline,
    state::Missed,
};
use crate::feeds::Changes;

/// Longest line of a list, bytes.
const LONGEST_LINE: usize = 4096;
/// Where so many records fail one behind another, it is not they.
const MOST_FAILED: usize = 3;

/// What a list of changes has.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// When the latest change was.
    pub(super) until: String,
    /// What changed since the time that was asked for, unless that is too much.
    pub(super) records: Option<Vec<String>>,
    /// Which version of the list says so.
    pub(super) validators: Validators,
}

/// Which records are sought.
pub(super) struct Sought<'a> {
    /// Those that changed since this time.
    pub(super) since: &'a str,
    /// Those that are still listed of these.
    pub(super) missed: &'a BTreeMap<String, Missed>,
    /// What the time is: changes to come are none yet, and are looked for again.
    pub(super) now: &'a str,
}

/// Asks what changed since a time; none where the list is as it was.
pub(super) fn since(
    http: &Http,
    changes: &Changes,
    sought: &Sought<'_>,
    known: Option<Validators>,
    path: &Path,
) -> Result<Option<Changed>, Failure> {
    let deadline = Deadline::within(http.patience.whole);
    let Fetched::New(validators) = download::fetch(http, &changes.list, known, path, deadline)?
    else {
        return Ok(None);
    };
    let read = read(changes, sought, path);
    // It is fetched again where it is needed again.
    _ = fs::remove_file(path);
    let changed =
        read.map_err(|why| Failure::Lasting(format!("{}: {why}", http.place(&changes.list))))?;
    Ok(Some(Changed { validators, ..changed }))
}

fn read(changes: &Changes, sought: &Sought<'_>, path: &Path) -> Result<Changed, String> {
    let mut lines = BufReader::new(File::open(path).map_err(|error| error.to_string())?);
    let (mut line, mut number) = (Vec::new(), 0_u64);
    let mut changed = Changed { records: Some(Vec::new()), ..Changed::default() };
    loop {
        line.clear();
        number += 1;
        let mut limited = std::io::Read::take(&mut lines, LONGEST_LINE as u64);
        let read = limited.read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
        if read == 0 {
            return Ok(changed);
        }
        let text = str::from_utf8(&line).map(str::trim).ok();
        if text.is_some_and(str::is_empty) {
            continue;
        }
        let row = text.filter(|_| read < LONGEST_LINE).and_then(changes.row);
        let (when, name) = row
            .filter(|(when, name)| is_time(when) && is_name(name))
            .ok_or_else(|| format!("line {number}: is no change of a record"))?;
        if *when > *changed.until {
            match !sought.now.is_empty() && *when > *sought.now {
                true => sought.now.clone_into(&mut changed.until),
                false => changed.until.clone_from(&when),
            }
        }
        if (*when > *sought.since || sought.missed.contains_key(&name))
            && let Some(records) = &mut changed.records
        {
            records.push(name);
            if records.len() > changes.most {
                changed.records = None;
            }
        }
    }
}

fn is_time(text: &str) -> bool {
    text.len() >= 10 && text.starts_with(|first: char| first.is_ascii_digit())
}

/// A time of HTTP (RFC 9110, 5.6.7) as lists of changes have it.
pub(super) fn time_of(header: &str) -> Option<String> {
    let time = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    Some(time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string())
}

/// Names below the base, and nothing that leads elsewhere.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte);
    name.bytes().all(is_plain) && name.split('/').all(|it| !it.is_empty() && !it.starts_with('.'))
}

/// Why a record is not there.
pub(super) enum Why {
    /// It is listed, and there is none.
    Absent(String),
    /// Anything else.
    Failed(String),
}

/// Fetches records to a folder; tells where each is, or why it is not.
pub(super) fn fetch(
    http: &Http,
    changes: &Changes,
    names: &[String],
    folder: &Path,
) -> Result<BTreeMap<String, Result<PathBuf, Why>>, Failure> {
    let deadline = Deadline::within(http.patience.whole);
    let mut records = BTreeMap::new();
    let mut failed_on_end = 0;
    for name in names {
        let url = format!("{}{}", changes.base, super::super::feeds::escaped(name));
        let path = folder.join(name.replace('/', "-"));
        let fetched = download::fetch(http, &url, None, &path, deadline);
        failed_on_end = match &fetched {
            Ok(_) | Err(Failure::Absent(_)) => 0,
            Err(_) => failed_on_end + 1,
        };
        match fetched {
            Err(error) if failed_on_end >= MOST_FAILED => return Err(error),
            Err(Failure::Absent(why)) => records.insert(name.clone(), Err(Why::Absent(why))),
            Err(error) => records.insert(name.clone(), Err(Why::Failed(error.why()))),
            Ok(_) => records.insert(name.clone(), Ok(path)),
        };
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_servers_are_those_of_lists() {
        let told = time_of("Fri, 03 Jul 2026 00:01:02 GMT");
        assert_eq!(told.as_deref(), Some("2026-07-03T00:01:02+00:00"));
        assert_eq!(time_of("yesterday"), None);
    }

    #[test]
    fn names_lead_nowhere_else() {
        for (name, is) in [
            ("GHSA-aaaa.json", true),
            ("RLSA-2024:1.json", true),
            ("2024/cve-2024-1.json", true),
            ("../../x", false),
            ("a//b", false),
            ("/etc/passwd", false),
            ("a b", false),
            ("a?b", false),
            (".hidden", false),
        ] {
            assert_eq!(is_name(name), is, "{name}");
        }
    }
}
