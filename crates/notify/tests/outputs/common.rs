//! What the tests of all outputs need.

use std::{
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use event::alert::{Alert, Priority, Subject};
use notify::{Counters, Form, Notifier, Output, Report, Retry, Target, Tell};

/// A warning whose output is its number.
pub(crate) fn alert(number: usize) -> Alert {
    Alert {
        ts_ns: 1_795_392_000_000_000_000,
        event_num: 1,
        rule: "Write below etc".into(),
        priority: Priority::Warning,
        source: "syscall".into(),
        tags: ["host".into()].into(),
        hostname: "shop-1".into(),
        output: format!("{number:04}"),
        fields: "{}".to_owned(),
        subject: Subject::default(),
        repeats: None,
    }
}

/// The outputs of alerts of these numbers.
pub(crate) fn numbers(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("{number:04}")).collect()
}

/// An output as text that tries again soon.
pub(crate) fn output(to: Target) -> Output {
    let (first, most) = (Duration::from_millis(5), Duration::from_millis(50));
    Output { form: Form::Text, retry: Retry { first, most, attempts: 4 }, ..Output::to(to) }
}

/// What was told.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    pub(crate) fn tell(&self) -> Tell {
        let told = Arc::clone(&self.0);
        Arc::new(move |notice| told.lock().unwrap().push(notice.to_string()))
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

pub(crate) fn start(outputs: &[Output]) -> (Notifier, Told) {
    let told = Told::default();
    (Notifier::start(outputs, &told.tell()).unwrap(), told)
}

/// Sends so many alerts to one output, ends it, and returns its counters and what was told.
pub(crate) fn run(output: Output, alerts: usize) -> (Counters, Vec<String>) {
    let (notifier, told) = start(&[output]);
    for number in 0..alerts {
        notifier.send(alert(number)).unwrap();
    }
    (end(notifier), told.all())
}

/// Ends a notifier of one output.
pub(crate) fn end(notifier: Notifier) -> Counters {
    let reports: [Report; 1] = notifier.shutdown(Duration::from_secs(10)).try_into().unwrap();
    reports[0].counters
}

pub(crate) fn delivered(delivered: u64) -> Counters {
    Counters { delivered, ..Counters::default() }
}

/// Waits until something holds; it has to within ten seconds.
pub(crate) fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < until, "not in ten seconds: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
