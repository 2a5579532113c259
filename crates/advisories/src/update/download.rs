//! A file while it comes: what breaks off is kept and gone on with, now or another time, as long as it is the
//! same file.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use ureq::{
    Body,
    http::{HeaderMap, Response, StatusCode, header},
};

use super::{
    Progress,
    http::{Conditions, Failure, Http, Paced, Validators},
    patience::Deadline,
    room::{PART, VERSION, with},
};

/// Most bytes of a file: the largest archive that is published has a few hundred million.
const MOST_BYTES: u64 = 4 << 30;
/// So much has to come for a download to count as one that makes progress.
const PROGRESS_BYTES: u64 = 1 << 20;
const CHUNK_BYTES: usize = 64 << 10;

/// A file that is there.
#[derive(Debug)]
pub(super) enum Fetched {
    /// It is as it was.
    Unchanged,
    /// It is at the path now.
    New(Validators),
}

/// Fetches a file to a path, unless it is the version that is known.
pub(super) fn fetch(
    http: &Http,
    url: &str,
    known: Option<Validators>,
    path: &Path,
    deadline: Deadline,
) -> Result<Fetched, Failure> {
    let mut waits = http.waits();
    http.observer.tell(&Progress::Asks(url));
    // A server that hands out the same again and again makes no progress.
    let mut longest = Partial::of(path).length();
    loop {
        match once(http, url, known.clone(), path, deadline) {
            Err(Failure::Passing { why, after }) => {
                let now = Partial::of(path).length();
                if now.saturating_sub(longest) >= PROGRESS_BYTES {
                    longest = now;
                    waits.reset();
                }
                waits.next(after, why, deadline).map_err(Failure::Lasting)?;
            }
            done => return done,
        }
    }
}

/// What came of a file so far, and of which version that is.
struct Partial {
    path: PathBuf,
    version: PathBuf,
}

impl Partial {
    fn of(path: &Path) -> Self {
        Self { path: with(path, PART), version: with(path, VERSION) }
    }

    fn length(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |it| it.len())
    }

    /// How to ask for the rest.
    fn rest(&self) -> Option<(u64, String)> {
        let length = self.length();
        let version: Validators = serde_json::from_slice(&fs::read(&self.version).ok()?).ok()?;
        let version = version.strong()?.to_owned();
        (length > 0).then_some((length, version))
    }

    fn forget(&self) {
        for path in [&self.path, &self.version] {
            // Whatever is left of it is written over.
            _ = fs::remove_file(path);
        }
    }
}

fn once(
    http: &Http,
    url: &str,
    known: Option<Validators>,
    path: &Path,
    deadline: Deadline,
) -> Result<Fetched, Failure> {
    let partial = Partial::of(path);
    let place = http.place(url);
    let lasting = |error: std::io::Error| Failure::Lasting(format!("{}: {error}", path.display()));
    let rest = partial.rest();
    let answer = http.get(url, &Conditions { not: known, from: rest.clone() })?;
    let validators = Validators::of(answer.headers());
    let (from, total) = match answer.status() {
        StatusCode::NOT_MODIFIED => {
            partial.forget();
            return Ok(Fetched::Unchanged);
        }
        StatusCode::RANGE_NOT_SATISFIABLE => {
            partial.forget();
            let why = format!("{place}: has no such part of what came before");
            return Err(Failure::Passing { why, after: None });
        }
        StatusCode::PARTIAL_CONTENT => part(&answer, rest).map_err(|why| {
            partial.forget();
            Failure::Passing { why: format!("{place}: {why}"), after: None }
        })?,
        _ => (0, length(answer.headers())),
    };
    if total.is_some_and(|total| total > MOST_BYTES) {
        let why = format!("{place}: has more than {MOST_BYTES} bytes, which is the limit");
        return Err(Failure::Lasting(why));
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(lasting)?;
    }
    let mut file = match from {
        0 => fs::write(&partial.version, serde_json::to_vec(&validators).unwrap_or_default())
            .and_then(|()| File::create(&partial.path))
            .map_err(lasting)?,
        _ => File::options().append(true).open(&partial.path).map_err(lasting)?,
    };
    if let Some(total) = total {
        http.observer.tell(&Progress::Length(total));
        http.observer.tell(&Progress::Bytes(from));
    }
    let length = copy(http, answer, &mut file, from, deadline).map_err(|failed| match failed {
        Copy::Here(error) => lasting(error),
        Copy::There(why) => Failure::Passing { why: format!("{place}: {why}"), after: None },
    })?;
    match total.filter(|total| *total != length) {
        Some(total) if length < total => {
            let why = format!("{place}: broke off at byte {length} of {total}");
            Err(Failure::Passing { why, after: None })
        }
        Some(total) => {
            partial.forget();
            let why = format!("{place}: has {length} bytes, and {total} were promised");
            Err(Failure::Passing { why, after: None })
        }
        None => {
            file.sync_all().and_then(|()| fs::rename(&partial.path, path)).map_err(lasting)?;
            partial.forget();
            Ok(Fetched::New(validators))
        }
    }
}

enum Copy {
    Here(std::io::Error),
    There(String),
}

/// Writes what comes, and says how long the file is then.
fn copy(
    http: &Http,
    answer: Response<Body>,
    file: &mut File,
    mut length: u64,
    deadline: Deadline,
) -> Result<u64, Copy> {
    let mut body = Paced::new(answer.into_body().into_reader(), deadline);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = body
            .read(&mut chunk)
            .map_err(|error| Copy::There(format!("broke off at byte {length}: {error}")))?;
        if read == 0 {
            return Ok(length);
        }
        length += read as u64;
        if length > MOST_BYTES {
            return Err(Copy::Here(std::io::Error::other("is longer than any feed may be")));
        }
        file.write_all(chunk.get(..read).unwrap_or_default()).map_err(Copy::Here)?;
        http.observer.tell(&Progress::Bytes(read as u64));
    }
}

/// Where a part begins, which has to be where it was asked for from, and how long the whole is.
fn part(
    answer: &Response<Body>,
    rest: Option<(u64, String)>,
) -> Result<(u64, Option<u64>), String> {
    let wrong = || "hands out another part than the one that was asked for".to_owned();
    let (asked, _) = rest.ok_or_else(wrong)?;
    let range = answer.headers().get(header::CONTENT_RANGE).and_then(|it| it.to_str().ok());
    let range = range.and_then(|it| it.trim().strip_prefix("bytes ")).ok_or_else(wrong)?;
    let (range, total) = range.split_once('/').ok_or_else(wrong)?;
    let begin = range.split('-').next().and_then(|it| it.trim().parse().ok());
    match begin == Some(asked) {
        true => Ok((asked, total.trim().parse().ok())),
        false => Err(wrong()),
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
