//! A disk that is full, at any step, and one that cannot be written to.
//!
//! They are small file systems in memory, which only root can mount; others skip that with one line.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    fs::{self, Permissions},
    io::{ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use common::{Plan, all_whole, filled, listed, reader, writer};
use store::{Access, Error, IndexUse, Mode, Outcome, Policy, Query, Store};

const PAGE_BYTES: usize = 4096;

/// A file system in memory.
struct Memory(tempfile::TempDir);

impl Memory {
    /// `None` where it cannot be mounted, which is said.
    fn mount(bytes: usize) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let options = format!("size={bytes},mode=700");
        let path = folder.path().as_os_str();
        if !mount(&[
            "-t".as_ref(),
            "tmpfs".as_ref(),
            "-o".as_ref(),
            options.as_ref(),
            "tmpfs".as_ref(),
            path,
        ]) {
            println!("skipped: no right to mount a small file system");
            return None;
        }
        Some(Self(folder))
    }

    fn store(&self) -> PathBuf {
        self.0.path().join("store")
    }

    fn make_read_only(&self) {
        assert!(mount(&["-o".as_ref(), "remount,ro".as_ref(), self.0.path().as_os_str()]));
    }

    /// Lets it have so many files and folders.
    fn limit_files(&self, count: u64) {
        let options = format!("remount,nr_inodes={count}");
        assert!(mount(&["-o".as_ref(), options.as_ref(), self.0.path().as_os_str()]));
    }

    /// Fills it, but for so many pages.
    fn fill(&self, pages_left: usize) {
        let mut file = fs::File::create(self.filler()).expect("a file");
        while file.write_all(&[0; PAGE_BYTES]).is_ok() {}
        let bytes = file.metadata().expect("it").len();
        file.set_len(bytes.saturating_sub((pages_left * PAGE_BYTES) as u64)).expect("cut");
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).expect("removed");
    }
}

fn mount(arguments: &[&std::ffi::OsStr]) -> bool {
    let mount = Command::new("mount").args(arguments).stderr(Stdio::null()).status();
    mount.is_ok_and(|status| status.success())
}

