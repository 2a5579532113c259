//! The files of a process, folded.

use std::collections::BTreeMap;

use super::{folder, work};
use crate::{
    model::{Acts, FileActivity, Moment, Process, Sensitivity},
    views::words,
};

/// Alike changes that each stand alone; more of them fold.
const ALONE_CHANGES: usize = 6;
/// Files that were there only for a while, or linked, which each stand alone; more of them fold.
const ALONE_PASSING: usize = 2;
/// Reads of ordinary files that each stand alone; more of them fold.
const ALONE_READS: usize = 3;

/// One line's worth of files.
#[derive(Clone, Debug)]
pub enum FileItem<'t> {
    /// A file that stands alone.
    One(&'t FileActivity),
    /// Several alike ones.
    Many(FileFold<'t>),
}

impl FileItem<'_> {
    /// When the first of them was first touched.
    pub fn first(&self) -> Moment {
        match self {
            Self::One(file) => file.first,
            Self::Many(fold) => fold.first(),
        }
    }
}

/// Files that a process did the same to.
#[derive(Clone, Debug)]
pub struct FileFold<'t> {
    /// What it did.
    pub kind: Kind,
    /// To which, by first touch; at least one.
    pub files: Vec<&'t FileActivity>,
}

/// What was done to files, as far as folding goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Created,
    FolderMade,
    /// Created and deleted by the same process.
    Passing,
    Written,
    Renamed,
    Deleted,
    Linked,
    /// Mode, owner or times.
    Changed,
    Run,
    Read,
    Listed,
    /// Every attempt failed.
    Failed,
    /// What any program opens, or looks for in vain.
    Routine,
}

/// Devices that all programs read and write, which changes nothing, and the root folder.
fn is_for_all(file: &FileActivity) -> bool {
    const DEVICES: [&[u8]; 7] = [
        b"/dev/null",
        b"/dev/zero",
        b"/dev/full",
        b"/dev/tty",
        b"/dev/random",
        b"/dev/urandom",
        b"/dev/ptmx",
    ];
    let harmless = Acts::READ | Acts::WRITTEN | Acts::TRUNCATED;
    let path = file.path.bytes();
    let is_device = DEVICES.contains(&path) || path.starts_with(b"/dev/pts/");
    let is_device =
        is_device || path.ends_with(b"/oom_score_adj") || path.starts_with(b"/proc/self/fd/");
    (is_device && harmless.contains(file.acts)) || (path == b"/" && !file.acts.change())
}

/// Whether it was only looked for and not there, or there already when it was to be made.
fn is_vain_search(file: &FileActivity) -> bool {
    const ENOENT: i64 = 2;
    const EEXIST: i64 = 17;
    const ENOTDIR: i64 = 20;
    let vain = match file.error {
        Some(ENOENT | ENOTDIR) => true,
        Some(EEXIST) => file.acts == Acts::FOLDER,
        _ => false,
    };
    vain && !file.sensitivity.is_some_and(|why| Kind::Failed.stands_out(why))
}

impl Kind {
    /// What was done to this one.
    pub fn of(file: &FileActivity) -> Self {
        let acts = file.acts;
        let is = |some: Acts| acts.intersects(some);
        match () {
            () if file.routine && !acts.change() => Self::Routine,
            () if is_for_all(file) || is_vain_search(file) => Self::Routine,
            () if file.error.is_some() => Self::Failed,
            () if is(Acts::DELETED) && is(Acts::CREATED | Acts::FOLDER) => Self::Passing,
            () if is(Acts::DELETED) => Self::Deleted,
            () if is(Acts::FOLDER) => Self::FolderMade,
            () if is(Acts::RENAMED) => Self::Renamed,
            () if is(Acts::LINKED | Acts::SYMLINKED) => Self::Linked,
            () if is(Acts::CREATED) => Self::Created,
            () if is(Acts::WRITTEN | Acts::TRUNCATED) => Self::Written,
            () if acts.change() => Self::Changed,
            () if is(Acts::EXECUTED | Acts::MAPPED) => Self::Run,
            () if is(Acts::READ) => Self::Read,
            () => Self::Listed,
        }
    }

    /// Whether it changed what is on the disk.
    pub fn change(self) -> bool {
        self < Self::Run
    }

