//! The recording in `demo/`, of a break-in that was played and traced: what it shows, and what it
//! must not show.
#![allow(clippy::unwrap_used, reason = "a test that cannot run the program has failed")]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

/// A file of the repository.
fn ours(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// What the program prints about the recording.
fn ask(verb: &str, options: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_watchkeeper"))
        .arg(verb)
        .arg(ours("demo/breakin.scap"))
        .args(options)
        .arg("--quiet")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_default_rules_tell_each_part_of_it() {
    let rules = ours("rules");
    let told = ask("replay", &["--rules", rules.to_str().unwrap(), "--count"]);
    for rule in [
        "Shell started by a server program",
        "Environment of another process read",
        "Hidden program executed",
        "Shell over a network connection",
        "Private key read",
        "Key added to authorized_keys",
        "Shell start file written",
        "Shell history cleared",
    ] {
        assert!(told.contains(rule), "{rule} is not among\n{told}");
    }
}

#[test]
fn its_timeline_knows_where_the_shell_went() {
    let told = ask("timeline", &["--format", "text"]);
    assert!(told.contains("(cdn.example.net)"), "{told}");
}

#[test]
fn nothing_in_it_is_of_where_it_was_recorded() {
    let told = ask("replay", &["--filter", "evt.type = execve", "--print", "%proc.env"]);
    let names: BTreeSet<&str> =
        told.split_whitespace().filter_map(|word| Some(word.split_once('=')?.0)).collect();
    let may = ["DB_PASSWORD", "HOME", "LC_ALL", "OLDPWD", "PATH", "PS1", "PWD", "SHLVL", "_"];
    let may = BTreeSet::from_iter(may.into_iter().chain(["STAGE_SECRET"]));
    assert!(names.is_subset(&may), "{names:?}");
    let hosts = ask("replay", &["--print", "%evt.hostname"]);
    assert_eq!(BTreeSet::from_iter(hosts.lines()), BTreeSet::from(["web-1"]));
}
