//! Ancestors that did nothing, on one line: where the story comes from, without the width that a
//! tree of them would take.

use super::{
    Scope,
    details::hint_of,
    entries::{Entry, Item, Node},
    paint::{Line, Style, glued, span},
    rows::{Row, Stem},
    story::Story,
};
use crate::{
    model::{Moment, Process, ProcessId},
    views::fold::{self, Lineage},
};

impl<'t> Story<'t, '_> {
    /// The node, or if it begins a line of ancestors that did nothing, that line; unless everything
    /// or one of them is to be shown.
    pub(super) fn without_idle_ancestors(&mut self, node: Node) -> Node {
        let top = match node {
            Node::One(id) if self.options.scope == Scope::Related => id,
            other => return other,
        };
        if self.unfolded.contains(&top) {
            return node;
        }
        let is_told = |parent: &Process, id| {
            !self.is_root_elsewhere(parent, id) && !self.is_seen(id) && self.is_told(id)
        };
        let Some(lineage) = fold::lineage(self.timeline, top, is_told) else { return node };
        let processes = lineage.ancestors.iter().filter_map(|&id| self.timeline.process(id));
        if processes.into_iter().any(|process| self.is_expanded(process)) {
            self.unfolded.extend(lineage.ancestors);
            return node;
        }
        Node::Lineage(lineage)
    }

    /// What stands below ancestors that did nothing: the child of the last, and how many others
    /// they have that have nothing to do with the alerts.
    pub(super) fn below(&mut self, lineage: &Lineage) -> Vec<Entry<'t>> {
        let mut others = Vec::new();
        let mut last = lineage.child;
        for (ancestor, next) in lineage.links() {
            self.idle_ancestors.insert(ancestor);
            self.see(next);
            others.extend(self.others_of(ancestor));
            last = ancestor;
        }
        let child = Node::One(lineage.child);
        let mut entries =
            vec![Entry { at: self.begun(&child), by: last, item: Item::Child(child) }];
        if !others.is_empty() {
            let at = Moment { ts_ns: u64::MAX, event: u64::MAX };
            entries.push(Entry { at, by: last, item: Item::Others(others) });
        }
        entries
    }

    fn others_of(&mut self, ancestor: ProcessId) -> Vec<ProcessId> {
        let Some(process) = self.timeline.process(ancestor) else { return Vec::new() };
        let here = process.children.iter().filter(|id| !self.is_root_elsewhere(process, **id));
        let here: Vec<ProcessId> = here.copied().collect();
        here.into_iter().filter(|&id| self.see(id) && !self.is_shown(id)).collect()
    }

    /// Adds the row of ancestors that did nothing; it wraps between them.
    pub(super) fn lineage(&mut self, lineage: &Lineage, stem: Stem) {
        let parts = lineage.parts(self.timeline);
        let last = parts.len().saturating_sub(1);
        let part = |(at, part): (usize, &String)| {
            let text = if at < last { format!("{part} ›") } else { part.clone() };
            format!("{} ", glued(&text))
        };
        let text: String = parts.iter().enumerate().map(part).collect();
        let mut body: Line = vec![span(Style::Faint, text.trim_end())];
        let top = lineage.ancestors.first().and_then(|&id| self.timeline.process(id));
        body.extend(top.map(|top| span(Style::Faint, hint_of(top.pid))));
        self.push(None, Row { stem, ..Row::of(body) });
    }
}
