//! Finds the shared captures, which are not part of this repository.

#![allow(dead_code, clippy::expect_used, reason = "each test uses a part of it")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The folder of shared data; `None`, with one line that says so, if there is none.
pub(crate) fn folder() -> Option<PathBuf> {
    let unpack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/unpack.sh");
    if let Some(folder) = std::env::var_os("WATCHKEEPER_DATA") {
        return Some(folder.into());
    }
    if !unpack.exists() {
        println!("skipped: no shared captures (set WATCHKEEPER_DATA)");
        return None;
    }
    let output = Command::new(unpack).output().expect("unpack.sh runs");
    Some(String::from_utf8(output.stdout).expect("a path").trim_end().into())
}

/// Folders that hold captures, each with the folder of its golden values.
pub(crate) fn sets(data: &Path) -> Vec<(PathBuf, PathBuf)> {
    ["scap", "scap/attacks/sysdig-0.41.4"]
        .map(|set| (data.join(set).join("captures"), data.join(set).join("golden/fields")))
        .into()
}

/// The captures in a folder, in order.
pub(crate) fn captures(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of captures");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "scap"));
    paths.sort();
    paths
}
