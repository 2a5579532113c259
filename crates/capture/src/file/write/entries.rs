//! Entries of the lists, as the current schema has them. Each writer says how many strings it had
//! to cut.

use event::snapshot::{
    FdEntry, FdKind, FdTarget, Group, Interface, L4Proto, MAX_ACCOUNT_BYTES, MAX_LIST_BYTES,
    MAX_PATH_BYTES, Machine, ThreadEntry, User,
};

use crate::file::lists::{HOSTNAME_BYTES, fd_kind, is_newer};

const USER: u8 = 0;
const GROUP: u8 = 1;
const INTERFACE_V4: u16 = 1;
const INTERFACE_V6: u16 = 2;

/// Appends an entry behind its length, which counts itself.
fn entry(block: &mut Vec<u8>, fill: impl FnOnce(&mut Fields<'_>)) -> u64 {
    measured(block, 0, fill)
}

fn measured(block: &mut Vec<u8>, uncounted: usize, fill: impl FnOnce(&mut Fields<'_>)) -> u64 {
    let at = block.len();
    block.extend_from_slice(&[0; 4]);
    let mut fields = Fields { block, shortened: 0 };
    fill(&mut fields);
    let shortened = fields.shortened;
    // Strings are cut, so that an entry is always far shorter than 4 GiB.
    let length = (block.len() - at - uncounted) as u32;
    if let Some(place) = block.get_mut(at..at + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    shortened
}

struct Fields<'a> {
    block: &'a mut Vec<u8>,
    shortened: u64,
}

impl Fields<'_> {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.block.extend_from_slice(bytes);
        self
    }

    fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn i64(&mut self, value: i64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn cut<'b>(&mut self, text: &'b [u8], max: usize) -> &'b [u8] {
        self.shortened += u64::from(text.len() > max);
        text.get(..max).unwrap_or(text)
    }

    fn string(&mut self, text: &[u8], max: usize) -> &mut Self {
        let text = self.cut(text, max);
        self.u16(text.len() as u16).bytes(text)
    }

    fn path(&mut self, text: &[u8]) -> &mut Self {
        self.string(text, MAX_PATH_BYTES)
    }
}

pub(super) fn machine(block: &mut Vec<u8>, machine: &Machine<'_>) -> u64 {
    let mut fields = Fields { block, shortened: 0 };
    let mut hostname = [0; HOSTNAME_BYTES];
    // Other readers need a NUL at its end.
    for (place, byte) in hostname.iter_mut().zip(fields.cut(machine.hostname, HOSTNAME_BYTES - 1)) {
        *place = *byte;
    }
    fields.u32(machine.cpus).u64(machine.memory_bytes).u64(machine.max_pid).bytes(&hostname);
    fields.u64(machine.boot_ts_ns).u64(machine.flags).u64(0).u64(0);
    fields.shortened
}

pub(super) fn thread(block: &mut Vec<u8>, thread: &ThreadEntry<'_>) -> u64 {
    entry(block, |fields| {
        fields.i64(thread.tid).i64(thread.pid).i64(thread.ptid).i64(thread.sid).i64(thread.vpgid);
        fields.path(thread.comm).path(thread.exe).path(thread.exepath);
        fields.string(thread.args, MAX_LIST_BYTES).path(thread.cwd);
        fields.i64(thread.fd_limit).u32(thread.flags).u32(thread.uid).u32(thread.gid);
        fields.u32(thread.vmsize_kb).u32(thread.vmrss_kb).u32(thread.vmswap_kb);
        fields.u64(thread.pfmajor).u64(thread.pfminor);
        fields.string(thread.env, MAX_LIST_BYTES).i64(thread.vtid).i64(thread.vpid);
        fields.string(thread.cgroups, MAX_LIST_BYTES).path(thread.root);
        fields.u64(thread.pidns_init_start_ts_ns).u32(thread.tty).u32(thread.loginuid);
        fields.u8(u8::from(thread.exe_writable));
        fields.u64(thread.cap_inheritable).u64(thread.cap_permitted).u64(thread.cap_effective);
        fields.u8(u8::from(thread.exe_upper_layer));
        fields.u64(thread.exe_ino).u64(thread.exe_ino_ctime_ns).u64(thread.exe_ino_mtime_ns);
        fields.u8(u8::from(thread.exe_from_memfd)).u8(u8::from(thread.exe_lower_layer));
        fields.i64(thread.pgid);
    })
}

pub(super) fn fd(block: &mut Vec<u8>, fd: &FdEntry<'_>) -> u64 {
    entry(block, |fields| {
        let kind = fd_kind(&fd.target);
        let known = if is_newer(kind) { FdKind::Unsupported } else { kind };
        fields.i64(fd.fd).u64(fd.ino).u8(known as u8);
        match fd.target {
            FdTarget::Ipv4 { sip, dip, sport, dport, l4 } => {
                fields.bytes(&sip.octets()).bytes(&dip.octets());
                fields.u16(sport).u16(dport).u8(proto(l4));
            }
            FdTarget::Ipv4Server { ip, port, l4 } => {
                fields.bytes(&ip.octets()).u16(port).u8(proto(l4));
            }
            FdTarget::Ipv6 { sip, dip, sport, dport, l4 } => {
                fields.bytes(&sip.octets()).bytes(&dip.octets());
                fields.u16(sport).u16(dport).u8(proto(l4));
            }
            FdTarget::Ipv6Server { ip, port, l4 } => {
                fields.bytes(&ip.octets()).u16(port).u8(proto(l4));
            }
            FdTarget::Unix { source, destination, name } => {
                fields.u64(source).u64(destination).path(name);
            }
            FdTarget::File { open_flags, name, dev } => {
                fields.u32(open_flags).path(name).u32(dev);
            }
            FdTarget::Named(FdKind::Unknown, _) => {}
            FdTarget::Named(_, name) => {
                fields.path(name);
                if is_newer(kind) {
                    fields.u8(kind as u8);
                }
            }
        }
    })
}

fn proto(l4: L4Proto) -> u8 {
    l4 as u8
}

/// An interface's length does not count itself.
pub(super) fn interface(block: &mut Vec<u8>, interface: &Interface<'_>) -> u64 {
    measured(block, 4, |fields| match interface {
        Interface::V4 { name, address, netmask, broadcast, speed } => {
            let name = fields.cut(name, MAX_PATH_BYTES);
            fields.u16(INTERFACE_V4).u16(name.len() as u16);
            fields.bytes(&address.octets()).bytes(&netmask.octets()).bytes(&broadcast.octets());
            fields.u64(*speed).bytes(name);
        }
        Interface::V6 { name, address, netmask, broadcast, speed } => {
            let name = fields.cut(name, MAX_PATH_BYTES);
            fields.u16(INTERFACE_V6).u16(name.len() as u16);
            fields.bytes(&address.octets()).bytes(&netmask.octets()).bytes(&broadcast.octets());
            fields.u64(*speed).bytes(name);
        }
    })
}

pub(super) fn user(block: &mut Vec<u8>, user: &User<'_>) -> u64 {
    entry(block, |fields| {
        fields.u8(USER).u32(user.uid).u32(user.gid);
        for text in [user.name, user.home, user.shell] {
            fields.string(text, MAX_ACCOUNT_BYTES);
        }
    })
}

pub(super) fn group(block: &mut Vec<u8>, group: &Group<'_>) -> u64 {
    entry(block, |fields| {
        fields.u8(GROUP).u32(group.gid).string(group.name, MAX_ACCOUNT_BYTES);
    })
}
