//! Names of addresses, as answers of name servers gave them.

use std::net::IpAddr;

use event::{Event, dns, syscalls as ev};
use serde_json::Value;
use state::{Context, Fd, Text};

use crate::{
    build::{draft::Map, fds},
    model::Protocol,
};

/// Most addresses that are remembered.
const MOST: usize = 10_000;

/// Longer notices are not read: 64 addresses and the longest names are less.
const MOST_NOTICE_BYTES: usize = 64 << 10;

/// Names of addresses, as the latest answers gave them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    by_ip: Map<IpAddr, Text>,
}

impl Names {
    /// Takes in what came in on a socket; what is no answer of a name server is passed over.
    pub(crate) fn answer(&mut self, context: &Context<'_>, fd: &Fd) {
        let is_server = fds::ends(fd).is_some_and(|(_, remote)| remote.port == dns::PORT);
        if !is_server || fds::protocol(fd) != Protocol::Udp {
            return;
        }
        let data = context.event.param_named("data").map(|param| param.bytes);
        if let Some(answer) = data.and_then(dns::parse) {
            self.learn(&answer.name, answer.addresses);
        }
    }

    /// Takes in a recorder's notice of an answer; anything else is passed over.
    pub(crate) fn notice(&mut self, event: &Event<'_>) -> Option<()> {
        if event.kind != ev::ASYNCEVENT_E || event.text(1)? != dns::NOTICE.as_bytes() {
            return None;
        }
        let data = event.bytes(2).filter(|data| data.len() <= MOST_NOTICE_BYTES)?;
        let answer: Value = serde_json::from_slice(data).ok()?;
        let addresses = answer.get("addresses")?.as_array()?.iter();
        let addresses = addresses.filter_map(|address| address.as_str()?.parse().ok());
        self.learn(answer.get("name")?.as_str()?.as_bytes(), addresses);
        Some(())
    }

    fn learn(&mut self, name: &[u8], addresses: impl IntoIterator<Item = IpAddr>) {
        if name.is_empty() {
            return;
        }
        let name = Text::from(name);
        for ip in addresses.into_iter().map(|address| address.to_canonical()) {
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
