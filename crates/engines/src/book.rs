//! Which questions need asking.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use crate::{Figures, Limits, description::SHORT_ID_CHARS};

/// Most ended questions that are remembered.
const MOST_ENDED: usize = 4096;

/// A container by the part of its id that events have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct ContainerId {
    bytes: [u8; SHORT_ID_CHARS],
    length: u8,
}

/// The longest id that an engine takes.
const LONGEST_ID: usize = 128;

impl ContainerId {
    /// None if no engine has such ids.
    pub(crate) fn of(id: &str) -> Option<Self> {
        let is_plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        let starts = id.bytes().next()?.is_ascii_alphanumeric();
        if !is_plain || !starts || id.len() > LONGEST_ID {
            return None;
        }
        let length = id.len().min(SHORT_ID_CHARS);
        let mut bytes = [0; SHORT_ID_CHARS];
        bytes[..length].copy_from_slice(&id.as_bytes()[..length]);
        Some(Self { bytes, length: u8::try_from(length).unwrap_or_default() })
    }

    pub(crate) fn as_str(&self) -> &str {
        let bytes = &self.bytes[..usize::from(self.length)];
        // It is ASCII.
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// What became of a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    Answered,
    Unknown,
    Failed,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Book {
    questions: HashMap<ContainerId, Question>,
    /// Ended ones and when that is forgotten, about in that order.
    ended: VecDeque<(ContainerId, Instant)>,
    most_waiting: usize,
    told: Duration,
    unknown: Duration,
    /// All but the sources.
    figures: Figures,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Question {
    Waits,
    Ended { forgotten_at: Instant },
}

/// What is to be done about a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Noted {
    New,
    Merged,
    Dropped,
}

impl Book {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            questions: HashMap::new(),
            ended: VecDeque::new(),
            most_waiting: limits.waiting,
            told: limits.told,
            unknown: limits.unknown,
            figures: Figures::default(),
        }
    }

    /// Notes a question.
    pub(crate) fn note(&mut self, id: ContainerId, now: Instant) -> Noted {
        self.figures.asked += 1;
        match self.questions.get(&id) {
            Some(Question::Waits) => self.merged(),
            Some(Question::Ended { forgotten_at }) if *forgotten_at > now => self.merged(),
            _ if self.figures.waiting >= self.most_waiting as u64 => {
                self.figures.dropped += 1;
                Noted::Dropped
            }
            _ => {
                self.questions.insert(id, Question::Waits);
                self.figures.waiting += 1;
                Noted::New
            }
        }
    }

    fn merged(&mut self) -> Noted {
        self.figures.merged += 1;
        Noted::Merged
    }

    /// Counts a question whose id no engine has.
    pub(crate) fn refuse(&mut self) {
        self.figures.asked += 1;
        self.figures.refused += 1;
    }

    /// Counts a further attempt.
    pub(crate) fn retry(&mut self) {
        self.figures.retried += 1;
    }

    /// Notes what became of a question that waited.
    pub(crate) fn end(&mut self, id: ContainerId, fate: Fate, now: Instant) {
        if self.questions.get(&id) != Some(&Question::Waits) {
            return;
        }
        self.figures.waiting -= 1;
        let (figure, remembered) = match fate {
            Fate::Answered => (&mut self.figures.answered, self.told),
            Fate::Unknown => (&mut self.figures.unknown, self.unknown),
            Fate::Failed => (&mut self.figures.failed, self.told),
        };
        *figure += 1;
        let forgotten_at = now + remembered;
        self.questions.insert(id, Question::Ended { forgotten_at });
        self.ended.push_back((id, forgotten_at));
        self.forget(now);
    }

    fn forget(&mut self, now: Instant) {
        while let Some(&(id, at)) = self.ended.front()
            && (at <= now || self.ended.len() > MOST_ENDED)
        {
            self.ended.pop_front();
            // It may wait again, or have ended again.
            if self.questions.get(&id) == Some(&Question::Ended { forgotten_at: at }) {
                self.questions.remove(&id);
            }
        }
    }

    /// What became of questions; no sources.
    pub(crate) fn figures(&self) -> Figures {
        self.figures.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> ContainerId {
        ContainerId::of(&format!("{n:064x}").chars().rev().collect::<String>()).unwrap()
    }

    fn book() -> (Book, Instant) {
        (Book::new(&Limits { waiting: 2, ..Limits::default() }), Instant::now())
    }

    #[test]
    fn what_is_under_way_is_not_asked_twice() {
        let (mut book, now) = book();
        assert_eq!(book.note(id(1), now), Noted::New);
        assert_eq!(book.note(id(1), now), Noted::Merged);
        assert_eq!(book.note(id(2), now), Noted::New);
        assert_eq!(book.note(id(3), now), Noted::Dropped);
        let want = Figures { asked: 4, merged: 1, dropped: 1, waiting: 2, ..Figures::default() };
        assert_eq!(book.figures(), want);
    }

    #[test]
    fn what_no_engine_knew_is_asked_again_only_after_a_while() {
        let (mut book, now) = book();
        let limits = Limits::default();
        for (fate, remembered) in [
            (Fate::Unknown, limits.unknown),
            (Fate::Answered, limits.told),
            (Fate::Failed, limits.told),
        ] {
            assert_eq!(book.note(id(1), now), Noted::New, "{fate:?}");
            book.end(id(1), fate, now);
            let nearly = now + remembered - Duration::from_millis(1);
            assert_eq!(book.note(id(1), nearly), Noted::Merged, "{fate:?}");
            assert_eq!(book.note(id(1), now + remembered), Noted::New, "{fate:?}");
            book.end(id(1), fate, now - remembered);
        }
    }

    #[test]
    fn a_storm_of_ids_takes_bounded_memory() {
        let (mut book, now) = book();
        for n in 0..3 * MOST_ENDED {
            assert_eq!(book.note(id(n), now), Noted::New);
            book.end(id(n), Fate::Unknown, now);
        }
        assert!(book.questions.len() <= MOST_ENDED && book.ended.len() <= MOST_ENDED);
        assert_eq!(book.figures().unknown, 3 * MOST_ENDED as u64);
    }

    #[test]
    fn ids_that_no_engine_has_are_refused() {
        for text in ["", "../../etc", "a/b", "a b", ".a", "é", &"a".repeat(129)] {
            assert_eq!(ContainerId::of(text), None, "{text}");
        }
        for (text, short) in [("web", "web"), ("my_redis-1.5.x", "my_redis-1.5")] {
            assert_eq!(ContainerId::of(text).unwrap().as_str(), short);
        }
    }
}
