//! The state machine: records in, contexts out.

use std::collections::HashMap;

use event::{
    Event,
    schema::Origin,
    snapshot::{FdEntry, FdKind, Record, ThreadEntry},
    syscalls,
};

use crate::{
    Audience, Context, Counters, Fd, Limits, MachineInfo, Thread,
    census::Census,
    containers::Containers,
    cpu_time::CpuTime,
    fds,
    interfaces::Interfaces,
    parse,
    text::Pool,
    thread::SpareEnters,
    threads::{Key, RecentExits, Table},
    users::Users,
};

/// Everything known so far.
///
/// A copy behaves as the original does. It shares all texts and tables of fds with it, so copying
/// costs little more than one allocation for each thread, for each process and for each parent; what
/// changes later on either side is copied then.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(crate) limits: Limits,
    pub(crate) counters: Counters,
    pub(crate) interfaces: Interfaces,
    pub(crate) cpu: CpuTime,
    pub(crate) machine: MachineInfo,
    pub(crate) threads: Table,
    pub(crate) users: Users,
    pub(crate) containers: Containers,
    pub(crate) exits: RecentExits,
    pub(crate) pool: Pool,
    pub(crate) spare_enters: SpareEnters,
    /// Reused for paths.
    pub(crate) scratch: Vec<u8>,
    pub(crate) deferred: Deferred,
    pub(crate) census: Census,
    /// Whose child each thread is that a snapshot says is not its parent's.
    pub(crate) holders: HashMap<i64, Option<i64>>,
    /// Ports that some process of the snapshot listens on.
    server_ports: Vec<u16>,
    /// Whether events have begun; entries of a snapshot come before.
    pub(crate) in_events: bool,
    /// Whether an event came that is not one of the notices that complete a snapshot.
    pub(crate) past_notices: bool,
    num: u64,
    first_ts_ns: u64,
    last_ts_ns: Option<u64>,
}

/// What an event ends is still there while the event is looked at, and goes before the next one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deferred {
    /// Thread that exited.
    pub(crate) exit: Option<i64>,
    /// Thread that closed an fd, and its number.
    pub(crate) close: Option<(i64, i64)>,
}

