//! Packages of the Python Package Index, and of conda.
//!
//! - `requirements`: lists that pip reads; `pipenv`, `poetry`, `pdm`, `uv`, `pylock`: lock files.
//! - `pyproject`: what a project asks for.
//! - `installed`: what is installed; `conda`: packages and environments of conda.

pub(super) mod conda;
pub(super) mod installed;
pub(super) mod pdm;
pub(super) mod pipenv;
pub(super) mod poetry;
pub(super) mod pylock;
pub(super) mod pyproject;
pub(super) mod requirements;
pub(super) mod uv;

/// A name as the index compares names: in small letters, with `-` for runs of `-`, `_` and `.` (PEP 503).
fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for char in name.chars() {
        match char {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            char => out.extend(char.to_lowercase()),
        }
    }
    out
}

/// Whether a text is a whole version: one that is cut short by `*`, or a range, is none (PEP 440).
fn is_version(text: &str) -> bool {
    let first = text.strip_prefix('v').unwrap_or(text).chars().next();
    first.is_some_and(|first| first.is_ascii_digit())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || ".+!-_".contains(it))
}

/// Whether a group of requirements has a name that only those have which are for developers.
fn is_for_developers(group: &str) -> bool {
    let names = [
        "dev",
        "develop",
        "development",
        "test",
        "tests",
        "testing",
        "lint",
        "typing",
        "doc",
        "docs",
    ];
    names.iter().any(|name| group.eq_ignore_ascii_case(name))
}
