//! The file, with the places of its mistakes.

use serde::{Deserialize, Deserializer};
use serde_saphyr::{Location, Spanned};

use crate::vex::Named;

/// Longest file.
const MOST_BYTES: usize = 16 << 20;

/// What is ignored.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct IgnoreFile {
    /// The name of the file.
    pub name: String,
    /// What is ignored, in the order of the file.
    pub entries: Vec<Entry>,
}

/// What is ignored: findings of which all is true that an entry says.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// Names of flaws, any of them; none for any flaw.
    pub ids: Vec<String>,
    /// The package's name; empty for any.
    pub package: String,
    /// What a package URL names; `None` for any.
    pub purl: Option<Named>,
    /// A pattern of paths that all places of the package are of; empty for any.
    pub path: String,
    /// Why.
    pub reason: String,
    /// The last day on which it counts; empty where it has no end.
    pub expires: String,
    /// Its line and column.
    pub place: (u64, u64),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    ignore: Option<Vec<Spanned<Said>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    #[serde(default, deserialize_with = "told")]
    id: Option<Spanned<Option<Words>>>,
    #[serde(default, deserialize_with = "told")]
    package: Option<Spanned<Option<String>>>,
    #[serde(default, deserialize_with = "told")]
    purl: Option<Spanned<Option<String>>>,
    #[serde(default, deserialize_with = "told")]
    path: Option<Spanned<Option<String>>>,
    #[serde(default, deserialize_with = "told")]
    reason: Option<Spanned<Option<String>>>,
    #[serde(default, deserialize_with = "told")]
    expires: Option<Spanned<Option<String>>>,
}

/// A key that is there, with or without a value: one without is no key that is not there, which would widen what is
/// ignored.
fn told<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Spanned<Option<T>>>, D::Error> {
    Spanned::deserialize(from).map(Some)
}

/// One or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Several(Vec<String>),
}

/// Reads a file.
///
/// # Errors
/// What is wrong with it, each mistake with its place: `FILE:LINE:COLUMN: …`.
pub fn read(name: &str, text: &str) -> Result<IgnoreFile, Vec<String>> {
    let at = |(line, column): (u64, u64), why: &str| format!("{name}:{line}:{column}: {why}");
    if text.len() > MOST_BYTES {
        return Err(vec![format!("{name}: is longer than {MOST_BYTES} bytes")]);
    }
    let options = serde_saphyr::options! { with_snippet: false };
    let file: Option<File> =
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let place = error.location().map_or((1, 1), place);
            vec![at(place, &worded(&error))]
        })?;
    let (mut entries, mut wrong) = (Vec::new(), Vec::new());
    for said in file.and_then(|it| it.ignore).unwrap_or_default() {
        let its = place(said.referenced);
        match entry(said.value, its) {
            Ok(entry) => entries.push(entry),
            Err(all) => wrong.extend(all.into_iter().map(|(place, why)| at(place, &why))),
        }
    }
    if wrong.is_empty() { Ok(IgnoreFile { name: name.to_owned(), entries }) } else { Err(wrong) }
}

fn place(location: Location) -> (u64, u64) {
    (location.line(), location.column())
}

/// What the file is, for who wrote another.
const FORM: &str = "is not what can stand here: 'ignore' is a list of entries; each is a mapping of keys to texts, of which \
                    'id' may be a list";
/// Longest word of a file that is told, in characters.
const LONGEST_TOLD: usize = 40;

/// What is wrong, in words of this file, and with what may have been meant.
fn worded(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error as E;
    match error.without_snippet() {
        E::SerdeUnknownField { field, expected, .. } => unknown(field, expected),
        E::DuplicateMappingKey { key: Some(key), .. } => {
            format!("key '{}' is there twice", told_short(key))
        }
        E::DuplicateMappingKey { .. } => "a key is there twice".to_owned(),
        E::MultipleDocuments { .. } => "has several documents of YAML; one is read".to_owned(),
        E::UnknownAnchor { .. } => "means an anchor that is not there".to_owned(),
        E::Eof { .. } => "ends too early".to_owned(),
        E::ExternalMessage { msg, .. } => {
            format!("is no YAML: {}", msg.lines().next().unwrap_or_default())
        }
        _ => FORM.to_owned(),
    }
}

