//! Who reads the events in their contexts: incidents, the timeline, the rules.

use event::snapshot::Record;
use state::{Audience, Context, State};
use timeline::build::Builder;

use crate::{
    alerts::Watch,
    error::Error,
    in_use::Uses,
    incidents::Keeping,
    input::{Follow, Next},
};

/// Who reads the events in their contexts.
#[derive(Default)]
pub(crate) struct Readers {
    pub(crate) watch: Option<Watch>,
    pub(crate) builder: Option<Builder>,
    /// What is in use, where that is kept.
    pub(crate) uses: Option<Uses>,
    pub(crate) events: u64,
}

impl Readers {
    fn keeping(&mut self) -> Option<&mut Keeping> {
        self.watch.as_mut().and_then(|watch| watch.keeping.as_mut())
    }
}

impl Follow for Readers {
    fn entry(&mut self, record: &Record<'_>) {
        if let Some(keeping) = self.keeping() {
            keeping.entry(record);
        }
    }

    fn before(&mut self, state: &State) {
        if let Some(keeping) = self.keeping() {
            keeping.before(state);
        }
    }

    fn event(&mut self, context: &Context<'_>) -> Result<Next, Error> {
        self.events += 1;
        if let Some(uses) = &mut self.uses {
            uses.event(context);
        }
        if let Some(builder) = &mut self.builder {
            builder.event(context);
        }
        let Some(watch) = &mut self.watch else { return Ok(Next::Continue) };
        if let Some(keeping) = &mut watch.keeping {
            keeping.event(context);
        }
        if context.audience == Audience::Readers {
            return watch.event(context, self.builder.as_mut());
        }
        Ok(Next::Continue)
    }
}
