//! Rules tried out on recordings: which events match which rules.

use std::{convert::Infallible, path::Path};

use event::snapshot::Record;
use rules::{
    engine::{Engine, EngineMemory, Matching},
    filter::{Memory, Report},
    format::{Format, Missing},
    load::Rule,
};
use state::{Context, Engines, Limits, State};

use crate::{
    error::{Error, Outcome},
    input::{Input, Next},
    output::Verbosity,
    story::Story,
};

/// Rules, ready to be tried out on any number of recordings at once.
pub(crate) struct Trial<'r> {
    rules: Vec<&'r Rule>,
    engine: Engine,
    engines: Engines,
}

impl<'r> Trial<'r> {
    /// Compiles the rules; all take part. `engines` are the container engines to look for.
    pub(crate) fn new(
        rules: Vec<&'r Rule>,
        matching: Matching,
        engines: Engines,
    ) -> Result<Self, Error> {
        let engine = Engine::new(rules.iter().copied(), matching).map_err(|problems| {
            let text: Vec<_> = problems.iter().map(|p| p.message.clone()).collect();
            Error::Usage(text.join("\n"))
        })?;
        Ok(Self { rules, engine, engines })
    }

    /// Reads a capture and hands on every rule that an event matches, with the event.
    pub(crate) fn capture(
        &self,
        path: &Path,
        mut each: impl FnMut(&'r Rule, &Context<'_>),
    ) -> Result<Outcome, Error> {
        let mut input = Input::open(path, Verbosity::Quiet)?;
        let mut memory = EngineMemory::default();
        let mut state = self.state();
        input.contexts(&mut state, |context| {
            self.matches(context, &mut memory, &mut each);
            Ok(Next::Continue)
        })
    }

    /// As [`Trial::capture`], of a story.
    pub(crate) fn story(&self, story: &Story, mut each: impl FnMut(&'r Rule, &Context<'_>)) {
        let mut memory = EngineMemory::default();
        let mut state = self.state();
        let Ok(()) = story.tell(&mut |record| {
            match record {
                Record::Event(event) => self.matches(&state.event(event), &mut memory, &mut each),
                other => state.record(&other),
            }
            Ok::<(), Infallible>(())
        });
    }

    fn state(&self) -> State {
        let mut state = State::new(Limits::default());
        state.set_engines(self.engines);
        state
    }

    fn matches(
        &self,
        context: &Context<'_>,
        memory: &mut EngineMemory,
        each: &mut impl FnMut(&'r Rule, &Context<'_>),
    ) {
        for &index in self.engine.matches(context, memory) {
            if let Some(rule) = self.rules.get(index) {
                each(rule, context);
            }
        }
    }
}

/// The output of a rule on an event; what is missing is marked.
pub(crate) fn output(rule: &Rule, context: &Context<'_>, memory: &mut Memory) -> String {
    let mut text = Vec::new();
    if let Some(output) = &rule.output {
        output.clone().with_missing(Missing::IsMarked).text(context, memory, &mut text);
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Values of fields on an event, with what each is called.
pub(crate) struct Fields(Format);

impl Fields {
    /// Compiles the names of fields.
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, Report> {
        let text: Vec<_> = names.into_iter().map(|name| format!("%{name}")).collect();
        Format::compile(&text.join(" ")).map(Self)
    }

    /// Their values as JSON has them; what is missing is null.
    pub(crate) fn values(
        &self,
        context: &Context<'_>,
        memory: &mut Memory,
    ) -> serde_json::Map<String, serde_json::Value> {
        let mut json = Vec::new();
        self.0.json(context, memory, &mut json);
        serde_json::from_slice(&json).unwrap_or_default()
    }
}
