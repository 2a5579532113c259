//! Calls: where they begin and end.

use super::{
    super::{
        calls::{self, Abi, Call, Exit},
        filter::{self, ARCH_I386, ARCH_X86_64},
        memory::Memory,
        sys::{self, Place},
    },
    Engine, RESTARTS,
};

impl Engine {
    /// A thread begins or ends a call.
    pub(super) fn call(&mut self, tid: i32) {
        match sys::place(tid) {
            Ok(Place::Begin { arch, number, args }) => self.begins(tid, arch, number, args),
            Ok(Place::Filtered { arch, number, args, data }) => {
                let inside = self.threads.get(&tid).is_some_and(|thread| thread.call.is_some());
                if !inside && data == u32::from(filter::OURS) {
                    self.begins(tid, arch, number, args);
                }
            }
            Ok(Place::End { result }) => self.ends(tid, result),
            Ok(Place::None) | Err(_) => {}
        }
        self.resume(tid, 0);
    }

    fn begins(&mut self, tid: i32, arch: u32, number: u64, args: [u64; 6]) {
        let Some(thread) = self.threads.get_mut(&tid) else { return };
        let abi = match arch {
            ARCH_X86_64 => Abi::Bits64,
            ARCH_I386 => Abi::Bits32,
            _ => return,
        };
        let row = usize::try_from(number).ok().and_then(|number| self.rows.get(number).copied());
        let Some(row) = row.flatten().filter(|row| row.when.holds(&args)) else { return };
        if abi == Abi::Bits32 {
            return;
        }
        let call = Call { row, args, abi };
        thread.call = Some(call);
        calls::enter(thread, &call);
    }

    fn ends(&mut self, tid: i32, result: i64) {
        let Some(thread) = self.threads.get_mut(&tid) else { return };
        let Some(call) = thread.call.take() else { return };
        let result = if RESTARTS.contains(&result) { -i64::from(libc::EINTR) } else { result };
        if !self.running {
            return;
        }
        let memory = Memory { tid, abi: call.abi };
        let mut exit = Exit {
            tid,
            pid: thread.pid,
            call: &call,
            result,
            saved: &thread.saved,
            memory,
            emit: &mut self.emit,
        };
        (call.row.exit)(&mut exit);
    }
}
