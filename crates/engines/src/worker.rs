//! The thread that asks. Each question is a task of its own, so that none waits for another.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc::Sender},
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, mpsc::UnboundedReceiver};

use crate::{
    Answer, Hint, Limits,
    book::{Book, ContainerId, Fate},
    description::Description,
    pace::Pace,
    source::Reply,
    sources::Sources,
    task::Task,
};

/// A question is not asked again where it would have to wait longer than this for its turn.
const MOST_WAIT: Duration = Duration::from_millis(500);
/// Most bytes of what is told in one listing.
const MOST_LISTED_BYTES: usize = 32 << 20;

/// What both threads see.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) sources: Sources,
    /// Answers that there is room for.
    pub(crate) room: Semaphore,
    book: Mutex<Book>,
    pace: Mutex<Pace>,
}

/// What the worker is told to do.
pub(crate) enum Order {
    Ask(Question),
    List { into: Arc<Listing>, done: Sender<()> },
}

/// A question.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) id: ContainerId,
    /// As much of the id as is known.
    pub(crate) text: String,
    pub(crate) hint: Hint,
}

/// What was told of in a listing.
#[derive(Debug, Default)]
pub(crate) struct Listing(Mutex<Listed>);

#[derive(Debug, Default)]
struct Listed {
    /// With the place of who told it among all.
    by_id: BTreeMap<ContainerId, (usize, Answer)>,
    bytes: usize,
}

impl Shared {
    pub(crate) fn new(limits: Limits, sources: Sources) -> Self {
        Self {
            room: Semaphore::new(limits.answers),
            book: Mutex::new(Book::new(&limits)),
            pace: Mutex::new(Pace::new(Instant::now())),
            limits,
            sources,
        }
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> Duration {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).wait(Instant::now())
    }
}

/// Carries out orders until nobody gives any more.
pub(crate) async fn run(
    shared: Arc<Shared>,
    mut orders: UnboundedReceiver<Order>,
    answers: Sender<Answer>,
) {
    while let Some(order) = orders.recv().await {
        let shared = Arc::clone(&shared);
        match order {
            Order::Ask(question) => {
                tokio::spawn(settle(shared, question, answers.clone()));
            }
            Order::List { into, done } => {
                tokio::spawn(async move {
                    list(&shared, &into).await;
                    // Whoever asked may have lost patience.
                    let _ = done.send(());
                });
            }
        }
    }
}

/// Finds the answer to a question.
async fn settle(shared: Arc<Shared>, question: Question, answers: Sender<Answer>) {
    let fate = match pursue(&shared, &question).await {
        Reply::Found(description) => {
            // It waits here until there is room.
            if let Ok(room) = shared.room.acquire().await {
                room.forget();
            }
            // Whoever asked may be gone.
            let _ = answers.send(Answer::new(question.id, &description));
            Fate::Answered
        }
        Reply::Absent | Reply::NotFound => Fate::Unknown,
        Reply::Failed => Fate::Failed,
    };
    shared.book().end(question.id, fate, Instant::now());
}

/// Asks, and asks again: a container has control groups before its engine tells of it.
async fn pursue(shared: &Shared, question: &Question) -> Reply {
    tokio::time::sleep(shared.turn()).await;
    let mut reply = attempt(shared, question).await;
    for pause in &shared.limits.retries {
        if matches!(reply, Reply::Found(_) | Reply::Absent) {
            break;
        }
        tokio::time::sleep(*pause).await;
        let wait = shared.turn();
        if wait > MOST_WAIT {
            break;
        }
        tokio::time::sleep(wait).await;
        shared.book().retry();
        reply = attempt(shared, question).await;
    }
    reply
}

/// Asks everyone who may know at once, and takes the best answer there is.
async fn attempt(shared: &Shared, question: &Question) -> Reply {
    let ask = |source: Arc<crate::source::Source>| {
        let id = question.text.clone();
        Task::spawn(async move { source.ask(&id).await })
    };
    let asked: Vec<_> = shared.sources.of(question.hint).into_iter().map(ask).collect();
    let mut reply = Reply::Absent;
    for task in asked {
        match (task.join().await.unwrap_or(Reply::Failed), &reply) {
            (found @ Reply::Found(_), _) => return found,
            (Reply::Failed, _) => reply = Reply::Failed,
            (Reply::NotFound, Reply::Absent) => reply = Reply::NotFound,
            _ => {}
        }
    }
    reply
}

/// Everything that every source knows.
async fn list(shared: &Shared, into: &Arc<Listing>) {
    let list = |(place, source): (usize, Arc<crate::source::Source>)| {
        let into = Arc::clone(into);
        Task::spawn(async move { source.list(|description| into.add(place, &description)).await })
    };
    let listed: Vec<_> = shared.sources.all().into_iter().enumerate().map(list).collect();
    for task in listed {
        task.join().await;
    }
}

impl Listing {
    fn add(&self, place: usize, description: &Description) {
        let Some(id) = ContainerId::of(&description.id) else { return };
        let mut listed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = listed.by_id.get(&id);
        if before.is_some_and(|(better, _)| *better <= place) {
            return;
        }
        let answer = Answer::new(id, description);
        let bytes = listed.bytes + answer.json.len() - before.map_or(0, |(_, old)| old.json.len());
        if bytes <= MOST_LISTED_BYTES {
            listed.bytes = bytes;
            listed.by_id.insert(id, (place, answer));
        }
    }

    /// What was told up to now.
    pub(crate) fn take(&self) -> Vec<Answer> {
        let listed = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        listed.by_id.into_values().map(|(_, answer)| answer).collect()
    }
}
