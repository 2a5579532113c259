//! How it ends: as the command does, or with a code that says why nothing ran.

use std::os::unix::process::ExitStatusExt;

use crate::common::{Fixture, stderr, stdout};

#[test]
fn the_exit_code_is_the_commands() {
    let fixture = Fixture::new();
    for code in [0, 1, 2, 7, 125, 255] {
        let output = fixture.shell(&[], &format!("exit {code}"));
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    }
}

#[test]
fn a_signal_that_kills_the_command_kills_us() {
    let fixture = Fixture::new();
    for signal in [libc::SIGTERM, libc::SIGKILL, libc::SIGSEGV, libc::SIGPIPE, libc::SIGINT] {
        let output = fixture.shell(&[], &format!("kill -{signal} $$"));
        assert_eq!(output.status.signal(), Some(signal), "{}", stderr(&output));
        assert!(!output.status.core_dumped());
    }
}

#[test]
fn a_command_that_cannot_run_is_said_in_one_line_with_the_codes_of_shells() {
    let fixture = Fixture::new();
    let plain = fixture.file("plain", "", 0o644);
    let orphan = fixture.file("orphan", "#!/no/such/interpreter\n", 0o755);
    for (command, code, why) in [
        ("no-such-program", 127, "no-such-program: no such program"),
        ("", 127, "no such program"),
        ("./no-such-program", 127, "./no-such-program: no such program"),
        (&*plain, 126, "cannot be run: Permission denied"),
        ("/", 126, "/: cannot be run: is a folder"),
        (&*orphan, 127, "orphan: cannot be run: No such file"),
    ] {
        let output = fixture.run(&["trace", "--output", "x.scap", "--", command]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{command}: {said}");
        assert!(said.contains(why) && said.lines().count() == 1, "{command}: {said}");
        assert!(!fixture.path("x.scap").exists(), "{command}: no recording of nothing");
    }
}

#[test]
fn a_wrong_request_has_a_code_of_its_own_and_nothing_runs() {
    let fixture = Fixture::new();
    let rules = fixture.file("broken.yaml", "- rule: x\n", 0o644);
    std::os::unix::fs::symlink(fixture.file("was", "", 0o644), fixture.path("link")).unwrap();
    for (options, why) in [
        (
            &["--skip", "opne"][..],
            "'opne' is no system call that is recorded; did you mean 'open'?",
        ),
        (&["--output", "no/such/folder/x.scap"], "no/such/folder/x.scap: No such file"),
        (&["--output", "/"], "/: Is a directory"),
        (&["--output", "-"], "stdout is the command's"),
        (&["--html", "no/such/folder/x.html"], "no/such/folder/x.html: No such file"),
        (&["--html", "/"], "/: is a folder"),
        (&["--html", "-"], "stdout is the command's"),
        (&["--timeline=-"], "stdout is the command's"),
        (&["--html", "x", "--timeline=./x"], "./x: --html and --timeline are the same file"),
        (&["-o", "was", "--html", "./was"], "./was: --output and --html are the same file"),
        (&["-o", "was", "--timeline=link"], "link: --output and --timeline are the same file"),
        (&["--timeline=no/such/folder/x.md"], "no/such/folder/x.md: No such file"),
        (&["--rules", &rules], "broken.yaml:1:9"),
        (&["--rules", "no.yaml"], "no.yaml: No such file"),
        (&["--before", "5s"], "--rules"),
        (&["--no-such-option"], "--no-such-option"),
        (&["--pid", "1"], "cannot be used with"),
    ] {
        let output = fixture.shell(options, "echo ran");
        assert_eq!(output.status.code(), Some(125), "{options:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(why), "{options:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{options:?}");
    }
    let output = fixture.run(&["trace"]);
    assert_eq!(output.status.code(), Some(125), "{}", stderr(&output));
}

#[test]
fn help_is_no_failure() {
    let output = Fixture::new().run(&["trace", "--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("Exit code: the command's own"), "{}", stdout(&output));
}

#[test]
fn what_a_command_leaves_running_is_followed_or_killed() {
    let fixture = Fixture::new();
    let leave = "(sleep 0.5; echo later) & exit 3";
    let output = fixture.shell(&[], leave);
    assert_eq!((output.status.code(), &*stdout(&output)), (Some(3), "later\n"));
    assert!(stderr(&output).contains(" running; ^C twice"), "{}", stderr(&output));
    let output = fixture.shell(&["--kill-leftovers"], "(sleep 600; echo later) & exit 3");
    assert_eq!((output.status.code(), &*stdout(&output)), (Some(3), ""));
}
