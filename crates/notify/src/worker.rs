//! The thread of one output: takes alerts from its queue and delivers them, in order.

use std::sync::Arc;

use event::alert::Alert;

use crate::{
    notice::{Change, Notice, Tell},
    queue::{Fate, Queue},
    settings::Retry,
    sink::{Failure, Sink},
};

/// See the module.
pub(crate) struct Worker {
    pub(crate) queue: Arc<Queue>,
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) retry: Retry,
    pub(crate) tell: Says,
}

/// Says what changed about one output.
#[derive(Clone)]
pub(crate) struct Says {
    output: Arc<str>,
    tell: Tell,
    fails: bool,
}

/// Why the worker delivers nothing any more.
enum Stop {
    OutOfTime,
    Ended(std::io::Error),
}

impl Worker {
    /// Runs until the queue is closed and empty, or out of time, or the output ended.
    pub(crate) fn run(mut self) {
        while let Some(alert) = self.queue.front() {
            match self.deliver(&alert) {
                Ok(fate) => {
                    if let Some(dropped) = self.queue.settle(fate) {
                        self.tell.say(Change::HasRoom { dropped });
                    }
                }
                Err(Stop::OutOfTime) => break,
                Err(Stop::Ended(error)) => {
                    self.queue.end(error);
                    break;
                }
            }
        }
        self.queue.finishing();
        self.sink.finish();
        self.queue.finished();
    }

    fn deliver(&mut self, alert: &Alert) -> Result<Fate, Stop> {
        for attempt in 1.. {
            let (reason, after) = match self.sink.deliver(alert) {
                Ok(()) => {
                    self.tell.works();
                    return Ok(Fate::Delivered);
                }
                Err(Failure::Impaired(reason)) => {
                    self.tell.fails(reason);
                    return Ok(Fate::Delivered);
                }
                Err(Failure::Refused(reason)) => {
                    self.tell.fails(reason);
                    return Ok(Fate::NotDelivered);
                }
                Err(Failure::Ended(error)) => return Err(Stop::Ended(error)),
                Err(Failure::Retry { reason, after }) => (reason, after),
            };
            self.tell.fails(reason);
            if attempt >= self.retry.attempts {
                break;
            }
            let pause = after.unwrap_or_else(|| self.retry.pause(attempt)).min(self.retry.most);
            if !self.queue.pause(pause) {
                return Err(Stop::OutOfTime);
            }
        }
        Ok(Fate::NotDelivered)
    }
}

impl Says {
    pub(crate) fn new(output: &str, tell: Tell) -> Self {
        Self { output: output.into(), tell, fails: false }
    }

    pub(crate) fn say(&self, change: Change) {
        (self.tell)(&Notice { output: Arc::clone(&self.output), change });
    }

    fn works(&mut self) {
        if std::mem::replace(&mut self.fails, false) {
            self.say(Change::Works);
        }
    }

    fn fails(&mut self, reason: String) {
        if !std::mem::replace(&mut self.fails, true) {
            self.say(Change::Fails(reason));
        }
    }
}
