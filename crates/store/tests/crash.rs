//! A writer that is killed at any instant: what it announced is there and whole, nothing half is
//! listed, and the next writer goes on.
//!
//! The writer is this very test binary, run again as the test `the_writer` with [`STORE`] set.
//! Instants come from a seed, which is printed; `STORE_CRASH_SEED` and `STORE_CRASH_ROUNDS` give
//! others and more of them.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    collections::BTreeMap,
    env, fs,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use common::{
    Plan, listed, reader,
    said::{check, hear, now, prune, remove, say},
    writer,
};
use store::{Query, Scope};

const STORE: &str = "STORE_CRASH_WRITER";
/// Ids that the writer uses again and again, so that incidents replace each other.
const IDS: u64 = 8;
/// Most incidents that it keeps.
const MOST: u64 = 5;

/// The same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The writer, killed by the test below. On its own it has nothing to do.
#[test]
#[ignore = "run by the test below"]
fn the_writer() {
    let Some(folder) = env::var_os(STORE) else { return };
    let store = writer(Path::new(&folder));
    let mut random = Random(number("STORE_CRASH_SEED", 1) | 1);
    for round in 0.. {
        let plan = Plan { events: 2 + random.below(3_000), ..Plan::of(random.below(IDS)) };
        let plan = Plan { ts_ns: plan.ts_ns + round, ..plan };
        let mut draft = plan.begin(&store);
        say(&format!("alert {}", plan.id));
        if random.below(3) == 0 {
            let alert = plan.alert(draft.events());
            draft.manifest().add(alert);
            draft.flush().expect("a flush");
        }
        match random.below(8) {
            0 => {
                say(&format!("removing {}", plan.id));
                draft.abandon().expect("removed");
            }
            _ => {
                let closed = plan.end(draft);
                say(&format!("closed {} {}", plan.id, closed.summary.events));
            }
        }
        match random.below(12) {
            0 => listed(&store).first().into_iter().for_each(|id| remove(&store, *id)),
            1 => prune(&store, MOST),
            _ => {}
        }
    }
}

fn start(folder: &Path, seed: u64) -> Child {
    Command::new(env::current_exe().expect("this binary"))
        .args(["--exact", "the_writer", "--ignored", "--nocapture"])
        .env(STORE, folder)
        .env("STORE_CRASH_SEED", seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a writer")
}

#[test]
fn nothing_announced_is_lost_and_nothing_half_is_listed_whenever_the_writer_is_killed() {
    let seed = number("STORE_CRASH_SEED", 0x5eed);
    let rounds = number("STORE_CRASH_ROUNDS", 30);
    println!("STORE_CRASH_SEED={seed} STORE_CRASH_ROUNDS={rounds}");
    let mut random = Random(seed | 1);
    let folder = tempfile::tempdir().expect("a folder");
    drop(writer(folder.path()));
    let mut said = BTreeMap::new();
    for round in 0..rounds {
        let mut child = start(folder.path(), random.below(u64::MAX));
        let out = child.stdout.take().expect("its output");
        let heard = thread::spawn(move || {
            let mut heard = BTreeMap::new();
            // The last line may be half.
            let text = std::io::read_to_string(out).expect("text");
            text.split_inclusive('\n').filter(|line| line.ends_with('\n')).for_each(|line| {
                hear(line, &mut heard);
            });
            heard
        });
        thread::sleep(Duration::from_micros(5_000 + random.below(200_000)));
        child.kill().expect("killed");
        child.wait().expect("ended");
        said.append(&mut heard.join().expect("heard"));
        if random.below(6) == 0 {
            harm_index(folder.path(), random.below(3));
        }
        println!("round {round}: {} ids so far", said.len());
        check(folder.path(), &said);
        // What the next writer completed is there from now on.
        said = now(folder.path());
    }
}

fn harm_index(folder: &Path, how: u64) {
    let index = folder.join("index.sqlite");
    let _ = match how {
        0 => fs::remove_file(&index),
        1 => fs::write(&index, "garbage"),
        _ => fs::File::options().write(true).open(&index).and_then(|file| file.set_len(5_000)),
    };
}

#[test]
fn a_reader_beside_a_writer_never_sees_anything_half() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(writer(folder.path()));
    let mut child = start(folder.path(), 77);
    let mut out = child.stdout.take().expect("its output");
    let drain = thread::spawn(move || out.read_to_end(&mut Vec::new()));
    let store = reader(folder.path());
    let (mut most, mut lists) = (0, 0);
    // Until there is something to see, and then for a while.
    while most < 3 || lists < 300 {
        let listing = store.list(&Query::default()).expect("a listing");
        assert_eq!(listing.damaged, []);
        assert_eq!(store.verify(Scope::All).expect("verified").faults, []);
        for incident in &listing.incidents {
            // It may have gone or been replaced meanwhile, but is never half.
            if let Ok(kept) = store.get(&incident.id.to_string()) {
                let said = kept.manifest.files.window.bytes;
                assert_eq!(kept.window.metadata().expect("it").len(), said);
            }
        }
        (most, lists) = (most.max(listing.incidents.len()), lists + 1);
        if lists % 50 == 0 {
            harm_index(folder.path(), lists / 50 % 3);
        }
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    drain.join().expect("ended").expect("read");
}
