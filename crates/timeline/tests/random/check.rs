//! What holds for every timeline.

use timeline::{
    build::Limits,
    model::{ProcessId, Relevance, SCHEMA, Timeline},
};

/// Checks a timeline; what is wrong panics.
pub(crate) fn check(timeline: &Timeline, limits: &Limits) {
    assert_eq!(timeline.schema, SCHEMA);
    bounds(timeline, limits);
    tree(timeline);
    sessions(timeline);
    alerts(timeline);
    pipelines(timeline);
    times(timeline);
    serde_json::to_vec(timeline).expect("it can be written");
}

fn bounds(timeline: &Timeline, limits: &Limits) {
    let processes = &timeline.processes;
    let sum =
        |count: fn(&timeline::model::Process) -> usize| processes.iter().map(count).sum::<usize>();
    assert!(processes.len() <= limits.processes);
    // The first command of each process comes with it.
    assert!(sum(|p| p.commands.len() - 1) <= limits.commands);
    assert!(sum(|p| p.files.len()) <= limits.files);
    assert!(sum(|p| p.network.len()) <= limits.connections);
    assert!(sum(|p| p.privileges.len()) <= limits.privileges);
    assert!(sum(|p| p.terminal.len()) <= limits.terminal);
    assert!(timeline.alerts.len() <= limits.alerts);
    // What the state forgot is one more.
    assert!(timeline.gaps.len() <= limits.gaps + 1);
    assert!(timeline.density.steps.len() <= 240, "{}", timeline.density.steps.len());
}

fn tree(timeline: &Timeline) {
    for (place, process) in timeline.processes.iter().enumerate() {
        let id = ProcessId(place as u32);
        assert!(!process.commands.is_empty(), "{process:#?}");
        if let Some(parent) = process.parent {
            assert!(parent < id, "a parent stands before its children, so there is no loop");
            let children = &timeline.process(parent).expect("a parent").children;
            assert_eq!(children.iter().filter(|child| **child == id).count(), 1);
        }
        for child in &process.children {
            assert_eq!(timeline.process(*child).expect("a child").parent, Some(id));
        }
    }
}

fn sessions(timeline: &Timeline) {
    let mut counts = vec![(0, 0, Relevance::Background); timeline.sessions.len()];
    for process in &timeline.processes {
        let (count, events, relevance) = &mut counts[process.session.index()];
        *count += 1;
        *events += process.events;
        *relevance = (*relevance).min(process.relevance);
    }
    for (session, count) in timeline.sessions.iter().zip(counts) {
        assert_eq!((session.processes, session.events), (count.0, count.1));
        assert!(session.relevance <= count.2);
        assert!(!session.roots.is_empty());
        for root in &session.roots {
            let process = timeline.process(*root).expect("a root");
            let parent = process.parent.and_then(|parent| timeline.process(parent));
            assert!(parent.is_none_or(|parent| parent.session != process.session));
        }
        if let Some(source) = &session.source {
            timeline.process(source.by).expect("who accepted");
        }
    }
    assert!(timeline.sessions.is_sorted_by_key(|session| session.relevance));
}

fn alerts(timeline: &Timeline) {
    for (place, alert) in timeline.alerts.iter().enumerate() {
        assert!(alert.count > 0);
        let Some(process) = alert.process else { continue };
        let process = timeline.process(process).expect("the process of an alert");
        assert!(process.alerts.iter().any(|id| id.index() == place));
        assert_eq!(process.relevance, Relevance::Alerted);
    }
    for (place, process) in timeline.processes.iter().enumerate() {
        for id in &process.alerts {
            let alert = timeline.alert(*id).expect("an alert of a process");
            assert_eq!(alert.process, Some(ProcessId(place as u32)));
        }
    }
}

fn pipelines(timeline: &Timeline) {
    for pipeline in &timeline.pipelines {
        assert!(pipeline.members.len() > 1);
        let mut members = pipeline.members.clone();
        members.sort_unstable();
        members.dedup();
        assert_eq!(members.len(), pipeline.members.len(), "a member is one once");
        assert!(members.iter().all(|member| timeline.process(*member).is_some()));
    }
    for (place, process) in timeline.processes.iter().enumerate() {
        for pipeline in process.commands.iter().filter_map(|command| command.pipeline) {
            let pipeline = &timeline.pipelines[pipeline.index()];
            assert!(pipeline.members.contains(&ProcessId(place as u32)));
        }
    }
}

fn times(timeline: &Timeline) {
    let window = &timeline.window;
    assert!(window.first_ns <= window.last_ns);
    let within = |ts_ns: u64| assert!((window.first_ns..=window.last_ns).contains(&ts_ns));
    for process in &timeline.processes {
        let ends = process.start.into_iter().chain(process.end.map(|end| end.at));
        ends.for_each(|at| within(at.ts_ns));
        for row in &process.files {
            assert!(row.first <= row.last && !row.acts.is_empty() && row.calls > 0);
            within(row.first.ts_ns);
        }
        for row in &process.network {
            assert!(row.first <= row.last);
            within(row.last.ts_ns);
        }
    }
}
