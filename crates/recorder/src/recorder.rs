//! The recorder itself.

use std::collections::VecDeque;

use event::{alert::Alert, snapshot::Record};
use state::{Context, State};

use crate::{
    Ask, Clipped, Ending, Incident, Keeper, Limit, Settings,
    case::{Case, Learned},
    kin::{Kin, Kinship},
    look_back::{LookBack, Seen},
    time::{Moment, Span, later_of},
    window::Window,
};

/// Most incidents that ended at a limit that are remembered, to say which one goes on.
const MOST_ENDED: usize = 64;

/// Keeps the latest events, and makes incidents of alerts.
///
/// Each event needs [`before`](Self::before) first, or else nothing is kept of it and alerts of it are
/// not taken. Incidents that are open are whole only after [`finish`](Self::finish).
///
/// Where a keeper fails, the window at hand is given up and the error is returned; the others go on.
#[derive(Debug)]
#[must_use = "what is open when it is dropped is never closed"]
pub struct Recorder<K: Keeper> {
    settings: Settings,
    keeper: K,
    look_back: LookBack,
    /// Those open, in the order of their first alerts.
    windows: Vec<Window<K::Window>>,
    ended: VecDeque<Ended>,
    /// Incidents so far.
    count: u64,
    /// When the latest event happened.
    latest: Option<Moment>,
}

/// An incident that ended at a limit.
#[derive(Debug)]
struct Ended {
    number: u64,
    kinship: Kinship,
    span: Span,
}

impl<K: Keeper> Recorder<K> {
    /// Remembers nothing yet.
    pub fn new(settings: Settings, keeper: K) -> Self {
        Self {
            settings,
            keeper,
            look_back: LookBack::new(settings.look_back_bytes, settings.before_ns),
            windows: Vec::new(),
            ended: VecDeque::new(),
            count: 0,
            latest: None,
        }
    }

    /// Takes in a record that is no event, after the state did. An entry of a list that comes after
    /// the first event ends the look-back, for it changes the state where no event does.
    ///
    /// # Errors
    /// The keeper's.
    pub fn record(&mut self, record: &Record<'_>) -> Result<(), K::Error> {
        match record {
            Record::Section => self.finish(),
            Record::Event(_) => Ok(()),
            _ if !self.look_back.has_begun() => Ok(()),
            entry => {
                let result =
                    self.each(|window, look_back, keeper| window.entry(entry, look_back, keeper));
                self.look_back.forget();
                result.and(self.close_those_over())
            }
        }
    }

    /// Comes before each event, with the state as the event finds it.
    ///
    /// # Errors
    /// The keeper's.
    #[inline]
    pub fn before(&mut self, state: &State) -> Result<(), K::Error> {
        if self.look_back.is_full() { self.begin_segment(state) } else { Ok(()) }
    }

    /// Takes in an event, for which [`before`](Self::before) came.
    ///
    /// # Errors
    /// The keeper's.
    #[inline]
    pub fn event(&mut self, context: &Context<'_>) -> Result<(), K::Error> {
        debug_assert!(self.look_back.end().is_some(), "`before` comes before each event");
        if self.windows.is_empty() {
            self.latest = self.look_back.push(&context.event).map(|(moment, _)| moment);
            return Ok(());
        }
        self.event_for_windows(context)
    }

    /// Takes in an alert of the latest event. When this returns, all that the alert's window has so
    /// far was handed over and [flushed](Keeper::flush). An alert that only sums up
    /// [repeats](Alert::repeats) says nothing new and is passed over.
    ///
    /// # Errors
    /// The keeper's.
    pub fn alert(
        &mut self,
        context: &Context<'_>,
        alert: &Alert,
        ask: Ask,
    ) -> Result<(), K::Error> {
        let Some(at) = self.latest.filter(|_| alert.repeats.is_none()) else { return Ok(()) };
        let kin = Kin::of(context);
        let takes = |case: &Case| case.span.has(at) && case.kinship.relates(&kin);
        let related = self.windows.iter().position(|window| takes(&window.case));
        let result = match related.or_else(|| self.room_for(at)) {
            Some(place) => {
                let Some(window) = self.windows.get_mut(place) else { return Ok(()) };
                let is_related = related.is_some();
                window.case.incident.joined_for_lack_of_room += u64::from(!is_related);
                // What joins for lack of room makes nothing else related.
                let kin = if is_related { kin } else { Kin::default() };
                window.case.add(context, alert, kin, at, ask.after_ns);
                self.told(place)
            }
            None => {
                let mut case = self.case(context, &kin, at, ask.before_ns);
                case.add(context, alert, kin, at, ask.after_ns);
                self.open(case)
            }
        };
        result.and(self.close_those_over())
    }