impl Drop for Memory {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

#[test]
fn a_disk_that_fills_up_ends_the_draft_and_the_next_writer_completes_it() {
    let Some(memory) = Memory::mount(1 << 20) else { return };
    let store = filled(&memory.store(), 0..2);
    let plan = Plan::of(5);
    let mut draft = plan.begin(&store);
    memory.fill(8);
    let mut builder = event::EventBuilder::default();
    let error = loop {
        builder.start(event::syscalls::CLOSE_X, plan.ts_ns, 42, 0).i64(0).i64(3);
        let event = builder.event().expect("an event");
        if let Err(error) = draft.record(&event::snapshot::Record::Event(event)) {
            break error;
        }
    };
    assert_eq!(error.io_kind(), Some(ErrorKind::StorageFull), "{error}");
    assert!(
        error.to_string().contains("cannot write ") && error.to_string().contains("window.scap")
    );
    assert!(matches!(draft.flush(), Err(Error::Failed(id)) if id == plan.id));
    let before = draft.events();
    assert!(matches!(draft.close(), Err(Error::Failed(_))));
    assert_eq!(all_whole(&reader(&memory.store())), 2, "the others are there, nothing half is");
    store.delete(Plan::of(0).id).expect("what frees a disk works on a full one");
    drop(store);

    memory.make_room();
    let store = writer(&memory.store());
    let [recovered] = store.recovered() else { panic!("{:?}", store.recovered()) };
    let Outcome::Completed { alerts: 1, events, .. } = recovered.outcome else {
        panic!("{recovered}")
    };
    assert!((10..=before).contains(&events), "{events}");
    assert_eq!((all_whole(&store), listed(&store)[0]), (2, plan.id));
}

/// Writes an incident as far as it goes; whether its alert was handed over.
fn try_to_write(path: &Path, plan: &Plan) -> Result<bool, Error> {
    let store = Store::open(path, Access::Write)?;
    let mut draft = store.draft(plan.id)?;
    let mut builder = event::EventBuilder::default();
    for ts_ns in plan.ts_ns..plan.ts_ns + 1_500 {
        builder.start(event::syscalls::CLOSE_X, ts_ns, 42, 0).i64(0).i64(3);
        draft.record(&event::snapshot::Record::Event(builder.event().expect("an event")))?;
    }
    draft.manifest().add(plan.alert(3));
    draft.flush()?;
    Ok(draft.close().is_ok())
}

#[test]
fn a_disk_that_is_full_at_any_step_leaves_nothing_half() {
    let Some(memory) = Memory::mount(4 << 20) else { return };
    let plan = Plan::of(3);
    let (mut failed, mut flushed, mut closed) = (0, 0, 0);
    for pages_left in 0..60 {
        drop(filled(&memory.store(), 0..2));
        memory.fill(pages_left);
        let written = try_to_write(&memory.store(), &plan);
        let there = listed(&reader(&memory.store()));
        assert_eq!(all_whole(&reader(&memory.store())), there.len() as u64);
        match &written {
            Err(error) => {
                assert_eq!(error.io_kind(), Some(ErrorKind::StorageFull), "{error}");
                failed += 1;
            }
            Ok(false) => flushed += 1,
            Ok(true) => closed += 1,
        }
        assert_eq!(there.contains(&plan.id), matches!(written, Ok(true)), "{pages_left}");
        // On a disk that is still full, nothing gets lost by trying.
        let _ = Store::open(&memory.store(), Access::Write);
        memory.make_room();
        let store = writer(&memory.store());
        if written.is_ok() {
            assert!(listed(&store).contains(&plan.id), "{pages_left}");
        }
        assert_eq!(store.list(&Query::default()).expect("a listing").index, IndexUse::Whole);
        all_whole(&store);
        drop(store);
        fs::remove_dir_all(memory.store()).expect("removed");
    }
    assert!(failed > 0 && flushed > 0 && closed > 0, "{failed} {flushed} {closed}");
}

#[test]
fn a_draft_that_could_not_be_begun_leaves_nothing() {
    let Some(memory) = Memory::mount(4 << 20) else { return };
    let (store, plan) = (filled(&memory.store(), 0..1), Plan::of(5));
    let used = rustix::fs::statvfs(memory.0.path()).expect("figures");
    // Room for the folder and some of its files.
    for room in 1..3 {
        memory.limit_files(used.f_files - used.f_ffree + room);
        let error = store.draft(plan.id).expect_err("no room");
        assert_eq!(error.io_kind(), Some(ErrorKind::StorageFull), "{error}");
        assert!(!plan.draft_folder(&memory.store()).exists());
    }
    memory.limit_files(used.f_files);
    plan.write(&store);
    assert_eq!(all_whole(&store), 2);
}

#[test]
fn a_store_that_cannot_be_written_to_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let memory = Memory::mount(4 << 20);
    let path = memory.as_ref().map_or(folder.path().join("store"), Memory::store);
    drop(filled(&path, 0..3));
    if let Some(memory) = &memory {
        memory.make_read_only();
    } else {
        set_modes(&path, 0o500, 0o400);
    }
    let store = reader(&path);
    let listing = store.list(&Query::default()).expect("a listing");
    assert_eq!((listing.incidents.len(), listing.index), (3, IndexUse::Whole));
    assert_eq!(all_whole(&store), 3);
    assert_eq!(store.get(&Plan::of(1).id.to_string()).expect("it").manifest.window.events, 20);
    let policy = Policy { max_count: Some(1), ..Policy::default() };
    assert_eq!(store.prune(&policy, 0, Mode::DryRun).expect("named").gone.len(), 2);
    let error = Store::open(&path, Access::Write).expect_err("refused").to_string();
    assert!(error.contains("lock: ") && error.starts_with("cannot write "), "{error}");
    set_modes(&path, 0o700, 0o600);
}

#[test]
fn a_journal_of_the_index_does_not_keep_a_read_only_store_from_being_read() {
    let Some(memory) = Memory::mount(4 << 20) else { return };
    drop(filled(&memory.store(), 0..3));
    // As a writer leaves it that is killed in a transaction.
    let index = rusqlite::Connection::open(memory.store().join("index.sqlite")).expect("opens");
    index
        .execute_batch("PRAGMA cache_size = 1; BEGIN; UPDATE incidents SET title = 'x'")
        .expect("x");
    let copy = |name: &str| fs::read(memory.store().join(name)).expect("a file");
    let (database, journal) = (copy("index.sqlite"), copy("index.sqlite-journal"));
    drop(index);
    fs::write(memory.store().join("index.sqlite"), database).expect("written");
    fs::write(memory.store().join("index.sqlite-journal"), journal).expect("written");
    memory.make_read_only();
    let listing = reader(&memory.store()).list(&Query::default()).expect("a listing");
    assert_eq!(listing.incidents.len(), 3);
    assert!(listing.incidents.iter().all(|incident| &*incident.title == "web_shell"));
}

/// Ignored by a read-only file system.
fn set_modes(path: &Path, folders: u32, files: u32) {
    let is_folder = path.is_dir();
    if folders & 0o200 != 0 {
        let _ = fs::set_permissions(
            path,
            Permissions::from_mode(if is_folder { folders } else { files }),
        );
    }
    if is_folder {
        for entry in fs::read_dir(path).expect("names") {
            set_modes(&entry.expect("a name").path(), folders, files);
        }
    }
    let _ =
        fs::set_permissions(path, Permissions::from_mode(if is_folder { folders } else { files }));
}
