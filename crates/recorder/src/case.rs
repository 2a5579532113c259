//! An incident so far: its alerts, what it is related by, and the window that they ask for.

use std::{collections::HashMap, sync::Arc};

use event::alert::{Alert, Subject};
use foldhash::fast::RandomState;
use state::{Container, Context};

use crate::{
    Actor, Alerted, Ending, Incident, Limit, Limits,
    kin::{Kin, Kinship},
    time::{Moment, Span, earlier_of, later},
};

/// An incident so far.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) incident: Incident,
    pub(crate) kinship: Kinship,
    pub(crate) span: Span,
    pub(crate) limits: Limits,
    /// The window's end may not be later than this.
    latest_end: Moment,
    /// Whether it was to be.
    is_capped: bool,
    /// When the latest alert came.
    pub(crate) latest: Moment,
    /// Places among the alerts of the incident.
    places: HashMap<(Arc<str>, Subject), usize, RandomState>,
    /// Memory of the alerts that are told in full.
    alert_bytes: usize,
}

impl Case {
    /// An incident whose first alert, which is to be added, is at this moment.
    pub(crate) fn new(incident: Incident, start: Moment, at: Moment, limits: Limits) -> Self {
        Self {
            incident,
            kinship: Kinship::default(),
            span: Span { start, end: at },
            limits,
            latest_end: later(at, limits.duration_ns),
            is_capped: false,
            latest: at,
            places: HashMap::default(),
            alert_bytes: 0,
        }
    }

    /// Adds an alert, which came at this moment and wants so much after it. What it is related by
    /// is nothing if it joins for lack of room.
    pub(crate) fn add(
        &mut self,
        context: &Context<'_>,
        alert: &Alert,
        kin: Kin,
        at: Moment,
        after_ns: u64,
    ) {
        self.kinship.add(kin);
        self.latest = at;
        self.reach(later(at, after_ns));
        self.incident.after_ns = after_ns;
        self.incident.last_alert_ns = self.incident.last_alert_ns.max(alert.ts_ns);
        self.incident.alerts_total += 1;
        let key = sameness(alert);
        let place = key.as_ref().and_then(|key| self.places.get(key));
        if let Some(known) = place.and_then(|&place| self.incident.alerts.get_mut(place)) {
            known.count += 1;
            known.last_ns = known.last_ns.max(alert.ts_ns);
            return;
        }
        self.add_in_full(alert, Actor::of(context), key);
    }

    /// Makes the end a later one, as far as it may be.
    fn reach(&mut self, end: Moment) {
        let allowed = earlier_of(end, self.latest_end);
        self.is_capped |= allowed != end;
        self.span.reach(allowed);
        self.incident.end_ns = self.span.end.ts_ns;
    }

    fn add_in_full(&mut self, alert: &Alert, actor: Actor, key: Option<(Arc<str>, Subject)>) {
        let incident = &mut self.incident;
        let bytes = alert_bytes(alert) + actor.bytes();
        let is_full = incident.alerts.len() >= self.limits.alerts
            || self.alert_bytes.saturating_add(bytes) > self.limits.alert_bytes;
        // The first is what the incident is about.
        if is_full && !incident.alerts.is_empty() {
            incident.alerts_left_out += 1;
            return;
        }
        self.alert_bytes += bytes;
        if let Some(key) = key {
            self.places.insert(key, incident.alerts.len());
        }
        let (count, last_ns) = (1, alert.ts_ns);
        let alert = alert.clone();
        let completions = 0;
        incident.alerts.push(Alerted {
            alert,
            window_event: 0,
            actor,
            count,
            last_ns,
            completions,
        });
    }

    /// Adds what is known of a container now to the alerts that were caused in it, as far as there is
    /// room. Says whether that was news.
    pub(crate) fn learn(
        &mut self,
        container: &Container,
        complete: &mut impl FnMut(&mut Alert),
    ) -> Learned {
        let mut learned = Learned::Nothing;
        for alerted in &mut self.incident.alerts {
            if alerted.actor.container_id != container.id {
                continue;
            }
            let (mut alert, mut actor) = (alerted.alert.clone(), alerted.actor.clone());
            actor.learn(container);
            complete(&mut alert);
            let bytes_of = |alert: &Alert, actor: &Actor| alert_bytes(alert) + actor.bytes();
            let before = bytes_of(&alerted.alert, &alerted.actor);
            let all = self.alert_bytes + bytes_of(&alert, &actor).saturating_sub(before);
            let is_news = alert.fields != alerted.alert.fields || actor != alerted.actor;
            if is_news && all <= self.limits.alert_bytes {
                self.alert_bytes = all;
                (alerted.alert, alerted.actor) = (alert, actor);
                alerted.completions += 1;
                learned = Learned::Something;
            }
        }
        learned
    }

    /// Gives the latest alert the number of its event in the window, if it has none.
    pub(crate) fn number_latest(&mut self, number: u64) {
        if let Some(latest) = self.incident.alerts.last_mut()
            && latest.window_event == 0
        {
            latest.window_event = number;
        }
    }

    /// Whether an alert of this moment is in its window, or can be if the end becomes a later one.
    pub(crate) fn can_have(&self, at: Moment) -> bool {
        self.span.can_reach(at) && earlier_of(at, self.latest_end) == at
    }

    /// Whether it has more events than it may have.
    pub(crate) fn is_full(&self) -> bool {
        self.incident.event_bytes > self.limits.event_bytes
    }

    /// It ends like this when the stream is at `now`.
    pub(crate) fn end(&mut self, ending: Ending, now: Moment) {
        let incident = &mut self.incident;
        let missing_ns = self.span.end.adjusted_ns.saturating_sub(now.adjusted_ns);
        let reached_ns = incident.end_ns.saturating_sub(missing_ns);
        incident.reached_ns = reached_ns.max(incident.last_event_ns.min(incident.end_ns));
        incident.ended_early = missing_ns > 0 && ending != Ending::EndOfRecording;
        incident.ending = Some(ending);
    }

    /// How it ends if the stream, which is at `now`, goes no further.
    pub(crate) fn ending(&self, now: Moment) -> Ending {
        let is_past = now.adjusted_ns >= self.span.end.adjusted_ns;
        match (is_past, self.is_capped) {
            (true, true) => Ending::Limit(Limit::Duration),
            (true, false) => Ending::Quiet,
            (false, _) => Ending::EndOfRecording,
        }
    }
}

/// Whether there was something new.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Learned {
    Nothing,
    Something,
}

/// What an alert and its repeats have in common. Of unknown processes nobody can say whether they
/// are the same.
fn sameness(alert: &Alert) -> Option<(Arc<str>, Subject)> {
    (alert.subject.pid >= 0).then(|| (Arc::clone(&alert.rule), alert.subject.clone()))
}

/// About how many bytes an alert takes, what it is found by included.
fn alert_bytes(alert: &Alert) -> usize {
    size_of::<Alerted>() + alert.output.len() + alert.fields.len() + 2 * alert.subject.target.len()
}
