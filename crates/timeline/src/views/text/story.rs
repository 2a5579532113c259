//! The walk through a session's processes that makes its rows.

use std::collections::BTreeSet;

use event::alert::Priority;

use super::{
    Options, Scope,
    children::Folding,
    entries::{Entry, Item, Node},
    expand::{Expand, is_expanded},
    paint::{Style, columns, span},
    rows::{Page, Row, Stem},
};
use crate::{
    model::{Alert, Gap, Process, ProcessId, Relevance, Session, SessionId, Timeline},
    views::{fold, rules::Rules, words},
};

/// A timeline being told.
pub(super) struct Story<'t, 'o> {
    pub(super) timeline: &'t Timeline,
    pub(super) options: &'o Options,
    pub(super) rules: Rules<'t>,
    /// What [`fold::eventful`] says.
    pub(super) eventful: Vec<bool>,
    /// For each process, whether it or one that descends from it has to do with the alerts.
    relevant: Vec<bool>,
    /// For each process, the session among whose topmost ones it is.
    root_of: Vec<Option<SessionId>>,
    /// For each process, whether it is in a row by now.
    seen: Vec<bool>,
    /// Ancestors that share a row.
    pub(super) idle_ancestors: BTreeSet<ProcessId>,
    /// Ancestors that would share a row, but one of them is to be shown in full.
    pub(super) unfolded: BTreeSet<ProcessId>,
    /// Rules whose alerts had a row of their own.
    told_rules: BTreeSet<&'t str>,
    /// Alerts of the node that is being told which its own row tells.
    pub(super) brief: Vec<&'t Alert>,
    /// Gaps that are not told yet, the first last.
    gaps: Vec<&'t Gap>,
    /// Time of the last row that has one.
    last_ns: u64,
    rows: Vec<Row>,
}

/// The rows of a node's entries, as far as they have been told.
struct Frame<'t> {
    entries: std::vec::IntoIter<Entry<'t>>,
    /// Lines of the tree that go on through these rows.
    lead: String,
    /// Children that are still to come.
    children: usize,
    /// How many processes share the node's row.
    members: usize,
}

impl<'t, 'o> Story<'t, 'o> {
    pub(super) fn new(timeline: &'t Timeline, options: &'o Options) -> Self {
        let mut gaps: Vec<&Gap> = timeline.gaps.iter().collect();
        gaps.sort_by_key(|gap| std::cmp::Reverse((gap.from_ns, gap.to_ns)));
        Self {
            timeline,
            options,
            rules: Rules::of(timeline),
            eventful: fold::eventful(timeline),
            relevant: fold::upward(timeline, |p| p.relevance != Relevance::Background),
            root_of: roots(timeline),
            seen: vec![false; timeline.processes.len()],
            idle_ancestors: BTreeSet::new(),
            unfolded: BTreeSet::new(),
            told_rules: BTreeSet::new(),
            brief: Vec::new(),
            gaps,
            last_ns: 0,
            rows: Vec::new(),
        }
    }

    /// Whether a session is told, and not only named.
    pub(super) fn tells(&self, session: &Session) -> bool {
        session.relevance != Relevance::Background
            || self.options.scope == Scope::All
            || self.timeline.alerts.is_empty()
    }

    /// Tells a session's processes from its topmost ones down.
    pub(super) fn session(&mut self, session: &Session) -> Vec<Row> {
        let folding = match self.options.expand.contains(&Expand::All) {
            true => Folding::None,
            false => Folding::Alike,
        };
        for (_, item) in self.children(&session.roots, folding) {
            self.last_ns = 0;
            match &item {
                Item::Child(node) => {
                    let frame = self.node(node, String::new(), None);
                    self.walk(vec![frame]);
                }
                Item::Others(ids) => self.others(ids, Stem::default()),
                _ => {}
            }
        }
        std::mem::take(&mut self.rows)
    }

    fn walk(&mut self, mut stack: Vec<Frame<'t>>) {
        while let Some(frame) = stack.last_mut() {
            let Some(entry) = frame.entries.next() else {
                stack.pop();
                continue;
            };
            let lead = frame.lead.clone();
            if let Item::Child(node) = &entry.item {
                frame.children = frame.children.saturating_sub(1);
                let last = frame.children == 0;
                self.gaps_before(entry.at.ts_ns, &lead);
                let below = self.node(node, lead, Some(last));
                stack.push(below);
            } else {
                let line = if frame.children > 0 { "│  " } else { "   " };
                let shared = frame.members > 1;
                let lead = self.deeper(&lead, line);
                self.gaps_before(entry.at.ts_ns, &lead);
                let by = self.timeline.process(entry.by).filter(|_| shared);
                self.detail(&entry, lead, by);
            }
        }
    }

