//! Ancestors that did nothing: one row that opens to theirs, and below it the tree of the process
//! that they lead to.

use std::io;

use super::{Page, items, process::MAX_DEPTH, rows::Fold};
use crate::{
    model::{Process, ProcessId},
    views::fold::{self, Lineage},
};

impl Page<'_> {
    /// The line of ancestors that did nothing which a process begins, if it does.
    pub(super) fn idle_ancestors(&self, top: ProcessId, depth: usize) -> Option<Lineage> {
        if depth >= MAX_DEPTH || self.is_written(top) {
            return None;
        }
        fold::lineage(self.timeline, top, |parent, id| self.is_told_below(parent, id))
    }

    /// Whether a child stands in its place below its parent, and in no fold of others.
    fn is_told_below(&self, parent: &Process, id: ProcessId) -> bool {
        let child = self.timeline.process(id);
        child.is_some_and(|child| child.session == parent.session)
            && !self.is_written(id)
            && !items::is_other(self.timeline, parent, id)
            && !fold::is_idle_fork(self.timeline, id, &self.eventful)
    }

    fn is_written(&self, id: ProcessId) -> bool {
        self.written.get(id.index()).copied().unwrap_or(true)
    }

    /// The row of ancestors, their own rows folded in it, and the tree that they lead to.
    pub(super) fn lineage(&mut self, lineage: &Lineage, depth: usize) -> io::Result<()> {
        let words = lineage.parts(self.timeline).join(" › ");
        let figures = String::new();
        self.begin_fold(&Fold { class: "c l", at: None, label: "", words, figures })?;
        self.html.within("<ul class=\"k d", depth + 1, "\">\n")?;
        for (ancestor, next) in lineage.links() {
            self.process_without(ancestor, Some(next), depth + 1)?;
        }
        self.html.raw("</ul></details>\n")?;
        self.html.within("<ul class=\"k d", depth + 1, "\">\n")?;
        self.process(lineage.child, depth + 1)?;
        self.html.raw("</ul>\n")
    }
}
