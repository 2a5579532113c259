//! The order beside vectors from the field: lines `a op b`.

use std::{cmp::Ordering, fs};

use versions::{Scheme, Version};

/// Files of vectors, and whose rules they are of.
const FILES: [(&str, Scheme); 12] = [
    ("alpine", Scheme::Apk),
    ("cran", Scheme::Cran),
    ("debian", Scheme::Dpkg),
    ("hackage", Scheme::Hackage),
    ("maven", Scheme::Maven),
    ("nuget", Scheme::Nuget),
    ("packagist", Scheme::Packagist),
    ("pub", Scheme::Pub),
    ("pypi", Scheme::Pep440),
    ("redhat", Scheme::Rpm),
    ("rubygems", Scheme::Gem),
    ("semver", Scheme::Semver),
];

#[test]
fn every_vector_of_the_field_holds() {
    let Some(data) = testkit::data() else { return };
    let folder = data.join("scan/version-vectors");
    let mut files: Vec<_> = FILES
        .into_iter()
        .flat_map(|(name, scheme)| names(name).map(|file| (file, scheme)))
        .collect();
    files.push(("rpmvercmp.txt".to_owned(), Scheme::Rpm));
    let mut wrong = Vec::new();
    let mut count = 0;
    for (file, scheme) in files {
        let Ok(text) = fs::read_to_string(folder.join(&file)) else { continue };
        for line in text.lines().filter(|line| is_vector(line)) {
            count += 1;
            if let Err(why) = check(scheme, line) {
                wrong.push(format!("{file}: {line}: {why}"));
            }
        }
    }
    assert!(count > 30_000, "{count} vectors");
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn names(name: &str) -> [String; 2] {
    [format!("{name}-versions.txt"), format!("{name}-versions-generated.txt")]
}

/// Not a comment: those begin with a word on their own.
fn is_vector(line: &str) -> bool {
    !line.is_empty() && !line.starts_with("# ") && !line.starts_with("//") && line != "#"
}

fn check(scheme: Scheme, line: &str) -> Result<(), String> {
    let words: Vec<_> = line.split_whitespace().collect();
    let [a, op, b] = words[..] else { return Err("not three words".to_owned()) };
    let wanted = match op {
        "<" => Ordering::Less,
        "=" | "==" => Ordering::Equal,
        ">" => Ordering::Greater,
        _ => return Err("no operator".to_owned()),
    };
    let read = |text| Version::parse(scheme, text).map_err(|error| error.to_string());
    let (a, b) = (read(a)?, read(b)?);
    let (there, back) = (a.cmp(&b), b.cmp(&a));
    let right = there == wanted && back == wanted.reverse();
    right.then_some(()).ok_or_else(|| format!("is {there:?}, and {back:?} the other way"))
}
