//! Two lists of events of the same act.

use std::collections::HashMap;

use event::{schema::ParamType, syscalls::GENERIC_X};

use super::{differences, family::born_to, tell};
use crate::harness::Kept;

/// A thread by its descent, which is the same in both: the second that the first made is `0.2`.
type Name = String;

/// One of the lists, thread by thread.
struct Side<'a> {
    names: HashMap<i64, Name>,
    threads: Vec<(Name, Vec<&'a Kept>)>,
}

impl<'a> Side<'a> {
    fn of(events: &'a [Kept]) -> Self {
        let mut side = Side { names: HashMap::new(), threads: Vec::new() };
        let mut children: HashMap<Name, usize> = HashMap::new();
        for event in events {
            let above = born_to(event).and_then(|parent| side.names.get(&parent)).cloned();
            if let Some(above) = above {
                let number = children.entry(above.clone()).or_default();
                *number += 1;
                side.names.insert(event.tid, format!("{above}.{number}"));
            }
            let name = side.names.entry(event.tid).or_insert_with(|| "0".to_owned()).clone();
            match side.threads.iter_mut().find(|(known, _)| *known == name) {
                Some((_, events)) => events.push(event),
                None => side.threads.push((name, vec![event])),
            }
        }
        side.threads.sort_by(|a, b| a.0.cmp(&b.0));
        side
    }

    fn thread(&self, name: &str) -> &[&'a Kept] {
        let found = self.threads.iter().find(|(known, _)| known == name);
        found.map_or(&[], |(_, events)| events)
    }
}

/// Compares what is recorded of an act with its trace, and tells what differs.
pub(super) fn compare(act: &str, live: &[Kept], trace: &[Kept]) {
    if differences::is_a_race(act) {
        return;
    }
    let (live, trace) = (Side::of(live), Side::of(trace));
    let mut names: Vec<&str> = [&live, &trace]
        .into_iter()
        .flat_map(|side| side.threads.iter().map(|(name, _)| name.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        for pair in pairs(live.thread(name), trace.thread(name)) {
            let told = |event: &Kept| format!("{} {}", event.kind.info().name, event.told());
            match pair {
                (Some(ours), Some(theirs)) => {
                    compare_event((act, name), (ours, &live), (theirs, &trace));
                }
                (Some(ours), None) if !differences::may_be_only_live(ours) => {
                    tell("differences", &format!("{act}: {name}: only live: {}", told(ours)));
                }
                (None, Some(theirs)) if !differences::may_be_only_traced(theirs) => {
                    tell("differences", &format!("{act}: {name}: only traced: {}", told(theirs)));
                }
                _ => {}
            }
        }
    }
}

/// The events of both that are the same, and between them those that only one has: a longest common
/// sequence by type.
fn pairs<'a>(ours: &[&'a Kept], theirs: &[&'a Kept]) -> Vec<(Option<&'a Kept>, Option<&'a Kept>)> {
    let width = theirs.len() + 1;
    let mut longest = vec![0_u32; (ours.len() + 1) * width];
    for (at, a) in ours.iter().enumerate().rev() {
        for (bt, b) in theirs.iter().enumerate().rev() {
            longest[at * width + bt] = if same(a, b) {
                longest[(at + 1) * width + bt + 1] + 1
            } else {
                longest[(at + 1) * width + bt].max(longest[at * width + bt + 1])
            };
        }
    }
    let (mut at, mut bt, mut pairs) = (0, 0, Vec::new());
    while at < ours.len() || bt < theirs.len() {
        let (a, b) = (ours.get(at).copied(), theirs.get(bt).copied());
        match (a, b) {
            (Some(ours), Some(theirs)) if same(ours, theirs) => {
                pairs.push((a, b));
                (at, bt) = (at + 1, bt + 1);
            }
            (_, None) => {
                pairs.push((a, None));
                at += 1;
            }
            (Some(_), Some(_))
                if longest[(at + 1) * width + bt] >= longest[at * width + bt + 1] =>
            {
                pairs.push((a, None));
                at += 1;
            }
            _ => {
                pairs.push((None, b));
                bt += 1;
            }
        }
    }
    pairs
}

/// Whether two events are of the same call.
fn same(a: &Kept, b: &Kept) -> bool {
    a.kind == b.kind && (a.kind != GENERIC_X || a.int("ID") == b.int("ID"))
}

/// Compares two events, parameter by parameter.
fn compare_event(place: (&str, &str), ours: (&Kept, &Side<'_>), theirs: (&Kept, &Side<'_>)) {
    let (live, trace) = (ours.0.event(), theirs.0.event());
    for (at, info) in live.info().params.iter().enumerate() {
        let (a, b) = (live.bytes(at), trace.bytes(at));
        let is_thread = info.ty == ParamType::Pid || info.name == "res";
        let name = |event: &event::Event<'_>, side: &Side<'_>| {
            event.int(at).and_then(|tid| side.names.get(&tid)).cloned()
        };
        let same_thread = || {
            let name = name(&live, ours.1);
            is_thread && name.is_some() && name == self::name_of(theirs.1, trace.int(at))
        };
        if a == b || same_thread() || differences::may_differ(ours.0.kind, info.name) {
            continue;
        }
        let shown = |bytes: Option<&[u8]>, int: Option<i64>| {
            let bytes = bytes.map(|bytes| bytes[..bytes.len().min(300)].escape_ascii().to_string());
            format!("{} ({})", bytes.unwrap_or("-".into()), int.unwrap_or_default())
        };
        let (kind, (act, thread)) = (live.info().name, place);
        tell(
            "differences",
            &format!(
                "{act}: {thread}: {kind}.{}: live {} traced {}   [{}]",
                info.name,
                shown(a, live.int(at)),
                shown(b, trace.int(at)),
                theirs.0.told(),
            ),
        );
    }
}

fn name_of(side: &Side<'_>, tid: Option<i64>) -> Option<Name> {
    side.names.get(&tid?).cloned()
}
