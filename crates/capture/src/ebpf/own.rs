//! Who this process is to the kernel, whatever namespace of process ids it is in: programs know nobody by
//! the ids of a container.

use std::{
    fs,
    os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd},
    ptr,
    sync::OnceLock,
};

use libbpf_sys::{BPF_FUNC_get_current_pid_tgid, BPF_PROG_TYPE_RAW_TRACEPOINT, bpf_insn};

/// The id of this process on the whole machine. Before Linux 5.10 nobody tells: there it is the one that
/// it has in its namespace.
pub(super) fn machine_id() -> u32 {
    static ID: OnceLock<u32> = OnceLock::new();
    *ID.get_or_init(|| ask().unwrap_or_else(std::process::id))
}

/// Whether `/proc` has the ids of the whole machine. In a container with process ids of its own it mostly
/// has not, and an id of it is another process's on the machine.
pub(super) fn proc_is_of_machine() -> bool {
    let own = fs::read_link("/proc/self").ok();
    own.and_then(|own| own.to_str()?.parse().ok()) == Some(machine_id())
}

/// `return bpf_get_current_pid_tgid() >> 32`; source of the encoding: linux/bpf.h.
fn program() -> [bpf_insn; 3] {
    let insn = |code, imm| bpf_insn { code, imm, ..bpf_insn::default() };
    [insn(0x85, BPF_FUNC_get_current_pid_tgid as i32), insn(0x77, 32), insn(0x95, 0)]
}

/// Has the kernel run a program for this thread, which is attached to nothing.
fn ask() -> Option<u32> {
    let program = program();
    // SAFETY: name and licence are C strings and there are so many instructions; options may be left out.
    let loaded = unsafe {
        libbpf_sys::bpf_prog_load(
            BPF_PROG_TYPE_RAW_TRACEPOINT,
            c"own_id".as_ptr(),
            c"Dual BSD/GPL".as_ptr(),
            program.as_ptr(),
            program.len() as u64,
            ptr::null_mut(),
        )
    };
    if loaded < 0 {
        return None;
    }
    // SAFETY: the kernel has just made it, and nobody else knows of it.
    let loaded = unsafe { OwnedFd::from_raw_fd(loaded) };
    let mut run = libbpf_sys::bpf_test_run_opts::default();
    run.sz = size_of_val(&run) as u64;
    // SAFETY: the options say their size, and point to nothing.
    let ran = unsafe { libbpf_sys::bpf_prog_test_run_opts(loaded.as_raw_fd(), &raw mut run) };
    (ran == 0 && run.retval != 0).then_some(run.retval)
}
