//! How long ago it was looked whether there is something new in the feeds that were asked: what they have said since is
//! not known, and their silence is no good news.

use std::path::Path;

use advisories::{db::Database, matching, update::States};
use jiff::Timestamp;
use scan::Inventory;

const DAY_SECONDS: i64 = 24 * 3600;
/// So old may a feed be. Most have something new each day.
const MOST_DAYS: i64 = 7;
/// Most feeds that are named.
const MOST_NAMED: usize = 3;

/// A remark where feeds that were asked are old.
pub(super) fn remark(folder: &Path, database: &Database, inventory: &Inventory) -> Option<String> {
    // What can't be read of updates is as if there had been none.
    let states = States::read(folder).unwrap_or_default();
    let feeds: Vec<(String, String)> = matching::asked(database, inventory)
        .into_iter()
        .map(|part| {
            let header = part.header();
            let checked = states.checked(&header.feed).unwrap_or_default();
            (header.feed.clone(), header.imported.as_str().max(checked).to_owned())
        })
        .collect();
    of(&feeds, Timestamp::now())
}

/// Of names of feeds, and when each was looked at.
fn of(feeds: &[(String, String)], now: Timestamp) -> Option<String> {
    let days = |time: &str| {
        let time: Timestamp = time.parse().ok()?;
        Some((now.as_second() - time.as_second()) / DAY_SECONDS)
    };
    let mut old: Vec<(i64, &str)> = feeds
        .iter()
        .filter_map(|(name, time)| Some((days(time)?, name.as_str())))
        .filter(|(days, _)| *days > MOST_DAYS)
        .collect();
    old.sort_by_key(|(days, name)| (-days, *name));
    let (oldest, _) = old.first()?;
    let named: Vec<&str> = old.iter().take(MOST_NAMED).map(|(_, name)| *name).collect();
    let more = match old.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = named.join(", ");
    let were = if old.len() == 1 { "was" } else { "were" };
    Some(format!(
        "{named}{more} {were} brought up to date last up to {oldest} days ago: what was found since is not known; \
         watchkeeper db update fetches it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_feeds_are_told() {
        let now = "2026-03-10T12:00:00Z".parse().unwrap();
        let told = |feeds: &[(&str, &str)]| {
            let feeds: Vec<(String, String)> =
                feeds.iter().map(|(name, time)| ((*name).to_owned(), (*time).to_owned())).collect();
            of(&feeds, now)
        };
        assert_eq!(told(&[]), None);
        let young = [("a", "2026-03-03T12:00:00Z"), ("b", ""), ("c", "2027-01-01T00:00:00Z")];
        assert_eq!(told(&young), None);
        let one = told(&[("a", "2026-03-02T12:00:00Z"), ("b", "2026-03-10T00:00:00Z")]).unwrap();
        assert!(one.starts_with("a was brought up to date last up to 8 days ago: "), "{one}");
        let many: Vec<(&str, &str)> =
            [("a", "2026-03-01T12:00:00Z"), ("b", "2026-02-01T00:00:00Z")]
                .into_iter()
                .chain(["c", "d", "e"].map(|it| (it, "2026-03-02T00:00:00Z")))
                .collect();
        let many = told(&many).unwrap();
        assert!(
            many.starts_with("b, a, c and 2 more were brought up to date last up to 37 days"),
            "{many}"
        );
    }
}
