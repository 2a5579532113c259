//! Programs that read alerts, and those that would rather not.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use event::alert::Alert;
use notify::{Bounds, Counters, Output, Retry, Target, program::Settings};

use crate::common::{alert, delivered, end, eventually, numbers, output, run, start};

fn settings(command: &str) -> Settings {
    let (first, most) = (Duration::from_millis(5), Duration::from_millis(50));
    let restart = Retry { first, most, attempts: 1 };
    Settings { grace: Duration::from_secs(5), restart, ..Settings::new(command) }
}

fn to(command: &str) -> Output {
    let mut output = output(Target::Program(settings(command)));
    output.retry.attempts = 100;
    output
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_program_gets_a_line_for_each_alert_and_time_to_finish() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let command = format!("cat > {0}; sleep 0.2; echo end >> {0}", path.display());
    assert_eq!(run(to(&command), 50).0, delivered(50));
    let mut want = numbers(0..50);
    want.push("end".to_owned());
    assert_eq!(lines(&path), want);
}

#[test]
fn a_program_that_ends_is_started_again_and_told_of_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let command = format!("read line; echo $line >> {}; exit 3", path.display());
    let (notifier, told) = start(&[to(&command)]);
    for number in 0..5 {
        notifier.send(alert(number)).unwrap();
        eventually("it is read", || lines(&path).len() == number + 1);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(end(notifier).delivered, 5);
    assert_eq!(lines(&path), numbers(0..5));
    assert!(told.all()[0].contains("ended: exit status: 3"), "{:?}", told.all());
}

#[test]
fn a_program_that_is_not_there_is_tried_with_longer_and_longer_pauses() {
    let mut output = to("/no/such/program 2>/dev/null; exit 127");
    output.retry.attempts = 3;
    let (notifier, told) = start(&[output]);
    for number in 0..10 {
        notifier.send(alert(number)).unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }
    let counters = end(notifier);
    assert_eq!(counters.delivered + counters.not_delivered, 10);
    assert!(counters.retried > 0);
    assert!(told.all()[0].contains("127"), "{:?}", told.all());
}

#[test]
fn a_program_that_never_reads_is_given_so_much_and_no_more() {
    let bounds = Bounds { alerts: 10, bytes: 1 << 20 };
    let mut output = Output { bounds, ..to("exec sleep 1000") };
    if let Target::Program(program) = &mut output.to {
        program.grace = Duration::from_millis(100);
    }
    let (notifier, told) = start(&[output]);
    // More than a pipe holds.
    let begin = Instant::now();
    for number in 0..1_000 {
        notifier.send(Alert { output: "x".repeat(1_000), ..alert(number) }).unwrap();
        if number < 200 {
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    eventually("it is told", || told.all().iter().any(|text| text.contains("does not read")));
    let before = notifier.reports()[0].counters;
    assert_eq!(before.waiting, 10);
    assert_eq!(before.delivered + before.dropped, 990);
    let reports = notifier.shutdown(Duration::from_millis(100));
    assert_eq!(reports[0].counters.waiting, 10);
    assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
}

#[test]
fn a_program_that_stops_within_a_line_is_started_anew_and_gets_the_whole_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    // The first one reads nothing; those after it read everything.
    let command =
        format!("if [ -e {0} ]; then cat >> {0}; else : > {0}; sleep 1000; fi", path.display());
    let long = "x".repeat(100_000);
    let (notifier, told) = start(&[to(&command)]);
    notifier.send(Alert { output: long.clone(), ..alert(0) }).unwrap();
    let counters = end(notifier);
    assert_eq!(counters, Counters { delivered: 1, retried: 1, ..Counters::default() });
    assert_eq!(lines(&path), [long]);
    assert!(told.all()[0].contains("in the middle of a line"), "{:?}", told.all());
}

#[test]
fn a_program_that_ignores_the_end_is_killed_with_what_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pid");
    let command =
        format!("trap '' TERM; sleep 1000 & echo $! > {}; cat > /dev/null; wait", path.display());
    let mut output = to(&command);
    if let Target::Program(program) = &mut output.to {
        program.grace = Duration::from_millis(200);
    }
    let begin = Instant::now();
    let (notifier, _) = start(&[output]);
    notifier.send(alert(0)).unwrap();
    eventually("it runs", || !lines(&path).is_empty());
    assert_eq!(end(notifier), delivered(1));
    assert!(begin.elapsed() < Duration::from_secs(8));
    let pid = lines(&path)[0].clone();
    eventually("its child is gone", || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
        stat.map_or(true, |stat| stat.contains(") Z "))
    });
}

#[test]
fn a_program_without_alerts_is_never_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    run(to(&format!("touch {}", path.display())), 0);
    assert!(!path.exists());
}
