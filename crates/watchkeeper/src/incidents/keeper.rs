//! What the recorder keeps around alerts goes to the store.

use std::{collections::HashMap, mem, path::Path, rc::Rc};

use event::{alert::Alert, snapshot::Record, visible::visible};
use recorder::{Alerted, Ending, Incident, Keeper, Recorder};
use state::{Context, State};
use store::{
    Access, Clipped, Closed, Draft, Ended, Host, Id, Manifest, Mode, Policy, Shown, Store,
};

use super::{Plan, late, place};
use crate::{
    detector::Known,
    error::{Error, Outcome},
    output::{Verbosity, plural},
    when::now_ns,
};

/// Name and version of the program.
const MADE_BY: &str = concat!("watchkeeper ", env!("CARGO_PKG_VERSION"));

/// Keeps incidents while recordings are read, one after the other.
///
/// An incident that cannot be kept is said and given up; alerts go on.
pub(crate) struct Keeping {
    plan: Plan,
    store: Rc<Store>,
    verbosity: Verbosity,
    /// None between recordings.
    recorder: Option<Recorder<ToStore>>,
    outcome: Outcome,
    failures: u64,
    /// How many incidents were kept, and the last of them.
    kept: Option<(u64, Id)>,
    /// Until when nothing is tried after a failure, ns since 1970 by the events' time.
    pause_until_ns: u64,
}

/// Failures that are said one by one.
const FAILURES_SAID: u64 = 3;
/// After a failure nothing is tried for so long, by the events' time: a full disk does not get empty
/// by trying.
const PAUSE_NS: u64 = 5_000_000_000;

impl Keeping {
    /// Opens the store.
    ///
    /// # Errors
    /// If it cannot be opened for writing.
    pub(crate) fn start(plan: Plan, verbosity: Verbosity) -> Result<Self, Error> {
        let store = Rc::new(place::open(&plan.store, Access::Write, verbosity)?);
        let (outcome, failures) = (Outcome::Done, 0);
        let (recorder, kept, pause_until_ns) = (None, None, 0);
        Ok(Self { plan, store, verbosity, recorder, outcome, failures, kept, pause_until_ns })
    }

    /// A recording begins.
    ///
    /// # Errors
    /// If it is a window of the same store, whose incidents it would replace.
    pub(crate) fn begin(&mut self, source: &Path) -> Result<(), Error> {
        let is_inside = source.canonicalize().is_ok_and(|path| path.starts_with(self.store.path()));
        if is_inside {
            return Err(Error::Usage(format!(
                "{}: is in the store itself; give another --store, or none",
                source.display()
            )));
        }
        let keeper = ToStore {
            store: Rc::clone(&self.store),
            source: shown(source.as_os_str().as_encoded_bytes()),
            ids: Vec::new(),
            used: HashMap::new(),
            announced: Vec::new(),
        };
        self.recorder = Some(Recorder::new(self.plan.settings, keeper));
        Ok(())
    }

    /// What is no event was taken into the state.
    pub(crate) fn entry(&mut self, record: &Record<'_>) {
        self.with(|recorder| recorder.record(record));
    }

    /// An event is about to be taken into the state.
    #[inline]
    pub(crate) fn before(&mut self, state: &State) {
        if let Some(recorder) = &mut self.recorder
            && let Err(error) = recorder.before(state)
        {
            self.failed(&error);
        }
    }

    /// An event, of which there may be alerts.
    #[inline]
    pub(crate) fn event(&mut self, context: &Context<'_>) {
        let Some(recorder) = &mut self.recorder else { return };
        let mut result = recorder.event(context);
        if context.state.told_container().is_some() {
            result = result.and(recorder.learn(context, |alert| late::complete(alert, context)));
        }
        if result.is_err() || !recorder.keeper().announced.is_empty() {
            self.settle(result);
        }
    }

    /// An alert of the latest event, before it is told.
    pub(crate) fn alert(&mut self, rule: &Known, context: &Context<'_>, alert: &Alert) {
        let now_ns = context.event.ts_ns;
        // A clock that was set back does not make the pause longer.
        let left_ns = self.pause_until_ns.saturating_sub(now_ns);
        let paused = (1..=PAUSE_NS).contains(&left_ns);
        let Some(ask) = self.plan.ask(rule).filter(|_| !paused) else { return };
        let before = self.failures;
        self.with(|recorder| recorder.alert(context, alert, ask));
        if self.failures > before {
            self.pause_until_ns = now_ns.saturating_add(PAUSE_NS);
        }
    }

    /// It is this time, ns since the epoch, also where nothing happens: incidents whose time is over
    /// end.
    pub(crate) fn tick(&mut self, now_ns: u64) {
        let Some(recorder) = &mut self.recorder else { return };
        let result = recorder.time_passes(now_ns);
        if result.is_err() || !recorder.keeper().announced.is_empty() {
            self.settle(result);
        }
    }