    /// A node's own row, and the frame of what stands below it. `last` says whether it is the last
    /// of its parent's children; `None` for a topmost one.
    fn node(&mut self, node: &Node, lead: String, last: Option<bool>) -> Frame<'t> {
        let (branch, below) = match last {
            None => ("", ""),
            Some(true) => ("└─ ", "   "),
            Some(false) => ("├─ ", "│  "),
        };
        let below = self.deeper(&lead, below);
        let entries = self.entries(node);
        let children = entries.iter().filter(|e| matches!(e.item, Item::Child(_))).count();
        let bar = if children > 0 { "│  " } else { "   " };
        let stem = Stem { first: self.deeper(&lead, branch), rest: self.deeper(&below, bar) };
        self.heading(node, stem);
        Frame { entries: entries.into_iter(), lead: below, children, members: node.ids().len() }
    }

    /// The tree's lines with one level more, and without the first ones if they are too many.
    fn deeper(&self, lead: &str, level: &str) -> String {
        let mut lead = format!("{lead}{level}");
        while columns(&lead) > Page::max_stem(self.options.width) {
            lead = lead.chars().skip(3).collect();
            let rest: String = lead.chars().skip(1).collect();
            lead = format!("⋯{rest}");
        }
        lead
    }

    /// Adds a row with a time, and before it the gaps that lie between it and the one before.
    pub(super) fn push(&mut self, ts_ns: Option<u64>, row: Row) {
        if let Some(ts_ns) = ts_ns {
            self.last_ns = ts_ns;
        }
        self.rows.push(row);
    }

    fn gaps_before(&mut self, ts_ns: u64, lead: &str) {
        while let Some(gap) = self.gaps.last().filter(|gap| gap.from_ns <= ts_ns) {
            if gap.from_ns < self.last_ns {
                break;
            }
            let mut row = gap_row(self.timeline, gap);
            row.stem = Stem { first: lead.to_owned(), rest: lead.to_owned() };
            self.rows.push(row);
            self.gaps.pop();
        }
    }

    /// Gaps that lie beside everything that was told.
    pub(super) fn gaps_left(&mut self) -> Vec<Row> {
        let timeline = self.timeline;
        std::mem::take(&mut self.gaps).iter().rev().map(|gap| gap_row(timeline, gap)).collect()
    }

    /// Whether a child is told in another session than its parent, as one of the topmost there.
    pub(super) fn is_root_elsewhere(&self, parent: &Process, child: ProcessId) -> bool {
        let root = self.root_of.get(child.index()).copied().flatten();
        root.is_some_and(|session| session != parent.session)
    }

    /// Whether a process has been told.
    pub(super) fn is_seen(&self, id: ProcessId) -> bool {
        self.seen.get(id.index()).copied().unwrap_or(true)
    }

    /// Whether a process is told for the first time; from now on it is not.
    pub(super) fn see(&mut self, id: ProcessId) -> bool {
        self.seen.get_mut(id.index()).is_some_and(|seen| !std::mem::replace(seen, true))
    }

    /// Whether an alert is one more of a rule that was told, and not so bad that it has a row of its
    /// own all the same.
    pub(super) fn is_brief(&mut self, alert: &'t Alert) -> bool {
        let told = !self.told_rules.insert(&alert.rule);
        told && alert.priority > Priority::Error
    }

    pub(super) fn is_shown(&self, id: ProcessId) -> bool {
        self.options.scope == Scope::All
            || self.timeline.alerts.is_empty()
            || self.relevant.get(id.index()).copied().unwrap_or(false)
    }

    pub(super) fn is_expanded(&self, process: &Process) -> bool {
        is_expanded(&self.options.expand, self.timeline, process)
    }
}

fn roots(timeline: &Timeline) -> Vec<Option<SessionId>> {
    let mut roots = vec![None; timeline.processes.len()];
    for (id, session) in (0u32..).map(SessionId).zip(&timeline.sessions) {
        for root in &session.roots {
            if let Some(of) = roots.get_mut(root.index()) {
                *of = Some(id);
            }
        }
    }
    roots
}

fn gap_row(timeline: &Timeline, gap: &Gap) -> Row {
    Row {
        mark: Some(('┊', Style::Failure)),
        time_ns: Some(timeline.relative_ns(gap.from_ns)),
        body: vec![span(Style::Failure, format!("┄┄ {} ┄┄", words::gap(gap)))],
        ..Row::default()
    }
}
