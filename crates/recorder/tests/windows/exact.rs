//! Windows have exactly the events that they should, and the state at their start.

use event::schema::Origin;
use proptest::prelude::*;
use recorder::{Ask, Ending, Incident, Settings};

use crate::{
    kept::{Alerts, Closed, Window, read, run, told},
    stream::{MS, S, Stream, actions},
};

/// Alerts at some events of a stream.
fn alerts() -> impl Strategy<Value = Vec<(prop::sample::Index, u16, u16)>> {
    let ask = prop_oneof![1 => Just(0), 3 => 0..9000u16, 1 => Just(60_000)];
    prop::collection::vec((any::<prop::sample::Index>(), ask.clone(), ask), 1..6)
}

fn placed(alerts: &[(prop::sample::Index, u16, u16)], stream: &Stream) -> Alerts {
    let mut placed = Alerts::new();
    for (index, before_ms, after_ms) in alerts {
        let ask =
            Ask { before_ns: u64::from(*before_ms) * MS, after_ns: u64::from(*after_ms) * MS };
        placed.entry(index.index(stream.len())).or_default().push(ask);
    }
    placed
}

/// Every alert is told once, in an incident that has its event.
fn check_alerts(closed: &[Closed], alerts: &Alerts) -> Result<(), TestCaseError> {
    let asked: usize = alerts.values().map(Vec::len).sum();
    let told: u64 = closed.iter().map(|closed| closed.incident.alerts_total).sum();
    prop_assert_eq!(told, asked as u64);
    for Closed { incident, flushed_events, .. } in closed {
        for alerted in &incident.alerts {
            let index = alerted.alert.event_num as usize - 1;
            prop_assert!(alerts.contains_key(&index));
            prop_assert!(alerted.window_event > 0 && alerted.window_event <= *flushed_events);
        }
        let counts: u64 = incident.alerts.iter().map(|alerted| alerted.count).sum();
        prop_assert_eq!(counts + incident.alerts_left_out, incident.alerts_total);
    }
    Ok(())
}

/// The window's end when the event with this index was handed on.
fn end_for(index: usize, incident: &Incident, alerts: &Alerts) -> u64 {
    let mut end_ns = 0;
    for alerted in &incident.alerts {
        let alert = alerted.alert.event_num as usize - 1;
        for ask in &alerts[&alert] {
            end_ns = end_ns.max(alerted.alert.ts_ns + ask.after_ns);
            if alert >= index {
                return end_ns.min(incident.end_ns);
            }
        }
    }
    incident.end_ns
}

