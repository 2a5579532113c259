//! Capabilities: which are needed, to begin with and later on.

use std::{os::unix::fs::MetadataExt, path::Path};

use rustix::{
    io,
    process::{getegid, geteuid},
    thread::{
        CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
        remove_capability_from_bounding_set, set_capabilities,
    },
};

use super::{Attaching, Needs};
use crate::error::Error;

/// Needed as long as it runs: counters of programs are read, and `/proc` of whoever begins to run.
const LATER: CapabilitySet =
    CapabilitySet::BPF.union(CapabilitySet::SYS_PTRACE).union(CapabilitySet::DAC_READ_SEARCH);
/// Needed to attach.
const ATTACH: CapabilitySet = CapabilitySet::BPF.union(CapabilitySet::PERFMON);

/// Whether a host can be recorded with the capabilities at hand.
///
/// # Errors
/// If not: what is to be done.
pub(in super::super) fn check() -> Result<(), Error> {
    let has = capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.effective);
    if suffices(has) {
        return Ok(());
    }
    Err(Error::Usage(
        "recording a host takes root: run it with sudo, or give the program CAP_BPF, CAP_PERFMON, \
         CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH (watchkeeper doctor tells what is missing); to record \
         one command no privilege is needed: watchkeeper trace -- COMMAND"
            .to_owned(),
    ))
}

fn suffices(has: CapabilitySet) -> bool {
    has.contains(ATTACH) || has.contains(CapabilitySet::SYS_ADMIN)
}

/// What goes on being needed.
pub(super) fn needed(needs: &Needs) -> CapabilitySet {
    let mut needed = LATER;
    if needs.attaching == Attaching::MayGoOn {
        needed |= ATTACH;
    }
    if needs.writes.iter().any(|path| !is_ours(path)) {
        needed |= CapabilitySet::DAC_OVERRIDE;
    }
    needed
}

/// Whether we may write there by its owner and mode alone; of what is not there yet the folder counts
/// that it will be made in.
fn is_ours(path: &Path) -> bool {
    let there = path.ancestors().find_map(|at| {
        let at = if at.as_os_str().is_empty() { Path::new(".") } else { at };
        at.metadata().ok()
    });
    let Some(meta) = there else { return true };
    let bit = if meta.uid() == geteuid().as_raw() {
        0o200
    } else if meta.gid() == getegid().as_raw() {
        0o020
    } else {
        0o002
    };
    meta.mode() & bit != 0
}

/// Gives up all others, for this thread, those that it starts, and programs that these run.
pub(super) fn keep(kept: CapabilitySet) -> io::Result<()> {
    let before = capabilities(None)?;
    clear_ambient_capability_set()?;
    if before.effective.contains(CapabilitySet::SETPCAP) {
        for capability in CapabilitySet::all().difference(kept).iter() {
            match remove_capability_from_bounding_set(capability) {
                // The kernel is older than the capability.
                Ok(()) | Err(io::Errno::INVAL) => {}
                Err(error) => return Err(error),
            }
        }
    }
    // Those of old took the place of several new ones.
    let permitted = before.permitted & kept;
    let sets =
        CapabilitySets { effective: permitted, permitted, inheritable: CapabilitySet::empty() };
    set_capabilities(None, sets)
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt,
    };

    use super::*;

    #[test]
    fn root_of_a_container_is_not_enough_and_the_two_new_ones_are() {
        assert!(suffices(CapabilitySet::all()));
        assert!(suffices(ATTACH));
        assert!(!suffices(CapabilitySet::empty()));
        assert!(!suffices(CapabilitySet::BPF | CapabilitySet::CHOWN | CapabilitySet::NET_ADMIN));
    }

    #[test]
    fn others_files_are_written_only_if_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let needs = |attaching| Needs {
            writes: vec![folder.path().join("incidents/not/there/yet")],
            attaching,
            ..Needs::default()
        };
        assert_eq!(needed(&needs(Attaching::Done)), LATER);
        assert_eq!(needed(&needs(Attaching::MayGoOn)), LATER | ATTACH);
        fs::set_permissions(folder.path(), Permissions::from_mode(0o500)).unwrap();
        assert_eq!(needed(&needs(Attaching::Done)), LATER | CapabilitySet::DAC_OVERRIDE);
    }
}
