//! The thread and the fd that an event is about, before it is parsed.

use event::{
    Event,
    schema::EventFlags,
    syscalls::{
        ASYNCEVENT_E, CLONE_20_X, CLONE3_X, CONTAINER_JSON_2_E, EXECVE_19_X, EXECVEAT_E, FORK_20_X,
        GROUP_ADDED_E, GROUP_DELETED_E, PLUGINEVENT_E, PROCEXIT_1_E, PROCINFO_E, SCHEDSWITCH_6_E,
        USER_ADDED_E, USER_DELETED_E, VFORK_20_X,
    },
};

use crate::{
    CloneFlags, State, Thread,
    parse::{At, fd_param},
    threads::Key,
};

impl State {
    /// Finds the thread and the fd of an event. A thread that acts without being known is added
    /// with nothing but its id, unless the event says that it just began or is just ending.
    pub(crate) fn locate<'e>(&mut self, event: Event<'e>) -> At<'e> {
        let mut at = At { event, thread: None, fd: None };
        if event.info().flags.contains(EventFlags::SKIP_PARSE_RESET) {
            if event.kind == PROCINFO_E {
                at.thread = self.active(event.tid, event.ts_ns);
            }
            return at;
        }
        let may_add = match event.kind {
            CONTAINER_JSON_2_E | USER_ADDED_E | USER_DELETED_E | GROUP_ADDED_E
            | GROUP_DELETED_E | PLUGINEVENT_E | ASYNCEVENT_E => return at,
            CLONE_20_X | CLONE3_X | FORK_20_X | VFORK_20_X | SCHEDSWITCH_6_E | PROCEXIT_1_E => {
                false
            }
            _ => true,
        };
        at.thread = self.active(event.tid, event.ts_ns);
        if at.thread.is_none() && may_add {
            at.thread = self.add_unknown(event.tid, event.ts_ns);
        }
        if event.kind == SCHEDSWITCH_6_E {
            return at;
        }
        if let Some(thread) = at.thread.and_then(|key| self.threads.get_mut(key)) {
            if may_add {
                thread.flags |= CloneFlags::ACTIVE;
            }
            let fd = note_syscall(thread, &event);
            at.fd = fd.and_then(|num| self.look_at_fd(at.thread?, num));
        }
        at
    }

    /// The thread with this id, which is active now.
    pub(crate) fn active(&mut self, tid: i64, ts_ns: u64) -> Option<Key> {
        let key = self.threads.find_active(tid)?;
        if let Some(thread) = self.threads.get_mut(key) {
            thread.lastaccess_ts_ns = ts_ns;
        }
        Some(key)
    }

    /// The thread with this id; one that is not known is added with nothing but its id.
    pub(crate) fn known_or_unknown(&mut self, tid: i64, ts_ns: u64) -> Option<Key> {
        self.threads.find(tid).or_else(|| self.add_unknown(tid, ts_ns))
    }

    fn add_unknown(&mut self, tid: i64, ts_ns: u64) -> Option<Key> {
        self.add_thread(Thread { lastaccess_ts_ns: ts_ns, ..Thread::unknown(tid) })
    }

    /// Adds a thread that begins, or is met for the first time.
    pub(crate) fn add_thread(&mut self, thread: Thread) -> Option<Key> {
        self.make_room();
        self.census.add_text(&thread);
        let key = self.threads.add(thread);
        self.count_texts();
        key
    }

    /// What is left to do when an event has been parsed.
    pub(crate) fn finish(&mut self, at: &At<'_>) {
        let Some(thread) = at.thread.and_then(|key| self.threads.get_mut(key)) else { return };
        if at.event.kind.is_exit() {
            if let Some(enter) = thread.enter.take() {
                self.spare_enters.give(enter);
            }
            thread.enter_valid = false;
        }
        if at.event.kind != SCHEDSWITCH_6_E {
            thread.prevevent_ts_ns = thread.lastevent_ts_ns;
            thread.lastevent_ts_ns = at.event.ts_ns;
        }
    }
}

/// Notes which syscall the thread is in, and returns the fd that it works on.
fn note_syscall(thread: &mut Thread, event: &Event<'_>) -> Option<i64> {
    let uses_fd = event.info().flags.contains(EventFlags::USES_FD);
    if event.kind.is_enter() {
        thread.lastevent_fd = -1;
        thread.lastevent_type = event.kind.number();
        if uses_fd {
            thread.lastevent_fd = event.int(fd_param::on_enter(event.kind)).unwrap_or(-1);
            return Some(thread.lastevent_fd);
        }
        return None;
    }
    // A successful execveat is recorded as the entry of execveat and the exit of execve.
    let follows = thread.lastevent_type.checked_add(1) == Some(event.kind.number())
        || (event.kind == EXECVE_19_X && thread.lastevent_type == EXECVEAT_E.number());
    thread.enter_valid = follows;
    if !follows {
        thread.lastevent_fd = -1;
    }
    if !uses_fd {
        return None;
    }
    if thread.lastevent_fd == -1
        && let Some(num) = fd_param::on_exit(event.kind).and_then(|index| event.int(index))
    {
        thread.lastevent_fd = num;
    }
    Some(thread.lastevent_fd)
}