/// The state at the window's start and at its end is that of the whole replay.
pub(crate) fn check_states(
    closed: &Closed,
    window: &mut Window,
    stream: &Stream,
    states: &[state::State],
) -> Result<(), TestCaseError> {
    let first = stream.event(window.first);
    let context = format!("incident {}", closed.incident.number);
    let same = |window: &state::State, whole: &state::State, ts_ns: u64| {
        for (window, whole) in told(window, ts_ns).iter().zip(&told(whole, ts_ns)) {
            prop_assert_eq!(window, whole, "{}", context);
        }
        Ok(())
    };
    same(&window.state, &states[window.first], first.ts_ns)?;
    let (mut at, mut index) = (0, window.first);
    while let Some(event) = window.events.next(&mut at) {
        let mut whole = states[index].clone();
        let (a, b) = (window.state.event(event), whole.event(stream.event(index)));
        prop_assert_eq!(a.thread.map(|t| (t.tid, t.ptid)), b.thread.map(|t| (t.tid, t.ptid)));
        prop_assert_eq!(a.fd, b.fd, "event {} of {}", index, context);
        index += 1;
    }
    if let Some(whole) = states.get(index) {
        same(&window.state, whole, stream.event(index).ts_ns)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// As long as nobody sets the clock, the events are those with times in the window, wherever
    /// they stand.
    #[test]
    fn exactly_the_events_with_times_in_the_window(
        actions in actions(1..250, Vec::new()),
        alerts in alerts(),
    ) {
        let stream = Stream::of(&actions);
        let alerts = placed(&alerts, &stream);
        let settings = Settings { before_ns: 60 * S, ..Settings::default() };
        let (closed, states) = run(&stream, &alerts, settings);
        check_alerts(&closed, &alerts)?;
        for closed in &closed {
            let incident = &closed.incident;
            let mut window = read(closed, &stream);
            let is_strict =
                alerts.values().flatten().all(|ask| ask.after_ns >= recorder::SLACK_NS);
            let belongs = |index: usize| {
                let end_ns = end_for(index, incident, &alerts);
                let end_ns = if is_strict { incident.end_ns } else { end_ns };
                (incident.start_ns..=end_ns).contains(&stream.event(index).ts_ns)
            };
            let want: Vec<usize> = (0..stream.len()).filter(|&index| belongs(index)).collect();
            let got: Vec<usize> = (0..window.belongs.len())
                .filter(|&at| window.belongs[at])
                .map(|at| window.first + at)
                .collect();
            prop_assert_eq!(&got, &want);
            prop_assert_eq!(window.first, want[0]);
            prop_assert_eq!(window.belongs.len(), want[want.len() - 1] + 1 - want[0]);
            prop_assert_eq!(incident.events, want.len() as u64);
            let times = want.iter().map(|&index| stream.event(index).ts_ns);
            prop_assert_eq!(incident.first_event_ns, times.clone().min().unwrap());
            prop_assert_eq!(incident.last_event_ns, times.max().unwrap());
            prop_assert_eq!(incident.look_back_cut_ns, 0);
            prop_assert_eq!(incident.clock_steps.len(), 0);

            // The end is what the latest of its alerts asked for.
            let first = incident.alerts[0].alert.event_num as usize - 1;
            let asked = alerts[&first].iter().any(|ask| {
                incident.start_ns == stream.event(first).ts_ns - ask.before_ns
            });
            prop_assert!(asked);
            let asked = incident.alerts.iter().flat_map(|alerted| {
                let index = alerted.alert.event_num as usize - 1;
                alerts[&index].iter().map(move |ask| alerted.alert.ts_ns + ask.after_ns)
            });
            prop_assert_eq!(asked.max(), Some(incident.end_ns));

            check_states(closed, &mut window, &stream, &states)?;
        }
    }

    /// When the clock is set back, a window has what lies in it by its own time as long as the steps
    /// are small, and what lies in it by the time that went by, whatever the steps are.
    #[test]
    fn nothing_is_lost_when_the_clock_is_set_back(
        actions in actions(1..250, vec![-10_000, -20_000, -3_600_000, -86_400_000]),
        alerts in alerts(),
    ) {
        let stream = Stream::of(&actions);
        let mut alerts = placed(&alerts, &stream);
        // Notices never show that the clock was set.
        let is_notice = |index: &usize| stream.event(*index).info().origin == Origin::Meta;
        alerts.retain(|index, _| !is_notice(index));
        let settings = Settings { before_ns: 60 * S, ..Settings::default() };
        let (closed, states) = run(&stream, &alerts, settings);
        check_alerts(&closed, &alerts)?;
        let mostly = (0..stream.len()).filter(|index| !is_notice(index));
        // What has jitter is on either side of an end, and more so with each step.
        let steps = actions.iter().filter(|action| action.step_ms != 0).count() as u64;
        let slack_ns = 2 * S * (1 + steps);
        let set_back_ms: i64 = actions.iter().map(|action| -action.step_ms).sum();
        for closed in &closed {
            let incident = &closed.incident;
            let mut window = read(closed, &stream);
            let has = |index: usize| {
                index.checked_sub(window.first).and_then(|at| window.belongs.get(at)) == Some(&true)
            };
            for alerted in &incident.alerts {
                let alert = alerted.alert.event_num as usize - 1;
                let near = |index: usize, ask: &Ask| {
                    let (at, then) = (stream.true_ns[index], stream.true_ns[alert]);
                    at + slack_ns <= then + ask.after_ns && at >= then + slack_ns
                };
                for ask in alerts[&alert].iter().take(usize::from(alerts[&alert].len() == 1)) {
                    for index in mostly.clone().filter(|&index| near(index, ask)) {
                        prop_assert!(has(index), "{} after {}", index, alert);
                    }
                }
            }
            let alert = incident.alerts[0].alert.event_num as usize - 1;
            let before_ns = stream.event(alert).ts_ns - incident.start_ns;
            let near = |index: &usize| {
                let (at, then) = (stream.true_ns[*index], stream.true_ns[alert]);
                at + slack_ns <= then && at + before_ns >= then + slack_ns
            };
            for index in mostly.clone().filter(near) {
                prop_assert!(has(index), "{} before {}", index, alert);
            }
            // Until the stream was past the end for the first time, the window is open.
            let is_past = |index: &usize| {
                stream.event(*index).ts_ns > incident.end_ns + recorder::SLACK_NS
            };
            let past = (alert..stream.len()).find(is_past).unwrap_or(stream.len());
            for index in (0..past).filter(|_| set_back_ms < 50_000) {
                let ts_ns = stream.event(index).ts_ns;
                let end_ns = end_for(index, incident, &alerts);
                if (incident.start_ns..=end_ns).contains(&ts_ns) {
                    prop_assert!(has(index), "{}", index);
                }
            }
            check_states(closed, &mut window, &stream, &states)?;
        }
    }

    /// Whatever is done to the clock, windows are whole and replay as the recording does.
    #[test]
    fn windows_replay_as_the_recording_does_whatever_the_clock_says(
        actions in actions(1..250, vec![-5_000, 5_000, -100_000, 100_000, -3_600_000, 3_600_000]),
        alerts in alerts(),
    ) {
        let stream = Stream::of(&actions);
        let alerts = placed(&alerts, &stream);
        let (closed, states) = run(&stream, &alerts, Settings::default());
        check_alerts(&closed, &alerts)?;
        for closed in &closed {
            let mut window = read(closed, &stream);
            let incident = &closed.incident;
            prop_assert!(window.belongs[0] && *window.belongs.last().unwrap());
            for alerted in &incident.alerts {
                let at = alerted.alert.event_num as usize - 1 - window.first;
                prop_assert!(window.belongs[at]);
            }
            for (at, belongs) in window.belongs.iter().enumerate() {
                let index = window.first + at;
                let end_ns = end_for(index, incident, &alerts);
                let has = (incident.start_ns..=end_ns).contains(&stream.event(index).ts_ns);
                prop_assert!(!has || *belongs, "times in the window belong");
            }
            let stepped = actions.iter().any(|action| action.step_ms != 0);
            prop_assert!(stepped || incident.clock_steps.is_empty());
            prop_assert_eq!(incident.clipped.end, incident.ending == Some(Ending::EndOfRecording));
            check_states(closed, &mut window, &stream, &states)?;
        }
    }
}
