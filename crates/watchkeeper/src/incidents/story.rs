//! The timeline of an incident, read from its window.

use std::io::Seek;

use event::alert::{Alert, Subject};
use state::{Context, Limits, State};
use store::{Kept, Manifest};
use timeline::{
    build::{self, Builder},
    model::{Gap, GapKind, Timeline},
    summary,
    views::heading::Heading,
};

use crate::{
    error::{Error, Outcome},
    input::{Input, Next},
    output::Verbosity,
};

/// A timeline, and what stands above it.
pub(crate) struct Story {
    pub(crate) timeline: Timeline,
    pub(crate) heading: Heading,
    /// Whether the window could be read to its end.
    pub(crate) outcome: Outcome,
}

/// Reads the window of an incident. Damage is said on stderr; what came before it is in the story.
pub(crate) fn of_incident(kept: &mut Kept, verbosity: Verbosity) -> Result<Story, Error> {
    let manifest = &kept.manifest;
    let label = format!("incident {}", manifest.id);
    let at = |source| Error::File { path: label.clone().into(), source };
    kept.window.rewind().map_err(at)?;
    let window = kept.window.try_clone().map_err(at)?;
    let mut input = Input::of_file(window, label.as_ref(), verbosity)?;
    let mut state = State::new(Limits::default());
    let mut builder = Builder::new(build::Limits::default());
    let mut alerts = Alerts::of(manifest);
    let mut events = 0;
    let mut outcome = input.contexts(&mut state, |context: &Context<'_>| {
        events = context.num;
        builder.event(context);
        alerts.of_event(context.num, &mut builder);
        Ok(Next::Continue)
    })?;
    alerts.of_event(u64::MAX, &mut builder);
    gaps(manifest).for_each(|gap| builder.gap(gap));
    let mut timeline = builder.finish(&state);
    timeline.summary = summary::sentences(&timeline);
    let mut heading = heading(manifest);
    let wanted = manifest.window.events;
    if events != wanted {
        let note = format!("the window is damaged: {events} of its {wanted} events can be read");
        input.say(&note);
        timeline.window.lost = timeline.window.lost.saturating_add(wanted.saturating_sub(events));
        heading.notes.push(note);
        outcome = Outcome::InPart;
    }
    Ok(Story { timeline, heading, outcome })
}

/// The alerts of an incident, in the order of their events.
struct Alerts {
    /// Number of the event in the window, how many it stands for, and the time of the last.
    left: std::vec::IntoIter<(u64, Alert, u64, u64)>,
}

impl Alerts {
    fn of(manifest: &Manifest) -> Self {
        let mut alerts: Vec<_> =
            manifest.alerts().iter().map(|alert| told(alert, manifest)).collect();
        alerts.sort_by_key(|(event, ..)| *event);
        Self { left: alerts.into_iter() }
    }

    /// Puts those of the event with this number, and of any before it, into the timeline.
    fn of_event(&mut self, number: u64, builder: &mut Builder) {
        while self.left.as_slice().first().is_some_and(|(event, ..)| *event <= number) {
            if let Some((_, alert, count, last_ns)) = self.left.next() {
                builder.alert(&alert, count, last_ns);
            }
        }
    }
}

fn told(alert: &store::Alert, manifest: &Manifest) -> (u64, Alert, u64, u64) {
    let told = Alert {
        ts_ns: alert.times.ts_ns,
        event_num: alert.event,
        rule: (*alert.rule).into(),
        priority: alert.priority,
        source: "syscall".into(),
        tags: alert.tags.iter().map(|tag| (**tag).into()).collect(),
        hostname: (*manifest.host.name).into(),
        output: alert.output.to_string(),
        fields: String::new(),
        subject: Subject::default(),
        repeats: None,
    };
    (alert.event, told, alert.count, alert.times.last_ns)
}

/// What is missing in the window by its manifest; what is missing in the recording itself is found
/// in its events.
fn gaps(manifest: &Manifest) -> impl Iterator<Item = Gap> {
    let window = manifest.window;
    let (asked, seen) = (window.asked, window.seen);
    let missing_ns = window.look_back_missing_ns;
    let look_back = Gap {
        from_ns: asked.start_ns,
        to_ns: asked.start_ns.saturating_add(missing_ns),
        kind: GapKind::LookBack { missing_ns },
    };
    let clipped = |from_ns, to_ns| Gap { from_ns, to_ns, kind: GapKind::Clipped };
    let start = window.clipped.start.then(|| clipped(asked.start_ns, seen.first_ns));
    let end = window.clipped.end.then(|| clipped(seen.last_ns, asked.end_ns));
    (missing_ns > 0).then_some(look_back).into_iter().chain(start).chain(end)
}

fn heading(manifest: &Manifest) -> Heading {
    let mut notes = Vec::new();
    if manifest.ended == store::Ended::Interrupted {
        notes.push("its recording was interrupted".to_owned());
    }
    if manifest.ended == store::Ended::Limit {
        notes.push("reached a limit; what followed is another incident".to_owned());
    }
    if let Some(id) = manifest.continues {
        notes.push(format!("continues {id}"));
    }
    let counts = manifest.alerts().iter().map(|alert| alert.count);
    let kept = counts.fold(0, u64::saturating_add);
    if manifest.alerts_total > kept {
        notes.push(format!("{} more alerts only counted", manifest.alerts_total - kept));
    }
    Heading { id: format!("incident {}", manifest.id), title: manifest.title.to_string(), notes }
}
