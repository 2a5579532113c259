//! `watchkeeper capture info`: what a capture holds.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
};

use capture::file::{Compression, ReadStats};
use clap::Parser;
use event::{
    schema::EVENT_TYPES,
    snapshot::{Machine, Record},
    syscalls::DROP_X,
};
use serde_json::{Value, json};
use state::{Counters, Limits, State};

use crate::{
    error::{Error, Outcome},
    input::{Input, Next},
    output::{Format, Out, Verbosity, plural},
    when,
};

/// How many event types and processes are named.
const MOST: usize = 8;
/// How many process names are told apart; further ones are counted together.
const NAMES: usize = 65_536;

/// Says what captures hold: machine, times, what stood at the start, events, damage.
#[derive(Parser)]
#[command(after_help = "\
Examples:
  watchkeeper capture info incident.scap
  watchkeeper capture info *.scap --format json | jq '{file, events, host: .machine.hostname}'
  zstd -dc old.scap.zst | watchkeeper capture info -")]
pub(crate) struct Args {
    /// Capture files (.scap; plain, gzip or zstd); - reads stdin.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Form of the output; json: one object for each file.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
pub(crate) fn run(args: &Args, verbosity: Verbosity) -> Result<Outcome, Error> {
    let mut out = Out::new();
    let mut outcome = Outcome::Done;
    for path in &args.files {
        let mut input = Input::open(path, verbosity)?;
        let mut tally = Tally::default();
        let damage = tally.read(&mut input)?;
        outcome = outcome.and(damage);
        let facts =
            Facts { path, tally: &tally, stats: &input.stats(), whole: damage == Outcome::Done };
        match args.format {
            Format::Text => facts.text(&mut out)?,
            Format::Json => writeln!(out, "{}", facts.json())?,
        }
    }
    out.flush()?;
    Ok(outcome)
}

/// What is counted while reading, beside the reader's own figures.
struct Tally {
    machine: Option<Host>,
    types: [u64; EVENT_TYPES],
    processes: HashMap<Vec<u8>, u64>,
    other_processes: u64,
    drops: u64,
    forgotten: Counters,
}

/// The machine, kept.
struct Host {
    hostname: String,
    cpus: u32,
    memory_bytes: u64,
    boot_ts_ns: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            machine: None,
            types: [0; EVENT_TYPES],
            processes: HashMap::new(),
            other_processes: 0,
            drops: 0,
            forgotten: Counters::default(),
        }
    }
}

impl Tally {
    fn read(&mut self, input: &mut Input) -> Result<Outcome, Error> {
        let mut state = State::new(Limits::default());
        let outcome = input.records(|record| {
            match record {
                Record::Event(event) => {
                    let context = state.event(event);
                    self.types[usize::from(event.kind.number())] += 1;
                    self.drops += u64::from(event.kind == DROP_X);
                    if let Some(thread) = context.thread {
                        self.process(&thread.comm);
                    }
                }
                other => {
                    if let Record::Machine(machine) = &other {
                        self.machine = Some(Host::of(machine));
                    }
                    state.record(&other);
                }
            }
            Ok(Next::Continue)
        })?;
        self.forgotten = state.counters();
        Ok(outcome)
    }

    fn process(&mut self, comm: &[u8]) {
        if let Some(count) = self.processes.get_mut(comm) {
            *count += 1;
        } else if self.processes.len() < NAMES {
            self.processes.insert(comm.to_vec(), 1);
        } else {
            self.other_processes += 1;
        }
    }

    /// Event types by name, most frequent first.
    fn top_types(&self) -> Vec<(String, u64)> {
        let mut by_name: HashMap<&str, u64> = HashMap::new();
        for kind in event::EventType::all() {
            *by_name.entry(kind.info().name).or_default() += self.types[usize::from(kind.number())];
        }
        top(by_name.into_iter().map(|(name, n)| (name.to_owned(), n)))
    }

    /// Processes by name, most active first.
    fn top_processes(&self) -> Vec<(String, u64)> {
        top(self.processes.iter().map(|(comm, n)| (plain(comm), *n)))
    }
}

impl Host {
    fn of(machine: &Machine<'_>) -> Self {
        Self {
            hostname: plain(machine.hostname),
            cpus: machine.cpus,
            memory_bytes: machine.memory_bytes,
            boot_ts_ns: machine.boot_ts_ns,
        }
    }
}

/// Text from a recorded host, safe on a terminal: control characters are shown as escapes.
fn plain(text: &[u8]) -> String {
    String::from_utf8_lossy(text)
        .chars()
        .flat_map(|c| {
            let escaped: Vec<char> =
                if c.is_control() { c.escape_default().collect() } else { vec![c] };
            escaped
        })
        .collect()
}

fn top(counts: impl Iterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = counts.filter(|(_, n)| *n > 0).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

struct Facts<'a> {
    path: &'a Path,
    tally: &'a Tally,
    stats: &'a ReadStats,
    whole: bool,
}

