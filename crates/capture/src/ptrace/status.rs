//! What `/proc/TID/status` says of a thread, as far as calls' events tell it.

/// Capabilities and sizes of a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) inheritable: u64,
    pub(super) permitted: u64,
    pub(super) effective: u64,
    /// Address space, resident part, swapped part.
    pub(super) size_kib: u32,
    pub(super) resident_kib: u32,
    pub(super) swapped_kib: u32,
}

impl Status {
    /// Of a thread that exists; `None` if it is gone, or hidden.
    pub(super) fn of(tid: i32) -> Option<Self> {
        std::fs::read(format!("/proc/{tid}/status")).ok().map(|text| Self::parse(&text))
    }

    /// Fields that are missing (a kernel thread has no memory) stay zero.
    fn parse(text: &[u8]) -> Self {
        let mut status = Self::default();
        for line in text.split(|byte| *byte == b'\n') {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let (name, value) = line.split_at(colon);
            let value = str::from_utf8(value.get(1..).unwrap_or_default()).unwrap_or_default();
            let mask = || u64::from_str_radix(value.trim(), 16).unwrap_or(0);
            let kib = || value.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0);
            match name {
                b"CapInh" => status.inheritable = mask(),
                b"CapPrm" => status.permitted = mask(),
                b"CapEff" => status.effective = mask(),
                b"VmSize" => status.size_kib = kib(),
                b"VmRSS" => status.resident_kib = kib(),
                b"VmSwap" => status.swapped_kib = kib(),
                _ => {}
            }
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_whatever_the_name_of_the_program_is() {
        let text = b"Name:\tCapEff:\t1\xff\nVmSize:\t    1234 kB\nVmRSS:\t 56 kB\nVmSwap:\t 7 kB\n\
            CapInh:\t0000000000000001\nCapPrm:\t000001ffffffffff\nCapEff:\t0000000000000010\n";
        let expected = Status {
            inheritable: 1,
            permitted: 0x1ff_ffff_ffff,
            effective: 0x10,
            size_kib: 1234,
            resident_kib: 56,
            swapped_kib: 7,
        };
        assert_eq!(Status::parse(text), expected);
        assert_eq!(Status::parse(b""), Status::default());
    }
}