    /// Adds what the latest event tells of a container, if it is one that does, to the alerts of open
    /// incidents that were caused in it when less was known. `complete` does so with an alert's fields.
    ///
    /// # Errors
    /// The keeper's.
    pub fn learn(
        &mut self,
        context: &Context<'_>,
        mut complete: impl FnMut(&mut Alert),
    ) -> Result<(), K::Error> {
        let Some(container) = context.state.told_container() else { return Ok(()) };
        self.each(|window, look_back, keeper| match window.case.learn(container, &mut complete) {
            Learned::Something => window.told(look_back, keeper),
            Learned::Nothing => Ok(()),
        })
    }

    /// It is this time, ns since the epoch, also where nothing happens: no event that is yet to come
    /// is earlier. Incidents whose time is over end.
    ///
    /// # Errors
    /// The keeper's.
    pub fn time_passes(&mut self, now_ns: u64) -> Result<(), K::Error> {
        if self.windows.is_empty() {
            Ok(())
        } else {
            self.close_over(self.look_back.settled_at(now_ns))
        }
    }

    /// From here on windows reach back so far; see [`Settings::before_ns`]. What was let go already
    /// does not come back.
    pub fn look_back_for(&mut self, before_ns: u64) {
        self.settings.before_ns = before_ns;
        self.look_back.reach(before_ns);
    }

    /// The recording ends, or another one begins: all incidents end, and everything is forgotten.
    ///
    /// # Errors
    /// The keeper's.
    pub fn finish(&mut self) -> Result<(), K::Error> {
        let mut result = Ok(());
        let now = self.look_back.now();
        for mut window in std::mem::take(&mut self.windows) {
            let case = &mut window.case;
            let ending = case.ending(now);
            case.incident.clipped.end = ending == Ending::EndOfRecording;
            result = result.and(window.close((ending, now), &self.look_back, &mut self.keeper));
        }
        let Settings { look_back_bytes, before_ns, .. } = self.settings;
        self.look_back = LookBack::new(look_back_bytes, before_ns);
        self.ended.clear();
        self.latest = None;
        result
    }

    /// Who takes the windows.
    pub fn keeper(&self) -> &K {
        &self.keeper
    }

    /// Who takes the windows, to be changed.
    pub fn keeper_mut(&mut self) -> &mut K {
        &mut self.keeper
    }

    /// Memory of the look-back; see [`Settings::look_back_bytes`].
    pub fn look_back_bytes(&self) -> usize {
        self.look_back.bytes()
    }

    #[cold]
    fn begin_segment(&mut self, state: &State) -> Result<(), K::Error> {
        let mut result = Ok(());
        let need = self.look_back.need(state);
        while let Some(oldest) = self.look_back.surplus(need) {
            result = result.and(
                self.each(|window, look_back, keeper| window.let_go(oldest, look_back, keeper)),
            );
            self.look_back.drop_oldest();
        }
        self.look_back.begin_segment(state, need);
        result
    }

    fn event_for_windows(&mut self, context: &Context<'_>) -> Result<(), K::Error> {
        let place = self.look_back.end();
        let pushed = self.look_back.push(&context.event);
        self.latest = pushed.map(|(moment, _)| moment);
        let (Some(place), Some((moment, tick))) = (place, pushed) else { return Ok(()) };
        let seen = Seen { place, event: context.event, moment, tick };
        let result = self.each(|window, look_back, keeper| window.offer(&seen, look_back, keeper));
        result.and(self.close_those_over())
    }

    /// Does something to every window; those where it fails are given up. Returns the first error.
    fn each(
        &mut self,
        mut act: impl FnMut(&mut Window<K::Window>, &LookBack, &mut K) -> Result<(), K::Error>,
    ) -> Result<(), K::Error> {
        let mut result = Ok(());
        let (look_back, keeper) = (&self.look_back, &mut self.keeper);
        self.windows.retain_mut(|window| match act(window, look_back, keeper) {
            Ok(()) => true,
            Err(error) => {
                if result.is_ok() {
                    result = Err(error);
                }
                false
            }
        });
        result
    }

    fn close_those_over(&mut self) -> Result<(), K::Error> {
        self.close_over(self.look_back.settled())
    }

