//! Boots kernels, and runs this test program in them.

use std::{env, time::Duration};

use testkit::vm::{Guest, Kernel, kernels};

use super::{
    ON,
    differences::{self, Met},
    is_on,
};

/// Tests that are not run in guests, by the beginnings of their names, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("attach::", "about tracing what runs"),
    ("known::", "about what readers make of a trace"),
    ("live::guest::", "they boot guests"),
    ("net::races::without_copies", "about what a tracer may not have"),
    ("process::lives_are_told_alike", "about two ways of tracing"),
    ("served::", "about what a tracer waits for"),
    ("stops::", "about a tracer's stops"),
    ("strace::", "about tools that guests do not have"),
    ("odd::", "about tracers and sandboxes"),
    ("stress::", "about a tracer under load"),
    ("harness::actor", "no test"),
];

/// Programs that acts run, besides busybox.
const PROGRAMS: [&str; 3] = ["/bin/sh", "/bin/cat", "/bin/true"];

#[test]
#[ignore = "not every difference is settled yet"]
fn acts_are_recorded_by_linux_5_10_as_they_are_traced() {
    on(Kernel::V5_10);
}

#[test]
#[ignore = "not every difference is settled yet"]
fn acts_are_recorded_by_linux_6_1_as_they_are_traced() {
    on(Kernel::V6_1);
}

#[test]
#[ignore = "not every difference is settled yet"]
fn acts_are_recorded_by_linux_6_12_as_they_are_traced() {
    on(Kernel::V6_12);
}

#[test]
#[ignore = "not every difference is settled yet"]
fn acts_are_recorded_by_the_newest_linux_as_they_are_traced() {
    on(Kernel::Newest);
}

fn on(kernel: Kernel) {
    if is_on() || !kernels().contains(&kernel) {
        return;
    }
    let mut guest = Guest::new(kernel).copy(env::current_exe().unwrap(), "/bin/acts");
    for program in PROGRAMS {
        guest = guest.copy(program, program);
    }
    let outcome = guest.limit(LONGEST).run(&script()).unwrap();
    let file = |name| String::from_utf8(outcome.file(name).unwrap_or_default()).unwrap();
    let (told, differ) = (file("told"), file("differences"));
    println!("{told}\n{}\n{differ}", outcome.text);
    for (tests, why) in LEFT_OUT {
        println!("not in guests: {tests}: {why}");
    }
    assert!(differ.is_empty(), "what is recorded differs from what is traced");
    assert!(told.contains("test result: ok"), "tests failed in the guest");
    let met = file("met");
    for (name, why, always) in differences::all() {
        println!("may differ: {name}: {why}");
        let is_met = met.lines().any(|met| met == name);
        assert!(is_met || always == Met::Sometimes, "nothing differs in {name}");
    }
}

/// Turns this test program to all tests that are not left out.
fn script() -> String {
    let skips: Vec<String> = LEFT_OUT.iter().map(|(tests, _)| format!("--skip {tests}")).collect();
    let only = env::var("WATCHKEEPER_TEST_ONLY").unwrap_or_default();
    // Programs lie at the same places in memory whenever they run, and no number of a process has more
    // digits than another.
    format!(
        "echo 0 >/proc/sys/kernel/randomize_va_space; echo 1000 >/proc/sys/kernel/ns_last_pid; \
         cd /tmp && {ON}=/out RUST_BACKTRACE=0 acts --test-threads=1 {} {only} >/out/told 2>&1; \
         echo $?",
        skips.join(" ")
    )
}

/// How long a guest may take, on a machine without hardware help that does other things, too.
const LONGEST: Duration = Duration::from_secs(1200);
