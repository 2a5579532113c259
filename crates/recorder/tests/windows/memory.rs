//! The look-back stays within its bound, and says what that cost.

use proptest::prelude::*;
use recorder::{Ask, Recorder, Settings};
use state::{Limits, State};

use crate::{
    exact::check_states,
    kept::{Alerts, Kept, alert, read, run},
    stream::{S, Stream, actions},
};

/// Bounds from none at all to a few times the size of the state.
fn limit() -> impl Strategy<Value = usize> {
    prop::sample::select(vec![0, 30_000, 100_000, 200_000, 1 << 20])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// What does not fit is missing at the window's beginning, and the incident says how much; all
    /// else is as it would be.
    #[test]
    fn a_look_back_that_is_cut_says_so(
        actions in actions(200..1500, Vec::new()),
        look_back_bytes in limit(),
        at in any::<prop::sample::Index>(),
        before_s in 0..120u64,
        after_s in 0..20u64,
    ) {
        let stream = Stream::of(&actions);
        let ask = Ask { before_ns: before_s * S, after_ns: after_s * S };
        let alerts: Alerts = [(at.index(stream.len()), vec![ask])].into();
        let settings = Settings { look_back_bytes, before_ns: 120 * S, ..Settings::default() };
        let (closed, states) = run(&stream, &alerts, settings);
        prop_assert_eq!(closed.len(), 1);
        let incident = &closed[0].incident;
        let mut window = read(&closed[0], &stream);
        let belongs = |index: &usize| {
            (incident.start_ns..=incident.end_ns).contains(&stream.event(*index).ts_ns)
        };
        let (missing, want): (Vec<usize>, Vec<usize>) =
            (0..stream.len()).filter(belongs).partition(|&index| index < window.first);
        let got: Vec<usize> = (0..window.belongs.len())
            .filter(|&at| window.belongs[at])
            .map(|at| window.first + at)
            .collect();
        prop_assert_eq!(got, want);
        prop_assert!(missing.is_empty() || incident.look_back_cut_ns > 0);
        prop_assert!(incident.look_back_cut_ns <= ask.before_ns + 2 * S);
        if let Some(&first_missing) = missing.iter().min_by_key(|&&index| stream.true_ns[index]) {
            let held_ns = stream.event(window.first).ts_ns;
            let missing_ns = held_ns.saturating_sub(stream.event(first_missing).ts_ns);
            prop_assert!(incident.look_back_cut_ns + 6 * S > missing_ns, "jitter and gaps");
        }
        let begun_ns = stream.event(0).ts_ns;
        prop_assert_eq!(incident.clipped.start, begun_ns > incident.start_ns);
        check_states(&closed[0], &mut window, &stream, &states)?;
    }

    /// Memory stays within its bound whatever comes, and windows replay as the recording does.
    #[test]
    fn memory_stays_within_its_bound(
        actions in actions(200..1500, vec![-5_000, 100_000, -3_600_000]),
        look_back_bytes in limit(),
        places in prop::collection::vec(any::<prop::sample::Index>(), 1..8),
        after_s in 0..60u64,
    ) {
        let stream = Stream::of(&actions);
        let ask = Ask { before_ns: 10 * S, after_ns: after_s * S };
        let settings = Settings { look_back_bytes, ..Settings::default() };
        let mut alerts = Alerts::new();
        for place in &places {
            alerts.insert(place.index(stream.len()), vec![ask]);
        }
        let mut recorder = Recorder::new(settings, Kept::default());
        let mut state = State::new(Limits::default());
        Stream::begin(&mut |record| state.record(&record));
        let mut largest_state = 0;
        for index in 0..stream.len() {
            largest_state = largest_state.max(state.approx_bytes());
            let Ok(()) = recorder.before(&state);
            let bound = look_back_bytes.max(4 * largest_state);
            prop_assert!(recorder.look_back_bytes() <= bound);
            let context = state.event(stream.event(index));
            let Ok(()) = recorder.event(&context);
            if alerts.contains_key(&index) {
                let alert = alert("rule", &context.event, context.num, 1);
                let Ok(()) = recorder.alert(&context, &alert, ask);
            }
        }
        let (closed, states) = run(&stream, &alerts, settings);
        for closed in &closed {
            let mut window = read(closed, &stream);
            check_states(closed, &mut window, &stream, &states)?;
        }
    }
}
