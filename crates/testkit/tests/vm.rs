//! What the virtual machines for tests promise. Every test here boots one.

use std::{env, fs, time::Duration};

use testkit::vm::{Error, Guest, Kernel, can_boot};

/// What a guest is for: a program of this machine, a module, an exit code, files that come back.
#[test]
fn a_script_runs_with_what_it_needs_and_its_files_come_back() {
    if !can_boot(Kernel::V6_1) {
        return;
    }
    let own = env::current_exe().unwrap();
    let kernel = Kernel::V6_1.installed().unwrap();
    let guest = Guest::new(Kernel::V6_1).copy(own, "/bin/own").module("nf_tables");
    let guest = guest.bytes("/etc/watch/words", "read me\n", 0o640);
    let outcome = guest
        .run(
            "own --list >/out/tests || exit 1
             stat -c %a /etc/watch/words
             cat /etc/watch/words >&2
             grep -c '^nf_tables ' /proc/modules
             mkdir /out/deep
             dd if=/dev/zero bs=1M count=8 2>/dev/null | tr '\\0' w >/out/deep/many
             uname -r >/out/version
             sleep 1000 &
             exit 42",
        )
        .unwrap();
    assert_eq!((outcome.code, outcome.text.as_str()), (42, "640\nread me\n1\n"));
    assert!(outcome.log.contains("Power down"), "{}", outcome.log);
    assert_eq!(outcome.file("version").unwrap(), format!("{}\n", kernel.version).as_bytes());
    let tests = String::from_utf8(outcome.file("tests").unwrap()).unwrap();
    assert!(tests.contains("a_script_runs_with_what_it_needs"), "{tests}");
    let many = fs::read(outcome.out().join("deep/many")).unwrap();
    assert!(many.len() == 8 << 20 && many.iter().all(|byte| *byte == b'w'));
    assert!(outcome.success().unwrap_err().to_string().contains("ended with code 42"));
}

#[test]
fn a_guest_that_hangs_is_stopped() {
    if !can_boot(Kernel::V6_1) {
        return;
    }
    let guest = Guest::new(Kernel::V6_1).limit(Duration::from_secs(1));
    let error = guest.run("sleep 100000").unwrap_err();
    assert!(matches!(error, Error::TimeLimit { .. }), "{error}");
    assert!(error.to_string().starts_with("the guest was stopped after 1 s"), "{error}");
}

#[test]
fn a_kernel_that_panics_says_its_last_words() {
    if !can_boot(Kernel::V6_1) {
        return;
    }
    let error = Guest::new(Kernel::V6_1).run("echo c >/proc/sysrq-trigger");
    let Err(Error::Died { log, .. }) = error else { panic!("{error:?}") };
    assert!(log.contains("Kernel panic - not syncing: sysrq triggered crash"), "{log}");
}

#[test]
fn what_a_kernel_does_not_have_is_named() {
    if !can_boot(Kernel::V6_1) {
        return;
    }
    let error = Guest::new(Kernel::V6_1).module("nosuch").run("true").unwrap_err();
    assert!(error.to_string().ends_with("has no module 'nosuch'"), "{error}");
}
