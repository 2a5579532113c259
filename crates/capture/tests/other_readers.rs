//! What was written opens in sysdig, where that is installed.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    fs::{self, File},
    mem,
    path::Path,
    process::Command,
};

use event::snapshot::{FdEntry, FdKind, FdTarget, Record};

use capture::{
    Source,
    file::{Compression, Reader, Writer},
};

#[test]
fn sysdig_reads_processes_and_events_of_rewritten_captures() {
    let Some(data) = testkit::data() else { return };
    if Command::new("sysdig").arg("--version").output().is_err() {
        println!("skipped: sysdig is not installed");
        return;
    }
    let folder = std::env::temp_dir().join(format!("watchkeeper-sysdig-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    for name in ["falco-cat_write", "libs-sample", "sf-collector-mpm-event-cold_start_capture"] {
        let original = data.join(format!("scap/captures/{name}.scap"));
        for compression in [Compression::None, Compression::Gzip] {
            let rewritten = folder.join(format!("{name}-{compression}.scap"));
            rewrite(&original, &rewritten, compression);
            let before = processes(&original);
            assert!(!before.is_empty(), "{name} shows processes");
            // With an fd in it of a kind that older ones do not know.
            assert_eq!(processes(&rewritten), before, "{name} {compression}");
        }
    }
    fs::remove_dir_all(&folder).expect("the folder");
}

fn rewrite(from: &Path, to: &Path, compression: Compression) {
    let mut reader = Reader::new(File::open(from).expect("a capture")).expect("opens");
    let output = File::create(to).expect("a file");
    let mut writer = Writer::new(output, compression).expect("writes");
    let mut has_fd = false;
    while let Some(record) = reader.next().expect("undamaged") {
        writer.write(&record).expect("writes");
        if let Record::Fd(tid, _) = record
            && !mem::replace(&mut has_fd, true)
        {
            let target = FdTarget::Named(FdKind::Bpf, b"anon_inode:bpf-map");
            writer.write(&Record::Fd(tid, FdEntry { fd: 99, ino: 1, target })).expect("writes");
        }
    }
    writer.finish().expect("writes");
}

/// Names of the processes with events, as sysdig knows them from lists and events.
fn processes(capture: &Path) -> Vec<String> {
    let output = Command::new("sysdig")
        .arg("-r")
        .arg(capture)
        .args(["-p", "%proc.pid %proc.name", "evt.dir = <"])
        .output()
        .expect("sysdig runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    lines.sort();
    lines.dedup();
    lines
}
