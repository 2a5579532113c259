//! Seeds for the fuzz targets, and a short run of random mutations as an ordinary test.
//!
//! Seeds are the files in `fuzz/seeds/TARGET`, our own captures, and what the real captures hold,
//! if those are at hand.

#[cfg(test)]
mod hammer;

use std::{
    collections::BTreeSet,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{Outcome, join, root};

/// The fuzz targets, as in `fuzz/Cargo.toml`.
const TARGETS: [Target; 26] = [
    Target::Advisories,
    Target::Capture,
    Target::Database,
    Target::Disk,
    Target::Engines,
    Target::Event,
    Target::Filter,
    Target::Fmt,
    Target::Ignore,
    Target::Incident,
    Target::Inuse,
    Target::Jar,
    Target::Layer,
    Target::Proc,
    Target::Program,
    Target::Ranges,
    Target::Registry,
    Target::Replay,
    Target::Rpm,
    Target::Rules,
    Target::Sbom,
    Target::Store,
    Target::Terminal,
    Target::Timeline,
    Target::Versions,
    Target::Vex,
];
/// Seeds that are captures are cut to this: what is far behind is not mutated in reasonable time.
const MAX_CAPTURE_BYTES: usize = 64 * 1024;
/// Seeds that are rule files are no longer than this.
const MAX_RULES_BYTES: usize = 4 * 1024;
/// Type of the block of an event of the current layout.
const EVENT_V2: [u8; 4] = 0x216_u32.to_le_bytes();

/// Events of a slice.
const SLICE_EVENTS: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Target {
    Advisories,
    Capture,
    Database,
    Disk,
    Engines,
    Event,
    Filter,
    Fmt,
    Ignore,
    Incident,
    Inuse,
    Jar,
    Layer,
    Proc,
    Program,
    Ranges,
    Registry,
    Replay,
    Rpm,
    Rules,
    Sbom,
    Store,
    Terminal,
    Timeline,
    Versions,
    Vex,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Advisories => "advisories",
            Self::Capture => "capture",
            Self::Database => "database",
            Self::Disk => "disk",
            Self::Engines => "engines",
            Self::Event => "event",
            Self::Filter => "filter",
            Self::Fmt => "fmt",
            Self::Ignore => "ignore",
            Self::Incident => "incident",
            Self::Inuse => "inuse",
            Self::Jar => "jar",
            Self::Layer => "layer",
            Self::Proc => "proc",
            Self::Program => "program",
            Self::Ranges => "ranges",
            Self::Registry => "registry",
            Self::Replay => "replay",
            Self::Rpm => "rpm",
            Self::Rules => "rules",
            Self::Sbom => "sbom",
            Self::Store => "store",
            Self::Terminal => "terminal",
            Self::Timeline => "timeline",
            Self::Versions => "versions",
            Self::Vex => "vex",
        }
    }
}

/// Writes every target's seeds to `fuzz/corpus/TARGET`, from where `cargo fuzz` takes them.
pub(crate) fn seed() -> Outcome {
    for target in TARGETS {
        let folder = root().join("fuzz/corpus").join(target.name());
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        for (number, seed) in seeds(target)?.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:04}")), seed)?;
        }
    }
    Ok(())
}

/// Every seed of a target.
fn seeds(target: Target) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let mut seeds = committed(target)?;
    match target {
        Target::Capture => seeds.extend([beginnings()?, slices()?].concat()),
        Target::Replay => seeds.extend([committed(Target::Timeline)?, slices()?].concat()),
        Target::Timeline => seeds.extend(slices()?),
        Target::Event => seeds.extend(events()?),
        Target::Filter => seeds.extend(conditions()?),
        Target::Rules => seeds.extend(rule_files()?),
        Target::Rpm => seeds.extend(databases()?),
        Target::Sbom => seeds.extend(documents()?),
        Target::Advisories
        | Target::Database
        | Target::Disk
        | Target::Engines
        | Target::Ignore
        | Target::Incident
        | Target::Inuse
        | Target::Jar
        | Target::Layer
        | Target::Proc
        | Target::Program
        | Target::Ranges
        | Target::Registry
        | Target::Store
        | Target::Terminal
        | Target::Versions
        | Target::Vex => {}
        Target::Fmt => seeds.extend([committed(Target::Rules)?, rule_files()?].concat()),
    }
    Ok(seeds)
}

/// Those that the repository holds for a target.
fn committed(target: Target) -> io::Result<Vec<Vec<u8>>> {
    let folder = root().join("fuzz/seeds").join(target.name());
    files(&folder)?.into_iter().map(fs::read).collect()
}

