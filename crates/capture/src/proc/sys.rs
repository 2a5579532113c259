//! The calls that need unsafe code.

use std::{
    ffi::CStr,
    net::{Ipv4Addr, Ipv6Addr},
    ptr,
};

/// Most interfaces that are listed.
const MAX_INTERFACES: usize = 4096;

/// Most fds that a process may open; `None` if the kernel does not tell.
pub(super) fn open_files_limit(pid: i32) -> Option<i64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: no new limit is given, and `limit` is room for the old one.
    let result = unsafe { libc::prlimit(pid, libc::RLIMIT_NOFILE, ptr::null(), &raw mut limit) };
    // Unlimited is all ones, which the schema has as -1.
    (result == 0).then_some(limit.rlim_cur as i64)
}

/// An address of an interface, with the netmask and broadcast address that belong to it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Addresses {
    V4([Ipv4Addr; 3]),
    V6([Ipv6Addr; 3]),
}

/// Name and addresses of each interface of the network namespace that this program is in.
pub(super) fn interfaces() -> Vec<(Vec<u8>, Addresses)> {
    let mut list = ptr::null_mut();
    // SAFETY: `list` is room for the pointer.
    if unsafe { libc::getifaddrs(&raw mut list) } != 0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut next = list.cast_const();
    while found.len() < MAX_INTERFACES
        // SAFETY: null at the end, and otherwise an entry that lives until `freeifaddrs`.
        && let Some(entry) = unsafe { next.as_ref() }
    {
        // SAFETY: an entry of the list, with the pointers that belong to it.
        found.extend(unsafe { interface(entry) });
        next = entry.ifa_next;
    }
    // SAFETY: it came from `getifaddrs`, and nothing points into it any more.
    unsafe { libc::freeifaddrs(list) };
    found
}

/// # Safety
/// `entry` must be of a list of `getifaddrs` that is not freed yet.
unsafe fn interface(entry: &libc::ifaddrs) -> Option<(Vec<u8>, Addresses)> {
    let ends = [entry.ifa_addr, entry.ifa_netmask, entry.ifa_ifu];
    // SAFETY: null, or an address that begins with its family.
    let family = unsafe { entry.ifa_addr.as_ref() }?.sa_family;
    let addresses = match i32::from(family) {
        // SAFETY: addresses of an entry are all of its family.
        libc::AF_INET => Addresses::V4(ends.map(|end| unsafe { v4(end) })),
        // SAFETY: the same.
        libc::AF_INET6 => Addresses::V6(ends.map(|end| unsafe { v6(end) })),
        _ => return None,
    };
    // SAFETY: the kernel's name of the interface, with a NUL at its end.
    let name = unsafe { CStr::from_ptr(entry.ifa_name) };
    Some((name.to_bytes().to_vec(), addresses))
}

/// # Safety
/// `address` must be null or point to an IPv4 address.
unsafe fn v4(address: *const libc::sockaddr) -> Ipv4Addr {
    // SAFETY: as the caller says; the list's addresses are aligned for any family.
    let address = unsafe { address.cast::<libc::sockaddr_in>().as_ref() };
    address.map_or(Ipv4Addr::UNSPECIFIED, |a| a.sin_addr.s_addr.to_ne_bytes().into())
}

/// # Safety
/// `address` must be null or point to an IPv6 address.
unsafe fn v6(address: *const libc::sockaddr) -> Ipv6Addr {
    // SAFETY: as the caller says; the list's addresses are aligned for any family.
    let address = unsafe { address.cast::<libc::sockaddr_in6>().as_ref() };
    address.map_or(Ipv6Addr::UNSPECIFIED, |a| a.sin6_addr.s6_addr.into())
}
