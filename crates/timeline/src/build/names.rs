//! Names of addresses, as answers of name servers gave them.

use std::net::IpAddr;

use state::{Context, Fd, Text};

use super::draft::Map;

/// Names of addresses, as the latest answers gave them.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_ip: Map<IpAddr, Text>,
}

impl Names {
    /// Takes in what came in on a socket; what is no answer of a name server is passed over.
    pub(super) fn answer(&mut self, _context: &Context<'_>, _fd: &Fd) {}

    /// The name that the latest answer gave an address.
    pub(super) fn of(&self, ip: IpAddr) -> Option<Text> {
        self.by_ip.get(&ip).cloned()
    }
}
