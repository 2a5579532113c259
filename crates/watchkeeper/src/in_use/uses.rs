//! From events into a store.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use inuse::{Index, Scope, Watcher, encode};
use state::{Context, State};
use store::Store;

use super::{mapped::Mapped, of_store};
use crate::error::{Error, Outcome};

/// What was not seen for so many days is forgotten.
pub(crate) const KEPT_DAYS: u32 = 90;
const DAY_S: u32 = 24 * 60 * 60;
/// What is new reaches the disk within this time.
const EVERY: Duration = Duration::from_secs(60);

/// Keeps in a store what is in use.
///
/// What can't be kept is said, and tried again; everything else goes on.
pub(crate) struct Uses {
    store: Rc<Store>,
    watcher: Watcher,
    kept: Instant,
    failures: u64,
    outcome: Outcome,
}

impl Uses {
    /// Goes on with what the store has. An index that can't be read is set aside.
    ///
    /// # Errors
    /// If it can neither be read nor set aside.
    pub(crate) fn start(store: Rc<Store>, scope: Scope) -> Result<Self, Error> {
        let index = match of_store(&store) {
            Ok(index) => index.unwrap_or_default(),
            Err(error) => {
                let aside = store.set_in_use_aside()?;
                say!("{error}; it is now {}, and another one begins", aside.display());
                Index::default()
            }
        };
        let mut watcher = Watcher::new(index);
        watcher.begin(scope);
        let (kept, failures, outcome) = (Instant::now(), 0, Outcome::Done);
        Ok(Self { store, watcher, kept, failures, outcome })
    }

    /// Another recording begins.
    pub(crate) fn begin(&mut self, scope: Scope) {
        self.watcher.begin(scope);
    }

    /// What processes have in memory before the first event.
    pub(crate) fn found(&mut self, mapped: Vec<Mapped>) {
        self.watcher.found(mapped);
    }

    /// An event.
    #[inline]
    pub(crate) fn event(&mut self, context: &Context<'_>) {
        self.watcher.event(context);
    }

    /// It is this time, ns since the epoch: now and then what is known is kept.
    pub(crate) fn tick(&mut self, now_ns: u64, state: &State) {
        if self.kept.elapsed() >= EVERY {
            self.watcher.settle(now_ns, state);
            self.keep();
        }
    }

    /// The recording ended.
    pub(crate) fn end(&mut self, state: &State) {
        self.watcher.end(state);
        self.keep();
    }

    /// What is known.
    pub(crate) fn index(&self) -> &Index {
        self.watcher.index()
    }

    /// Whether everything could be kept.
    pub(crate) fn finish(self) -> Outcome {
        self.outcome
    }

    fn keep(&mut self) {
        self.kept = Instant::now();
        let index = self.watcher.index_mut();
        index.forget_older(KEPT_DAYS * DAY_S);
        index.trim();
        match self.store.keep_in_use(&encode(index)) {
            Ok(()) => {
                // What failed before is in it now.
                (self.failures, self.outcome) = (0, Outcome::Done);
            }
            Err(error) => {
                if self.failures == 0 {
                    say!("what is in use could not be kept: {error}");
                }
                self.failures += 1;
                self.outcome = Outcome::InPart;
            }
        }
    }
}
