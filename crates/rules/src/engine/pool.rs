//! Conditions as one graph in which equal parts are one node.

use std::sync::Arc;

use super::{Map, merge::merged};
use crate::filter::{
    Checker, Diagnostic, Test,
    ast::{Check, Expr, Operator, Right},
};

/// Most memory of the automata of all regular expressions together, bytes.
const MOST_AUTOMATA: usize = 64 << 20;

/// A node of the pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct NodeId(pub u32);

impl NodeId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A condition, or a part of one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Node {
    Constant(bool),
    /// A comparison, by its place in [`Pool::tests`].
    Test(u32),
    Not(NodeId),
    And(Box<[NodeId]>),
    Or(Box<[NodeId]>),
}

/// A comparison that at least one rule makes.
#[derive(Clone, Debug)]
pub(super) struct Tested {
    pub test: Test,
    /// As a filter's text.
    pub text: Box<str>,
    /// Its left side as text: tests of the same have the same value.
    pub left: Arc<str>,
}

/// What conditions are put together for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    /// To find what is wrong with them.
    Checking,
    /// To be run.
    Running,
}

/// All conditions.
#[derive(Debug)]
pub(super) struct Pool {
    pub tests: Vec<Tested>,
    nodes: Vec<Node>,
    ids: Map<Node, NodeId>,
    by_text: Map<Vec<u8>, NodeId>,
    /// Tests that are doubtful: each place of theirs is told.
    doubtful: Map<NodeId, ()>,
    purpose: Purpose,
    /// Memory that regular expressions may still take, bytes.
    automata_left: usize,
    /// Macros that are in already. The `Arc` keeps the address from being used again.
    macros: Map<*const Expr, (Arc<Expr>, NodeId)>,
}

impl Pool {
    pub(super) const FALSE: NodeId = NodeId(0);
    pub(super) const TRUE: NodeId = NodeId(1);

