//! Conditions as flat operations: each a test, or a block that several rules share, and the
//! place to go on at if it holds and if it does not. `not` only swaps the two.

use super::{
    cost::Costs,
    pool::{Node, NodeId, Pool},
};

/// Where a condition goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Goto {
    /// It holds.
    Accept,
    /// It does not hold.
    Reject,
    /// At this operation.
    Op(u32),
}

/// What an operation asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// A comparison, by its place in the pool.
    Test(u32),
    /// A part of conditions that has its own code and is run at most once for each event.
    Block(NodeId),
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Op {
    pub what: What,
    pub pass: Goto,
    pub fail: Goto,
}

/// The operations of all conditions, and where that of each begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Code {
    pub ops: Vec<Op>,
    /// By the node's number; `None` for nodes that were not added.
    starts: Vec<Option<Goto>>,
}

impl Code {
    /// Where a condition that was [added](Code::add) begins.
    pub(super) fn start(&self, id: NodeId) -> Goto {
        self.starts.get(id.index()).copied().flatten().unwrap_or(Goto::Reject)
    }

    /// Writes the code of a condition, and of the blocks in it. `is_shared` tells which parts are
    /// blocks.
    pub(super) fn add(
        &mut self,
        root: NodeId,
        pool: &Pool,
        costs: &mut Costs,
        is_shared: &dyn Fn(NodeId) -> bool,
    ) {
        self.starts.resize(pool.len(), None);
        let mut wanted = vec![root];
        while let Some(id) = wanted.pop() {
            if self.starts[id.index()].is_some() {
                continue;
            }
            let mut writer =
                Writer { pool, costs, is_shared, backwards: Vec::new(), blocks: Vec::new() };
            let start = writer.inside(id, Goto::Accept, Goto::Reject);
            let base = self.ops.len() as u32;
            let last = base + (writer.backwards.len() as u32).saturating_sub(1);
            let forward = |goto| match goto {
                Goto::Op(from_the_back) => Goto::Op(last - from_the_back),
                end => end,
            };
            self.ops.extend(writer.backwards.iter().rev().map(|op| Op {
                what: op.what,
                pass: forward(op.pass),
                fail: forward(op.fail),
            }));
            self.starts[id.index()] = Some(forward(start));
            wanted.append(&mut writer.blocks);
        }
    }
}

struct Writer<'p> {
    pool: &'p Pool,
    costs: &'p mut Costs,
    is_shared: &'p dyn Fn(NodeId) -> bool,
    /// From the last to the first, so that where one leads is known when it is written. Places
    /// count from the back too.
    backwards: Vec<Op>,
    blocks: Vec<NodeId>,
}

impl Writer<'_> {
    /// Writes a node, as a block if others share it; returns where it begins.
    fn node(&mut self, id: NodeId, pass: Goto, fail: Goto) -> Goto {
        let is_joined = matches!(self.pool.node(id), Node::And(_) | Node::Or(_));
        if is_joined && (self.is_shared)(id) {
            self.blocks.push(id);
            return self.push(What::Block(id), pass, fail);
        }
        self.inside(id, pass, fail)
    }

    fn inside(&mut self, id: NodeId, pass: Goto, fail: Goto) -> Goto {
        match self.pool.node(id) {
            Node::Constant(true) => pass,
            Node::Constant(false) => fail,
            Node::Test(test) => self.push(What::Test(*test), pass, fail),
            Node::Not(child) => self.node(*child, fail, pass),
            Node::And(children) => {
                let sorted = self.costs.of_and(children, self.pool);
                sorted.into_iter().rev().fold(pass, |next, child| self.node(child, next, fail))
            }
            Node::Or(children) => {
                let sorted = self.costs.of_or(children, self.pool);
                sorted.into_iter().rev().fold(fail, |next, child| self.node(child, pass, next))
            }
        }
    }

    fn push(&mut self, what: What, pass: Goto, fail: Goto) -> Goto {
        self.backwards.push(Op { what, pass, fail });
        Goto::Op(self.backwards.len() as u32 - 1)
    }
}
