//! What a store has, and the one that a name means.

use std::collections::BTreeSet;

use crate::{Digest, Reference};

/// Most names that are told in place of one that is not there.
const MOST_NEAR: usize = 5;
/// From this similarity on (Jaro-Winkler) a name is near another.
const NEAR: f64 = 0.8;
/// Shortest beginning of an id that is looked for.
const SHORTEST_ID: usize = 4;

/// An image that a store has.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Held {
    /// What names it there: `sha256:` and 64 hexadecimal digits, of its configuration or of its manifest.
    pub id: String,
    /// Its names, whole or, as Docker has them, short.
    pub names: Vec<String>,
    /// What names its manifests: `sha256:…`.
    pub digests: Vec<String>,
}

/// What a name means in a store.
#[derive(Clone, PartialEq, Debug)]
pub enum Sought<'a> {
    /// This one.
    Found(&'a Held),
    /// One of these, whose names or ids are told.
    Several(Vec<String>),
    /// None; these names are near.
    None(Vec<String>),
}

/// Seeks an image by a name, the beginning of its id, or a digest. Names are completed as the engines
/// do: `app` is `docker.io/library/app:latest` or `localhost/app:latest`.
pub fn seek<'a>(held: &'a [Held], wanted: &str) -> Sought<'a> {
    let exact = |it: &&Held| it.names.iter().any(|name| name == wanted);
    let names = Names::of(wanted);
    let named = |it: &&Held| names.mean(it);
    let by_id = |it: &&Held| is_id_of(wanted, &it.id);
    let found = [&exact as &dyn Fn(&&Held) -> bool, &named, &by_id]
        .into_iter()
        .map(|is_meant| held.iter().filter(is_meant).collect::<Vec<_>>())
        .find(|found| !found.is_empty());
    match found.as_deref() {
        Some([first, others @ ..]) if others.iter().all(|it| it.id == first.id) => {
            Sought::Found(first)
        }
        Some(several) => Sought::Several(several.iter().map(|it| it.title().to_owned()).collect()),
        None => Sought::None(near(held, &last(wanted))),
    }
}

impl Held {
    /// The same, the name by which it is wanted first.
    pub fn wanted_as(&self, wanted: &str) -> Self {
        let mut held = self.clone();
        let names = Names::of(wanted);
        held.names.sort_by_key(|name| name != wanted && !names.mean_name(name, self));
        held
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        self.names.first().unwrap_or(&self.id)
    }
}

/// The names that a name may mean.
struct Names(Vec<Reference>);

impl Names {
    fn of(wanted: &str) -> Self {
        let Ok(whole) = Reference::parse(wanted) else { return Self(Vec::new()) };
        // Podman keeps what was built here as of this host.
        let path = whole.repository();
        let local = path.strip_prefix("library/").unwrap_or(path);
        let local = whole.elsewhere("localhost", local).ok().filter(|_| whole.is_short());
        Self(std::iter::once(whole).chain(local).collect())
    }

    fn mean(&self, held: &Held) -> bool {
        held.names.iter().any(|name| self.mean_name(name, held))
    }

    /// Whether they mean this name of an image.
    fn mean_name(&self, name: &str, held: &Held) -> bool {
        let Ok(name) = Reference::parse(name) else { return false };
        let is_manifest = |digest: Digest| held.digests.contains(&digest.to_string());
        self.0.iter().filter(|wanted| wanted.name() == name.name()).any(|wanted| {
            match wanted.digest() {
                Some(digest) => name.digest() == Some(digest) || is_manifest(digest),
                None => name.tag() == wanted.tag(),
            }
        })
    }
}

/// The last part of a name's repository.
fn last(name: &str) -> String {
    let repository = Reference::parse(name).map(|name| name.repository().to_owned());
    let repository = repository.unwrap_or_else(|_| name.to_owned());
    repository.rsplit('/').next().unwrap_or_default().to_owned()
}

fn is_id_of(wanted: &str, id: &str) -> bool {
    let hex = |id: &str| id.strip_prefix("sha256:").unwrap_or(id).to_owned();
    let wanted = hex(wanted);
    wanted.len() >= SHORTEST_ID && hex(id).starts_with(&wanted)
}

/// Names that are like one that is not there, the nearest first.
fn near(held: &[Held], wanted: &str) -> Vec<String> {
    let names: BTreeSet<&str> = held.iter().flat_map(|it| &it.names).map(String::as_str).collect();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (likeness(&last(name), wanted), name))
        .filter(|(score, _)| *score >= NEAR)
        .collect();
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    scored.into_iter().take(MOST_NEAR).map(|(_, name)| name.to_owned()).collect()
}

