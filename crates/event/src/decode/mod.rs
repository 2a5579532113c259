//! Borrowed, bounds-checked views of structured parameters.
//!
//! - [`addr`]: socket addresses and connections ([`SockAddr`], [`SockTuple`]).
//! - [`fdlist`]: the fds of `poll(2)` ([`FdList`]).
//!
//! A view is made once with `parse`, which checks every bound; reading it afterwards cannot fail.
//! Numbers are little-endian, addresses in network order (facts of the scap schema).

pub mod addr;
pub mod fdlist;

pub use addr::{Broken, SockAddr, SockTuple, family};
pub use fdlist::{FdList, PolledFd};

/// Takes `N` bytes off the front.
fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(head)
}
