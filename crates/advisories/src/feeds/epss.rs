//! How likely flaws are exploited: the scores of FIRST (EPSS), as CSV.
//!
//! Source: FIRST, EPSS data: a line of comment with version and date, one with the names of the columns, and
//! one for each flaw.

use super::{Draft, Feed, File, Remote, Wanted};
use crate::{Advisory, Likelihood, db::Repeats};

pub(super) const FEED: Feed = Feed {
    about: "list of EPSS scores",
    is: |file| file.bytes.starts_with(b"#model_version:"),
    read,
};

const PART: &str = "epss";
const COLUMNS: &str = "cve,epss,percentile";

fn read(file: &File<'_>, draft: &mut Draft) -> Result<(), String> {
    let text = str::from_utf8(file.bytes).map_err(|_| "is not all UTF-8".to_owned())?;
    let mut lines = text.lines();
    let comment = lines.next().unwrap_or_default();
    let date = comment.split_once("score_date:").map(|(_, date)| date.trim());
    let date = date.ok_or("line 1: has no score_date")?;
    match lines.next() {
        Some(COLUMNS) => {}
        _ => return Err(format!("line 2: does not have the columns {COLUMNS}")),
    }
    draft.dated(PART, Repeats::Add, date);
    for (at, line) in lines.enumerate().filter(|(_, line)| !line.is_empty()) {
        let (id, likelihood) = row(line).ok_or_else(|| format!("line {}: is no score", at + 3))?;
        let (id, likelihood) = (id.to_owned(), Some(likelihood));
        draft.add(PART, Repeats::Add, Advisory { id, likelihood, ..Advisory::default() });
    }
    Ok(())
}

fn row(line: &str) -> Option<(&str, Likelihood)> {
    let mut cells = line.split(',');
    let (id, score, percentile) = (cells.next()?, cells.next()?, cells.next()?);
    let e5 = |text: &str| {
        let number: f64 = text.parse().ok()?;
        (0.0..=1.0).contains(&number).then(|| (number * 1e5).round() as u32)
    };
    Some((id, Likelihood { score_e5: e5(score)?, percentile_e5: e5(percentile)? }))
}

/// Where the scores of the day are.
pub(super) const REMOTE: Remote = Remote {
    name: "epss",
    files: |_| {
        Ok(vec![Wanted::file("https://epss.empiricalsecurity.com/epss_scores-current.csv.gz")])
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_parts_of_one() {
        let expected = Likelihood { score_e5: 383, percentile_e5: 73_075 };
        assert_eq!(row("CVE-1999-0001,0.00383,0.73075"), Some(("CVE-1999-0001", expected)));
        for line in ["CVE-1", "CVE-1,x,0.1", "CVE-1,1.1,0.1", "CVE-1,NaN,0.1", ""] {
            assert_eq!(row(line), None, "{line}");
        }
    }
}
