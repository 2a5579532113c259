//! What matters of the kernel that runs.

use std::{collections::HashSet, ffi::OsString};

use libbpf_rs::btf::{
    Btf,
    types::{Enum, Func},
};

use super::Error;

/// The kernel, as it describes itself.
#[derive(Debug)]
pub(super) struct Kernel {
    /// Its functions.
    functions: HashSet<OsString>,
    /// Whether calls that open are recorded where files are handed out.
    pub(super) hands_out: bool,
}

impl Kernel {
    /// Reads `/sys/kernel/btf/vmlinux`.
    pub(super) fn read() -> Result<Self, Error> {
        let btf = Btf::from_vmlinux().map_err(Error::NoBtf)?;
        // Once: to look for one by its name is to look at all.
        let functions = btf.type_by_kind::<Func<'_>>().filter_map(|func| func.name());
        let functions = functions.map(|name| name.to_owned()).collect();
        Ok(Self { functions, hands_out: hands_out(&btf) })
    }

    /// Whether it has what the program of this section is attached to.
    pub(super) fn has(&self, section: &str) -> bool {
        match section.split_once('/') {
            Some(("fexit" | "fentry", function)) => {
                self.functions.contains(function.as_ref() as &std::ffi::OsStr)
                    && !self.is_passed_by(function)
            }
            _ => true,
        }
    }

    /// Whether 32-bit calls do not come in through this function, for they have one of their own.
    fn is_passed_by(&self, function: &str) -> bool {
        let own =
            function.strip_prefix("__ia32_sys_").map(|call| format!("__ia32_compat_sys_{call}"));
        own.is_some_and(|own| self.functions.contains(own.as_ref() as &std::ffi::OsStr))
    }
}

/// Whether programs that are attached to where files are handed out can know the call (Linux 5.15).
fn hands_out(btf: &Btf<'_>) -> bool {
    let helpers = btf.type_by_name::<Enum<'_>>("bpf_func_id");
    helpers.is_some_and(|helpers| {
        helpers.iter().any(|helper| helper.name.is_some_and(|name| name == "BPF_FUNC_task_pt_regs"))
    })
}
