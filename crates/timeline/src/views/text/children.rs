//! The children of a process as lines: pipelines, repeats, those that are only counted.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    entries::{Item, Node},
    story::Story,
};
use crate::{
    model::{Moment, PipelineId, Process, ProcessId},
    views::fold::{self, Child},
};

/// Whether children are folded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Folding {
    Alike,
    None,
}

impl<'t> Story<'t, '_> {
    /// Children, or topmost processes, as items by their start: pipelines together, repeats folded,
    /// and those that have nothing to do with the alerts counted at the end. Each process is in an
    /// item once in the whole story.
    pub(super) fn children(
        &mut self,
        children: &[ProcessId],
        folding: Folding,
    ) -> Vec<(Moment, Item<'t>)> {
        let unseen: Vec<_> = children.iter().copied().filter(|&id| self.see(id)).collect();
        let all = folding == Folding::None;
        let (shown, others): (Vec<_>, Vec<_>) =
            unseen.into_iter().partition(|&id| all || self.is_shown(id));
        let shown: Vec<_> = shown.into_iter().filter(|&id| all || self.is_told(id)).collect();
        let mut nodes = self.pipelines(&shown);
        let piped: BTreeSet<_> = nodes.iter().flat_map(|node| node.ids().to_vec()).collect();
        let single: Vec<_> = shown.into_iter().filter(|id| !piped.contains(id)).collect();
        nodes.extend(match folding {
            Folding::None => single.into_iter().map(Node::One).collect(),
            Folding::Alike => self.folded(&single),
        });
        let nodes = nodes.into_iter().map(|node| self.without_idle_ancestors(node));
        let nodes: Vec<_> = nodes.collect();
        let mut items: Vec<_> =
            nodes.into_iter().map(|node| (self.begun(&node), Item::Child(node))).collect();
        if !others.is_empty() {
            let last = Moment { ts_ns: u64::MAX, event: u64::MAX };
            items.push((last, Item::Others(others)));
        }
        items
    }

    fn folded(&self, children: &[ProcessId]) -> Vec<Node> {
        let items = fold::children(self.timeline, children, &self.eventful);
        let node = |child| match child {
            Child::One(id) => Node::One(id),
            Child::Repeats(ids) => Node::Repeats(ids),
            Child::Alike(ids) => Node::Alike(ids),
            Child::Same(ids) => Node::Same(ids),
        };
        items.into_iter().map(node).collect()
    }

    /// Those among them that are of one pipeline.
    fn pipelines(&self, children: &[ProcessId]) -> Vec<Node> {
        let mut pipelines: BTreeMap<PipelineId, Vec<ProcessId>> = BTreeMap::new();
        for &id in children {
            let command = self.timeline.process(id).and_then(Process::command);
            if let Some(pipeline) = command.and_then(|command| command.pipeline) {
                pipelines.entry(pipeline).or_default().push(id);
            }
        }
        let several = pipelines.into_iter().filter(|(_, ids)| ids.len() > 1);
        several.map(|(pipeline, ids)| Node::Pipeline(pipeline, ids)).collect()
    }

    /// Whether a process stands in its place below its parent, and is not only counted.
    pub(super) fn is_told(&self, id: ProcessId) -> bool {
        self.is_shown(id) && !fold::is_idle_fork(self.timeline, id, &self.eventful)
    }

    pub(super) fn begun(&self, node: &Node) -> Moment {
        let start = |&id| self.timeline.process(id)?.start;
        node.ids().iter().filter_map(start).min().unwrap_or_default()
    }
}
