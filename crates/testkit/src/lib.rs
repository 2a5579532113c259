//! For tests only: the real captures and expected results that nobody here wrote, and virtual
//! machines (`vm`).
//!
//! The captures live outside the repository. `WATCHKEEPER_DATA` names their folder; else
//! `../shared/data/unpack.sh` beside the checkout unpacks them and prints it. Where neither is
//! there, tests say so in one line and pass.

pub mod alloc;
pub mod http;
pub mod vm;

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
    thread,
};

use serde_json::Value;

/// What a program makes of `input` on its standard input.
///
/// One that ends without reading it, because it found another mistake first, is no failure.
///
/// # Errors
/// Those of starting it, and of its pipes.
pub fn fed(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    thread::scope(|scope| {
        // It may print more than a pipe holds before it has read all.
        let writer = scope.spawn(move || match stdin.map(|mut stdin| stdin.write_all(input)) {
            Some(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        });
        let output = child.wait_with_output();
        writer.join().map_err(|_| io::ErrorKind::Other)??;
        output
    })
}

/// Where this project keeps on a machine what is slow to get.
pub fn cache() -> PathBuf {
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache");
    base.unwrap_or_else(home).join("watchkeeper")
}

/// The folder with the data, or `None` after saying that the calling test is skipped.
pub fn data() -> Option<PathBuf> {
    static DATA: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = DATA.get_or_init(find).clone();
    if found.is_none() {
        eprintln!("skipped: no shared test data (../shared/data/unpack.sh, or WATCHKEEPER_DATA)");
    }
    found
}

fn find() -> Option<PathBuf> {
    if let Some(dir) = env::var_os("WATCHKEEPER_DATA").map(PathBuf::from)
        && dir.is_dir()
    {
        return Some(dir);
    }
    let unpack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/unpack.sh");
    if !unpack.exists() {
        return None;
    }
    let out = Command::new("bash").arg(unpack).output().ok()?;
    let dir = PathBuf::from(String::from_utf8(out.stdout).ok()?.trim_end());
    dir.is_dir().then_some(dir)
}

/// A capture, and what Falco made of its events where that is known.
#[derive(Clone, Debug)]
pub struct Case {
    /// File name without its ending.
    pub name: String,
    /// The capture.
    pub capture: PathBuf,
    /// Expected field values, one JSON object for each listed event.
    pub fields: Option<PathBuf>,
}

/// Every capture of both collections: ordinary work of many schemas, and attacks in the modern one.
pub fn cases() -> Vec<Case> {
    let Some(data) = data() else { return Vec::new() };
    let mut cases = collection(&data.join("scap"));
    cases.extend(collection(&data.join("scap/attacks/sysdig-0.41.4")));
    cases
}

fn collection(root: &Path) -> Vec<Case> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root.join("captures"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "scap"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .filter_map(|capture| {
            let name = capture.file_stem()?.to_str()?.to_owned();
            let golden = root.join("golden/fields").join(format!("{name}.jsonl.zst"));
            let fields = golden.exists().then_some(golden);
            Some(Case { name, capture, fields })
        })
        .collect()
}

/// The lines of a zstd-compressed file of JSON lines.
///
/// # Panics
/// If the file cannot be read or holds no JSON: it is part of the data.
#[expect(clippy::expect_used, reason = "for tests")]
pub fn json_lines(path: &Path) -> Vec<Value> {
    let file = fs::File::open(path).expect("golden file opens");
    let text = zstd::decode_all(file).expect("golden file unpacks");
    text.split(|&b| b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("golden line is JSON"))
        .collect()
}
