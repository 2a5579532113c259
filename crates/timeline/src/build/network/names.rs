//! Names of addresses, as answers of name servers gave them.

use std::net::IpAddr;

use state::{Context, Fd, Text};

use super::dns;
use crate::{
    build::{draft::Map, fds},
    model::Protocol,
};

/// Where name servers listen.
const PORT: u16 = 53;

/// Most addresses that are remembered.
const MOST: usize = 10_000;

/// Names of addresses, as the latest answers gave them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    by_ip: Map<IpAddr, Text>,
}

impl Names {
    /// Takes in what came in on a socket; what is no answer of a name server is passed over.
    pub(crate) fn answer(&mut self, context: &Context<'_>, fd: &Fd) {
        let is_server = fds::ends(fd).is_some_and(|(_, remote)| remote.port == PORT);
        if !is_server || fds::protocol(fd) != Protocol::Udp {
            return;
        }
        let data = context.event.param_named("data").map(|param| param.bytes);
        if let Some(answer) = data.and_then(dns::parse)
            && !answer.name.is_empty()
        {
            self.learn(&answer);
        }
    }

    fn learn(&mut self, answer: &dns::Answer) {
        let name = Text::from(answer.name.as_slice());
        for ip in answer.addresses.iter().map(IpAddr::to_canonical) {
            if self.by_ip.len() < MOST || self.by_ip.contains_key(&ip) {
                self.by_ip.insert(ip, name.clone());
            }
        }
    }

    /// The name that the latest answer gave an address.
    pub(crate) fn of(&self, ip: IpAddr) -> Option<Text> {
        self.by_ip.get(&ip).cloned()
    }
}
