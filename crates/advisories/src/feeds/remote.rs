//! Where feeds are published. Each feed has its addresses in its own file.

use crate::ecosystem;

/// A feed that can be fetched.
#[derive(Debug)]
pub struct Remote {
    /// Its name: what is asked for by it.
    pub name: &'static str,
    /// Which files it has; some feeds say so in a list of their own, which is asked for.
    pub(crate) files: fn(&mut Ask<'_>) -> Result<Vec<Wanted>, String>,
}

/// Hands out a short text that is at an address.
pub(crate) type Ask<'a> = dyn FnMut(&str) -> Result<String, Unanswered> + 'a;

/// Why a text is not handed out.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// It is not there.
    Absent(String),
    /// It may be there.
    Failed(String),
}

impl From<Unanswered> for String {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::Absent(why) | Unanswered::Failed(why) => why,
        }
    }
}

/// A file of a feed.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Where it is.
    pub(crate) url: String,
    /// What shows that it is whole.
    pub(crate) proof: Proof,
    /// How it is told what changed in it.
    pub(crate) changes: Option<Changes>,
    /// What not being there means.
    pub(crate) absence: Absence,
}

/// What shows that a file is whole, beside its length.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Proof {
    /// Its form: archives and what is packed have checksums, other files an end.
    Form,
    /// Its SHA-256, in hexadecimal.
    Hash(String),
    /// A file with its SHA-256, in hexadecimal, as the first word.
    Sha256(String),
    /// A file with lines of `name:value`, of which `sha256` is that of what is packed.
    Meta(String),
}

/// A list of the records that were changed, and when.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    /// Where it is.
    pub(crate) list: String,
    /// What is before the names of records that it has.
    pub(crate) base: String,
    /// When a line's record was changed (RFC 3339), and what it is called behind the base.
    pub(crate) row: fn(&str) -> Option<(String, String)>,
    /// Until when the file that has all has them.
    pub(crate) until: Until,
    /// With more changes than these all is fetched anew.
    pub(crate) most: usize,
}

/// Until when a file that has all records has the changes of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Until {
    /// Until it was fetched.
    Fetched,
    /// Until its server says that it was made.
    Made,
    /// Until this time (RFC 3339), as its name tells.
    Told(String),
}

/// What it means that a file is not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Absence {
    /// That the feed fails.
    Fails,
    /// Nothing: not all that may have one do.
    IsNothing,
}

impl Wanted {
    /// A file that is all of something.
    pub(crate) fn file(url: impl Into<String>) -> Self {
        let (proof, absence) = (Proof::Form, Absence::Fails);
        Self { url: url.into(), proof, changes: None, absence }
    }

    /// What is known of it is kept under this address.
    pub(crate) fn key(&self) -> &String {
        self.changes.as_ref().map_or(&self.url, |changes| &changes.list)
    }

    /// Files of which not all have to be there.
    pub(crate) fn if_there(mut self) -> Self {
        self.absence = Absence::IsNothing;
        self
    }
}

/// What stands between a begin and an end wherever both are in a text, each once, in order: names in a page
/// that lists files.
pub(crate) fn between<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for (at, _) in text.match_indices(begin) {
        let rest = text.get(at + begin.len()..).unwrap_or_default();
        if let Some(name) = rest.split_once(end).map(|(name, _)| name)
            && !name.is_empty()
            && name.len() < 64
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        {
            found.push(name);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Distributions that speak for themselves in feeds of their own: what others make of that is not needed.
const OWN_FEEDS: [&str; 17] = [
    "Alpine",
    "Amazon Linux",
    "Arch Linux",
    "Azure Linux",
    "Chainguard",
    "Debian",
    "Echo",
    "Fedora",
    "MinimOS",
    "Oracle Linux",
    "Photon OS",
    "Red Hat",
    "SUSE",
    "SecureOS",
    "Ubuntu Pro",
    "Wolfi",
    "openSUSE",
];

/// The names of all ecosystems that are known and have no feed of their own, each once.
pub(crate) fn known_ecosystems() -> Vec<&'static str> {
    let all = ecosystem::ALL.iter().map(|it| it.name);
    let mut names: Vec<&str> = all.filter(|name| !OWN_FEEDS.contains(name)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// An address with what must not stand in it as it is.
pub(crate) fn escaped(name: &str) -> String {
    name.replace(' ', "%20").replace(':', "%3A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_page_are_found() {
        let page = r#"<a href="../">../</a><a href="v3.20/">v3.20/</a> <a href="v3.9/">v3.9/</a> <a href="v3.20/"><a href="v/x y/">"#;
        assert_eq!(between(page, "href=\"v", "/\""), ["3.20", "3.9"]);
        assert!(between("href=\"v", "href=\"v", "/").is_empty());
    }
}
