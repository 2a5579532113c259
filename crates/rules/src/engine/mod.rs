//! Many rules on each event.
//!
//! The conditions of all rules are one graph in which equal parts are one node ([`pool`]). For
//! every class of event types that the rules tell apart, the tests of `evt.type` are decided in
//! advance, and what is left of each rule becomes flat operations ([`code`]); a plan ([`narrow`])
//! finds with few questions and look-ups ([`index`]) the rules that an event can match at all; what
//! the names of a file leave of them is remembered ([`files`]). Only those are run, in load order.
//! Each test and each shared part is evaluated at most once for an event; nothing is allocated.

mod code;
mod cost;
mod files;
mod index;
mod keys;
mod merge;
mod narrow;
mod pool;
mod print;
mod recent;
mod results;
mod set;
mod types;

use std::{collections::HashMap, mem, sync::Arc};

use event::{EventType, syscalls::ASYNCEVENT_E};
use foldhash::fast::FixedState;
use state::{Audience, Context};

use self::{
    code::{Code, Goto, What},
    cost::Costs,
    files::{Came, FileStep, Files, MOST_RULES, Parts},
    index::Index,
    keys::Keys,
    narrow::Step,
    pool::{Node, NodeId, Pool, Purpose, Tested},
    recent::Recent,
    results::Results,
    set::RuleSet,
    types::Types,
};
use crate::{
    fields::{FileNames, Scratch, file_names},
    filter::{Checker, Diagnostic, Memory, ast::Expr},
    load::Rule,
    value::Value,
};

/// A map whose order is the same every time.
type Map<K, V> = HashMap<K, V, FixedState>;

/// Finds what is wrong with conditions; what several have in common is looked at once.
#[derive(Debug)]
pub(crate) struct Checks {
    pool: Pool,
}

impl Checks {
    pub(crate) fn new() -> Self {
        Self { pool: Pool::new(Purpose::Checking) }
    }

    /// What is wrong with a condition, and what is doubtful. Doubts about macros are told with the
    /// first condition that has them.
    pub(crate) fn check(&mut self, condition: &Expr) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
        let mut checker = Checker::default();
        self.pool.expr(condition, &mut checker);
        (checker.errors, checker.warnings)
    }
}

/// Which rules these are: engines that are copies of each other have the same.
type Identity = Arc<()>;

/// Which of several rules that an event matches count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Matching {
    /// The first in load order.
    #[default]
    First,
    /// All.
    All,
}

/// Rules, compiled together. Prints as its classes, plans and operations.
#[derive(Clone, Debug)]
pub struct Engine {
    names: Vec<Box<str>>,
    matching: Matching,
    tests: Vec<Tested>,
    code: Code,
    indexes: Vec<Index>,
    classes: Vec<Class>,
    types: Types,
    /// Levels of scratch space that tests need.
    levels: usize,
    /// How many results can be remembered: one for each test, one for each node.
    slots: usize,
    identity: Identity,
}

/// Event types that no rule tells apart.
#[derive(Clone, Debug)]
struct Class {
    /// Rules that such events can match, in load order.
    rules: Vec<Left>,
    steps: Vec<Step>,
}

/// What is left of a rule for a class.
#[derive(Clone, Debug)]
struct Left {
    rule: usize,
    start: Goto,
    /// Parts of it that all have to hold, and that the names of a file decide.
    of_file: Box<[NodeId]>,
}

