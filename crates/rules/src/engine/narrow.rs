//! Which rules an event can match at all, found with few questions: what rules compare one value
//! with is looked up (an index), and what many of them need is asked once (a gate), so that most
//! rules are never looked at.

use std::{cmp::Reverse, sync::Arc};

use super::{
    Map,
    files::FileStep,
    index::Index,
    keys::{KeySet, Keys, breadth},
    pool::{Node, NodeId, Pool},
};

/// Fewest rules for which an index pays.
const FEWEST_FOR_INDEX: usize = 4;
/// How many rules more have to be decided by one more look-up.
const PRICE_OF_LOOK_UP: usize = 2;
/// Most questions on one level; rules that are left then are always tried.
const MOST_QUESTIONS: usize = 64;
/// Most gates within each other.
const MOST_LEVELS: usize = 16;
/// Tests that cost little and that few events pass: nearly all files are opened to be read.
const RARE: &[&str] =
    &["evt.is_open_write = true", "evt.is_open_exec = true", "evt.is_open_create = true"];
/// Most sets of values that are considered.
const MOST_SETS: usize = 64;

/// One step. They are taken in order.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// These rules, by their places in the class, have to be tried.
    Try(Box<[u32]>),
    /// Unless this holds, go on at step `otherwise`.
    Gate { node: NodeId, otherwise: u32 },
    /// Those rules have to be tried that an index gives.
    Look(u32),
    /// Those that the names of the file leave, if it is about a file.
    File(FileStep),
}

/// Values by their texts, sorted.
type Values = Vec<Arc<str>>;

/// A rule of a class and everything that has to hold for it to match.
struct Candidate {
    rule: u32,
    needs: Vec<NodeId>,
    /// Whether it has parts that the names of a file decide.
    is_of_file: bool,
}

/// Plans the steps for the rules of one class, given by the conditions that are left of them, and whether
/// these have parts that the names of a file decide.
pub(super) fn plan(
    roots: &[(NodeId, bool)],
    pool: &Pool,
    keys: &mut Keys,
    indexes: &mut Vec<Index>,
    file_steps: &mut u32,
) -> Vec<Step> {
    let candidates = (0..).zip(roots).map(|(rule, &(root, is_of_file))| {
        let mut needs = Vec::new();
        conjuncts(root, pool, &mut needs);
        Candidate { rule, needs, is_of_file }
    });
    let candidates = candidates.collect();
    let mut planner = Planner { pool, keys, indexes, file_steps, steps: Vec::new() };
    planner.plan(candidates, 0);
    planner.steps
}

fn conjuncts(id: NodeId, pool: &Pool, into: &mut Vec<NodeId>) {
    match pool.node(id) {
        Node::And(children) => children.iter().for_each(|&child| conjuncts(child, pool, into)),
        // What is negated holds for most events: asking first for it would keep little away.
        Node::Not(_) | Node::Constant(_) => {}
        Node::Test(_) | Node::Or(_) => into.push(id),
    }
}

struct Planner<'p> {
    pool: &'p Pool,
    keys: &'p mut Keys,
    indexes: &'p mut Vec<Index>,
    /// How many there are.
    file_steps: &'p mut u32,
    steps: Vec<Step>,
}