/// Databases of rpm, which tests read as well.
fn databases() -> io::Result<Vec<Vec<u8>>> {
    let folder = root().join("crates/scan/tests/data/rpm");
    ["Packages", "Packages.big-endian", "Packages.db", "rpmdb.sqlite"]
        .into_iter()
        .map(|it| fs::read(folder.join(it)))
        .collect()
}

/// Lists of packages, which tests read as well.
fn documents() -> io::Result<Vec<Vec<u8>>> {
    let folder = root().join("crates/scan/tests/data/sbom/rpm");
    files(&folder)?.into_iter().map(fs::read).collect()
}

/// The beginnings of the captures.
fn beginnings() -> io::Result<Vec<Vec<u8>>> {
    let beginning = |path| {
        let mut bytes = fs::read(path)?;
        bytes.truncate(MAX_CAPTURE_BYTES);
        Ok(bytes)
    };
    captures()?.into_iter().map(beginning).collect()
}

/// Short captures: from each of those at hand some events of its middle, without the lists.
fn slices() -> io::Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for path in captures()? {
        let bytes = fs::read(path)?;
        let events = |block: &&[u8]| join::is_event(block);
        let blocks: Vec<&[u8]> = join::blocks(&bytes).collect();
        let Some(section) = blocks.first() else { continue };
        let middle = blocks.iter().filter(|block| join::is_event(block)).count() / 2;
        let slice = blocks.iter().copied().filter(events).skip(middle).take(SLICE_EVENTS);
        found.push([section].into_iter().copied().chain(slice).collect::<Vec<_>>().concat());
    }
    Ok(found)
}

/// One event of each type and number of parameters that the captures hold.
fn events() -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for path in captures()? {
        let bytes = fs::read(path)?;
        for block in join::blocks(&bytes).filter(|block| block.starts_with(&EVENT_V2)) {
            // Head of the block, CPU, event, end of the block.
            let Some(event) = block.get(10..block.len() - 4) else { continue };
            // Type and number of parameters stand at the end of the header.
            if event.get(20..26).is_some_and(|key| seen.insert(key.to_vec())) {
                found.push(event[..event_bytes(event)].to_vec());
            }
        }
    }
    Ok(found)
}

/// The conditions of the rules at hand: the indented lines below `condition:`.
fn conditions() -> io::Result<Vec<Vec<u8>>> {
    let Some(data) = testkit::data() else { return Ok(Vec::new()) };
    let folders = ["scap/golden/operators", "falco/rules"].map(|folder| data.join(folder));
    let mut found = Vec::new();
    for path in folders.iter().map(|folder| files(folder)).collect::<io::Result<Vec<_>>>()?.concat()
    {
        if path.extension().is_some_and(|ext| ext == "yaml") {
            let rules = fs::read_to_string(path)?;
            found.extend(rules.split("condition: >").skip(1).map(indented));
        }
    }
    Ok(found)
}

/// Rule files at hand, but for the large ones: what is far behind is not mutated in reasonable
/// time.
fn rule_files() -> io::Result<Vec<Vec<u8>>> {
    let Some(data) = testkit::data() else { return Ok(Vec::new()) };
    let folders = ["falco/legacy/rules", "falco/legacy/rules/exceptions"];
    let mut found = Vec::new();
    for folder in folders {
        for path in files(&data.join(folder))? {
            let text = fs::read(path)?;
            found.extend((text.len() <= MAX_RULES_BYTES).then_some(text));
        }
    }
    Ok(found)
}

/// The indented lines at the start of `text`, joined.
fn indented(text: &str) -> Vec<u8> {
    let lines = text.lines().skip(1).take_while(|line| line.starts_with("    "));
    lines.map(str::trim).collect::<Vec<_>>().join(" ").into_bytes()
}

/// Length of an event without the padding of its block.
fn event_bytes(event: &[u8]) -> usize {
    let said = event.get(16..20).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    event.len().min(said as usize)
}

/// The captures at hand.
fn captures() -> io::Result<Vec<PathBuf>> {
    let mut found = files(&root().join("demo"))?;
    found.extend(files(&root().join("tests/data"))?);
    if let Some(data) = testkit::data() {
        found.extend(files(&data.join("scap/captures"))?);
        found.extend(files(&data.join("scap/attacks/sysdig-0.41.4/captures"))?);
    }
    found.retain(|path| path.extension().is_some_and(|ext| ext == "scap"));
    Ok(found)
}

/// The files in a folder, by name; none if there is no such folder.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}