/// Reusable memory for evaluation, and the rules that matched last. Serves one engine at a time.
#[derive(Debug, Default)]
pub struct EngineMemory {
    /// Whose answers are remembered.
    engine: Option<Identity>,
    scratch: Memory,
    results: Results,
    recent: Recent,
    files: Files,
    candidates: RuleSet,
    /// Those that one step gives.
    found: RuleSet,
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
        Self::of_conditions(rules.into_iter().map(|rule| (&*rule.name, &rule.condition)), matching)
    }

    /// Compiles conditions, each with the name that it is printed under. Their macros must have
    /// been resolved.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn of_conditions<'r>(
        conditions: impl IntoIterator<Item = (&'r str, &'r Expr)>,
        matching: Matching,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut checker = Checker::default();
        let mut pool = Pool::new(Purpose::Running);
        let mut names = Vec::new();
        let mut roots = Vec::new();
        for (name, condition) in conditions {
            names.push(name.into());
            roots.push(pool.expr(condition, &mut checker));
        }
        if !checker.errors.is_empty() {
            return Err(checker.errors);
        }
        Ok(Self::of_pool(names, roots, pool, matching))
    }

    fn of_pool(
        names: Vec<Box<str>>,
        roots: Vec<NodeId>,
        mut pool: Pool,
        matching: Matching,
    ) -> Self {
        let (types, classes) = Types::of(&roots, &mut pool);
        let shared = shared(&classes, &pool);
        let mut code = Code::default();
        let mut costs = Costs::default();
        let mut indexes = Vec::new();
        let mut keys = Keys::default();
        let mut compiled = Vec::with_capacity(classes.len());
        let mut file_steps = 0;
        let mut parts = Parts::default();
        for left in classes {
            let is_shared = |id: NodeId| shared.get(id.index()).copied().unwrap_or(false);
            let mut roots = Vec::with_capacity(left.len());
            let mut rules = Vec::with_capacity(left.len());
            for (rule, root) in left {
                let of_file = parts.of(root, &pool, &mut costs);
                for &node in [root].iter().chain(&of_file) {
                    code.add(node, &pool, &mut costs, &is_shared);
                }
                roots.push((root, !of_file.is_empty()));
                rules.push(Left { rule, start: code.start(root), of_file: of_file.into() });
            }
            let steps = narrow::plan(&roots, &pool, &mut keys, &mut indexes, &mut file_steps);
            for step in &steps {
                if let Step::Gate { node, .. } = step {
                    code.add(*node, &pool, &mut costs, &is_shared);
                }
            }
            compiled.push(Class { rules, steps });
        }
        let levels = pool.tests.iter().map(|tested| tested.test.levels()).max().unwrap_or(0);
        let slots = pool.tests.len() + pool.len();
        let tests = pool.tests;
        let (classes, identity) = (compiled, Identity::default());
        Self { names, matching, tests, code, indexes, classes, types, levels, slots, identity }
    }

    /// The rules that the event matches, as their places in what [`Engine::new`] was given, in
    /// that order. Events that are not for [readers](state::Audience) match none.
    pub fn matches<'m>(&self, context: &Context<'_>, memory: &'m mut EngineMemory) -> &'m [usize] {
        memory.matched.clear();
        if context.audience == Audience::Readers
            && let Some(class) = self.classes.get(self.types.class(&context.event))
            && !class.rules.is_empty()
        {
            memory.serve(&self.identity);
            let EngineMemory {
                scratch, results, recent, files, candidates, found, matched, ..
            } = &mut *memory;
            candidates.clear(class.rules.len());
            let scratch = scratch.levels(self.levels);
            let results = results.forget(self.slots);
            Run { engine: self, context, scratch, results, recent, files, found }
                .class(class, candidates, matched);
        }
        &memory.matched
    }

    /// Whether events of this type can match any rule at all.
    pub fn may_match(&self, kind: EventType) -> bool {
        let mut classes = self.types.classes(kind);
        classes.any(|class| self.can_match(class))
    }

    /// Names of the events that can match any rule, sorted, those of syscalls without a type of
    /// their own too; `None` if all can. Notices, whose names nobody knows in advance, are named
    /// only where they are alone: hardly any rule means them.
    pub fn event_names(&self) -> Option<Vec<&'static str>> {
        if (0..self.classes.len()).all(|class| self.can_match(class)) {
            return None;
        }
        let matching = (0..self.classes.len()).filter(|&class| self.can_match(class));
        let mut names: Vec<_> = matching.flat_map(|class| self.types.names(class)).collect();
        names.sort_unstable();
        names.dedup();
        let notices = ASYNCEVENT_E.info().name;
        if names.len() > 1 {
            names.retain(|&name| name != notices);
        }
        Some(names)
    }

    fn can_match(&self, class: usize) -> bool {
        self.classes.get(class).is_some_and(|class| !class.rules.is_empty())
    }
}

impl EngineMemory {
    /// Forgets what another engine found.
    #[inline]
    fn serve(&mut self, engine: &Identity) {
        if self.engine.as_ref().is_none_or(|before| !Arc::ptr_eq(before, engine)) {
            self.engine = Some(Arc::clone(engine));
            self.recent.forget();
            self.files.forget();
        }
    }
}