impl Planner<'_> {
    /// Gates first that cost nothing and are seldom passed; then look-ups, which keep nearly
    /// everything away whatever the event; then what else many need.
    fn plan(&mut self, mut left: Vec<Candidate>, level: usize) {
        let most = if level < MOST_LEVELS { MOST_QUESTIONS } else { 0 };
        let mut looks = Vec::new();
        for _ in 0..most {
            left = if let Some(node) = self.rare_gate(&left) {
                self.gate(node, left, level + 1)
            } else if let Some(values) = self.best_values(&left) {
                self.look(&values, left, &mut looks)
            } else if let Some(node) = best_gate(&left) {
                self.gate(node, left, level + 1)
            } else {
                break;
            };
        }
        let (of_file, left): (Vec<_>, Vec<_>) = left.into_iter().partition(|it| it.is_of_file);
        let rules = |of: &[Candidate]| of.iter().map(|candidate| candidate.rule).collect();
        if !left.is_empty() {
            self.steps.push(Step::Try(rules(&left)));
        }
        if !looks.is_empty() || !of_file.is_empty() {
            let (place, rest) = (*self.file_steps, rules(&of_file));
            *self.file_steps += 1;
            self.steps.push(Step::File(FileStep { place, looks: looks.into(), rest }));
        }
    }

    /// A test that few events pass and that enough rules need.
    fn rare_gate(&self, left: &[Candidate]) -> Option<NodeId> {
        let is_rare = |&node: &NodeId| match self.pool.node(node) {
            Node::Test(test) => {
                self.pool.tests.get(*test as usize).is_some_and(|t| RARE.contains(&&*t.text))
            }
            _ => false,
        };
        let nodes = left.iter().flat_map(|candidate| candidate.needs.iter().copied());
        let rare = nodes.filter(is_rare).min()?;
        let rules = left.iter().filter(|candidate| candidate.needs.contains(&rare)).count();
        (rules >= FEWEST_FOR_INDEX).then_some(rare)
    }

    /// The values that decide about the most rules for the fewest look-ups.
    fn best_values(&mut self, left: &[Candidate]) -> Option<Values> {
        let options: Vec<Vec<Values>> =
            left.iter().map(|candidate| self.options(candidate)).collect();
        let mut counts: Map<&Values, usize> = Map::default();
        for values in options.iter().flatten() {
            *counts.entry(values).or_default() += 1;
        }
        let mut sets: Vec<_> = counts.into_iter().collect();
        sets.sort_unstable_by_key(|&(values, count)| (Reverse(count), values));
        sets.truncate(MOST_SETS);
        let decided = |values: &Values| {
            let is_decided = |of_rule: &&Vec<Values>| {
                of_rule.iter().any(|option| option.iter().all(|value| values.contains(value)))
            };
            options.iter().filter(is_decided).count()
        };
        let price = |values: &Values| PRICE_OF_LOOK_UP * (values.len() - 1);
        let scored = sets.into_iter().map(|(values, _)| {
            let decided = decided(values);
            (decided.saturating_sub(price(values)), decided, values)
        });
        let (_, decided, values) =
            scored.max_by(|a, b| (a.0, Reverse(a.2)).cmp(&(b.0, Reverse(b.2))))?;
        (decided >= FEWEST_FOR_INDEX + price(values)).then(|| values.clone())
    }

    /// The sets of values that decide about a rule: each alone is enough.
    fn options(&mut self, candidate: &Candidate) -> Vec<Values> {
        let mut options: Vec<Values> = Vec::new();
        for &need in &candidate.needs {
            if let Some(set) = self.keys.of(need, self.pool) {
                options.push(set.iter().map(|keyed| Arc::clone(&keyed.value)).collect());
            }
        }
        options.sort_unstable();
        options.dedup();
        options
    }

    /// Indexes of what the names of a file decide are handed back in `of_file`.
    fn look(
        &mut self,
        values: &Values,
        left: Vec<Candidate>,
        of_file: &mut Vec<u32>,
    ) -> Vec<Candidate> {
        let mut decided: Vec<(u32, Arc<KeySet>)> = Vec::new();
        let mut outside = Vec::new();
        for candidate in left {
            let sets = candidate.needs.iter().filter_map(|&need| self.keys.of(need, self.pool));
            let fitting = sets.filter(|set| set.iter().all(|keyed| values.contains(&keyed.value)));
            match fitting.min_by_key(|set| breadth(set)) {
                Some(set) => decided.push((candidate.rule, set)),
                None => outside.push(candidate),
            }
        }
        for value in values {
            self.look_up_one(value, &decided, of_file);
        }
        outside
    }

    fn look_up_one(
        &mut self,
        value: &Arc<str>,
        decided: &[(u32, Arc<KeySet>)],
        of_file: &mut Vec<u32>,
    ) {
        let of_value = decided.iter().filter_map(|(rule, set)| {
            set.iter().find(|keyed| keyed.value == *value).map(|keyed| (*rule, keyed))
        });
        let of_value: Vec<_> = of_value.collect();
        let Some((_, any)) = of_value.first() else { return };
        let keys = of_value.iter().map(|(rule, keyed)| (*rule, keyed.keys.as_slice()));
        match Index::new(any.test, keys) {
            Some(index) => {
                let place = self.indexes.len() as u32;
                let tested = self.pool.tests.get(any.test as usize);
                if tested.is_some_and(|tested| tested.test.is_of_file()) {
                    of_file.push(place);
                } else {
                    self.steps.push(Step::Look(place));
                }
                self.indexes.push(index);
            }
            None => self.steps.push(Step::Try(of_value.iter().map(|(rule, _)| *rule).collect())),
        }
    }

    fn gate(&mut self, node: NodeId, left: Vec<Candidate>, level: usize) -> Vec<Candidate> {
        let (mut inside, outside): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|candidate| candidate.needs.contains(&node));
        inside.iter_mut().for_each(|candidate| candidate.needs.retain(|&need| need != node));
        let at = self.steps.len();
        self.steps.push(Step::Gate { node, otherwise: 0 });
        self.plan(inside, level);
        self.steps[at] = Step::Gate { node, otherwise: self.steps.len() as u32 };
        outside
    }
}

/// What the most rules need; of equals the first in load order, so that the plan is the same every
/// time.
fn best_gate(left: &[Candidate]) -> Option<NodeId> {
    let mut gates: Map<NodeId, usize> = Map::default();
    for &node in left.iter().flat_map(|candidate| &candidate.needs) {
        *gates.entry(node).or_default() += 1;
    }
    let best = gates.into_iter().max_by_key(|&(node, count)| (count, Reverse(node)));
    best.filter(|&(_, count)| count >= 2).map(|(node, _)| node)
}
