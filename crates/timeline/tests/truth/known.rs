//! What the scripts did and the records do not hold.

/// Something that stands in no timeline, and why.
pub(crate) struct Case {
    /// Recorders that it is not in the record of.
    recorders: &'static [&'static str],
    /// Name of the attack.
    attack: &'static str,
    /// What is missing.
    items: &'static [&'static str],
    /// Why.
    #[expect(dead_code, reason = "for whoever reads the table")]
    why: &'static str,
}

impl Case {
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        self.recorders.iter().flat_map(move |recorder| {
            self.items.iter().map(move |item| format!("{recorder} {}: {item}", self.attack))
        })
    }
}

const OLD: &[&str] = &["sysdig-0.29.3"];
const NEW: &[&str] = &["sysdig-0.41.4"];

pub(crate) const KNOWN: &[Case] = &[
    Case {
        recorders: OLD,
        attack: "h07_memfd_exec",
        items: &["written memfd:kw"],
        why: "its schema has no event for memfd_create, so nothing names the fd",
    },
    Case {
        recorders: OLD,
        attack: "m04_dropper_ransom",
        items: &["written memfd:kw"],
        why: "its schema has no event for memfd_create, so nothing names the fd",
    },
    Case {
        recorders: NEW,
        attack: "h04_links",
        items: &["read /etc/shadow"],
        why: "it was read through a symbolic link, and the record names the link",
    },
];