/// Which nodes stand in more than one place of a class.
fn shared(classes: &[Vec<(usize, NodeId)>], pool: &Pool) -> Vec<bool> {
    let mut shared = vec![false; pool.len()];
    for class in classes {
        let mut seen = vec![false; pool.len()];
        let mut open: Vec<NodeId> = class.iter().map(|&(_, root)| root).collect();
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut seen[id.index()], true) {
                shared[id.index()] = true;
                continue;
            }
            match pool.node(id) {
                Node::Not(child) => open.push(*child),
                Node::And(children) | Node::Or(children) => open.extend(children.iter()),
                Node::Constant(_) | Node::Test(_) => {}
            }
        }
    }
    shared
}

/// One event being looked at.
struct Run<'e, 'c, 'm> {
    engine: &'e Engine,
    context: &'e Context<'c>,
    scratch: &'m mut [Scratch],
    results: &'m mut Results,
    recent: &'m mut Recent,
    files: &'m mut Files,
    found: &'m mut RuleSet,
}

impl Run<'_, '_, '_> {
    fn class(&mut self, class: &Class, candidates: &mut RuleSet, matched: &mut Vec<usize>) {
        self.narrow(class, candidates);
        for place in candidates.iter() {
            let Some(left) = class.rules.get(place) else { break };
            if self.holds(left.start) {
                matched.push(left.rule);
                if self.engine.matching == Matching::First {
                    break;
                }
            }
        }
    }

    fn narrow(&mut self, class: &Class, candidates: &mut RuleSet) {
        let mut at = 0;
        while let Some(step) = class.steps.get(at) {
            at += 1;
            match step {
                Step::Try(rules) => candidates.add_all(rules),
                Step::Gate { node, otherwise } => {
                    if !self.node(*node) {
                        at = *otherwise as usize;
                    }
                }
                Step::Look(index) => self.look_up(*index, candidates),
                Step::File(step) => self.file(step, class, candidates),
            }
        }
    }

    /// Rules that the names of the file leave; all that may be, if it is about no file.
    fn file(&mut self, step: &FileStep, class: &Class, candidates: &mut RuleSet) {
        let Some(names) = file_names(self.context) else {
            return self.any_file(step, candidates);
        };
        match self.files.came(step.place, names) {
            Came::Rules(rules) => candidates.add_all(rules),
            Came::Unknown => self.file_anew(step, names, class, candidates),
            Came::TooMuch => self.any_file(step, candidates),
        }
    }

    /// Rules that any file with such names leaves.
    #[inline(never)]
    fn any_file(&mut self, step: &FileStep, candidates: &mut RuleSet) {
        step.looks.iter().for_each(|&index| self.look_up(index, candidates));
        candidates.add_all(&step.rest);
    }

    /// Rules that a file leaves which was not there lately.
    #[inline(never)]
    fn file_anew(
        &mut self,
        step: &FileStep,
        names: FileNames<'_>,
        class: &Class,
        candidates: &mut RuleSet,
    ) {
        let mut found = mem::take(self.found);
        found.clear(class.rules.len());
        self.any_file(step, &mut found);
        let mut left = [0; MOST_RULES + 1];
        let mut count = 0;
        for rule in found.iter().filter(|&rule| self.names_allow(class, rule)) {
            candidates.add_all(&[rule as u32]);
            if let Some(place) = left.get_mut(count) {
                *place = rule as u32;
                count += 1;
            }
        }
        self.files.put(step.place, names, left.get(..count).unwrap_or_default());
        *self.found = found;
    }

    /// Whether all parts of a rule hold that the names of the file decide.
    fn names_allow(&mut self, class: &Class, rule: usize) -> bool {
        let left = class.rules.get(rule);
        left.is_some_and(|left| left.of_file.iter().all(|&part| self.node(part)))
    }

    fn look_up(&mut self, place: u32, candidates: &mut RuleSet) {
        let engine = self.engine;
        let Some(index) = engine.indexes.get(place as usize) else { return };
        let Some(tested) = engine.tests.get(index.test as usize) else { return };
        let recent = &mut *self.recent;
        tested.test.each_value(self.context, self.scratch, |value| match value {
            Value::Text(text) | Value::Bytes(text) => {
                recent.look_up((place, index), text, candidates);
            }
            Value::I64(number) => {
                index.each_of_number(number.into(), |rules| candidates.add_all(rules));
            }
            Value::U64(number) => {
                index.each_of_number(number.into(), |rules| candidates.add_all(rules));
            }
            Value::Bool(_) | Value::F64(_) | Value::Ip(_) => {}
        });
    }

    /// Runs code from `start` on.
    fn holds(&mut self, start: Goto) -> bool {
        let engine = self.engine;
        let mut at = start;
        // Every jump goes forward, so this ends.
        loop {
            let op = match at {
                Goto::Accept => return true,
                Goto::Reject => return false,
                Goto::Op(at) => match engine.code.ops.get(at as usize) {
                    Some(op) => op,
                    None => return false,
                },
            };
            let holds = match op.what {
                What::Test(test) => self.test(test),
                What::Block(id) => self.block(id),
            };
            at = if holds { op.pass } else { op.fail };
        }
    }

    fn node(&mut self, id: NodeId) -> bool {
        match self.engine.code.start(id) {
            Goto::Accept => true,
            Goto::Reject => false,
            Goto::Op(at) => match self.engine.code.ops.get(at as usize) {
                // A test that stands alone needs no slot of its own.
                Some(op) if (op.pass, op.fail) == (Goto::Accept, Goto::Reject) => match op.what {
                    What::Test(test) => self.test(test),
                    What::Block(_) => self.block(id),
                },
                _ => self.block(id),
            },
        }
    }

    fn test(&mut self, test: u32) -> bool {
        let slot = test as usize;
        if let Some(result) = self.results.of(slot) {
            return result;
        }
        let Some(tested) = self.engine.tests.get(slot) else { return false };
        let passes = tested.test.passes(self.context, self.scratch);
        self.results.set(slot, passes);
        passes
    }

    fn block(&mut self, id: NodeId) -> bool {
        let slot = self.engine.tests.len() + id.index();
        if let Some(result) = self.results.of(slot) {
            return result;
        }
        let holds = self.holds(self.engine.code.start(id));
        self.results.set(slot, holds);
        holds
    }
}