    /// Whether a file of this sensitivity stands out if this was done to it: system programs are
    /// read all day, and so are files in temporary folders.
    pub fn stands_out(self, why: Sensitivity) -> bool {
        let all_day = matches!(why, Sensitivity::Programs | Sensitivity::Temporary);
        self != Self::Routine && (self <= Self::Run || !all_day)
    }

    /// `1 file created`, `41 files read`.
    fn words(self, number: u64) -> String {
        let (what, many) = match self {
            Self::FolderMade => ("folder", "folders"),
            Self::Routine => ("routine file", "routine files"),
            _ => ("file", "files"),
        };
        let done = match self {
            Self::Created => "created",
            Self::FolderMade => "made",
            Self::Passing => "created and deleted",
            Self::Written => "written",
            Self::Renamed => "renamed",
            Self::Deleted => "deleted",
            Self::Linked => "linked",
            Self::Changed => "changed",
            Self::Run => "loaded",
            Self::Read | Self::Routine => "read",
            Self::Listed => "listed",
            Self::Failed => "not opened",
        };
        format!("{} {done}", words::plural(number, what, many))
    }
}

impl<'t> FileFold<'t> {
    /// When the first of them was first touched.
    pub fn first(&self) -> Moment {
        self.files.iter().map(|file| file.first).min().unwrap_or_default()
    }

    /// Bytes read and written, in all.
    pub fn bytes(&self) -> (u64, u64) {
        let sum = |of: fn(&FileActivity) -> u64| {
            self.files.iter().fold(0u64, |sum, file| sum.saturating_add(of(file)))
        };
        (sum(|file| file.bytes_read), sum(|file| file.bytes_written))
    }

    /// The folders that hold them, those with most first.
    pub fn folders(&self) -> Vec<String> {
        folder::few(self.files.iter().map(|file| file.path.bytes()))
    }

    /// All in one line: `312 files created under /srv/data`; of routine ones only how many.
    pub fn words(&self) -> String {
        let mut text = self.kind.words(self.files.len() as u64);
        if self.kind != Kind::Routine {
            text.push_str(&format!(" under {}", words::and_more(&self.folders(), 3)));
        }
        let mut errors: Vec<i64> = self.files.iter().filter_map(|file| file.error).collect();
        errors.sort_unstable();
        errors.dedup();
        if let [errno] = errors.as_slice()
            && self.kind == Kind::Failed
        {
            text.push_str(&format!(": {}", words::error(*errno)));
        }
        text
    }

    /// Names of the first and the last: `a.txt … z.txt`; with what the first was renamed to. None
    /// if they are the same.
    pub fn span(&self) -> Option<String> {
        let first = self.files.first()?;
        let last = self.files.last()?;
        let name = |file: &FileActivity| words::clip(&folder::name(&file.path), 80);
        if name(first) == name(last) {
            return None;
        }
        let renamed = match &first.other {
            Some(other) => format!(" → {}", words::clip(&folder::name(other), 80)),
            None => String::new(),
        };
        Some(format!("{}{renamed} … {}", name(first), name(last)))
    }
}

/// The files of a process as items, by first touch.
pub fn files(process: &Process) -> Vec<FileItem<'_>> {
    let mut groups: BTreeMap<Group, Vec<&FileActivity>> = BTreeMap::new();
    for file in process.files.iter().filter(|file| !is_own_program(file)) {
        groups.entry(group(process, file)).or_default().push(file);
    }
    let mut items: Vec<_> =
        groups.into_iter().flat_map(|(group, files)| fold(group, files)).collect();
    items.sort_by_key(FileItem::first);
    items
}

/// Whether all that was done to a file was to run it, which its command already says.
pub fn is_own_program(file: &FileActivity) -> bool {
    file.error.is_none() && (file.acts - Acts::READ) == Acts::EXECUTED
}

/// What files that may fold together have in common: what was done with them, why they matter if
/// they do, and whether that was done to make a container.
type Group = (Kind, Option<Sensitivity>, Work);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    Runtime,
    Other,
}

fn group(process: &Process, file: &FileActivity) -> Group {
    let kind = Kind::of(file);
    let by_runtime = work::command_at(process, file.first).is_some_and(work::is_runtime);
    let work = if by_runtime { Work::Runtime } else { Work::Other };
    (kind, file.sensitivity.filter(|&why| kind.stands_out(why)), work)
}

