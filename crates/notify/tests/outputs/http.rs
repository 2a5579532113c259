//! HTTP POST, against a server that answers as it is told.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use crate::common::{delivered, numbers, output, run};
use crate::server::{Answer, Server};
use notify::{
    Counters, Form, Output, Target,
    http::{Header, Settings, Url},
};

fn settings(url: &str) -> Settings {
    Settings { timeout: Duration::from_millis(400), ..Settings::new(Url::parse(url).unwrap()) }
}

fn to(server: &Server) -> Output {
    output(Target::Http(settings(&server.url())))
}

#[test]
fn alerts_are_posted_in_order_over_one_connection() {
    let server = Server::start(&[]);
    let (counters, told) = run(to(&server), 20);
    assert_eq!(counters, delivered(20));
    assert_eq!(server.bodies(), numbers(0..20));
    assert!(server.requests().iter().all(|request| request.connection == 0));
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn requests_have_the_headers_of_the_form_and_those_that_were_asked_for() {
    let server = Server::start(&[]);
    let mut settings = settings(&server.url());
    settings.headers = vec![Header::new("X-Token", "abc").unwrap()];
    run(Output { form: Form::Json, ..output(Target::Http(settings)) }, 1);
    let head = server.requests()[0].head.to_lowercase();
    for want in
        ["post /alerts?key=secret http/1.1", "content-type: application/json", "x-token: abc"]
    {
        assert!(head.contains(want), "{head}");
    }
    let server = Server::start(&[]);
    let mut settings = self::settings(&server.url());
    settings.headers = vec![Header::new("content-type", "application/cloudevents+json").unwrap()];
    run(output(Target::Http(settings)), 1);
    let head = server.requests()[0].head.to_lowercase();
    assert_eq!(head.matches("content-type").count(), 1, "{head}");
}

#[test]
fn what_may_help_is_tried_again_and_the_order_is_kept() {
    let name = |server: &Server| format!("output http://127.0.0.1:{}", server.port);
    for (answer, reason) in [
        (Answer::Status(500, ""), "answers 500"),
        (Answer::Status(429, "retry-after: 0"), "answers 429"),
        (Answer::Status(408, ""), "answers 408"),
        (Answer::Hang, "does not answer in time"),
        (Answer::Cut, ""),
    ] {
        let server = Server::start(&[Answer::Status(200, ""), answer, answer]);
        let (counters, told) = run(to(&server), 3);
        assert_eq!(counters, Counters { delivered: 3, retried: 2, ..Counters::default() });
        assert_eq!(server.bodies(), ["0000", "0001", "0001", "0001", "0002"], "{answer:?}");
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with(&format!("{}: {reason}", name(&server))), "{told:?}");
        assert_eq!(told[1], format!("{}: works again", name(&server)));
    }
}

#[test]
fn what_is_refused_is_not_sent_again() {
    for status in [400, 401, 404, 413, 301] {
        let server = Server::start(&[Answer::Status(status, "location: /other")]);
        let (counters, told) = run(to(&server), 2);
        let want = Counters { delivered: 1, not_delivered: 1, ..Counters::default() };
        assert_eq!(counters, want, "{status}");
        assert_eq!(server.bodies(), ["0000", "0001"]);
        assert!(told[0].contains(&format!("answers {status}")), "{told:?}");
    }
}

#[test]
fn an_alert_is_given_up_after_the_last_attempt_and_it_is_told_once() {
    let server = Server::start(&[Answer::Status(503, ""); 8]);
    let (counters, told) = run(to(&server), 3);
    let want = Counters { delivered: 1, retried: 6, not_delivered: 2, ..Counters::default() };
    assert_eq!(counters, want);
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn a_server_may_ask_for_a_longer_pause_but_only_so_long() {
    for (header, least, most) in
        [("retry-after: 1", 900, 3_000), ("retry-after: 900", 1_900, 6_000)]
    {
        let server = Server::start(&[Answer::Status(429, header)]);
        let mut output = to(&server);
        output.retry.most = Duration::from_secs(2);
        let start = Instant::now();
        assert_eq!(run(output, 1).0.delivered, 1);
        let took = start.elapsed().as_millis();
        assert!((least..most).contains(&took), "{header}: {took} ms");
    }
}

#[test]
fn a_server_that_is_not_there_costs_attempts_and_no_more() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (counters, told) =
        run(output(Target::Http(settings(&format!("http://127.0.0.1:{port}")))), 2);
    assert_eq!(counters, Counters { retried: 6, not_delivered: 2, ..Counters::default() });
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("refused"), "{told:?}");
}