    pub(super) fn new(purpose: Purpose) -> Self {
        let mut pool = Self {
            tests: Vec::new(),
            nodes: Vec::new(),
            ids: Map::default(),
            by_text: Map::default(),
            doubtful: Map::default(),
            purpose,
            automata_left: MOST_AUTOMATA,
            macros: Map::default(),
        };
        pool.id(Node::Constant(false));
        pool.id(Node::Constant(true));
        pool
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Puts a condition in. What is wrong with it is left in `checker`; then the result is of no
    /// use.
    pub(super) fn expr(&mut self, expr: &Expr, checker: &mut Checker) -> NodeId {
        match expr {
            Expr::And(children) => {
                let children = children.iter().map(|child| self.expr(child, checker)).collect();
                self.and(children)
            }
            Expr::Or(children) => {
                let (kept, together) = match self.purpose {
                    Purpose::Running => merged(children),
                    Purpose::Checking => (children.iter().collect(), Vec::new()),
                };
                let mut nodes: Vec<_> =
                    kept.into_iter().map(|child| self.expr(child, checker)).collect();
                nodes.extend(together.iter().map(|check| self.check(check, checker)));
                self.or(nodes)
            }
            Expr::Not(child) => {
                let child = self.expr(child, checker);
                self.not(child)
            }
            Expr::Macro(_, Some(condition)) => {
                if let Some((_, id)) = self.macros.get(&Arc::as_ptr(condition)) {
                    return *id;
                }
                let errors = checker.errors.len();
                let id = self.expr(condition, checker);
                if checker.errors.len() > errors {
                    // Everything that uses it is wrong.
                    return id;
                }
                self.macros.insert(Arc::as_ptr(condition), (Arc::clone(condition), id));
                id
            }
            Expr::Macro(name, None) => {
                checker.unknown_macro(name);
                Self::FALSE
            }
            Expr::Check(check) => self.check(check, checker),
        }
    }

    fn check(&mut self, check: &Check, checker: &mut Checker) -> NodeId {
        let key = key(check);
        if let Some(&id) = self.by_text.get(&key) {
            if self.doubtful.contains_key(&id) {
                checker.test(check);
            }
            return id;
        }
        let warnings = checker.warnings.len();
        let Some(test) = checker.test(check) else { return Self::FALSE };
        let Some(left) = self.automata_left.checked_sub(test.automaton_bytes()) else {
            let message = "all regular expressions together need too much memory";
            checker.errors.push(Diagnostic::new(check.span, message));
            return Self::FALSE;
        };
        self.automata_left = left;
        let place = self.tests.len() as u32;
        self.tests.push(Tested {
            test,
            text: check.to_string().into(),
            left: check.left.to_string().into(),
        });
        let id = self.id(Node::Test(place));
        if checker.warnings.len() > warnings {
            self.doubtful.insert(id, ());
        }
        self.by_text.insert(key, id);
        id
    }

    pub(super) fn not(&mut self, child: NodeId) -> NodeId {
        match self.node(child) {
            Node::Constant(truth) => self.id(Node::Constant(!truth)),
            Node::Not(inner) => *inner,
            _ => self.id(Node::Not(child)),
        }
    }

    pub(super) fn and(&mut self, children: Vec<NodeId>) -> NodeId {
        self.joined(children, Self::TRUE, Self::FALSE, Node::And)
    }

    pub(super) fn or(&mut self, children: Vec<NodeId>) -> NodeId {
        self.joined(children, Self::FALSE, Self::TRUE, Node::Or)
    }

    /// Leaves out what cannot matter: repeats, `neutral` ones, all if one is `decisive`.
    fn joined(
        &mut self,
        children: Vec<NodeId>,
        neutral: NodeId,
        decisive: NodeId,
        node: impl Fn(Box<[NodeId]>) -> Node,
    ) -> NodeId {
        let mut kept: Vec<NodeId> = Vec::with_capacity(children.len());
        let mut seen = Map::default();
        for child in children {
            if child == decisive {
                return decisive;
            }
            if child != neutral && seen.insert(child, ()).is_none() {
                kept.push(child);
            }
        }
        match kept.as_slice() {
            [] => neutral,
            [only] => *only,
            _ => self.id(node(kept.into())),
        }
    }

    fn id(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.ids.get(&node) {
            return *id;
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node.clone());
        self.ids.insert(node, id);
        id
    }

    /// The same condition when some tests are decided: `truth` tells them, by their places.
    pub(super) fn decided(
        &mut self,
        root: NodeId,
        truth: &[Option<bool>],
        known: &mut Map<NodeId, NodeId>,
    ) -> NodeId {
        if let Some(id) = known.get(&root) {
            return *id;
        }
        let id = match self.node(root).clone() {
            Node::Constant(_) => root,
            Node::Test(test) => match truth.get(test as usize).copied().flatten() {
                Some(true) => Self::TRUE,
                Some(false) => Self::FALSE,
                None => root,
            },
            Node::Not(child) => {
                let child = self.decided(child, truth, known);
                self.not(child)
            }
            Node::And(children) => {
                let children = children.iter().map(|&c| self.decided(c, truth, known)).collect();
                self.and(children)
            }
            Node::Or(children) => {
                let children = children.iter().map(|&c| self.decided(c, truth, known)).collect();
                self.or(children)
            }
        };
        known.insert(root, id);
        id
    }
}

/// What tells comparisons apart: their text; of sets, whatever the order of their members.
fn key(check: &Check) -> Vec<u8> {
    let (Operator::In | Operator::Intersects | Operator::Pmatch, Right::List(list)) =
        (check.op, &check.right)
    else {
        return check.to_string().into_bytes();
    };
    let mut members: Vec<_> = list.iter().map(|member| &*member.bytes).collect();
    members.sort_unstable();
    members.dedup();
    let mut key = format!("{} {}", check.left, check.op.symbol()).into_bytes();
    for member in members {
        key.extend_from_slice(&member.len().to_le_bytes());
        key.extend_from_slice(member);
    }
    key
}