    /// Ends those that are over at this moment, or have too much.
    fn close_over(&mut self, settled: Moment) -> Result<(), K::Error> {
        let now = later_of(settled, self.look_back.now());
        let mut result = Ok(());
        let mut at = 0;
        while let Some(window) = self.windows.get(at) {
            if window.case.is_full() {
                result = result.and(self.close(at, (Ending::Limit(Limit::EventBytes), now)));
            } else if window.case.span.is_over(settled) {
                let ending = window.case.ending(settled);
                result = result.and(self.close(at, (ending, now)));
            } else if self.look_back.went_back_before(&window.case.span) {
                result = result.and(self.close(at, (Ending::Quiet, now)));
            } else {
                at += 1;
            }
        }
        while self.open_bytes() > self.settings.limits.open_event_bytes
            && let Some((largest, _)) = self.bytes_of_each().max_by_key(|&(_, bytes)| bytes)
        {
            result = result.and(self.close(largest, (Ending::Limit(Limit::EventBytes), now)));
        }
        result
    }

    fn close(&mut self, place: usize, (ending, now): (Ending, Moment)) -> Result<(), K::Error> {
        let mut window = self.windows.remove(place);
        if let Ending::Limit(_) = ending {
            if self.ended.len() >= MOST_ENDED {
                self.ended.pop_front();
            }
            let Case { incident, kinship, span, .. } = &mut window.case;
            let kinship = std::mem::take(kinship);
            self.ended.push_back(Ended { number: incident.number, kinship, span: *span });
        }
        window.close((ending, now), &self.look_back, &mut self.keeper)
    }

    /// An incident has another alert.
    fn told(&mut self, place: usize) -> Result<(), K::Error> {
        let Some(window) = self.windows.get_mut(place) else { return Ok(()) };
        let result = window.told(&self.look_back, &mut self.keeper);
        if result.is_err() {
            self.windows.remove(place);
        }
        result
    }

    /// Where an alert that is related to no incident has to go if there is no room for another one.
    fn room_for(&self, at: Moment) -> Option<usize> {
        if self.has_room() {
            return None;
        }
        let newest =
            |has: &dyn Fn(&Case) -> bool| self.windows.iter().rposition(|it| has(&it.case));
        newest(&|case| case.span.has(at)).or_else(|| newest(&|case| case.can_have(at)))
    }

    fn has_room(&self) -> bool {
        let limits = &self.settings.limits;
        let copied = (self.look_back.event_bytes() as u64).min(limits.look_back_bytes());
        self.windows.is_empty()
            || self.windows.len() < limits.open_incidents
                && self.open_bytes().saturating_add(copied) <= limits.open_event_bytes
    }

    /// Bytes of the events of all open windows.
    fn open_bytes(&self) -> u64 {
        self.bytes_of_each().fold(0, |all, (_, bytes)| all.saturating_add(bytes))
    }

    fn bytes_of_each(&self) -> impl Iterator<Item = (usize, u64)> {
        self.windows.iter().map(|it| it.case.incident.event_bytes).enumerate()
    }

    /// An incident has its first alert.
    fn open(&mut self, case: Case) -> Result<(), K::Error> {
        let mut result = Ok(());
        while self.windows.len() >= self.settings.limits.open_incidents.max(1) {
            let latest =
                |place: &usize| self.windows.get(*place).map(|it| it.case.latest.adjusted_ns);
            let Some(oldest) = (0..self.windows.len()).min_by_key(latest) else { break };
            result = result.and(
                self.close(oldest, (Ending::Limit(Limit::OpenIncidents), self.look_back.now())),
            );
        }
        let opened = Window::open(case, &self.look_back, &mut self.keeper);
        result.and(opened.map(|window| self.windows.push(window)))
    }

    /// An incident that is about to begin.
    fn case(&mut self, context: &Context<'_>, kin: &Kin, at: Moment, before_ns: u64) -> Case {
        let span = Span::around(at, before_ns, 0);
        let mut ended = self.ended.iter().rev();
        let before = ended.find(|it| it.kinship.relates(kin) && span.adjoins(&it.span));
        self.count += 1;
        let clipped =
            Clipped { start: self.look_back.begins_after(span.start), ..Clipped::default() };
        let incident = Incident {
            number: self.count,
            continues: before.map(|before| before.number),
            hostname: context.state.machine().hostname.clone(),
            start_ns: span.start.ts_ns,
            before_ns,
            clipped,
            look_back_cut_ns: self.look_back.missing_ns(&span),
            ..Incident::default()
        };
        Case::new(incident, span.start, at, self.settings.limits)
    }
}
