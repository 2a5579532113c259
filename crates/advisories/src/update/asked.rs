//! Which feeds, and which files of them, are meant.

use crate::{
    Error,
    feeds::{self, REMOTES, Remote, Unanswered, Wanted, decoded},
};

/// A feed that is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) remote: &'static Remote,
    /// A part of the addresses of the files that are; none where all are.
    pub(super) file: Option<String>,
}

/// What `FEED` and `FEED:FILE` mean; all feeds where nothing is asked for.
///
/// # Errors
/// If there is no such feed, or it is known without asking anybody that it has no such file.
pub(super) fn of(only: &[String]) -> Result<Vec<Asked>, Error> {
    if only.is_empty() {
        return Ok(REMOTES.iter().map(|remote| Asked { remote, file: None }).collect());
    }
    let mut all: Vec<Asked> = Vec::new();
    for asked in only {
        let (name, file) =
            asked.split_once(':').map_or((asked.as_str(), None), |(a, b)| (a, Some(b)));
        let remote = REMOTES.iter().find(|it| it.name.eq_ignore_ascii_case(name));
        let remote = remote.ok_or_else(|| unknown(name))?;
        file.map_or(Ok(()), |file| has(remote, file))?;
        let is_of = |it: &Asked| it.remote.name == remote.name;
        match file {
            // All of it has each of its files, too.
            None => all.retain(|it| !is_of(it)),
            Some(file) => {
                let is_had = |it: &String| it.eq_ignore_ascii_case(file);
                if all.iter().any(|it| is_of(it) && it.file.as_ref().is_none_or(is_had)) {
                    continue;
                }
            }
        }
        all.push(Asked { remote, file: file.map(str::to_owned) });
    }
    Ok(all)
}

/// That a feed has such a file, as far as that is known without asking anybody.
fn has(remote: &Remote, file: &str) -> Result<(), Error> {
    let mut ask = |_: &str| Err(Unanswered::Failed(String::new()));
    match (remote.files)(&mut ask) {
        Ok(files) if !files.iter().any(|it| is_asked_for(&it.url, file)) => {
            let (name, file) = (remote.name, file.escape_debug());
            let names = names(&files);
            let why = match &*names {
                [] | [_] => format!("'{name}' is of one file; ask for it without ':{file}'"),
                names => format!("'{name}' has no '{file}'; there are {}", names.join(", ")),
            };
            Err(Error::Asked { why })
        }
        // Which there are, its publisher tells.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// By what the files of a feed can be asked for: the first part of the address of each that others have not.
pub(super) fn names(files: &[Wanted]) -> Vec<String> {
    let mut names: Vec<String> = files.iter().map(|it| name(it, files)).collect();
    names.dedup();
    names
}

/// What tells one file of a feed from the others.
pub(super) fn name(wanted: &Wanted, files: &[Wanted]) -> String {
    let is_shared =
        |part: &str| files.iter().all(|it| it.url.split('/').any(|other| other == part));
    let told = wanted.url.split('/').skip(3).find(|part| !is_shared(part));
    let told = told.or_else(|| wanted.url.rsplit('/').next()).unwrap_or_default();
    decoded(told).into_owned()
}

/// Whether this is a part of an address, between slashes, with its ending or without it.
pub(super) fn is_asked_for(url: &str, file: &str) -> bool {
    let wanted = feeds::escaped(file);
    url.split('/').filter_map(|it| it.split_at_checked(wanted.len())).any(|(name, ending)| {
        name.eq_ignore_ascii_case(&wanted) && (ending.is_empty() || ending.starts_with('.'))
    })
}

fn unknown(name: &str) -> Error {
    let names: Vec<&str> = REMOTES.iter().map(|remote| remote.name).collect();
    Error::Asked {
        why: format!("no feed is called '{}'; there are {}", name.escape_debug(), names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_there() {
        let read = |only: &[&str]| {
            let only: Vec<String> = only.iter().copied().map(str::to_owned).collect();
            of(&only).map(|all| {
                let told = |it: &Asked| {
                    format!("{}:{}", it.remote.name, it.file.as_deref().unwrap_or("*"))
                };
                all.iter().map(told).collect::<Vec<_>>().join(" ")
            })
        };
        assert_eq!(read(&[]).unwrap().split(' ').count(), REMOTES.len());
        for (only, expected) in [
            (&["osv:PyPI", "KEV", "osv:npm", "osv:pypi"][..], "osv:PyPI kev:* osv:npm"),
            (&["osv:PyPI", "osv"], "osv:*"),
            (&["osv", "osv:PyPI"], "osv:*"),
            (&["osv:Rocky Linux"], "osv:Rocky Linux"),
            // Who publishes it tells which there are.
            (&["alpine:v3.99"], "alpine:v3.99"),
        ] {
            assert_eq!(read(only).unwrap(), expected);
        }
        for (only, why) in [
            ("nope", "no feed is called 'nope'; there are kev, "),
            ("osv:Nope", "'osv' has no 'Nope'; there are "),
            ("osv:Nope", ", PyPI, "),
            ("osv:Nope", "Rocky Linux"),
            ("kev:x", "'kev' is of one file; ask for it without ':x'"),
        ] {
            let told = read(&[only]).unwrap_err().to_string();
            assert!(told.contains(why), "{told}");
        }
    }
}
