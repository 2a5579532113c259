//! What evaluating a part of a condition costs, roughly: parts of `and` and `or` are run from the
//! cheapest to the dearest, which changes no result; of an `and`, what is ruled out comes late, for few
//! events fail at that.

use super::pool::{Node, NodeId, Pool};

/// Costs of the nodes of a pool, found once, in no unit.
#[derive(Default)]
pub(super) struct Costs {
    /// By the node's number.
    found: Vec<Option<u32>>,
}

impl Costs {
    /// The cost of a node: that of those of its parts that are likely to be looked at.
    pub(super) fn of(&mut self, id: NodeId, pool: &Pool) -> u32 {
        self.found.resize(pool.len(), None);
        if let Some(cost) = self.found[id.index()] {
            return cost;
        }
        let cost = match pool.node(id) {
            Node::Constant(_) => 0,
            Node::Test(test) => {
                pool.tests.get(*test as usize).map_or(0, |t| of_value(&t.left) + of_text(&t.text))
            }
            Node::Not(child) => self.of(*child, pool),
            // Few events get far in an `and`, and most see all of an `or`.
            Node::And(children) => {
                let sorted = self.of_and(children, pool);
                let reached = |(place, &child): (u32, &NodeId)| {
                    self.of(child, pool).checked_shr(2 * place).unwrap_or(0)
                };
                (0..).zip(&sorted).map(reached).fold(0, u32::saturating_add)
            }
            Node::Or(children) => {
                children.iter().fold(0, |sum: u32, &child| sum.saturating_add(self.of(child, pool)))
            }
        };
        self.found[id.index()] = Some(cost);
        cost
    }

    /// Parts of an `or` from the cheapest to the dearest, equals in the order given.
    pub(super) fn of_or(&mut self, nodes: &[NodeId], pool: &Pool) -> Vec<NodeId> {
        let mut sorted = nodes.to_vec();
        sorted.sort_by_cached_key(|&node| self.of(node, pool));
        sorted
    }

    /// The same of an `and`, in which a part counts as dearer the seldomer it fails.
    pub(super) fn of_and(&mut self, nodes: &[NodeId], pool: &Pool) -> Vec<NodeId> {
        let mut sorted = nodes.to_vec();
        sorted.sort_by_cached_key(|&node| {
            let times = if matches!(pool.node(node), Node::Not(_)) { SELDOM } else { 1 };
            self.of(node, pool).saturating_mul(times)
        });
        sorted
    }
}

/// How much seldomer what is ruled out fails.
const SELDOM: u32 = 8;

/// What the values of fields cost, by how their names begin; the longest beginning counts.
const VALUES: &[(&str, u32)] = &[
    ("", 4),
    ("container.", 6),
    ("container.id", 4),
    ("container.mount", 40),
    ("evt.", 3),
    ("evt.arg", 40),
    ("evt.info", 60),
    ("evt.is_open", 1),
    ("evt.rawres", 2),
    ("fd.directory", 8),
    ("fd.filename", 8),
    ("fd.nameraw", 20),
    ("fd.num", 1),
    ("fd.type", 2),
    ("fs.path", 20),
    ("k8s.", 12),
    ("proc.a", 30),
    ("proc.args", 12),
    ("proc.cmdline", 14),
    ("proc.env", 30),
    ("proc.exeline", 14),
    ("proc.pcmdline", 18),
    ("proc.pname", 8),
    ("user.", 6),
];

fn of_value(left: &str) -> u32 {
    let fitting = VALUES.iter().filter(|(start, _)| left.starts_with(start));
    let field = fitting.max_by_key(|(start, _)| start.len()).map_or(4, |(_, cost)| *cost);
    // A transformer composes its text.
    if left.contains('(') { 40 } else { field }
}

/// Patterns cost more than comparisons.
fn of_text(test: &str) -> u32 {
    let has = |word: &str| test.contains(word);
    if has(" regex ") {
        30
    } else if has(" glob ") || has(" iglob ") || has(" icontains ") || has(" pmatch ") {
        8
    } else if has(" contains ") {
        4
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_be_composed_costs_more() {
        let order = [
            "fd.num >= 0",
            "proc.name = a",
            "fd.name contains a",
            "proc.cmdline startswith a",
            "proc.aname = a",
            "evt.arg.flags contains O_CREAT",
            "tolower(proc.name) regex a.*",
        ];
        let costs: Vec<u32> = order
            .iter()
            .map(|test| of_value(test.split(' ').next().unwrap_or("")) + of_text(test))
            .collect();
        assert!(costs.is_sorted(), "{costs:?}");
    }
}
