//! What matters of the kernel that runs.

use std::{
    collections::HashSet,
    ffi::{CStr, CString},
};

use libbpf_rs::{
    AsRawLibbpf as _,
    btf::{
        Btf, BtfKind, BtfType, ReferencesType as _, TypeId,
        types::{Enum, FuncProto, Ptr, Struct},
    },
};

use super::Error;

/// Functions that hand an fd over to a process: `bpf/net/rights.h`.
pub(super) const HANDING: [&str; 3] = ["__receive_fd", "receive_fd", "receive_fd_replace"];

/// The kernel, as it describes itself.
#[derive(Debug)]
pub(super) struct Kernel {
    /// Its functions.
    functions: HashSet<CString>,
    /// Those of calls that do not say what they are given: programs may not look at it.
    hiding: HashSet<CString>,
    /// Functions that hand an fd over, and how many arguments they have.
    handing: Vec<(CString, usize)>,
    /// Whether calls that open are recorded where files are handed out.
    pub(super) hands_out: bool,
    /// Whether programs can be attached to functions: on arm64 since Linux 6.4.
    pub(super) has_trampolines: bool,
    /// Whether a request of io_uring has its result when it is done (Linux 6.0).
    pub(super) keeps_results: bool,
}

impl Kernel {
    /// Reads `/sys/kernel/btf/vmlinux`.
    pub(super) fn read() -> Result<Self, Error> {
        let btf = Btf::from_vmlinux().map_err(Error::NoBtf)?;
        let mut kernel = Self {
            functions: HashSet::new(),
            hiding: HashSet::new(),
            handing: Vec::new(),
            hands_out: hands_out(&btf),
            has_trampolines: true,
            keeps_results: btf.type_by_name::<Struct<'_>>("io_cqe").is_some(),
        };
        for (name, prototype) in functions(&btf) {
            // Of several with one name, the loader takes the first.
            let is_known = kernel.functions.contains(&name);
            if !is_known && is_of_call(&name) && hides(&btf, prototype) {
                kernel.hiding.insert(name.clone());
            }
            if !is_known && is_handing(&name) {
                kernel.handing.push((name.clone(), arguments(&btf, prototype)));
            }
            kernel.functions.insert(name);
        }
        if cfg!(target_arch = "aarch64") {
            // What trampolines are put in the way of functions with, there.
            kernel.has_trampolines = kernel.functions.contains(c"register_ftrace_direct");
        }
        Ok(kernel)
    }

    /// Whether it has what the program of this section is attached to.
    pub(super) fn has(&self, section: &str) -> bool {
        function_of(section).is_none_or(|function| self.functions.contains(&function))
    }

    /// Whether a function that hands an fd over has so many arguments.
    pub(super) fn hands_over(&self, function: &str, arguments: usize) -> bool {
        let is_it = |(name, has): &(CString, usize)| {
            name.to_bytes() == function.as_bytes() && *has == arguments
        };
        self.handing.iter().any(is_it)
    }

    /// Whether what the program of this section is attached to hides what it is given.
    pub(super) fn hides(&self, section: &str) -> bool {
        function_of(section).is_some_and(|function| self.hiding.contains(&function))
    }
}

/// Whether it hands an fd over to a process.
fn is_handing(name: &CStr) -> bool {
    HANDING.iter().any(|handing| name.to_bytes() == handing.as_bytes())
}

fn arguments(btf: &Btf<'_>, prototype: TypeId) -> usize {
    btf.type_by_id::<FuncProto<'_>>(prototype).map_or(0, |prototype| prototype.len())
}

/// The function that the program of this section is attached to.
fn function_of(section: &str) -> Option<CString> {
    match section.split_once('/') {
        Some(("fexit" | "fentry", function)) => CString::new(function).ok(),
        _ => None,
    }
}

/// Whether it is the entry of a call.
fn is_of_call(name: &CStr) -> bool {
    [&b"__x64_"[..], b"__ia32_", b"__arm64_"].iter().any(|way| name.to_bytes().starts_with(way))
}

/// Whether what a function is given first is a pointer to something that is only named.
fn hides(btf: &Btf<'_>, prototype: TypeId) -> bool {
    let first =
        btf.type_by_id::<FuncProto<'_>>(prototype).and_then(|it| Some(it.iter().next()?.ty));
    let pointer = first.and_then(|id| btf.type_by_id::<Ptr<'_>>(id));
    pointer.is_some_and(|pointer| {
        let target: BtfType<'_> = pointer.referenced_type();
        target.skip_mods_and_typedefs().kind() == BtfKind::Fwd
    })
}

/// Names and prototypes of all functions. To look one up is to look at all types, so this is done once,
/// and past the library's iterator, which takes ten times as long.
fn functions<'a>(btf: &'a Btf<'_>) -> impl Iterator<Item = (CString, TypeId)> + 'a {
    let raw = btf.as_libbpf_object().as_ptr();
    let function = move |id| {
        // SAFETY: `raw` is a BTF that `btf` holds; ids below the count have a type.
        let ty = unsafe { libbpf_sys::btf__type_by_id(raw, id).as_ref() }?;
        if ty.info >> KIND_SHIFT & KIND_MASK != libbpf_sys::BTF_KIND_FUNC {
            return None;
        }
        // SAFETY: likewise; it answers with NULL or a text that lives as long as the BTF.
        let name = unsafe { libbpf_sys::btf__name_by_offset(raw, ty.name_off) };
        // SAFETY: of a function, it is the prototype that stands in the union.
        let prototype = unsafe { ty.__bindgen_anon_1.type_ };
        // SAFETY: as above.
        (!name.is_null()).then(|| (unsafe { CStr::from_ptr(name) }.to_owned(), prototype.into()))
    };
    // SAFETY: as above.
    let count = unsafe { libbpf_sys::btf__type_cnt(raw) };
    (1..count).filter_map(function)
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
