//! Shows events to the rules.

use event::alert::{Alert, Priority};
use rules::{
    alert::fold::Fold,
    filter::{Filter, Memory},
    load::Loaded,
};
use state::Context;
use timeline::Builder;

use super::{
    Args, notes,
    printer::{Printer, Printing},
    tally::Tally,
};
use crate::{
    detector::Detector,
    error::{Error, Outcome},
    incidents::{Keeping, Plan},
    input::Next,
    output::Verbosity,
    outputs::Outputs,
};

/// Shows events to rules and prints the alerts.
pub(crate) struct Watch {
    filter: Option<Filter>,
    detector: Detector,
    fold: Option<Fold>,
    /// Where incidents go, if they are kept.
    pub(crate) keeping: Option<Keeping>,
    fail_on: Option<Priority>,
    tally: Tally,
    printer: Printer,
    memory: Memory,
    /// Alerts that are to go out.
    due: Vec<Alert>,
}

impl Watch {
    /// Loads the rules, opens the store and starts the outputs. Rules see only what the filter
    /// picks.
    ///
    /// # Errors
    /// Whatever is wrong with any of them.
    pub(crate) fn new(
        args: &Args,
        filter: Option<Filter>,
        printing: Printing,
        verbosity: Verbosity,
    ) -> Result<Self, Error> {
        let (detector, loaded) = args.recipe().make()?;
        Self::of((detector, &loaded), args, filter, printing, verbosity)
    }

    /// As [`Watch::new`], of rules that were loaded already.
    ///
    /// # Errors
    /// Whatever is wrong with the store or the outputs.
    pub(crate) fn of(
        (detector, loaded): (Detector, &Loaded),
        args: &Args,
        filter: Option<Filter>,
        printing: Printing,
        verbosity: Verbosity,
    ) -> Result<Self, Error> {
        let config = args.outputs.config()?;
        if verbosity != Verbosity::Quiet {
            notes::doubts(loaded, &args.recipe().wanted.selection, detector.rules.len());
        }
        let plan = Plan::of(&args.incidents, &config.incidents, &detector.rules)?;
        let keeping = plan.map(|plan| Keeping::start(plan, verbosity)).transpose()?;
        let outputs = args.outputs.start(config.outputs, printing, verbosity)?;
        Ok(Self {
            filter,
            keeping,
            tally: Tally::new(&detector.rules),
            detector,
            fold: args.fold.map(|window| Fold::new(window.ns())),
            fail_on: args.fail_on,
            printer: Printer::new(printing, outputs),
            memory: Memory::default(),
            due: Vec::new(),
        })
    }

    /// Whether enough was printed. Incidents are kept whole all the same.
    pub(crate) fn is_done(&self) -> bool {
        self.printer.is_full() && self.keeping.is_none()
    }

    /// Whether alerts are no longer told, for whoever read them went away.
    pub(crate) fn is_unheard(&self) -> bool {
        self.printer.is_unheard()
    }

    /// An event. Its alerts are put into the timeline too, if there is one.
    ///
    /// # Errors
    /// If alerts of a recording cannot be printed.
    pub(crate) fn event(
        &mut self,
        context: &Context<'_>,
        mut timeline: Option<&mut Builder>,
    ) -> Result<Next, Error> {
        if let Some(filter) = &self.filter
            && !filter.matches(context, &mut self.memory)
        {
            return Ok(Next::Continue);
        }
        self.tally.events += 1;
        let Detector { engine, memory, maker, rules } = &mut self.detector;
        for &rule in engine.matches(context, memory) {
            let subject = maker.subject(context);
            let is_kept = self.keeping.is_some() || timeline.is_some();
            let kept = rules.get(rule).filter(|_| is_kept).and_then(|known| {
                let alert = maker.alert(rule, context, subject.clone())?;
                if let Some(keeping) = &mut self.keeping {
                    keeping.alert(known, context, &alert);
                }
                if let Some(timeline) = &mut timeline {
                    timeline.alert(&alert, 1, alert.ts_ns);
                }
                Some(alert)
            });
            let mut make = |subject| kept.clone().or_else(|| maker.alert(rule, context, subject));
            match &mut self.fold {
                Some(fold) => {
                    fold.matched(rule, subject, context.event.ts_ns, make, &mut self.due);
                }
                None => self.due.extend(make(subject)),
            }
            self.tally.matched(rule);
            self.printer.print(&mut self.due)?;
            if self.printer.is_full() && self.keeping.is_none() {
                return Ok(Next::Stop);
            }
        }
        Ok(Next::Continue)
    }

    /// Other rules take the place of those that there were, between two events. Repeats do not fold
    /// over it; what is open of incidents goes on.
    ///
    /// # Errors
    /// As for an event.
    pub(crate) fn replace(&mut self, detector: Detector) -> Result<(), Error> {
        if let Some(fold) = &mut self.fold {
            fold.finish(&mut self.due);
        }
        self.tally.replace(&detector.rules);
        if let Some(keeping) = &mut self.keeping {
            keeping.replace_rules(&detector.rules);
        }
        self.detector = detector;
        self.printer.print(&mut self.due)
    }

    /// It is this time, ns since the epoch, also where nothing happens: repeats and incidents whose
    /// time is over are told.
    ///
    /// # Errors
    /// As for an event.
    pub(crate) fn tick(&mut self, now_ns: u64) -> Result<(), Error> {
        if let Some(fold) = &mut self.fold {
            fold.close(now_ns, &mut self.due);
        }
        if let Some(keeping) = &mut self.keeping {
            keeping.tick(now_ns);
        }
        self.printer.print(&mut self.due)
    }

    /// Repeats do not fold over the end of a recording.
    ///
    /// # Errors
    /// If alerts of a recording cannot be printed.
    pub(crate) fn end_of_recording(&mut self) -> Result<(), Error> {
        if let Some(fold) = &mut self.fold {
            fold.finish(&mut self.due);
        }
        if let Some(keeping) = &mut self.keeping {
            keeping.end();
        }
        self.printer.print(&mut self.due)
    }

    /// Delivers what waits, and says how many alerts there were.
    ///
    /// # Errors
    /// If stdout could not be written.
    pub(crate) fn finish(mut self, verbosity: Verbosity) -> Result<Outcome, Error> {
        let printed = self.printer.finish(&self.tally)?;
        let outputs = self.printer.outputs.take();
        let delivered = outputs.map_or(Ok(Outcome::Done), Outputs::finish)?;
        if verbosity != Verbosity::Quiet {
            notes::summary(&self.tally);
        }
        let kept = self.keeping.as_ref().map_or(Outcome::Done, Keeping::outcome);
        let found = self.fail_on.is_some_and(|least| self.tally.has(least));
        let found = if found { Outcome::Found } else { Outcome::Done };
        Ok(printed.and(delivered).and(kept).and(found))
    }
}
