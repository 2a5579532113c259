//! Event types that no rule tells apart, and what is left of the rules for them.

use event::{
    Event, EventType,
    syscalls::{ASYNCEVENT_E, GENERIC_X, SYSCALL_NAMES},
};

use super::{
    Map,
    pool::{NodeId, Pool},
};
use crate::fields::evt::syscall_code;

/// Rules by their places, with what is left of their conditions.
pub(super) type LeftRules = Vec<(usize, NodeId)>;

/// The class of each event type.
#[derive(Clone, Debug)]
pub(super) struct Types {
    /// By the type's number.
    of_type: Vec<u16>,
    /// Of the generic type, by the syscall's code.
    of_syscall: Vec<u16>,
}

impl Types {
    /// Sorts event types into classes, by what all tests of `evt.type` say about them. Also gives
    /// the rules that are left for each class.
    pub(super) fn of(roots: &[NodeId], pool: &mut Pool) -> (Self, Vec<LeftRules>) {
        let tests = 0..pool.tests.len();
        let deciding = tests.filter(|&test| pool.tests[test].test.is_of_type()).collect();
        let mut sorter =
            Sorter { roots, pool, deciding, known: Map::default(), classes: Vec::new() };
        let mut types = Self { of_type: Vec::new(), of_syscall: Vec::new() };
        for kind in EventType::all() {
            // The name of a notice stands in the event.
            let name = (kind != ASYNCEVENT_E).then(|| kind.info().name);
            let number = usize::from(kind.number());
            types.of_type.resize(types.of_type.len().max(number + 1), u16::MAX);
            types.of_type[number] = sorter.class(name);
        }
        types.of_syscall = SYSCALL_NAMES.iter().map(|name| sorter.class(Some(name))).collect();
        (types, sorter.classes)
    }

    /// The class of an event.
    pub(super) fn class(&self, event: &Event<'_>) -> usize {
        let class = if event.kind == GENERIC_X {
            self.of_syscall.get(syscall_code(event))
        } else {
            self.of_type.get(usize::from(event.kind.number()))
        };
        class.map_or(usize::MAX, |&class| usize::from(class))
    }

    /// The classes that events of this type can have.
    pub(super) fn classes(&self, kind: EventType) -> impl Iterator<Item = usize> {
        let of_type = self.of_type.get(usize::from(kind.number())).filter(|_| kind != GENERIC_X);
        let of_syscall = if kind == GENERIC_X { self.of_syscall.as_slice() } else { &[] };
        of_type.into_iter().chain(of_syscall).map(|&class| usize::from(class))
    }

    /// Names of the events of a class, each once, sorted.
    pub(super) fn names(&self, class: usize) -> Vec<&'static str> {
        let of_types = EventType::all()
            .filter(|&kind| kind != GENERIC_X && self.classes(kind).any(|of| of == class))
            .map(|kind| kind.info().name);
        let of_syscalls = self.of_syscall.iter().zip(SYSCALL_NAMES);
        let of_syscalls = of_syscalls.filter(|(of, _)| usize::from(**of) == class);
        let mut names: Vec<_> = of_types.chain(of_syscalls.map(|(_, name)| name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

struct Sorter<'p> {
    roots: &'p [NodeId],
    pool: &'p mut Pool,
    /// Tests that the type decides, by their places.
    deciding: Vec<usize>,
    /// Classes by what those tests say.
    known: Map<Vec<Option<bool>>, u16>,
    classes: Vec<LeftRules>,
}

impl Sorter<'_> {
    /// The class of events of this name; `None` is for names that are not known yet.
    fn class(&mut self, name: Option<&str>) -> u16 {
        let says = |&test: &usize| self.pool.tests[test].test.of_name(name?);
        let decided: Vec<_> = self.deciding.iter().map(says).collect();
        if let Some(class) = self.known.get(&decided) {
            return *class;
        }
        let class = self.classes.len() as u16;
        let mut truth = vec![None; self.pool.tests.len()];
        for (&test, &decided) in self.deciding.iter().zip(&decided) {
            truth[test] = decided;
        }
        let mut done = Map::default();
        let left = self.roots.iter().map(|&root| self.pool.decided(root, &truth, &mut done));
        let left = left.enumerate().filter(|&(_, root)| root != Pool::FALSE);
        self.classes.push(left.collect());
        self.known.insert(decided, class);
        class
    }
}
