//! What matters of the kernel that runs.

use std::{
    collections::HashSet,
    ffi::{CStr, CString},
};

use libbpf_rs::{
    AsRawLibbpf as _,
    btf::{Btf, types::Enum},
};

use super::Error;

/// The kernel, as it describes itself.
#[derive(Debug)]
pub(super) struct Kernel {
    /// Its functions.
    functions: HashSet<CString>,
    /// Whether calls that open are recorded where files are handed out.
    pub(super) hands_out: bool,
}

impl Kernel {
    /// Reads `/sys/kernel/btf/vmlinux`.
    pub(super) fn read() -> Result<Self, Error> {
        let btf = Btf::from_vmlinux().map_err(Error::NoBtf)?;
        let functions = functions(&btf);
        Ok(Self { functions, hands_out: hands_out(&btf) })
    }

    /// Whether it has what the program of this section is attached to.
    pub(super) fn has(&self, section: &str) -> bool {
        match section.split_once('/') {
            Some(("fexit" | "fentry", function)) => self.has_function(function),
            _ => true,
        }
    }

    fn has_function(&self, name: &str) -> bool {
        CString::new(name).is_ok_and(|name| self.functions.contains(&name))
    }
}

/// Names of all functions. To look one up is to look at all types, so this is done once, and past the
/// library's iterator, which takes ten times as long.
fn functions(btf: &Btf<'_>) -> HashSet<CString> {
    let raw = btf.as_libbpf_object().as_ptr();
    let name = |id| {
        // SAFETY: `raw` is a BTF that `btf` holds; ids below the count have a type.
        let ty = unsafe { libbpf_sys::btf__type_by_id(raw, id).as_ref() }?;
        if ty.info >> KIND_SHIFT & KIND_MASK != libbpf_sys::BTF_KIND_FUNC {
            return None;
        }
        // SAFETY: likewise; it answers with NULL or a text that lives as long as the BTF.
        let name = unsafe { libbpf_sys::btf__name_by_offset(raw, ty.name_off) };
        // SAFETY: as above.
        (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_owned())
    };
    // SAFETY: as above.
    let count = unsafe { libbpf_sys::btf__type_cnt(raw) };
    (1..count).filter_map(name).collect()
}

/// Where the kind of a type stands in `struct btf_type` (linux/btf.h).
const KIND_SHIFT: u32 = 24;
const KIND_MASK: u32 = 0x1f;

/// Whether programs that are attached to where files are handed out can know the call (Linux 5.15).
fn hands_out(btf: &Btf<'_>) -> bool {
    let helpers = btf.type_by_name::<Enum<'_>>("bpf_func_id");
    helpers.is_some_and(|helpers| {
        helpers.iter().any(|helper| helper.name.is_some_and(|name| name == "BPF_FUNC_task_pt_regs"))
    })
}
