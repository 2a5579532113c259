//! Measures the database of advisories with as much as is published: how fast feeds become one, how large it
//! is, and what it costs to have a list of packages judged by it.

mod at_once;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

use super::{cache, machine, measure, measure_into, median, mib, table, today};
use crate::{Outcome, root};

/// An import takes seconds: more runs tell no more.
const MOST_IMPORTS: usize = 3;
/// Scans that run at the same time.
const AT_ONCE: usize = 10;

/// What is measured with.
struct Feeds {
    /// As others publish them.
    folder: PathBuf,
    /// A list of packages (CycloneDX).
    packages: PathBuf,
    /// The database that is made of them.
    database: PathBuf,
}

/// Measures `runs` times and prints tables of markdown; says so where there is nothing to make feeds of.
pub(super) fn run(runs: usize) -> Outcome {
    let Some(feeds) = feeds()? else {
        println!(
            "\nnot measured: advisories (scripts/targets vm makes a system, ../shared has feeds)"
        );
        return Ok(());
    };
    println!("\n{}; {}; medians of {runs} runs, of imports of {MOST_IMPORTS}", today(), machine());
    imports(&feeds, runs.min(MOST_IMPORTS))?;
    scans(&feeds, runs)?;
    at_once::run(|| scan(&feeds, &feeds.packages), AT_ONCE)
}

/// Feeds of the form of real ones, made once.
fn feeds() -> Result<Option<Feeds>, Box<dyn std::error::Error>> {
    let system = cache("targets")?.join("large/root");
    let folder = cache("bench")?.join("advisories");
    let (packages, database) = (folder.join("packages.cdx.json"), folder.join("database"));
    if !packages.exists() {
        let Some(data) = testkit::data().filter(|_| system.exists()) else { return Ok(None) };
        let list = tempfile::NamedTempFile::new()?;
        let mut command = watchkeeper(&["scan", "rootfs", "--list-packages", "--format", "json"]);
        command.arg(&system);
        measure_into(command, list.reopen()?)?;
        // What is not whole has no list of packages, which is written last.
        let mut command = Command::new("python3");
        command.arg(root().join("crates/xtask/src/bench/advisories/feeds.py"));
        command.arg(data).arg(list.path()).arg(&folder);
        measure(command)?;
    }
    Ok(Some(Feeds { folder, packages, database }))
}

fn imports(feeds: &Feeds, runs: usize) -> Outcome {
    let mut all = Vec::new();
    for _ in 0..runs {
        if feeds.database.exists() {
            fs::remove_dir_all(&feeds.database)?;
        }
        let mut command = watchkeeper(&["--quiet", "db", "import", "--db"]);
        command.arg(&feeds.database).args(["osv", "debian.json"].map(|it| feeds.folder.join(it)));
        all.push(measure(command)?);
    }
    let run = median(all);
    let (advisories, entries) = counted(&feeds.database)?;
    let bytes = size(&feeds.database)?;
    let per_second = |count: u64| count as f64 / run.cpu.as_secs_f64();
    println!("\n| what | figure |\n|---|---|");
    println!("| advisories, entries | {advisories}, {entries} |");
    println!("| import, CPU time | {:.2} s |", run.cpu.as_secs_f64());
    println!("| advisories a second of one CPU | {:.0} |", per_second(advisories));
    println!("| entries a second of one CPU | {:.0} |", per_second(entries));
    println!("| memory of the import | {:.1} MiB |", mib(&run));
    println!("| size | {:.1} MB |", bytes as f64 / 1e6);
    println!("| bytes an advisory, an entry | {}, {} |", bytes / advisories, bytes / entries);
    Ok(())
}

/// A list of no packages: to scan it takes what opening the database takes.
const NOTHING: &str =
    r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": []}"#;

fn scans(feeds: &Feeds, runs: usize) -> Outcome {
    let nothing = tempfile::NamedTempFile::with_suffix(".json")?;
    fs::write(&nothing, NOTHING)?;
    let listed = |list: &Path| {
        let mut command = watchkeeper(&["scan", "sbom", "--list-packages", "--format", "json"]);
        command.arg(list);
        command
    };
    let cases: [(&str, &dyn Fn() -> Command); 5] = [
        ("scan of no packages, listed", &|| listed(nothing.path())),
        ("scan of no packages, with findings", &|| scan(feeds, nothing.path())),
        ("scan sbom, packages alone", &|| listed(&feeds.packages)),
        ("scan sbom, with findings", &|| scan(feeds, &feeds.packages)),
        ("db status, all of it read and checked", &|| {
            let mut command = watchkeeper(&["db", "status", "--db"]);
            command.arg(&feeds.database);
            command
        }),
    ];
    let mut results = cases.map(|_| Vec::new());
    for round in 0..=runs {
        for ((_, command), all) in cases.iter().zip(&mut results) {
            let run = measure(command())?;
            // The first round warms the page cache.
            if round > 0 {
                all.push(run);
            }
        }
    }
    let [before, opened, list, found] =
        [0, 1, 2, 3].map(|at| median(results[at].clone()).wall.as_secs_f64() * 1e3);
    let names = cases.map(|(name, _)| name);
    print!("{}", table("577 packages", "command", "of the first", &names, results.into()));
    println!("\nopened in {:.1} ms; findings take {:.0} ms", opened - before, found - list);
    Ok(())
}

/// Has a list judged.
fn scan(feeds: &Feeds, list: &Path) -> Command {
    let mut command = watchkeeper(&["--quiet", "scan", "sbom", "--format", "json", "--db"]);
    command.arg(&feeds.database).arg(list);
    command
}

/// How many advisories and entries there are.
fn counted(database: &Path) -> Result<(u64, u64), Box<dyn std::error::Error>> {
    #[derive(Deserialize)]
    struct Status {
        feeds: Vec<Part>,
    }
    #[derive(Deserialize)]
    struct Part {
        advisories: u64,
        entries: u64,
    }
    let mut command = watchkeeper(&["db", "status", "--format", "json", "--db"]);
    let said = command.arg(database).output()?;
    let status: Status = serde_json::from_slice(&said.stdout)?;
    let sum = |of: fn(&Part) -> u64| status.feeds.iter().map(of).sum();
    Ok((sum(|it| it.advisories), sum(|it| it.entries)))
}

/// What a folder's files take, in bytes.
fn size(folder: &Path) -> std::io::Result<u64> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

fn watchkeeper(args: &[&str]) -> Command {
    let mut command = Command::new(root().join("target/release/watchkeeper"));
    command.args(args);
    command
}
