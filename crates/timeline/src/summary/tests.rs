//! The summary of the sample, and what holds for that of any timeline.

use proptest::prelude::*;

use super::*;
use crate::{
    model::{Moment, Process, Relevance, Topic},
    testing,
};

#[test]
fn the_sample_is_told_in_plain_words() {
    let mut text = String::new();
    for sentence in sentences(&testing::sample()) {
        text.push_str(&format!("{:?}: {}\n", sentence.topic, sentence.text));
        let by: Vec<u32> = sentence.processes.iter().map(|id| id.0).collect();
        text.push_str(&format!("  events {:?}, processes {by:?}\n", sentence.events));
    }
    testing::golden("sample-summary.txt", &text);
}

#[test]
fn without_alerts_there_is_nothing_to_tell() {
    let mut sample = testing::sample();
    sample.alerts.clear();
    sample.gaps.clear();
    for process in &mut sample.processes {
        process.alerts.clear();
        process.relevance = Relevance::Background;
    }
    for session in &mut sample.sessions {
        session.relevance = Relevance::Background;
    }
    assert_eq!(sentences(&sample), []);
}

#[test]
fn hostile_names_stay_in_one_line_and_short() {
    for sentence in sentences(&testing::hostile()) {
        assert!(testing::is_harmless(&sentence.text) && !sentence.text.contains('\n'));
        assert!(sentence.text.len() < 4_000, "{}", sentence.text);
    }
}

/// Numbers of all events that a timeline names.
fn events(timeline: &Timeline) -> Vec<u64> {
    let of = |process: &Process| -> Vec<Moment> {
        let mut at: Vec<Moment> = process.start.into_iter().collect();
        at.extend(process.end.map(|end| end.at));
        at.extend(process.commands.iter().filter_map(|command| command.at));
        at.extend(process.files.iter().flat_map(|file| [file.first, file.last]));
        at.extend(process.network.iter().flat_map(|c| [c.first, c.last]));
        at.extend(process.privileges.iter().map(|change| change.at));
        at
    };
    let mut at: Vec<Moment> = timeline.processes.iter().flat_map(of).collect();
    at.extend(timeline.alerts.iter().map(|alert| alert.at));
    at.extend(timeline.sessions.iter().filter_map(|session| session.source.as_ref()?.at));
    at.iter().map(|moment| moment.event).collect()
}

fn check(timeline: &Timeline) {
    let known = events(timeline);
    let told = sentences(timeline);
    assert!(told.iter().map(|sentence| sentence.topic).is_sorted(), "topics in order");
    for sentence in &told {
        assert!(!sentence.events.is_empty() && sentence.events.len() <= 50);
        for event in &sentence.events {
            assert!(known.contains(event), "event {event} of {sentence:?}");
        }
        for &id in &sentence.processes {
            let process = timeline.process(id).expect("a process of the timeline");
            let spoken_of = process.relevance != Relevance::Background
                || matches!(sentence.topic, Topic::Who | Topic::Ran);
            assert!(spoken_of, "{sentence:?}");
        }
        assert!(testing::is_harmless(&sentence.text) && !sentence.text.contains('\n'));
        assert!(sentence.text.len() < 6_000, "{}", sentence.text.len());
    }
}

#[test]
fn every_sentence_of_the_sample_has_events_that_exist() {
    check(&testing::sample());
    check(&testing::hostile());
}

proptest! {
    #[test]
    fn every_sentence_has_events_that_exist_and_is_bounded(timeline in testing::timelines()) {
        check(&timeline);
    }
}