fn fold<'t>(group: Group, mut files: Vec<&'t FileActivity>) -> Vec<FileItem<'t>> {
    let alone = match group {
        (Kind::Routine, ..) => 0,
        (_, _, Work::Runtime) => 1,
        (_, Some(_), _) => ALONE_CHANGES,
        (Kind::Passing | Kind::Linked | Kind::Deleted, None, _) => ALONE_PASSING,
        (kind, None, _) if kind.change() => ALONE_CHANGES,
        _ => ALONE_READS,
    };
    if files.len() <= alone {
        return files.into_iter().map(FileItem::One).collect();
    }
    files.sort_by_key(|file| file.first);
    vec![FileItem::Many(FileFold { kind: group.0, files })]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn shown(process: &Process) -> Vec<String> {
        let text = |item: &FileItem<'_>| match item {
            FileItem::One(file) => format!("{} {}", words::glyph(file), words::path(file)),
            FileItem::Many(fold) => fold.words(),
        };
        files(process).iter().map(text).collect()
    }

    fn process(files: impl IntoIterator<Item = (String, Acts, Option<Sensitivity>)>) -> Process {
        let mut process = testing::process(7);
        for (at, (path, acts, sensitivity)) in files.into_iter().enumerate() {
            let mut file = testing::file(&path, acts, at as u64);
            file.sensitivity = sensitivity;
            process.files.push(file);
        }
        process
    }

    #[test]
    fn few_files_stand_alone_in_the_order_of_first_touch() {
        let process = process([
            ("/srv/a".to_owned(), Acts::READ, None),
            ("/srv/b".to_owned(), Acts::CREATED | Acts::WRITTEN, None),
            ("/srv/c".to_owned(), Acts::READ, None),
            ("/tmp/x".to_owned(), Acts::EXECUTED | Acts::READ, None),
        ]);
        assert_eq!(shown(&process), ["r /srv/a", "+ /srv/b", "r /srv/c"]);
    }

    #[test]
    fn alike_ones_fold_by_act_and_name_their_folders() {
        let created = (0..312).map(|n| (format!("/srv/data/{n}/f"), Acts::CREATED, None));
        let read = (0..41).map(|n| (format!("/etc/{n}"), Acts::READ, None));
        let process = process(created.chain(read));
        assert_eq!(
            shown(&process),
            ["312 files created under /srv/data", "41 files read under /etc"]
        );
    }

    #[test]
    fn what_is_sensitive_is_not_lost_among_the_ordinary() {
        let read = (0..99).map(|n| (format!("/home/{n}/f"), Acts::READ, None));
        let shadow = ("/etc/shadow".to_owned(), Acts::READ, Some(Sensitivity::Credentials));
        let process = process(read.chain([shadow]));
        assert_eq!(shown(&process), ["99 files read under /home", "r /etc/shadow"]);
    }

    #[test]
    fn routine_ones_are_only_counted_unless_they_were_changed() {
        let mut process = process([
            ("/lib/libc.so.6".to_owned(), Acts::READ | Acts::MAPPED, None),
            ("/lib/libz.so.1".to_owned(), Acts::WRITTEN, None),
        ]);
        process.files.iter_mut().for_each(|file| file.routine = true);
        assert_eq!(shown(&process), ["1 routine file read", "~ /lib/libz.so.1"]);
    }

    #[test]
    fn devices_and_searches_in_vain_are_routine() {
        let write = Acts::WRITTEN | Acts::TRUNCATED;
        let mut process = process([
            ("/dev/null".to_owned(), write, None),
            ("/root/.curlrc".to_owned(), Acts::READ, None),
            ("/root/.ssh/id_rsa".to_owned(), Acts::READ, Some(Sensitivity::Keys)),
            ("/root/report".to_owned(), Acts::READ, None),
        ]);
        for (file, error) in process.files.iter_mut().skip(1).zip([2, 2, 13]) {
            file.error = Some(error);
        }
        assert_eq!(
            shown(&process),
            ["2 routine files read", "✗ /root/.ssh/id_rsa", "✗ /root/report"]
        );
    }

    #[test]
    fn every_file_is_in_one_item() {
        let acts = [Acts::READ, Acts::CREATED, Acts::DELETED, Acts::LISTED, Acts::MODE];
        let process = process((0..100).map(|n| (format!("/{n}"), acts[n % acts.len()], None)));
        let count = |item: &FileItem<'_>| match item {
            FileItem::One(_) => 1,
            FileItem::Many(fold) => fold.files.len(),
        };
        assert_eq!(files(&process).iter().map(count).sum::<usize>(), 100);
    }
}