    /// Other rules take the place of those that there were; incidents that are open go on.
    pub(crate) fn replace_rules(&mut self, rules: &[Known]) {
        self.plan.look_back_for(rules);
        let before_ns = self.plan.settings.before_ns;
        if let Some(recorder) = &mut self.recorder {
            recorder.look_back_for(before_ns);
        }
    }

    /// The recording ended.
    pub(crate) fn end(&mut self) {
        self.with(Recorder::finish);
        self.recorder = None;
        if self.failures > FAILURES_SAID {
            let more = self.failures - FAILURES_SAID;
            say!("incidents could not be kept {more} more times");
            self.failures = FAILURES_SAID;
        }
    }

    /// Whether everything was kept.
    pub(crate) fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// How many incidents were kept so far, and the last of them.
    pub(crate) fn kept(&self) -> Option<(u64, Id)> {
        self.kept
    }

    /// Where they are kept, for who keeps something else there.
    pub(crate) fn store(&self) -> Rc<Store> {
        Rc::clone(&self.store)
    }

    /// The folder that they are kept in.
    pub(crate) fn folder(&self) -> &Path {
        &self.plan.store
    }

    fn with(&mut self, act: impl FnOnce(&mut Recorder<ToStore>) -> Result<(), store::Error>) {
        if let Some(recorder) = &mut self.recorder {
            let result = act(recorder);
            self.settle(result);
        }
    }

    #[cold]
    fn settle(&mut self, result: Result<(), store::Error>) {
        if let Err(error) = &result {
            self.failed(error);
        }
        let announced = self.recorder.as_mut().map(|r| mem::take(&mut r.keeper_mut().announced));
        let announced = announced.unwrap_or_default();
        if !announced.is_empty() {
            for closed in &announced {
                self.announce(closed);
                let before = self.kept.map_or(0, |(count, _)| count);
                self.kept = Some((before + 1, closed.summary.id));
            }
            self.make_room();
        }
    }

    /// Says why an incident is not kept; after the first few, they are only counted.
    fn failed(&mut self, error: &store::Error) {
        self.outcome = Outcome::InPart;
        self.failures += 1;
        if self.failures <= FAILURES_SAID {
            say!("an incident could not be kept: {error}");
        }
    }

    fn announce(&self, closed: &Closed) {
        if self.verbosity == Verbosity::Quiet {
            return;
        }
        let it = &closed.summary;
        if closed.superseded {
            say!("incident {} is kept as it was: it tells more", it.id);
            return;
        }
        let alerts = plural(it.alerts, "alert");
        say!("incident {}: {} ({alerts})", it.id, it.title);
        if let Some(fault) = &closed.index_fault {
            say!("the index does not know it: {fault}");
        }
    }

    /// Removes what the configuration says is not to be kept.
    fn make_room(&mut self) {
        let keep = self.plan.keep;
        let policy = Policy { max_age: keep.age, max_bytes: keep.size, max_count: keep.count };
        if policy == Policy::default() {
            return;
        }
        match self.store.prune(&policy, now_ns(), Mode::Do) {
            Ok(pruned) if self.verbosity != Verbosity::Quiet => {
                for gone in &pruned.gone {
                    say!("incident {} was deleted to make room", gone.incident.id);
                }
            }
            Ok(_) => {}
            Err(error) => {
                say!("old incidents could not be deleted: {error}");
                self.outcome = Outcome::InPart;
            }
        }
    }
}

impl Drop for Keeping {
    /// Incidents are closed also when something else went wrong: an output that is gone, say.
    fn drop(&mut self) {
        self.end();
    }
}

/// The recorder's way to the store.
struct ToStore {
    store: Rc<Store>,
    source: Shown,
    /// Ids of the incidents so far, by their numbers; none of those that could not be begun.
    ids: Vec<Option<Id>>,
    /// How many incidents of this run have had each id.
    used: HashMap<Id, u64>,
    /// Incidents that are on the disk and are to be announced.
    announced: Vec<Closed>,
}

/// A window on its way to the disk.
struct ToDisk {
    draft: Draft,
    told: Vec<Told>,
}

/// What the manifest says of an alert.
struct Told {
    /// Its place there, if it has one.
    place: Option<usize>,
    /// Its count, and when it came last.
    repeats: (u64, u64),
    completions: u32,
}

impl Keeper for ToStore {
    type Window = ToDisk;
    type Error = store::Error;

    fn open(&mut self, incident: &Incident) -> Result<ToDisk, store::Error> {
        let id = self.id_for(incident);
        self.ids.push(None);
        let mut draft = self.store.draft(id)?;
        if let Some(last) = self.ids.last_mut() {
            *last = Some(id);
        }
        let continues = incident.continues.and_then(|number| self.id_of(number));
        let manifest = draft.manifest();
        manifest.host = Host { name: shown(&incident.hostname) };
        manifest.continues = continues;
        manifest.source = self.source.clone();
        manifest.made_by = MADE_BY.into();
        Ok(ToDisk { draft, told: Vec::new() })
    }

