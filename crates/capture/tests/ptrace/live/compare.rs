//! Two lists of events of the same act.

use event::{
    schema::ParamType,
    syscalls::{ASYNCEVENT_E, GENERIC_X},
};

use super::{
    differences,
    side::{Place, Side},
    tell,
};
use crate::harness::Kept;

/// Compares what is recorded of an act with its trace, and tells what differs.
pub(super) fn compare(act: &str, live: &[Kept], trace: &[Kept]) {
    if differences::is_a_race(act) {
        return;
    }
    let (live, trace) = (Side::of(live), Side::of(trace));
    let mut names: Vec<&str> = live.names().chain(trace.names()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        // Notices come before the call's event in one, and behind it in the other.
        for is_notice in [false, true] {
            let is = |place: &Place<'_>| (place.event.kind == ASYNCEVENT_E) == is_notice;
            let [ours, theirs] = [&live, &trace]
                .map(|side| side.thread(name).into_iter().filter(is).collect::<Vec<_>>());
            for difference in pairs(&ours, &theirs).into_iter().filter_map(compare_pair) {
                tell("differences", &format!("{act}: {name}: {difference}"));
            }
        }
    }
}

/// Events of both that are the same, or one that only one of them has.
#[derive(Clone, Copy)]
enum Pair<'a> {
    Both(Place<'a>, Place<'a>),
    Live(Place<'a>),
    Trace(Place<'a>),
}

/// The events of both that are the same, and between them those that only one has: a longest common
/// sequence by type.
fn pairs<'a>(ours: &[Place<'a>], theirs: &[Place<'a>]) -> Vec<Pair<'a>> {
    let longest = Longest::of(ours, theirs);
    let (mut at, mut bt, mut pairs) = (0, 0, Vec::new());
    while at < ours.len() || bt < theirs.len() {
        match (ours.get(at), theirs.get(bt)) {
            (Some(a), Some(b)) if same(a.event, b.event) => {
                pairs.push(Pair::Both(*a, *b));
                (at, bt) = (at + 1, bt + 1);
            }
            (Some(a), b) if b.is_none() || longest.at(at + 1, bt) >= longest.at(at, bt + 1) => {
                pairs.push(Pair::Live(*a));
                at += 1;
            }
            (_, b) => {
                pairs.extend(b.map(|b| Pair::Trace(*b)));
                bt += 1;
            }
        }
    }
    pairs
}

/// How many events of both are the same from a place of each on.
struct Longest {
    width: usize,
    of: Vec<u32>,
}

impl Longest {
    fn of(ours: &[Place<'_>], theirs: &[Place<'_>]) -> Self {
        let width = theirs.len() + 1;
        let mut longest = Longest { width, of: vec![0; (ours.len() + 1) * width] };
        for (at, a) in ours.iter().enumerate().rev() {
            for (bt, b) in theirs.iter().enumerate().rev() {
                longest.of[at * width + bt] = match same(a.event, b.event) {
                    true => longest.at(at + 1, bt + 1) + 1,
                    false => longest.at(at + 1, bt).max(longest.at(at, bt + 1)),
                };
            }
        }
        longest
    }

    fn at(&self, at: usize, bt: usize) -> u32 {
        self.of[at * self.width + bt]
    }
}

/// Whether two events are of the same call.
fn same(a: &Kept, b: &Kept) -> bool {
    let was_interrupted = differences::was_interrupted;
    if a.kind != b.kind || was_interrupted(a) != was_interrupted(b) {
        return false;
    }
    let (live, trace) = (a.event(), b.event());
    let mut params = live.info().params.iter().enumerate();
    match a.kind {
        GENERIC_X => live.int(0) == trace.int(0),
        // Of the same fd, unless it is what came of the call.
        _ => params.all(|(at, param)| {
            at == 0 || param.ty != ParamType::Fd || live.int(at) == trace.int(at)
        }),
    }
}

/// What differs, if it may not.
fn compare_pair(pair: Pair<'_>) -> Option<String> {
    let told = |place: Place<'_>| {
        let name = |event: &Kept| event.kind.info().name;
        let before = place.before().map_or("nothing", |before| name(before.event));
        format!("{} {}, behind {before}", name(place.event), place.event.told())
    };
    match pair {
        Pair::Both(ours, theirs) => compare_events(ours, theirs),
        Pair::Live(ours) => {
            (!differences::may_be_only_live(ours)).then(|| format!("only live: {}", told(ours)))
        }
        Pair::Trace(theirs) => (!differences::may_be_only_traced(theirs))
            .then(|| format!("only traced: {}", told(theirs))),
    }
}

/// Compares two events, parameter by parameter.
fn compare_events(ours: Place<'_>, theirs: Place<'_>) -> Option<String> {
    let info = ours.event.kind.info();
    let mut differ = Vec::new();
    for (at, param) in info.params.iter().enumerate() {
        let is_thread = param.ty == ParamType::Pid || param.name == "res";
        if !equal(at, is_thread, ours, theirs) && !differences::may_differ(param.name, ours, theirs)
        {
            differ.push(format!(
                "{}.{}: live {}, traced {}",
                info.name,
                param.name,
                shown(at, ours.event),
                shown(at, theirs.event)
            ));
        }
    }
    (!differ.is_empty()).then(|| format!("{} [{}]", differ.join("; "), theirs.event.told()))
}

/// Whether a parameter is the same in both, but for the numbers that threads have.
fn equal(at: usize, is_thread: bool, ours: Place<'_>, theirs: Place<'_>) -> bool {
    let (live, trace) = (ours.event.event(), theirs.event.event());
    let (a, b) = (live.bytes(at).unwrap_or_default(), trace.bytes(at).unwrap_or_default());
    if a == b {
        return true;
    }
    let name = |place: Place<'_>, tid: Option<i64>| place.side.name(tid?).map(str::to_owned);
    if is_thread {
        let (a, b) = (name(ours, live.int(at)), name(theirs, trace.int(at)));
        return a.is_some() && a == b;
    }
    let ty = live.info().params[at].ty;
    let may_name = matches!(ty, ParamType::ByteBuf | ParamType::SockAddr | ParamType::SockTuple);
    may_name && ours.side.named(a) == theirs.side.named(b)
}

/// A parameter as a person sees it: of long ones the ends.
fn shown(at: usize, event: &Kept) -> String {
    let event = event.event();
    if let Some(number) = event.int(at) {
        return number.to_string();
    }
    let bytes = event.bytes(at).unwrap_or_default();
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    match bytes.len() {
        0..=200 => format!("'{}'", text(bytes)),
        length => {
            format!("{length} bytes '{}'..'{}'", text(&bytes[..100]), text(&bytes[length - 50..]))
        }
    }
}
