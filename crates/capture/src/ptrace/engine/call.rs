//! Calls: where they begin and end.

use super::{
    super::{
        Note,
        calls::{self, Abi, Call, Exit},
        filter::{self, ARCH_I386, ARCH_X86_64},
        memory::Memory,
        numbers,
        sys::{self, Place},
    },
    Engine, RESTARTS, Said, anew,
};

/// Calls of the x32 ABI that make children, which none of them may do unseen.
const CLONES: [u64; 4] = [
    libc::SYS_clone as u64,
    libc::SYS_clone3 as u64,
    numbers::SYS_fork as u64,
    numbers::SYS_vfork as u64,
];

impl Engine {
    /// A thread begins or ends a call.
    pub(super) fn call(&mut self, tid: i32) {
        match sys::place(tid) {
            Ok(Place::Begin { arch, number, args }) => {
                self.begins(tid, arch, number, args);
                return self.go_on(tid, 0);
            }
            Ok(Place::Filtered { arch, number, args, data }) => match data as u16 {
                mark if mark == self.marks.ours => self.begins(tid, arch, number, args),
                mark if mark == self.marks.strict => return self.kill_as_strict(tid),
                _ => {
                    self.begins(tid, arch, number, args);
                    as_without_tracer(tid);
                }
            },
            Ok(Place::End { result }) => self.ends(tid, result),
            Ok(Place::None) => {}
            // The kernel does not know the request.
            Err(error) if error.raw_os_error() == Some(libc::EIO) => self.unsupported = true,
            // It was killed meanwhile.
            Err(_) => {}
        }
        self.resume(tid, 0);
    }

    fn begins(&mut self, tid: i32, arch: u32, number: u64, args: [u64; 6]) {
        let Some(thread) = self.threads.get_mut(&tid) else { return };
        if thread.call.is_some() {
            // The filter's stop of a call whose beginning has been seen.
            return;
        }
        let (pid, memory) = (thread.pid, Memory { tid, abi: Abi::Bits32 });
        let known = match arch {
            ARCH_X86_64 if number < u64::from(filter::X32_BIT) => Some((number, args, Abi::Bits64)),
            // Flags stand in them as in native ones.
            ARCH_X86_64 if CLONES.contains(&(number & !u64::from(filter::X32_BIT))) => {
                Some((number & !u64::from(filter::X32_BIT), args, Abi::Bits64))
            }
            ARCH_I386 => calls::compat::native(number as u32, args, memory)
                .map(|(number, args)| (u64::from(number), args, Abi::Bits32)),
            _ => None,
        };
        let Some((number, args, abi)) = known else { return self.undecoded(pid, arch) };
        let row = usize::try_from(number).ok().and_then(|number| self.rows.get(number).copied());
        let Some(row) = row.flatten().filter(|row| row.when.holds(&args)) else { return };
        let call = Call { row, args, abi };
        thread.call = Some(call);
        calls::enter(thread, &call);
        self.guard(tid, &call);
    }

    /// Calls of other ABIs of which nothing is known stop only where every call does.
    fn undecoded(&mut self, pid: i32, arch: u32) {
        if arch == ARCH_I386 {
            return;
        }
        self.emit.counts.undecoded += 1;
        if self.told.insert((pid, Said::Undecoded)) {
            self.queue.note(Note::Undecoded { pid });
        }
    }

    fn ends(&mut self, tid: i32, result: i64) {
        if anew::begins_anew(tid, result) {
            if let Some(thread) = self.threads.get_mut(&tid) {
                thread.call = None;
            }
            return;
        }
        let Some(thread) = self.threads.get_mut(&tid) else { return };
        let Some(call) = thread.call.take() else { return };
        let result = if RESTARTS.contains(&result) { -i64::from(libc::EINTR) } else { result };
        if !self.running {
            return;
        }
        if thread.saved.is_unreadable() && result != -i64::from(libc::EFAULT) {
            self.emit.counts.unreadable += 1;
        }
        let mut exit = Exit {
            tid,
            pid: thread.pid,
            call: &call,
            result,
            saved: &thread.saved,
            memory: Memory { tid, abi: call.abi },
            emit: &mut self.emit,
        };
        if !self.silent.contains(&call.row.number) {
            (call.row.exit)(&mut exit);
        }
        self.unguard(tid, &call, result);
    }
}

/// Makes a call not happen: it fails with `ENOSYS`. So it does where a filter of the program's own
/// wants a tracer to look at it, and there is none.
pub(super) fn as_without_tracer(tid: i32) {
    let _ = sys::change_registers(tid, |registers| {
        registers.number = u64::MAX;
        registers.result = (-i64::from(libc::ENOSYS)) as u64;
    });
}