impl State {
    /// Knows nothing yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, containers: Containers::new(limits.containers), ..Self::default() }
    }

    /// Takes in an entry of the snapshot. Events belong into [`State::event`].
    pub fn record(&mut self, record: &Record<'_>) {
        match record {
            Record::Section => self.restart(),
            Record::Machine(machine) => self.machine = machine.into(),
            Record::Thread(entry) => self.thread_entry(entry),
            Record::Fd(tid, entry) => self.fd_entry(*tid, entry),
            Record::Interface(interface) => self.interfaces.add(interface),
            Record::User(_) | Record::Group(_) => self.users.record(record),
            Record::Event(_) => {}
        }
    }

    /// Takes in an event and says all that is known about it.
    pub fn event<'a>(&'a mut self, event: Event<'a>) -> Context<'a> {
        let audience = self.audience(&event);
        let prev_ts_ns = self.begin(&event, audience);
        let mut at = self.locate(event);
        self.containers.event(&event);
        if event.kind == syscalls::ASYNCEVENT_E {
            self.notice(&event);
        }
        parse::event(self, &mut at);
        let thread = at.thread.or_else(|| self.threads.find_active(event.tid));
        self.cpu.event(&event, thread.and_then(|key| self.threads.get_mut(key)));
        self.finish(&at);
        let fd = at.fd.and_then(|(owner, num)| self.threads.get(owner)?.fds.get(&num));
        Context {
            event,
            num: self.num,
            first_ts_ns: self.first_ts_ns,
            prev_ts_ns,
            audience,
            state: self,
            thread: thread.and_then(|key| self.threads.get(key)),
            fd,
        }
    }

    fn notice(&mut self, event: &Event<'_>) {
        if !self.past_notices {
            self.restore(event);
        }
        self.found(event);
        self.handed(event);
    }

    /// Lets go of what the last event ended (an exited thread, a closed fd), now that the next one
    /// comes, at `ts_ns`.
    #[inline]
    pub(crate) fn settle(&mut self, ts_ns: u64) {
        if self.deferred.exit.is_some() || self.deferred.close.is_some() {
            self.settle_deferred(ts_ns);
        }
    }

    fn settle_deferred(&mut self, ts_ns: u64) {
        if let Some(tid) = self.deferred.exit.take() {
            let ptid = self.threads.thread(tid).map_or(-1, |t| t.ptid);
            self.exits.record(tid, ptid, ts_ns);
            self.threads.remove(tid);
        }
        if let Some((tid, num)) = self.deferred.close.take()
            && let Some(key) = self.threads.find(tid)
        {
            self.remove_fd(key, num);
        }
    }

    /// The thread with this id on the host.
    pub fn thread(&self, tid: i64) -> Option<&Thread> {
        self.threads.thread(tid)
    }

    /// Every thread, in no order.
    pub fn threads(&self) -> impl Iterator<Item = &Thread> {
        self.threads.iter()
    }

    /// What was lost to the limits.
    pub fn counters(&self) -> Counters {
        Counters { containers_evicted: self.containers.evicted(), ..self.counters }
    }

    /// Another recording begins in the same stream; it tells threads and interfaces anew.
    fn restart(&mut self) {
        self.threads = Table::default();
        self.interfaces = Interfaces::default();
        self.exits = RecentExits::default();
        self.deferred = Deferred::default();
        self.holders.clear();
        self.first_ts_ns = 0;
        self.in_events = false;
        self.past_notices = false;
    }

    fn thread_entry(&mut self, entry: &ThreadEntry<'_>) {
        let mut thread = parse::entry::thread(entry, &mut self.pool);
        thread.container_id = self.containers.of_cgroups(&thread.cgroups);
        self.make_room();
        self.census.add_text(&thread);
        // Those of a snapshot are related when all are there.
        if self.in_events {
            self.threads.add(thread);
        } else {
            self.threads.add_unrelated(thread);
        }
        self.count_texts();
    }

    fn fd_entry(&mut self, tid: i64, entry: &FdEntry<'_>) {
        let Some(fd) = fds::of_entry(entry, &mut self.pool) else { return };
        if let Some(port) = fds::server_port(&fd) {
            self.server_ports.push(port);
        }
        if let Some(key) = self.threads.find(tid) {
            self.insert_fd(key, fd);
        }
    }

    /// Counts the event and lets go of what the one before ended. Returns the time of that one.
    fn begin(&mut self, event: &Event<'_>, audience: Audience) -> u64 {
        if !self.in_events {
            self.end_snapshot();
        }
        if self.first_ts_ns == 0 && event.info().origin != Origin::Meta {
            self.first_ts_ns = event.ts_ns;
        }
        self.num += 1;
        self.settle(event.ts_ns);
        match audience {
            Audience::Readers => self.last_ts_ns.replace(event.ts_ns).unwrap_or(event.ts_ns),
            Audience::State => self.last_ts_ns.unwrap_or(event.ts_ns),
        }
    }

    fn audience(&mut self, event: &Event<'_>) -> Audience {
        use syscalls as s;
        let is_notice = matches!(
            event.kind,
            s::CONTAINER_JSON_2_E
                | s::USER_ADDED_E
                | s::USER_DELETED_E
                | s::GROUP_ADDED_E
                | s::GROUP_DELETED_E
                | s::ASYNCEVENT_E
        );
        if is_notice && !self.past_notices {
            return Audience::State;
        }
        if !self.past_notices {
            self.past_notices = true;
            self.holders = HashMap::new();
        }
        let is_enter = event.kind.is_enter() && event.info().origin == Origin::Syscall;
        if is_enter || event.state_only { Audience::State } else { Audience::Readers }
    }

    /// Relates the threads of the snapshot and gives its connections their direction.
    pub(crate) fn end_snapshot(&mut self) {
        self.in_events = true;
        self.threads.relate_all();
        let mut ports = std::mem::take(&mut self.server_ports);
        ports.sort_unstable();
        let keys: Vec<Key> = self.threads.keys().collect();
        for key in keys {
            if let Some(thread) = self.threads.get_mut(key) {
                let is_v4 = |fd: &Fd| fd.kind == FdKind::Ipv4Sock;
                let listens = |port| ports.binary_search(&port).is_ok();
                thread.fds.update(is_v4, |fd| fds::orient(fd, listens));
            }
        }
    }
}