fn unknown(key: &str, known: &[&str]) -> String {
    let near = known.iter().map(|it| (strsim::osa_distance(key, it), *it)).min();
    let key = told_short(key);
    match near.filter(|(edits, _)| *edits <= (key.len() / 3).max(1)) {
        Some((_, near)) => format!("unknown key '{key}'; did you mean '{near}'?"),
        None => format!("unknown key '{key}'; known are {}", known.join(", ")),
    }
}

/// A word of the file, as far as it is one.
fn told_short(word: &str) -> String {
    let mut told: String = word.chars().take(LONGEST_TOLD).flat_map(char::escape_debug).collect();
    if word.chars().count() > LONGEST_TOLD {
        told.push('…');
    }
    told
}

type Wrong = ((u64, u64), String);

fn entry(said: Said, its: (u64, u64)) -> Result<Entry, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let mut text = |name: &str, told: &Option<Spanned<Option<String>>>| {
        let Some(told) = told else { return String::new() };
        let text = told.value.as_deref().unwrap_or_default().trim();
        if text.is_empty() {
            wrong.push((place(told.referenced), format!("'{name}' is empty")));
        }
        text.to_owned()
    };
    let (package, path) = (text("package", &said.package), text("path", &said.path));
    let (reason, purl) = (text("reason", &said.reason), text("purl", &said.purl));
    let expires = text("expires", &said.expires);
    if said.reason.is_none() {
        wrong.push((its, "has no 'reason'; say why it is ignored".to_owned()));
    }
    if let Some(told) = said.expires.as_ref().filter(|_| !expires.is_empty() && !is_day(&expires)) {
        let why = format!("'{}' is no day; write one as 2027-01-31", told_short(&expires));
        wrong.push((place(told.referenced), why));
    }
    let named = Named::of_purl(&purl);
    if let Some(told) = said.purl.as_ref().filter(|_| !purl.is_empty() && named.is_none()) {
        let why =
            format!("'{}' is no package URL; write one as pkg:npm/left@1.2.0", told_short(&purl));
        wrong.push((place(told.referenced), why));
    }
    if let Some(told) = said.path.as_ref().filter(|_| matches!(path.trim_matches('/'), "" | "."))
        && !path.is_empty()
    {
        let why = "'path' is all that was scanned; write '**' where that is meant";
        wrong.push((place(told.referenced), why.to_owned()));
    }
    let ids = ids(said.id, &mut wrong);
    if ids.is_empty()
        && package.is_empty()
        && purl.is_empty()
        && path.is_empty()
        && wrong.is_empty()
    {
        let why = "ignores nothing; give 'id', 'package', 'purl' or 'path'";
        wrong.push((its, why.to_owned()));
    }
    let entry = Entry { ids, package, purl: named, path, reason, expires, place: its };
    if wrong.is_empty() { Ok(entry) } else { Err(wrong) }
}

fn ids(said: Option<Spanned<Option<Words>>>, wrong: &mut Vec<Wrong>) -> Vec<String> {
    let Some(said) = said else { return Vec::new() };
    let ids = match said.value {
        Some(Words::One(id)) => vec![id],
        Some(Words::Several(ids)) => ids,
        None => Vec::new(),
    };
    if ids.is_empty() || ids.iter().any(|id| id.trim().is_empty()) {
        wrong.push((place(said.referenced), "'id' is empty".to_owned()));
    }
    ids.into_iter().map(|id| id.trim().to_owned()).collect()
}

