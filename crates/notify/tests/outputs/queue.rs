//! Outputs beside each other: what is stuck, what overflows, what is counted.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use crate::common::{alert, end, eventually, numbers, output, start};
use crate::server::{Answer, Server};
use event::alert::{Alert, Priority};
use notify::{
    Bounds, Counters, Form, Output, Overflow, Target,
    file::{self, Rotate},
    http::{self, Url},
    program,
};

fn hanging(server: &Server) -> Output {
    let url = Url::parse(&server.url()).unwrap();
    output(Target::Http(http::Settings {
        timeout: Duration::from_secs(30),
        ..http::Settings::new(url)
    }))
}

fn file(path: &std::path::Path) -> Output {
    output(Target::File(file::Settings { path: path.to_owned(), rotate: Rotate::default() }))
}

#[test]
fn a_stuck_output_holds_back_neither_the_others_nor_whoever_sends() {
    let server = Server::start(&[Answer::Hang]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts");
    let stuck = Output { bounds: Bounds { alerts: 5, bytes: 1 << 20 }, ..hanging(&server) };
    let (notifier, told) = start(&[stuck, file(&path)]);
    let begin = Instant::now();
    for number in 0..100 {
        notifier.send(alert(number)).unwrap();
    }
    assert!(begin.elapsed() < Duration::from_secs(5));
    eventually("the good one has all", || notifier.reports()[1].counters.delivered == 100);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().collect::<Vec<_>>(), numbers(0..100));
    let stuck = Counters { waiting: 5, dropped: 95, ..Counters::default() };
    assert_eq!(notifier.reports()[0].counters, stuck);
    assert_eq!(told.all().len(), 1, "{:?}", told.all());
    assert!(told.all()[0].ends_with("its queue is full; alerts are dropped and counted"));
    let begin = Instant::now();
    let reports = notifier.shutdown(Duration::from_millis(100));
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(reports[0].counters, stuck);
}

#[test]
fn bytes_are_bounded_too_but_one_alert_always_fits() {
    let server = Server::start(&[Answer::Hang]);
    let bounds = Bounds { alerts: 100, bytes: 10_000 };
    let (notifier, _) = start(&[Output { bounds, ..hanging(&server) }]);
    for _ in 0..3 {
        notifier.send(Alert { output: "x".repeat(20_000), ..alert(0) }).unwrap();
    }
    let want = Counters { waiting: 1, dropped: 2, ..Counters::default() };
    assert_eq!(notifier.reports()[0].counters, want);
}

#[test]
fn an_output_that_blocks_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let command = format!("while read line; do sleep 0.002; echo $line; done > {}", path.display());
    let settings =
        program::Settings { grace: Duration::from_secs(10), ..program::Settings::new(&command) };
    for overflow in [Overflow::Block, Overflow::Wait(Duration::from_secs(10))] {
        let bounds = Bounds { alerts: 3, bytes: 1 << 20 };
        let output = Output { bounds, overflow, ..output(Target::Program(settings.clone())) };
        let (notifier, told) = start(&[output]);
        for number in 0..200 {
            notifier.send(alert(number)).unwrap();
        }
        assert_eq!(end(notifier), crate::common::delivered(200));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), numbers(0..200));
        assert!(told.all().is_empty(), "{:?}", told.all());
    }
}

#[test]
fn an_output_that_waits_does_so_once_when_it_is_stuck() {
    let server = Server::start(&[Answer::Hang]);
    let overflow = Overflow::Wait(Duration::from_millis(300));
    let bounds = Bounds { alerts: 2, bytes: 1 << 20 };
    let (notifier, _) = start(&[Output { bounds, overflow, ..hanging(&server) }]);
    let begin = Instant::now();
    for number in 0..100 {
        notifier.send(alert(number)).unwrap();
    }
    let took = begin.elapsed();
    assert!((250..3_000).contains(&took.as_millis()), "{took:?}");
    let want = Counters { waiting: 2, dropped: 98, ..Counters::default() };
    assert_eq!(notifier.reports()[0].counters, want);
}

#[test]
fn when_there_is_room_again_it_is_told_with_the_count() {
    let server = Server::start(&[Answer::Status(500, ""); 2]);
    let bounds = Bounds { alerts: 2, bytes: 1 << 20 };
    let mut output = Output { bounds, ..hanging(&server) };
    output.retry.first = Duration::from_millis(100);
    output.retry.most = Duration::from_millis(100);
    let (notifier, told) = start(&[output]);
    for number in 0..5 {
        notifier.send(alert(number)).unwrap();
    }
    eventually("what waits is delivered", || notifier.reports()[0].counters.delivered == 2);
    let want = Counters { delivered: 2, retried: 2, dropped: 3, ..Counters::default() };
    assert_eq!(end(notifier), want);
    let told = told.all();
    let room =
        told.iter().filter(|text| text.ends_with("room again; 3 alerts were dropped so far"));
    assert_eq!(room.count(), 1, "{told:?}");
    assert_eq!(server.bodies(), ["0000", "0000", "0000", "0001"]);
}

#[test]
fn an_output_gets_what_is_bad_enough_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts");
    let output = Output { min_priority: Priority::Error, ..file(&path) };
    let (notifier, _) = start(&[output]);
    for (number, priority) in Priority::ALL.into_iter().enumerate() {
        notifier.send(Alert { priority, ..alert(number) }).unwrap();
    }
    assert_eq!(end(notifier), crate::common::delivered(4));
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 4);
}

#[test]
fn shutdown_delivers_what_waits_and_reports_what_is_left() {
    let server = Server::start(&[Answer::Status(200, ""), Answer::Status(503, "")]);
    let mut output = hanging(&server);
    output.retry.first = Duration::from_secs(60);
    output.retry.most = Duration::from_secs(60);
    let (notifier, _) = start(&[output]);
    for number in 0..5 {
        notifier.send(alert(number)).unwrap();
    }
    let begin = Instant::now();
    let reports = notifier.shutdown(Duration::from_millis(300));
    assert!(begin.elapsed() < Duration::from_secs(5));
    let want = Counters { delivered: 1, waiting: 4, ..Counters::default() };
    assert_eq!(reports[0].counters, want);
    assert!(reports[0].ended.is_none());
}

#[test]
fn counters_are_exact_when_many_send() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Bounds { alerts: 7, bytes: 1 << 20 };
    let good = Output { overflow: Overflow::Block, bounds, ..file(&folder.path().join("a")) };
    let full = Output { bounds, ..file(&folder.path().join("b")) };
    let (notifier, _) = start(&[good, full]);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..500).for_each(|number| notifier.send(alert(number)).unwrap()));
        }
    });
    let reports = notifier.shutdown(Duration::from_secs(10));
    assert_eq!(reports[0].counters, crate::common::delivered(2_000));
    let Counters { delivered, dropped, .. } = reports[1].counters;
    assert_eq!(delivered + dropped, 2_000);
    let lines = |name| fs::read_to_string(folder.path().join(name)).unwrap().lines().count() as u64;
    assert_eq!((lines("a"), lines("b")), (2_000, delivered));
}

#[test]
fn the_usual_form_is_that_of_the_reader() {
    assert_eq!(Output::to(Target::Stdout).form, Form::Text);
    let program = Target::Program(program::Settings::new("cat --secret"));
    assert_eq!(program.name(), "program:cat");
    assert_eq!(Output::to(program).form, Form::Json);
}
