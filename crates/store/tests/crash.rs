//! A writer that is killed at any instant: what it announced is there and whole, nothing half is
//! listed, and the next writer goes on.
//!
//! The writer is this very test binary, run again as the test `writer` with [`STORE`] set. It says
//! `alert ID` when an alert is to be announced, `closed ID EVENTS` when an incident is, and
//! `removed ID` after a removal. Instants come from a seed, which is printed; `STORE_CRASH_SEED` and
//! `STORE_CRASH_ROUNDS` give others and more of them.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

use common::{Plan, all_whole, listed, reader, writer};
use store::{Id, Mode, Outcome, Policy, Query, Scope, Store};

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
                say(&format!("given up {}", plan.id));
                draft.abandon().expect("removed");
            }
            _ => {
                let closed = plan.end(draft);
                say(&format!("closed {} {}", plan.id, closed.summary.events));
            }
        }
        match random.below(12) {
            0 => remove_one(&store),
            1 => {
                let policy = Policy { max_count: Some(MOST), ..Policy::default() };
                announce_removal(&store, &policy);
                store.prune(&policy, 0, Mode::Do).expect("pruned");
            }
            _ => {}
        }
    }
}

/// What is about to go is announced before, for it may go at any time after that.
fn announce_removal(store: &Store, policy: &Policy) {
    for gone in store.prune(policy, 0, Mode::DryRun).expect("named").gone {
        say(&format!("removing {}", gone.incident.id));
    }
}

fn remove_one(store: &Store) {
    if let Some(id) = listed(store).first() {
        say(&format!("removing {id}"));
        store.delete(*id).expect("removed");
        say(&format!("removed {id}"));
    }
}

/// Whole lines, at once.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).expect("told");
    out.flush().expect("told");
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

/// What a writer announced last of each id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Said {
    Alert,
    Closed(u64),
    /// It may be there, as a draft that is completed or as an incident, or not.
    Anything,
    Removed,
}

/// Takes in what a writer said up to its death. The last line may be half.
fn hear(out: ChildStdout, said: &mut BTreeMap<Id, Said>) {
    let mut lines = BufReader::new(out);
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|bytes| bytes > 0) && line.ends_with('\n') {
        let words: Vec<&str> = line.split_whitespace().collect();
        let heard = match words[..] {
            ["alert", id] => Some((id, Said::Alert)),
            ["closed", id, events] => Some((id, Said::Closed(events.parse().expect("a number")))),
            ["removing" | "given", .., id] => Some((id, Said::Anything)),
            ["removed", id] => Some((id, Said::Removed)),
            // The frame of the test that the writer is.
            _ => None,
        };
        if let Some((id, heard)) = heard {
            said.insert(id.parse().expect("an id"), heard);
        }
        line.clear();
    }
}

/// Asserts that what was said holds before and after the next writer comes.
fn check(folder: &Path, said: &BTreeMap<Id, Said>) {
    let before = reader(folder);
    let listing = before.list(&Query::default()).expect("a listing");
    assert_eq!(listing.damaged, [], "nothing half");
    all_whole(&before);
    let there = listed(&before);
    for (id, said) in said {
        match said {
            Said::Closed(events) => {
                let kept = before.get(&id.to_string()).expect("what was announced is there");
                assert_eq!(kept.manifest().window.events, *events);
            }
            Said::Removed => assert!(!there.contains(id), "what was removed is gone"),
            Said::Alert | Said::Anything => {}
        }
    }
    let after = writer(folder);
    for it in after.recovered() {
        println!("  {it}");
        assert!(!matches!(it.outcome, Outcome::Left(_)), "{it}");
    }
    let there = listed(&after);
    for (id, said) in said {
        match said {
            Said::Alert | Said::Closed(_) => assert!(there.contains(id), "an announced alert"),
            Said::Removed => assert!(!there.contains(id)),
            Said::Anything => {}
        }
    }
    all_whole(&after);
    let index = after.list(&Query::default()).expect("a listing").index;
    assert_eq!(index, store::IndexUse::Whole);
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
            hear(out, &mut heard);
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

fn now(folder: &Path) -> BTreeMap<Id, Said> {
    let listing = reader(folder).list(&Query::default()).expect("a listing");
    listing.incidents.iter().map(|it| (it.id, Said::Closed(it.events))).collect()
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
                let said = kept.manifest().files.window.bytes;
                assert_eq!(kept.into_window().metadata().expect("it").len(), said);
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