impl Facts<'_> {
    fn text(&self, out: &mut Out) -> Result<(), Error> {
        let stats = self.stats;
        writeln!(out, "{}", self.path.display())?;
        let mut row = |name: &str, text: String| writeln!(out, "  {name:<12} {text}");
        row("file", self.size())?;
        let (major, minor) = stats.version;
        row("format", format!("{major}.{minor}, {}", plural(stats.sections, "section")))?;
        if let Some(host) = &self.tally.machine {
            row("host", host.text())?;
        }
        row("time", self.times())?;
        row(
            "at start",
            format!(
                "{}, {}, {}, {}, {}",
                plural(stats.threads, "thread"),
                plural(stats.fds, "fd"),
                plural(stats.users, "user"),
                plural(stats.groups, "group"),
                plural(stats.interfaces, "interface address"),
            ),
        )?;
        row("events", format!("{} from {} blocks", stats.delivered, stats.event_blocks()))?;
        for (name, n) in self.oddities() {
            if n > 0 {
                row("", format!("{n} {name}"))?;
            }
        }
        row("mostly", listed(&self.tally.top_types()))?;
        row("processes", listed(&self.tally.top_processes()))?;
        if !self.whole {
            row("damage", "not read to its end; see the message above".to_owned())?;
        }
        Ok(())
    }

    fn size(&self) -> String {
        let compression = match self.stats.compression {
            Compression::None => return format!("{} bytes", self.stats.bytes),
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        };
        format!("{} bytes in {compression}, {} unpacked", self.stats.input_bytes, self.stats.bytes)
    }

    fn times(&self) -> String {
        match (self.stats.first_ts_ns, self.stats.last_ts_ns) {
            (Some(first), Some(last)) => format!(
                "{} to {} ({})",
                when::rfc3339(first),
                when::rfc3339(last),
                when::duration(last.saturating_sub(first))
            ),
            _ => "no events".to_owned(),
        }
    }

    /// Figures worth a line where they are not zero.
    fn oddities(&self) -> [(&'static str, u64); 8] {
        let stats = self.stats;
        let forgotten = self.tally.forgotten;
        let folded = stats.event_blocks().saturating_sub(stats.delivered + stats.unknown_events);
        [
            ("enter events folded into their exits, or left alone", folded),
            ("events of types that the schema does not have, skipped", stats.unknown_events),
            ("blocks of unknown types, skipped", stats.unknown_blocks()),
            ("events with more parameters than the schema has, cut", stats.surplus_params),
            ("times the recorder dropped events: there are gaps", self.tally.drops),
            ("threads forgotten because there were too many", forgotten.threads_evicted),
            ("fds forgotten because there were too many", forgotten.fds_evicted),
            ("containers forgotten because there were too many", forgotten.containers_evicted),
        ]
    }

    fn json(&self) -> Value {
        let stats = self.stats;
        let [folded, unknown_events, unknown_blocks, surplus, drops, threads, fds, containers] =
            self.oddities();
        let blocks: Vec<Value> = stats
            .blocks()
            .map(|b| json!({"type": b.name, "count": b.count, "bytes": b.bytes}))
            .collect();
        json!({
            "file": self.path.display().to_string(),
            "whole": self.whole,
            "compression": format!("{:?}", stats.compression).to_lowercase(),
            "format": format!("{}.{}", stats.version.0, stats.version.1),
            "sections": stats.sections,
            "bytes": stats.bytes,
            "file_bytes": stats.input_bytes,
            "machine": self.tally.machine.as_ref().map(|host| json!({
                "hostname": host.hostname,
                "cpus": host.cpus,
                "memory_bytes": host.memory_bytes,
                "boot_ts_ns": host.boot_ts_ns,
            })),
            "first_ts_ns": stats.first_ts_ns,
            "last_ts_ns": stats.last_ts_ns,
            "threads": stats.threads,
            "fds": stats.fds,
            "users": stats.users,
            "groups": stats.groups,
            "interfaces": stats.interfaces,
            "events": stats.delivered,
            "event_blocks": stats.event_blocks(),
            "folded": folded.1,
            "unknown_events": unknown_events.1,
            "unknown_blocks": unknown_blocks.1,
            "surplus_params": surplus.1,
            "drops": drops.1,
            "forgotten": {"threads": threads.1, "fds": fds.1, "containers": containers.1},
            "event_types": counted(&self.tally.top_types()),
            "processes": counted(&self.tally.top_processes()),
            "blocks": blocks,
        })
    }
}

impl Host {
    fn text(&self) -> String {
        let gib = self.memory_bytes as f64 / f64::from(1 << 30);
        let boot = match self.boot_ts_ns {
            0 => String::new(),
            ns => format!(", booted {}", when::rfc3339(ns)),
        };
        format!("{}, {}, {gib:.1} GiB{boot}", self.hostname, plural(self.cpus.into(), "CPU"))
    }
}

fn counted(counts: &[(String, u64)]) -> Value {
    counts
        .iter()
        .map(|(name, n)| (name.clone(), json!(n)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn listed(counts: &[(String, u64)]) -> String {
    let mut text: Vec<String> =
        counts.iter().take(MOST).map(|(name, n)| format!("{name} {n}")).collect();
    if counts.len() > MOST {
        text.push(format!("{} more", counts.len() - MOST));
    }
    if text.is_empty() { "none".to_owned() } else { text.join(", ") }
}
