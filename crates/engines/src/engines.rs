//! The engines of this machine, asked by a thread of their own.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::{
    runtime,
    sync::mpsc::{UnboundedSender, unbounded_channel},
};

use crate::{
    Engine, Figures, Hint, Settings,
    book::{ContainerId, Noted},
    description::Description,
    sources::Sources,
    worker::{self, Listing, Order, Question, Shared},
};

/// Threads that read files, of which each may hang.
const FILE_THREADS: usize = 8;

/// The engines of this machine. Dropping it ends its thread, whatever that waits for.
#[derive(Debug)]
pub struct Engines {
    shared: Arc<Shared>,
    /// Taken away to end the thread.
    orders: Option<UnboundedSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

/// Where answers come out.
#[derive(Debug)]
pub struct Answers {
    receiver: Receiver<Answer>,
    shared: Arc<Shared>,
}

/// What was learned of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The id's first 12 characters.
    pub id: String,
    /// What runs it.
    pub engine: Engine,
    /// The JSON of a container event; at most 256 KiB.
    pub json: Vec<u8>,
}

/// What became of a question at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// It is being asked; an answer may come.
    Yes,
    /// It needs no asking: the same is under way, was answered a moment ago, or no engine knew.
    Before,
    /// Too many wait; ask again later.
    Dropped,
    /// No engine has such ids.
    Refused,
}

impl Engines {
    /// Starts the thread. Nobody is asked yet.
    ///
    /// # Errors
    /// If the thread or its runtime can't be had.
    pub fn start(settings: Settings) -> io::Result<(Self, Answers)> {
        let limits = settings.limits.clone();
        let shared = Arc::new(Shared::new(limits, Sources::new(Arc::new(settings))));
        let (orders, received) = unbounded_channel();
        let (sender, receiver) = mpsc::channel();
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(FILE_THREADS)
            .thread_name("engines-files")
            .build()?;
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("engines".to_owned()).spawn(move || {
            runtime.block_on(worker::run(of_thread, received, sender));
            // A thread that hangs in a file system is left behind.
            runtime.shutdown_background();
        })?;
        let answers = Answers { receiver, shared: Arc::clone(&shared) };
        Ok((Self { shared, orders: Some(orders), thread: Some(thread) }, answers))
    }

    /// Asks about a container; returns at once. `id` is as much of the container's id as is known: the
    /// whole one is better than the 12 characters of events, for Docker takes a short one for a
    /// container's name first.
    pub fn ask(&self, id: &str, hint: Hint) -> Asked {
        let Some(container) = ContainerId::of(id) else {
            self.shared.book().refuse();
            return Asked::Refused;
        };
        match self.shared.book().note(container, Instant::now()) {
            Noted::Merged => Asked::Before,
            Noted::Dropped => Asked::Dropped,
            Noted::New => {
                let question = Question { id: container, text: id.to_owned(), hint };
                self.order(Order::Ask(question));
                Asked::Yes
            }
        }
    }

    /// Every container that runs, by id; waits no longer than `patience`, and then returns what was
    /// told up to there.
    pub fn all(&self, patience: Duration) -> Vec<Answer> {
        let listing = Arc::<Listing>::default();
        let (done, wait) = mpsc::channel();
        self.order(Order::List { into: Arc::clone(&listing), done });
        // Who is late is left out.
        let _ = wait.recv_timeout(patience);
        listing.take()
    }

    /// What became of questions, and how each engine fares.
    pub fn figures(&self) -> Figures {
        let figures = self.shared.book().figures();
        Figures { sources: self.shared.sources.figures(), ..figures }
    }

    fn order(&self, order: Order) {
        // The thread takes orders for as long as there is somebody to give them.
        let _ = self.orders.as_ref().map(|orders| orders.send(order));
    }
}

impl Drop for Engines {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Answers {
    /// The next answer, if there is one.
    pub fn try_next(&self) -> Option<Answer> {
        let answer = self.receiver.try_recv().ok();
        self.taken(answer)
    }

    /// The next answer, if it comes within `patience`.
    pub fn next_within(&self, patience: Duration) -> Option<Answer> {
        let answer = self.receiver.recv_timeout(patience).ok();
        self.taken(answer)
    }

    fn taken(&self, answer: Option<Answer>) -> Option<Answer> {
        self.shared.room.add_permits(usize::from(answer.is_some()));
        answer
    }
}

impl Answer {
    pub(crate) fn new(id: ContainerId, description: &Description) -> Self {
        let json = description.json();
        Self { id: id.as_str().to_owned(), engine: description.engine, json }
    }
}
