//! Repeats of an alert become one.
//!
//! The first alert goes out at once. What the same rule then says of the same process and target
//! within the window is only counted; when the window closes, the first alert goes out once more
//! with the count, unless nothing was repeated. Another rule, process or target is another alert,
//! always. Time is that of the events. The table of open windows is bounded: when it is full, the
//! oldest closes early.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use event::alert::{Alert, Repeats, Subject};

/// Most windows open at a time.
pub const MOST_OPEN: usize = 4096;
/// Most memory that the alerts and subjects of open windows take, bytes.
pub const MOST_BYTES: usize = 16 << 20;

/// Folds repeats.
#[derive(Debug)]
pub struct Fold {
    window_ns: u64,
    open: HashMap<Arc<Key>, Window>,
    /// Keys of `open` in the order in which they were opened.
    order: VecDeque<Arc<Key>>,
    bytes: usize,
    folded: u64,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    rule: usize,
    subject: Subject,
}

#[derive(Debug)]
struct Window {
    alert: Alert,
    count: u64,
    last_ns: u64,
}

impl Fold {
    /// Folds what happens within `window_ns` after the first.
    pub fn new(window_ns: u64) -> Self {
        Self { window_ns, open: HashMap::new(), order: VecDeque::new(), bytes: 0, folded: 0 }
    }

    /// Takes in that a rule, known by its place, matched at `ts_ns`. What is to go out now is added
    /// to `out`: windows that closed, and the alert, made by `make`, if it is no repeat.
    pub fn matched(
        &mut self,
        rule: usize,
        subject: Subject,
        ts_ns: u64,
        make: impl FnOnce(Subject) -> Option<Alert>,
        out: &mut Vec<Alert>,
    ) {
        self.close(ts_ns, out);
        // Of unknown processes nobody can say whether they are the same.
        if subject.pid < 0 {
            out.extend(make(subject));
            return;
        }
        let key = Key { rule, subject };
        if let Some(window) = self.open.get_mut(&key) {
            window.count += 1;
            window.last_ns = window.last_ns.max(ts_ns);
            self.folded += 1;
            return;
        }
        if let Some(alert) = make(key.subject.clone()) {
            self.make_room(size_of(&alert), out);
            self.open_window(key, alert.clone());
            out.push(alert);
        }
    }

    /// Closes the windows that are over at `ts_ns`.
    pub fn close(&mut self, ts_ns: u64, out: &mut Vec<Alert>) {
        while let Some(oldest) = self.order.front() {
            let opened = self.open.get(oldest).map_or(0, |window| window.alert.ts_ns);
            if ts_ns.saturating_sub(opened) < self.window_ns {
                break;
            }
            self.close_oldest(out);
        }
    }

    /// Closes all windows, as the input ended.
    pub fn finish(&mut self, out: &mut Vec<Alert>) {
        while !self.order.is_empty() {
            self.close_oldest(out);
        }
    }

    fn open_window(&mut self, key: Key, alert: Alert) {
        let key = Arc::new(key);
        self.bytes += size_of(&alert);
        self.order.push_back(Arc::clone(&key));
        let last_ns = alert.ts_ns;
        self.open.insert(key, Window { alert, count: 1, last_ns });
    }

    fn make_room(&mut self, bytes: usize, out: &mut Vec<Alert>) {
        let is_full = |fold: &Self| fold.open.len() >= MOST_OPEN || fold.bytes + bytes > MOST_BYTES;
        while is_full(self) && !self.order.is_empty() {
            self.close_oldest(out);
        }
    }

    fn close_oldest(&mut self, out: &mut Vec<Alert>) {
        let oldest = self.order.pop_front().and_then(|key| self.open.remove(&key));
        let Some(Window { mut alert, count, last_ns }) = oldest else { return };
        self.bytes = self.bytes.saturating_sub(size_of(&alert));
        if count > 1 {
            alert.repeats = Some(Repeats { count, first_ns: alert.ts_ns, last_ns });
            out.push(alert);
        }
    }

    /// How many alerts did not go out on their own.
    pub fn folded(&self) -> u64 {
        self.folded
    }
}

