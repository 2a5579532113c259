//! Many rules on each event.

use event::EventType;
use state::Context;

use crate::{
    filter::{Diagnostic, Filter, Memory},
    load::Rule,
};

/// Which of several rules that an event matches count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Matching {
    /// The first in load order.
    #[default]
    First,
    /// All.
    All,
}

/// Rules, compiled together.
#[derive(Clone, Debug)]
pub struct Engine {
    filters: Vec<Filter>,
    matching: Matching,
}

/// Reusable memory for evaluation, and the rules that matched last.
#[derive(Debug, Default)]
pub struct EngineMemory {
    memory: Memory,
    matched: Vec<usize>,
}

impl Engine {
    /// Compiles rules that [`load`](crate::load) has checked. All of them take part, whatever
    /// [`Rule::is_on`] says: leave out those that should not.
    ///
    /// # Errors
    /// What is wrong with a condition; after a check there is nothing.
    pub fn new<'r>(
        rules: impl IntoIterator<Item = &'r Rule>,
        matching: Matching,
    ) -> Result<Self, Vec<Diagnostic>> {
        let filters = rules
            .into_iter()
            .map(|rule| Filter::of_tree(&rule.condition))
            .collect::<Result<_, _>>()?;
        Ok(Self { filters, matching })
    }

    /// The rules that the event matches, as their places in what [`Engine::new`] was given, in
    /// that order. Events that are not for [readers](state::Audience) match none.
    pub fn matches<'m>(&self, context: &Context<'_>, memory: &'m mut EngineMemory) -> &'m [usize] {
        memory.matched.clear();
        if context.audience == state::Audience::Readers {
            for (index, filter) in self.filters.iter().enumerate() {
                if filter.matches(context, &mut memory.memory) {
                    memory.matched.push(index);
                    if self.matching == Matching::First {
                        break;
                    }
                }
            }
        }
        &memory.matched
    }

    /// Whether events of this type can match any rule at all.
    pub fn may_match(&self, kind: EventType) -> bool {
        self.filters.iter().any(|filter| filter.may_match(kind))
    }
}
