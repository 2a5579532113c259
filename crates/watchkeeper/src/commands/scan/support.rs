//! Until when a distribution is supported, for people. The clock is read here alone: what is for programs
//! tells days, and stays the same from run to run.

use std::{fs, path::Path};

use event::visible::visible;
use jiff::Timestamp;
use scan::{Calendar, Distro, EndOfLife, Inventory, Support};

use super::shown;
use crate::error::Error;

/// What is known of ends of life: that of a file, or what comes with the program.
pub(super) fn calendar(file: Option<&Path>) -> Result<Calendar, Error> {
    let Some(path) = file else {
        return Calendar::embedded().map_err(|error| Error::Usage(error.to_string()));
    };
    let bytes = fs::read(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    let read = Calendar::parse(&bytes);
    read.map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
}

/// A line on the distribution: `Debian GNU/Linux 12 (bookworm): supported until 2026-07-11; LTS until …`.
pub(super) fn line(inventory: &Inventory, calendar: &Calendar) -> Option<String> {
    let distro = inventory.distro.as_ref()?;
    // RFC 3339: the day, in UTC, comes first.
    let now = Timestamp::now().to_string();
    let told = told(inventory.end_of_life.as_ref(), now.get(..10).unwrap_or_default());
    Some(format!("{}: {told}", name(distro, inventory.end_of_life.as_ref(), calendar)))
}

/// Lists of packages tell no name for people; what is known of the release does.
fn name(distro: &Distro, known: Option<&EndOfLife>, calendar: &Calendar) -> String {
    let codename = match known {
        Some(EndOfLife::Until(support)) if !support.codename.is_empty() => &support.codename,
        _ => &distro.codename,
    };
    match calendar.name(distro).filter(|_| distro.name.is_empty()) {
        None => shown(distro),
        Some(name) => {
            let codename =
                if codename.is_empty() { String::new() } else { format!(" ({codename})") };
            let text = format!("{name} {}{codename}", distro.full_version());
            visible(text.trim().as_bytes()).to_string()
        }
    }
}

/// Whether nobody gets updates any more; `None` where that is not known.
pub(super) fn ended(inventory: &Inventory) -> Option<bool> {
    is_ended(inventory.end_of_life.as_ref()?)
}

/// Whether that is over by today.
pub(super) fn is_ended(known: &EndOfLife) -> Option<bool> {
    let now = Timestamp::now().to_string();
    match known {
        EndOfLife::Rolling => Some(false),
        EndOfLife::Until(support) => Some(is_over(support, now.get(..10).unwrap_or_default())),
    }
}

fn is_over(support: &Support, today: &str) -> bool {
    let last = support.extended.last().map_or(&support.until, |it| &it.until);
    last.as_str() < today
}

fn told(known: Option<&EndOfLife>, today: &str) -> String {
    match known {
        None => "nobody said here until when it is supported".to_owned(),
        Some(EndOfLife::Rolling) => "a rolling release, without an end".to_owned(),
        Some(EndOfLife::Until(support)) => of_support(support, today),
    }
}

fn of_support(support: &Support, today: &str) -> String {
    let until = support.until.as_str();
    let mut parts = vec![match until < today {
        true => format!("support ended {until}"),
        false => format!("supported until {until}"),
    }];
    for extended in &support.extended {
        let word = if extended.until.as_str() < today { "ended" } else { "until" };
        parts.push(format!("{} {word} {}", extended.name, extended.until.as_str()));
    }
    let warning = if is_over(support, today) { "END OF LIFE, " } else { "" };
    visible(format!("{warning}{}", parts.join("; ")).as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_told_as_of_today() {
        let calendar = Calendar::embedded().unwrap();
        let distro = |id: &str, version: &str| Distro {
            id: id.into(),
            version: version.into(),
            ..Distro::default()
        };
        let debian = calendar.of(&distro("debian", "12.4"));
        for (today, expected) in [
            (
                "2026-07-11",
                "supported until 2026-07-11; LTS until 2028-06-30; ELTS until 2033-06-30",
            ),
            ("2026-07-12", "support ended 2026-07-11; LTS until 2028-06-30; ELTS until 2033-06-30"),
            ("2029-01-01", "support ended 2026-07-11; LTS ended 2028-06-30; ELTS until 2033-06-30"),
            (
                "2034-01-01",
                "END OF LIFE, support ended 2026-07-11; LTS ended 2028-06-30; ELTS ended 2033-06-30",
            ),
        ] {
            assert_eq!(told(debian.as_ref(), today), expected);
        }
        assert_eq!(told(None, "2026-01-01"), "nobody said here until when it is supported");
        let arch = calendar.of(&distro("arch", ""));
        assert_eq!(told(arch.as_ref(), "2026-01-01"), "a rolling release, without an end");
        let named = |id: &str, version: &str| {
            let distro = distro(id, version);
            name(&distro, calendar.of(&distro).as_ref(), &calendar)
        };
        assert_eq!(named("debian", "12.4"), "Debian 12.4 (bookworm)");
        assert_eq!(named("rhel", "9.2"), "Red Hat Enterprise Linux 9.2");
        assert_eq!(named("own", "1"), "own 1");
    }
}