    fn record(&mut self, window: &mut ToDisk, record: &Record<'_>) -> Result<(), store::Error> {
        window.draft.record(record)
    }

    fn flush(&mut self, window: &mut ToDisk, incident: &Incident) -> Result<(), store::Error> {
        window.tell(incident);
        window.draft.flush()
    }

    fn close(&mut self, mut window: ToDisk, incident: Incident) -> Result<(), store::Error> {
        window.tell(&incident);
        self.announced.push(window.draft.close()?);
        Ok(())
    }
}

impl ToStore {
    /// An id that no other incident of this run has, the same in every run.
    fn id_for(&mut self, incident: &Incident) -> Id {
        let id = id(incident);
        let used = self.used.entry(id).or_default();
        *used += 1;
        if *used == 1 { id } else { Id::of(&[id.to_string().as_bytes(), &used.to_le_bytes()]) }
    }

    fn id_of(&self, number: u64) -> Option<Id> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.ids.get(index).copied().flatten()
    }
}

/// What identifies an incident: its first alert.
fn id(incident: &Incident) -> Id {
    let first = incident.alerts.first();
    let actor = first.map(|it| &it.actor);
    let (pid, tid, start_ns) = actor.map_or((-1, -1, 0), |it| (it.pid, it.tid, it.start_ns));
    let (ts_ns, rule) =
        first.map_or((incident.start_ns, ""), |it| (it.alert.ts_ns, &it.alert.rule));
    Id::of(&[
        &incident.hostname,
        &ts_ns.to_le_bytes(),
        rule.as_bytes(),
        &pid.to_le_bytes(),
        &tid.to_le_bytes(),
        &start_ns.to_le_bytes(),
    ])
}

impl ToDisk {
    /// Brings the manifest up to date.
    fn tell(&mut self, incident: &Incident) {
        let manifest = self.draft.manifest();
        for (index, alerted) in incident.alerts.iter().enumerate() {
            if self.told.get(index).is_none() {
                let place = manifest.add(alert(alerted));
                let repeats = (1, alerted.alert.ts_ns);
                self.told.push(Told { place, repeats, completions: alerted.completions });
            }
            if let Some(told) = self.told.get_mut(index) {
                told.bring_up_to_date(alerted, manifest);
            }
        }
        manifest.alerts_total = incident.alerts_total;
        facts(manifest, incident);
    }
}

impl Told {
    fn bring_up_to_date(&mut self, alerted: &Alerted, manifest: &mut Manifest) {
        let repeats = (alerted.count, alerted.last_ns);
        let again = mem::replace(&mut self.repeats, repeats) != repeats;
        let more = mem::replace(&mut self.completions, alerted.completions) != alerted.completions;
        let Some(place) = self.place else { return };
        if again {
            manifest.repeat(place, alerted.count, alerted.last_ns);
        }
        if more {
            manifest.complete(place, alert(alerted));
        }
    }
}

/// What is known of the window.
fn facts(manifest: &mut Manifest, incident: &Incident) {
    let window = &mut manifest.window;
    window.asked.start_ns = incident.start_ns;
    window.asked.end_ns = incident.end_ns;
    window.before_ns = incident.before_ns;
    window.after_ns = incident.after_ns;
    let end = incident.clipped.end || incident.ended_early;
    window.clipped = Clipped { start: incident.clipped.start, end };
    window.look_back_missing_ns = incident.look_back_cut_ns;
    window.lost_events = incident.drops;
    window.clock_steps = incident.clock_steps.len() as u64;
    manifest.ended = match incident.ending {
        None => Ended::Interrupted,
        Some(Ending::Quiet) => Ended::Quiet,
        Some(Ending::Limit(_)) => Ended::Limit,
        Some(Ending::EndOfRecording) => Ended::EndOfRecording,
    };
}

fn alert(alerted: &Alerted) -> store::Alert {
    let actor = &alerted.actor;
    let known = |id: u32| (id != u32::MAX).then_some(id);
    let actor = store::Actor {
        pid: actor.pid,
        start_ns: actor.start_ns,
        comm: shown(&actor.comm),
        exe: shown(&actor.exe),
        cmdline: shown(&actor.command),
        uid: known(actor.uid),
        user: shown(&actor.user),
        login_uid: known(actor.login_uid),
        container_id: shown(&actor.container_id),
        container_name: shown(&actor.container_name),
    };
    store::Alert::new(&alerted.alert, alerted.window_event, actor)
}

fn shown(bytes: &[u8]) -> Shown {
    visible(bytes).into_owned().into()
}