/// A day that is one: `2027-02-28`.
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read() {
        let text = "# why\nignore:\n  - id: CVE-1\n    reason: x\n  - {id: [A, B], package: left, purl: pkg:npm/left@1, path: 'v/**', reason: y, expires: 2027-01-31}\n";
        let file = read("f", text).unwrap();
        let [first, second] = file.entries.as_slice() else { panic!("two") };
        assert_eq!((first.ids.as_slice(), first.place), (&["CVE-1".to_owned()][..], (3, 5)));
        assert_eq!((second.package.as_str(), second.expires.as_str()), ("left", "2027-01-31"));
        assert!(second.purl.is_some() && second.place == (5, 5));
        for empty in ["", "# nothing\n", "ignore:\n", "ignore: []\n"] {
            assert_eq!(read("f", empty).unwrap().entries, [], "{empty:?}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        for (text, expected) in [
            ("ignore: [", "f:1:9: is no YAML: unclosed bracket"),
            ("ignroe: []\n", "f:1:1: unknown key 'ignroe'; did you mean 'ignore'?"),
            (
                "ignore:\n  - id: CVE-1\n    resaon: x\n",
                "f:3:5: unknown key 'resaon'; did you mean 'reason'?",
            ),
            (
                "ignore:\n  - {id: CVE-1, reason: x, zzzzzzzz: 1}\n",
                "f:2:28: unknown key 'zzzzzzzz'; known are id, package, purl, path, reason, expires",
            ),
            ("ignore:\n  - id: CVE-1\n", "f:2:5: has no 'reason'; say why it is ignored"),
            ("ignore:\n  - {id: CVE-1, reason: ' '}\n", "f:2:25: 'reason' is empty"),
            ("ignore:\n  - reason: x\n", "f:2:5: ignores nothing; give 'id', 'package'"),
            (
                "ignore:\n  - {id: CVE-1, reason: x, expires: 2027-02-30}\n",
                "f:2:37: '2027-02-30' is no day; write one as 2027-01-31",
            ),
            (
                "ignore:\n  - {purl: left, reason: x}\n",
                "f:2:12: 'left' is no package URL; write one as pkg:npm/left@1.2.0",
            ),
            ("ignore:\n  - {id: [], reason: x}\n", "f:2:10: 'id' is empty"),
            ("ignore:\n  - {id: CVE-1, package: , reason: x}\n", "f:2:"),
            ("ignore:\n  - {id: CVE-1, purl: ~, reason: x}\n", "f:2:23: 'purl' is empty"),
            ("ignore:\n  - {id: CVE-1, expires: null, reason: x}\n", "f:2:26: 'expires' is empty"),
            ("ignore:\n  - {id: ~, path: '**', reason: x}\n", "f:2:10: 'id' is empty"),
            ("ignore:\n  - {path: /, reason: x}\n", "f:2:12: 'path' is all that was scanned"),
            ("ignore:\n  - {path: ., reason: x}\n", "f:2:12: 'path' is all that was scanned"),
            ("ignore: 1\n", "f:1:9: "),
            ("- 1\n", "f:1:1: "),
        ] {
            let wrong = read("f", text).unwrap_err();
            assert!(wrong.len() == 1 && wrong[0].starts_with(expected), "{text:?}: {wrong:?}");
        }
        let both = read("f", "ignore:\n  - id: A\n  - id: B\n").unwrap_err();
        assert_eq!(both.len(), 2);
    }

    #[test]
    fn mistakes_are_told_in_words_of_the_file() {
        let long = format!("ignore:\n  - {{{}: 1}}\n", "secret".repeat(100));
        for text in [
            "ignore: 1\n",
            "- 1\n",
            "secret",
            "ignore: secret\n",
            "ignore:\n  secret: 1\n",
            "ignore:\n  - secret\n",
            "ignore:\n  - [secret]\n",
            "ignore:\n  - {id: {a: secret}, reason: x}\n",
            "ignore:\n  - {id: [[secret]], reason: x}\n",
            "ignore:\n  - {id: A, reason: [secret]}\n",
            "ignore:\n  - {id: A, package: {secret: 1}, reason: x}\n",
            "ignore:\n  - {id: A, reason: !!binary secret}\n",
            "ignore:\n  - {id: A, reason: *secret}\n",
            "ignore:\n  - {id: A, id: B, reason: x}\n",
            "ignore: []\n---\nignore: []\n",
            "ignore:\n\t- secret: \"\n",
            "ignore: \"secret",
            "{\"ignore\": ",
            "ignore: &a [*a]\n",
            long.as_str(),
        ] {
            let wrong = read("f", text).unwrap_err();
            let [told] = &*wrong else { panic!("{wrong:?}") };
            assert!(told.starts_with("f:") && told.len() < 250 && !told.contains('\n'), "{told}");
            let inner =
                ["struct", "enum", "variant", "sequence", "deserial", "serde", "invalid type"];
            assert!(!inner.iter().any(|it| told.contains(it)), "{told}");
            assert!(!told.contains("secret") || told.contains("unknown key"), "{told}");
        }
    }
}