fn likeness(name: &str, wanted: &str) -> f64 {
    let is_part = !wanted.is_empty() && name.contains(wanted);
    let likeness = strsim::jaro_winkler(name, wanted);
    if is_part { likeness.max(NEAR) } else { likeness }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(id: &str, names: &[&str]) -> Held {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Held {
            id: format!("sha256:{id}"),
            names,
            digests: vec![Digest::of(id.as_bytes()).to_string()],
        }
    }

    fn by_digest(name: &str, of: &str) -> String {
        format!("{name}@{}", Digest::of(of.as_bytes()))
    }

    fn store() -> Vec<Held> {
        vec![
            held("aaaa1111", &["docker.io/library/debian:12", "docker.io/library/debian:latest"]),
            held("aaaa2222", &["localhost/app:1.2"]),
            held(
                "bbbb3333",
                &["quay.example/team/app:1.2", &by_digest("quay.example/team/app", "d")],
            ),
            held("cccc4444", &["web:1", "me/web:1"]),
            held("dddd5555", &["localhost/web:1", "localhost:5000/web:1", "odd"]),
            held("dddd5555", &["localhost:5000/web:1"]),
            held("eeee6666", &[]),
        ]
    }

    #[test]
    fn names_are_completed_as_engines_do() {
        let store = store();
        for (wanted, id) in [
            ("debian:12", "aaaa1111"),
            ("debian", "aaaa1111"),
            ("library/debian", "aaaa1111"),
            ("docker.io/debian:12", "aaaa1111"),
            ("docker.io/library/debian:12", "aaaa1111"),
            ("app:1.2", "aaaa2222"),
            ("quay.example/team/app:1.2", "bbbb3333"),
            (&by_digest("quay.example/team/app", "d"), "bbbb3333"),
            (&by_digest("quay.example/team/app:9", "bbbb3333"), "bbbb3333"),
            ("me/web:1", "cccc4444"),
            // As it stands there goes before what else it may mean.
            ("web:1", "cccc4444"),
            ("localhost/web:1", "dddd5555"),
            ("localhost:5000/web:1", "dddd5555"),
            ("odd", "dddd5555"),
            ("sha256:eeee6666", "eeee6666"),
            ("eeee", "eeee6666"),
            ("aaaa1", "aaaa1111"),
        ] {
            match seek(&store, wanted) {
                Sought::Found(found) => assert_eq!(found.id, format!("sha256:{id}"), "{wanted}"),
                other => panic!("{wanted}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_name_that_was_meant_goes_first() {
        let both = held("a", &["docker.io/library/debian:12", "docker.io/library/debian:latest"]);
        assert_eq!(both.wanted_as("debian").title(), "docker.io/library/debian:latest");
        assert_eq!(both.wanted_as("debian:12").title(), "docker.io/library/debian:12");
        assert_eq!(both.wanted_as("sha256:a").title(), "docker.io/library/debian:12");
    }

    #[test]
    fn what_may_be_several_is_none_of_them() {
        let mut store = store();
        assert_eq!(
            seek(&store, "aaaa"),
            Sought::Several(vec!["docker.io/library/debian:12".into(), "localhost/app:1.2".into()])
        );
        store.push(held("ffff7777", &["docker.io/library/app:1.2"]));
        let Sought::Several(names) = seek(&store, "app:1.2") else { panic!("one was taken") };
        assert_eq!(names, ["localhost/app:1.2", "docker.io/library/app:1.2"]);
    }

    #[test]
    fn near_names_are_told_for_one_that_is_not_there() {
        let store = store();
        for (wanted, near) in [
            ("debain:12", &["docker.io/library/debian:12", "docker.io/library/debian:latest"][..]),
            (
                "app:1.3",
                &[
                    "localhost/app:1.2",
                    "quay.example/team/app:1.2",
                    &by_digest("quay.example/team/app", "d"),
                ],
            ),
            (
                "team/app:1.2",
                &[
                    "localhost/app:1.2",
                    "quay.example/team/app:1.2",
                    &by_digest("quay.example/team/app", "d"),
                ],
            ),
            ("nothing-like-it", &[]),
            ("", &[]),
            ("aaa", &[]),
        ] {
            let near = near.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(seek(&store, wanted), Sought::None(near), "{wanted}");
        }
    }
}
