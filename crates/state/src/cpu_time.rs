//! CPU time of threads, from the events that tell of it.

use event::{
    Event,
    syscalls::{PROCINFO_E, SCHEDSWITCH_6_E},
};

use crate::{State, Thread};

/// CPUs whose switches are told apart. The last one stands for all above it.
const MOST_CPUS: usize = 4096;

/// CPU time that a thread had used when it was last looked at, in ticks of 10 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTicks {
    /// In the program.
    pub user: u64,
    /// In the kernel.
    pub system: u64,
}

impl State {
    /// How long the thread had run that the latest event switched out, in ns; 0 if it did not
    /// switch.
    pub fn run_time_ns(&self) -> u64 {
        self.cpu.run_ns
    }

    /// What the thread of the latest event used since the `procinfo` event before; `None` unless
    /// it is such an event.
    pub fn cpu_used(&self) -> Option<CpuTicks> {
        self.cpu.used
    }
}

/// What the latest event tells of CPU time.
#[derive(Clone, Debug, Default)]
pub(crate) struct CpuTime {
    /// When each CPU last went from one thread to another; 0: not yet.
    switched_ns: Vec<u64>,
    /// How long the thread had run that was switched out.
    pub(crate) run_ns: u64,
    /// What the thread used since the look before.
    pub(crate) used: Option<CpuTicks>,
}

impl CpuTime {
    /// Takes in an event of this thread.
    pub(crate) fn event(&mut self, event: &Event<'_>, thread: Option<&mut Thread>) {
        self.run_ns = 0;
        self.used = None;
        if event.kind == SCHEDSWITCH_6_E {
            self.run_ns = self.switch(usize::from(event.cpu), event.ts_ns);
            if let Some(thread) = thread {
                thread.run_time_ns = thread.run_time_ns.saturating_add(self.run_ns);
            }
        } else if event.kind == PROCINFO_E {
            self.used = thread.map(|thread| look(event, thread));
        }
    }

    /// When each CPU last went from one thread to another, of those that did.
    pub(crate) fn switches(&self) -> impl Iterator<Item = (usize, u64)> {
        self.switched_ns.iter().copied().enumerate().filter(|&(_, ts_ns)| ts_ns != 0)
    }

    /// Says when a CPU last went from one thread to another.
    pub(crate) fn set_switch(&mut self, cpu: usize, ts_ns: u64) {
        self.switch(cpu, ts_ns);
    }

    fn switch(&mut self, cpu: usize, ts_ns: u64) -> u64 {
        let cpu = cpu.min(MOST_CPUS - 1);
        if self.switched_ns.len() <= cpu {
            self.switched_ns.resize(cpu + 1, 0);
        }
        let before = std::mem::replace(&mut self.switched_ns[cpu], ts_ns);
        if before == 0 { 0 } else { ts_ns.saturating_sub(before) }
    }
}

/// What the thread used since it was last looked at; nothing, if this is the first time.
fn look(event: &Event<'_>, thread: &mut Thread) -> CpuTicks {
    let ticks = |index| event.int(index).map_or(0, |ticks| ticks as u64);
    let now = CpuTicks { user: ticks(0), system: ticks(1) };
    match thread.cpu_ticks.replace(now) {
        None => CpuTicks::default(),
        Some(before) => CpuTicks {
            user: now.user.saturating_sub(before.user),
            system: now.system.saturating_sub(before.system),
        },
    }
}

#[cfg(test)]
mod tests {
    use event::EventBuilder;

    use super::*;

    #[test]
    fn a_switch_tells_how_long_the_cpu_had_run_the_thread() {
        let mut time = CpuTime::default();
        let mut thread = Thread::default();
        let mut builder = EventBuilder::default();
        // cpu, time, run time of the event, run time of the thread
        for (cpu, ts_ns, run, total) in [
            (0, 100, 0, 0),
            (0, 130, 30, 30),
            (1, 140, 0, 30),
            (65535, 150, 0, 30),
            (0, 120, 0, 30),
        ] {
            builder.start(SCHEDSWITCH_6_E, ts_ns, 1, cpu).i64(0);
            time.event(&builder.event().unwrap(), Some(&mut thread));
            assert_eq!((time.run_ns, thread.run_time_ns), (run, total), "{cpu} {ts_ns}");
        }
    }

    #[test]
    fn a_look_tells_what_was_used_since_the_one_before() {
        let mut time = CpuTime::default();
        let mut thread = Thread::default();
        let mut builder = EventBuilder::default();
        for (now, used) in [((7, 3), (0, 0)), ((9, 10), (2, 7)), ((8, 10), (0, 0))] {
            builder.start(PROCINFO_E, 1, 1, 0).u64(now.0).u64(now.1);
            time.event(&builder.event().unwrap(), Some(&mut thread));
            assert_eq!(time.used, Some(CpuTicks { user: used.0, system: used.1 }));
        }
        builder.start(SCHEDSWITCH_6_E, 2, 1, 0).i64(0);
        time.event(&builder.event().unwrap(), Some(&mut thread));
        assert_eq!(time.used, None);
    }
}