fn size_of(alert: &Alert) -> usize {
    let target = alert.subject.target.len();
    // The target is in the key too.
    std::mem::size_of::<(Key, Window)>() + alert.output.len() + alert.fields.len() + 2 * target
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::alert::Priority;

    fn alert(ts_ns: u64, subject: Subject, output: &str) -> Alert {
        Alert {
            ts_ns,
            event_num: 1,
            rule: "r".into(),
            priority: Priority::Error,
            source: "syscall".into(),
            tags: Arc::new([]),
            hostname: "h".into(),
            output: output.to_owned(),
            fields: "{}".to_owned(),
            subject,
            repeats: None,
        }
    }

    fn subject(pid: i64, start_ns: u64, target: &str) -> Subject {
        Subject { pid, start_ns, target: target.into() }
    }

    /// Feeds a match; what goes out, as (first time, count).
    fn feed(fold: &mut Fold, rule: usize, subject: Subject, ts_ns: u64) -> Vec<(u64, u64)> {
        let mut out = Vec::new();
        fold.matched(rule, subject, ts_ns, |s| Some(alert(ts_ns, s, "")), &mut out);
        out.iter().map(shown).collect()
    }

    fn shown(alert: &Alert) -> (u64, u64) {
        (alert.ts_ns, alert.repeats.map_or(1, |repeats| repeats.count))
    }

    fn rest(fold: &mut Fold) -> Vec<Alert> {
        let mut out = Vec::new();
        fold.finish(&mut out);
        out
    }

    #[test]
    fn repeats_within_the_window_are_counted_and_told_when_it_closes() {
        let mut fold = Fold::new(100);
        let same = || subject(1, 0, "/etc/shadow");
        assert_eq!(feed(&mut fold, 0, same(), 1000), [(1000, 1)]);
        assert_eq!(feed(&mut fold, 0, same(), 1010), []);
        assert_eq!(feed(&mut fold, 0, same(), 1099), []);
        assert_eq!(feed(&mut fold, 0, same(), 1100), [(1000, 3), (1100, 1)]);
        assert_eq!(feed(&mut fold, 0, same(), 1105), []);
        let last = rest(&mut fold);
        assert_eq!(last.len(), 1);
        assert_eq!(last[0].repeats, Some(Repeats { count: 2, first_ns: 1100, last_ns: 1105 }));
        assert_eq!(fold.folded(), 3);
    }

    #[test]
    fn what_happened_once_is_told_once() {
        let mut fold = Fold::new(100);
        assert_eq!(feed(&mut fold, 0, subject(1, 0, "a"), 1000), [(1000, 1)]);
        assert_eq!(feed(&mut fold, 0, subject(1, 0, "a"), 2000), [(2000, 1)]);
        assert!(rest(&mut fold).is_empty());
    }

    #[test]
    fn another_rule_process_or_target_always_shows() {
        let mut fold = Fold::new(1_000_000);
        let others = [
            (0, subject(1, 5, "a")),
            (1, subject(1, 5, "a")),
            (0, subject(2, 5, "a")),
            (0, subject(1, 6, "a")),
            (0, subject(1, 5, "b")),
        ];
        for (rule, subject) in others {
            assert_eq!(feed(&mut fold, rule, subject, 10), [(10, 1)]);
        }
        for _ in 0..3 {
            assert_eq!(feed(&mut fold, 0, subject(-1, 0, "a"), 10), [(10, 1)], "unknown process");
        }
    }

    #[test]
    fn times_that_step_back_neither_close_nor_wrap() {
        let mut fold = Fold::new(100);
        assert_eq!(feed(&mut fold, 0, subject(1, 0, "a"), 1000), [(1000, 1)]);
        assert_eq!(feed(&mut fold, 0, subject(1, 0, "a"), 900), []);
        let last = rest(&mut fold);
        assert_eq!(last[0].repeats, Some(Repeats { count: 2, first_ns: 1000, last_ns: 1000 }));
    }

    #[test]
    fn a_full_table_closes_the_oldest_early() {
        let mut fold = Fold::new(u64::MAX);
        let of = |n: usize| subject(n as i64, 0, "a");
        for n in 0..MOST_OPEN {
            assert_eq!(feed(&mut fold, 0, of(n), 10), [(10, 1)]);
        }
        assert_eq!(feed(&mut fold, 0, of(0), 11), [], "a repeat needs no room");
        assert_eq!(feed(&mut fold, 0, of(MOST_OPEN), 12), [(10, 2), (12, 1)]);
        assert_eq!(feed(&mut fold, 0, of(1), 13), []);
        assert_eq!(feed(&mut fold, 0, of(0), 14), [(10, 2), (14, 1)]);
        assert_eq!(feed(&mut fold, 0, of(2), 15), [], "still open");
        assert_eq!(fold.open.len(), MOST_OPEN);
    }

    #[test]
    fn large_alerts_close_the_oldest_early() {
        let mut fold = Fold::new(u64::MAX);
        let large = "x".repeat(MOST_BYTES / 4);
        for pid in 0..100 {
            let mut out = Vec::new();
            let make = |s| Some(alert(10, s, &large));
            fold.matched(0, subject(pid, 0, ""), 10, make, &mut out);
            assert_eq!(out.len(), 1);
            assert!(fold.open.len() <= 4);
        }
        assert!(rest(&mut fold).is_empty());
        assert_eq!((fold.bytes, fold.open.len(), fold.order.len()), (0, 0, 0));
    }
}