#[cfg(test)]
mod tests {
    use event::{EventBuilder, syscalls::CLOSE_X};
    use state::State;

    use super::*;
    use crate::filter::parse::parse;

    /// The compiled form of conditions, their rules named `r`.
    fn compiled(conditions: &[&str]) -> String {
        let conditions: Vec<_> =
            conditions.iter().map(|text| parse(text).expect("a condition")).collect();
        let named = conditions.iter().map(|condition| ("r", condition));
        Engine::of_conditions(named, Matching::All).expect("compiles").to_string()
    }

    #[test]
    fn what_is_ruled_out_is_looked_at_when_all_else_holds() {
        let condition = "evt.type = openat and not proc.name = a \
            and ((evt.rawres >= 0 and fd.name in (/b, /c)) or (evt.rawres >= 0 and fd.name = /d))";
        let text = compiled(&[condition]);
        let place = |of: &str| text.find(of).expect("it is looked at");
        assert!(place("fd.name in") < place("proc.name = a"), "{text}");
    }

    #[test]
    fn of_what_has_to_hold_that_is_looked_up_which_fewest_values_have() {
        let conditions: Vec<String> = (0..4)
            .map(|n| {
                format!(
                    "evt.type = openat and (fd.filename = a{n} or \
                     (fd.filename in (b{n}, c{n}, d{n}) and fd.name contains /etc/))"
                )
            })
            .collect();
        let conditions: Vec<&str> = conditions.iter().map(String::as_str).collect();
        let text = compiled(&conditions);
        assert!(text.contains("look up fd.filename among 16 keys"), "{text}");
    }

    #[test]
    fn results_of_other_events_do_not_count_when_marks_begin_anew() {
        let condition = parse("evt.num in (3, 5) and evt.cpu = 0").expect("a condition");
        let engine = Engine::of_conditions([("odd", &condition)], Matching::All).expect("compiles");
        let mut builder = EventBuilder::default();
        builder.start(CLOSE_X, 1, 7, 0);
        builder.i64(0).i64(3);
        let mut state = State::default();
        let mut memory = EngineMemory::default();
        let mut matched = Vec::new();
        for num in 1..8 {
            if num == 2 {
                memory.results.mark = u32::MAX / 2 - 2;
            }
            let context = state.event(builder.event().expect("an event"));
            if !engine.matches(&context, &mut memory).is_empty() {
                matched.push(context.num);
            }
        }
        assert_eq!(matched, [3, 5]);
        assert!(memory.results.mark < 8, "they began anew");
    }
}
