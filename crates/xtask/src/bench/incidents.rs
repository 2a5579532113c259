//! Measures what incidents cost: a long capture replayed with rules, with and without a store; and
//! how long a timeline of a hundred thousand events takes.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
    process::Command,
};

use capture::{
    Source as _,
    file::{Compression, Reader, Writer},
};
use event::snapshot::Record;

use super::{Run, cache, machine, measure, table, today};
use crate::{Outcome, root};

/// Events of the long capture, about.
const EVENTS: u64 = 5_600_000;
/// The event that gives an alert.
const ALERT_AT: u64 = 2_800_000;
/// Events of the timeline, about.
const SHOWN: u64 = 100_000;

/// The long capture whose time goes on, and what is known of it.
struct Long {
    path: PathBuf,
    events: u64,
    /// From its first event to its last.
    ns: u64,
}

/// What is compared: a name, and the program's arguments.
struct Case {
    name: String,
    arguments: Vec<String>,
    /// Whether the store is made anew before it.
    fresh: bool,
}

/// Runs the comparison `runs` times and prints tables of markdown.
pub(super) fn run(short: &Path, runs: usize) -> Outcome {
    let long = join(short)?;
    let folder = cache("bench")?;
    let (store, shown) = (folder.join("store"), folder.join("shown"));
    let alert = folder.join("alert.yaml");
    fs::write(&alert, rule())?;
    println!("\n{} events in {} s of recording", long.events, long.ns / 1_000_000_000);
    let replay = replays(&long, &alert, &store);
    print!("{}", compare(&replay, &store, runs)?);
    let around = window(&long);
    remake(&shown)?;
    measure(command(&with_store(&long, &alert, &shown, &around)))?;
    print!("{}", compare(&shows(&shown), &store, runs)?);
    page_size(&shown)
}

/// A rule that gives one alert.
fn rule() -> String {
    format!(
        "- rule: one\n  desc: one alert\n  condition: evt.num = {ALERT_AT}\n  output: one\n  \
         priority: NOTICE\n"
    )
}

fn replays(long: &Long, alert: &Path, store: &Path) -> Vec<Case> {
    let (file, rules) = (text(&long.path), text(&root().join("rules")));
    let usual = ["--quiet", "replay", &file, "--rules", &rules].map(str::to_owned).to_vec();
    let kept = [&usual[..], &["--store".to_owned(), text(store)]].concat();
    let case = |name: &str, arguments| Case { name: name.to_owned(), arguments, fresh: true };
    vec![
        case("the default rules", usual),
        case("a store, and no alert", kept),
        case("a store, and one incident of 60 s", with_store(long, alert, store, "30s")),
    ]
}

fn with_store(long: &Long, alert: &Path, store: &Path, around: &str) -> Vec<String> {
    let (file, rules) = (text(&long.path), text(&root().join("rules")));
    let (alert, store) = (text(alert), text(store));
    [
        "--quiet", "replay", &file, "--rules", &rules, "--rules", &alert, "--store", &store,
        "--before", around, "--after", around,
    ]
    .map(str::to_owned)
    .to_vec()
}

fn shows(store: &Path) -> Vec<Case> {
    let store = text(store);
    let show = |format: &str| Case {
        name: format!("incident show --format {format}"),
        arguments: ["--quiet", "incident", "show", "latest", "--store", &store, "--format", format]
            .map(str::to_owned)
            .to_vec(),
        fresh: false,
    };
    ["text", "json", "markdown", "html"].map(show).into()
}

/// Half of a window that has so many events as are to be shown.
fn window(long: &Long) -> String {
    let ns = long.ns as f64 / long.events as f64 * SHOWN as f64 / 2.0;
    format!("{}ms", (ns / 1e6) as u64)
}

fn compare(
    cases: &[Case],
    store: &Path,
    runs: usize,
) -> Result<String, Box<dyn std::error::Error>> {
    let mut results: Vec<Vec<Run>> = cases.iter().map(|_| Vec::new()).collect();
    for round in 0..=runs {
        for (case, all) in cases.iter().zip(&mut results) {
            if case.fresh {
                remake(store)?;
            }
            let one = measure(command(&case.arguments))?;
            // The first round warms the page cache.
            if round > 0 {
                all.push(one);
            }
        }
    }
    let names: Vec<&str> = cases.iter().map(|case| &*case.name).collect();
    let heading = format!("{}; {}; medians of {runs} runs", today(), machine());
    Ok(table(&heading, "what", "of the first", &names, results))
}

fn command(arguments: &[String]) -> Command {
    let mut command = Command::new(root().join("target/release/watchkeeper"));
    command.args(arguments);
    command
}

fn remake(store: &Path) -> Result<(), Box<dyn std::error::Error>> {
    if store.exists() {
        fs::remove_dir_all(store)?;
    }
    Ok(())
}

/// How large the page of the incident is.
fn page_size(store: &Path) -> Outcome {
    let arguments = ["incident", "show", "latest", "--store", &text(store), "--format", "html"];
    let output =
        Command::new(root().join("target/release/watchkeeper")).args(arguments).output()?;
    println!("\nthe page has {:.1} MiB", output.stdout.len() as f64 / (1024.0 * 1024.0));
    Ok(())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Joins the long capture from the short one, made if it is not there yet: its events again and
/// again, each time as much later as the short one lasts.
fn join(short: &Path) -> Result<Long, Box<dyn std::error::Error>> {
    let (count, first_ns, last_ns) = span(short)?;
    let times = EVENTS.div_ceil(count);
    let step_ns = last_ns - first_ns + 1_000_000;
    let path = cache("bench")?.join(format!("{count}-{times}-on.scap"));
    if !path.exists() {
        let half = path.with_extension("part");
        let mut writer = Writer::new(BufWriter::new(File::create(&half)?), Compression::None)?;
        for turn in 0..times {
            copy(short, turn, turn * step_ns, &mut writer)?;
        }
        writer.finish()?.into_inner()?.sync_all()?;
        fs::rename(half, &path)?;
    }
    Ok(Long { path, events: count * times, ns: step_ns * times })
}

/// How many events a capture has, and the times of the first and the last.
fn span(path: &Path) -> Result<(u64, u64, u64), Box<dyn std::error::Error>> {
    let mut reader = Reader::new(File::open(path)?)?;
    let (mut count, mut first_ns, mut last_ns) = (0, u64::MAX, 0);
    while let Some(record) = reader.next()? {
        if let Record::Event(event) = record {
            count += 1;
            // Notices at the start of old recordings have no time.
            if event.ts_ns == 0 || event.ts_ns == u64::MAX {
                continue;
            }
            first_ns = first_ns.min(event.ts_ns);
            last_ns = last_ns.max(event.ts_ns);
        }
    }
    Ok((count, first_ns, last_ns))
}

/// Writes the events of a capture, later; in the first turn, what stands before them too.
fn copy(
    short: &Path,
    turn: u64,
    later_ns: u64,
    writer: &mut Writer<BufWriter<File>>,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut reader = Reader::new(File::open(short)?)?;
    while let Some(record) = reader.next()? {
        match record {
            Record::Event(mut event) => {
                event.ts_ns = event.ts_ns.saturating_add(later_ns);
                writer.write(&Record::Event(event))?;
            }
            other if turn == 0 => writer.write(&other)?,
            _ => {}
        }
    }
    Ok(())
}
