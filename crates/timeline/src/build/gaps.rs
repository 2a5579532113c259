//! Where the record is known to be incomplete, as far as the record itself tells.

use event::{loss, syscalls as ev};
use serde::Deserialize;
use state::{Context, Counters};

use crate::model::{Gap, GapKind, Window};

/// Events of several CPUs come a little out of order; only what goes back further is a clock that
/// was set back, ns.
const OUT_OF_ORDER_NS: u64 = 100_000_000;

/// What a recorder says in the recording of what it lost.
#[derive(Deserialize)]
struct Notice {
    events: u64,
    from_ns: u64,
}

/// Gaps that were told, and those that the events show.
#[derive(Debug)]
pub(super) struct Gaps {
    most: usize,
    list: Vec<Gap>,
    /// When the recorder began to leave events out.
    dropping_since_ns: Option<u64>,
    /// What the state had forgotten before the first event.
    forgotten_before: u64,
}

impl Gaps {
    pub(super) fn new(most: usize) -> Self {
        Self { most, list: Vec::new(), dropping_since_ns: None, forgotten_before: 0 }
    }

    /// Notes what the state has forgotten when the window begins.
    pub(super) fn begin(&mut self, counters: Counters) {
        self.forgotten_before = forgotten(counters);
    }

    pub(super) fn push(&mut self, gap: Gap) {
        if self.list.len() < self.most {
            self.list.push(gap);
        }
    }

    /// Looks at an event, of which `last_ns` is the time of the latest before it.
    pub(super) fn event(&mut self, context: &Context<'_>, last_ns: u64) {
        let now_ns = context.event.ts_ns;
        let back_ns = last_ns.saturating_sub(now_ns);
        if back_ns > OUT_OF_ORDER_NS {
            let kind = GapKind::ClockStep { back_ns };
            self.push(Gap { from_ns: now_ns, to_ns: last_ns, kind });
        }
        match context.event.kind {
            ev::DROP_E => {
                self.dropping_since_ns.get_or_insert(now_ns);
            }
            ev::DROP_X => self.dropped_until(now_ns),
            ev::ASYNCEVENT_E if context.event.text(1) == Some(loss::NOTICE.as_bytes()) => {
                let data = context.event.bytes(2).unwrap_or_default();
                if let Ok(Notice { events, from_ns }) = serde_json::from_slice(data) {
                    let from_ns = from_ns.min(now_ns);
                    self.push(Gap { from_ns, to_ns: now_ns, kind: GapKind::Lost { events } });
                }
            }
            _ => {}
        }
    }

    fn dropped_until(&mut self, to_ns: u64) {
        let from_ns = self.dropping_since_ns.take().unwrap_or(to_ns);
        self.push(Gap { from_ns, to_ns, kind: GapKind::Lost { events: 0 } });
    }

    /// The gaps by time.
    pub(super) fn finish(mut self, counters: Counters, window: &Window) -> Vec<Gap> {
        let Window { first_ns, last_ns, .. } = *window;
        if self.dropping_since_ns.is_some() {
            self.dropped_until(last_ns);
        }
        let count = forgotten(counters).saturating_sub(self.forgotten_before);
        if count > 0 {
            let kind = GapKind::Forgotten { count };
            self.list.push(Gap { from_ns: first_ns, to_ns: last_ns, kind });
        }
        self.list.sort_by_key(|gap| (gap.from_ns, gap.to_ns));
        self.list
    }
}

fn forgotten(counters: Counters) -> u64 {
    let Counters { threads_evicted, fds_evicted, containers_evicted } = counters;
    threads_evicted.saturating_add(fds_evicted).saturating_add(containers_evicted)
}
