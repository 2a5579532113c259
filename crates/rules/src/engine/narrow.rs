//! Which rules an event can match at all, found with few questions: what many rules need is asked
//! once (a gate), and what they compare one value with is looked up (an index), so that most rules
//! are never looked at.

use super::{
    Map,
    index::Index,
    pool::{Node, NodeId, Pool},
};
use crate::filter::Key;

/// Fewest rules for which an index pays.
const FEWEST_FOR_INDEX: usize = 4;
/// Most questions on one level; rules that are left then are always tried.
const MOST_QUESTIONS: usize = 64;

/// Most gates within each other.
const MOST_LEVELS: usize = 16;

/// One step. They are taken in order.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// These rules, by their places in the class, have to be tried.
    Try(Box<[u32]>),
    /// Unless this holds, go on at step `otherwise`.
    Gate { node: NodeId, otherwise: u32 },
    /// Those rules have to be tried that an index gives.
    Look(u32),
}

/// A rule of a class and everything that has to hold for it to match.
struct Candidate {
    rule: u32,
    needs: Vec<NodeId>,
}

/// Plans the steps for the rules of one class, given by the conditions that are left of them.
pub(super) fn plan(roots: &[NodeId], pool: &Pool, indexes: &mut Vec<Index>) -> Vec<Step> {
    let candidates = roots
        .iter()
        .enumerate()
        .map(|(rule, &root)| {
            let mut needs = Vec::new();
            conjuncts(root, pool, &mut needs);
            Candidate { rule: rule as u32, needs }
        })
        .collect();
    let mut planner = Planner { pool, indexes, steps: Vec::new(), keys: Map::default() };
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
    indexes: &'p mut Vec<Index>,
    steps: Vec<Step>,
    /// Whether a node can be looked up: the value it tests, a test of it, and its keys.
    keys: Map<NodeId, Option<(Box<str>, u32, Vec<Key>)>>,
}

enum Question {
    Gate(NodeId),
    Index(Box<str>),
}

impl Planner<'_> {
    fn plan(&mut self, mut left: Vec<Candidate>, level: usize) {
        let most = if level < MOST_LEVELS { MOST_QUESTIONS } else { 0 };
        for _ in 0..most {
            let Some(question) = self.best(&left) else { break };
            left = match question {
                Question::Gate(node) => self.gate(node, left, level + 1),
                Question::Index(value) => self.index(&value, left),
            };
        }
        if !left.is_empty() {
            self.steps.push(Step::Try(left.iter().map(|candidate| candidate.rule).collect()));
        }
    }

    /// The question that decides about the most rules.
    fn best(&mut self, left: &[Candidate]) -> Option<Question> {
        let mut gates: Map<NodeId, usize> = Map::default();
        let mut values: Map<Box<str>, usize> = Map::default();
        for candidate in left {
            let mut counted: Vec<Box<str>> = Vec::new();
            for &node in &candidate.needs {
                *gates.entry(node).or_default() += 1;
                if let Some((value, ..)) = self.keys(node)
                    && !counted.contains(value)
                {
                    counted.push(value.clone());
                }
            }
            counted.into_iter().for_each(|value| *values.entry(value).or_default() += 1);
        }
        // Of equals the first in load order, so that the plan is the same every time.
        let gate = gates.into_iter().max_by_key(|&(node, count)| (count, std::cmp::Reverse(node)));
        let value = values.into_iter().max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)));
        match (gate, value) {
            (Some((node, gated)), value)
                if gated >= 2 && value.as_ref().is_none_or(|(_, count)| *count <= gated) =>
            {
                Some(Question::Gate(node))
            }
            (_, Some((value, count))) if count >= FEWEST_FOR_INDEX => Some(Question::Index(value)),
            (Some((node, 2..)), _) => Some(Question::Gate(node)),
            _ => None,
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

    fn index(&mut self, value: &str, left: Vec<Candidate>) -> Vec<Candidate> {
        let mut test = None;
        let mut rules = Vec::new();
        let mut outside = Vec::new();
        for candidate in left {
            // Of several tests of the value one is enough: that with the fewest keys.
            let found = candidate.needs.iter().filter_map(|&node| match self.keys(node) {
                Some((of, test, keys)) if **of == *value => Some((*test, keys.clone())),
                _ => None,
            });
            match found.min_by_key(|(_, keys)| keys.len()) {
                Some((of, keys)) => {
                    test.get_or_insert(of);
                    rules.push((candidate.rule, keys));
                }
                None => outside.push(candidate),
            }
        }
        let tried: Box<[u32]> = rules.iter().map(|(rule, _)| *rule).collect();
        match test.and_then(|test| Index::new(test, rules.into_iter())) {
            Some(index) => {
                self.steps.push(Step::Look(self.indexes.len() as u32));
                self.indexes.push(index);
            }
            None => self.steps.push(Step::Try(tried)),
        }
        outside
    }

    /// A test by itself; `or` if all its parts test the same value.
    fn keys(&mut self, id: NodeId) -> Option<&(Box<str>, u32, Vec<Key>)> {
        if !self.keys.contains_key(&id) {
            let keys = keys_of(id, self.pool);
            self.keys.insert(id, keys);
        }
        self.keys.get(&id).and_then(Option::as_ref)
    }
}

fn keys_of(id: NodeId, pool: &Pool) -> Option<(Box<str>, u32, Vec<Key>)> {
    match pool.node(id) {
        Node::Test(place) => {
            let tested = pool.tests.get(*place as usize)?;
            Some((tested.left.clone(), *place, tested.test.keys()?))
        }
        Node::Or(children) => {
            let mut all = children.iter().map(|&child| keys_of(child, pool));
            let (value, test, mut keys) = all.next()??;
            for next in all {
                let (other, _, more) = next?;
                if other != value {
                    return None;
                }
                keys.extend(more);
            }
            Some((value, test, keys))
        }
        Node::And(_) | Node::Not(_) | Node::Constant(_) => None,
    }
}
