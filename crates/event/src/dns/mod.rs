//! What name servers answer: which addresses a name has.
//!
//! [`parse`] reads an answer out of a datagram. A recorder that sees whole datagrams tells of each
//! answer in a notice of its own, an asynchronous event of no plugin (id 0) that is named [`NOTICE`],
//! so that what addresses are called does not depend on how much data an event keeps. It comes right
//! behind the event of the call that read the answer, and has that call's thread. Its data is JSON:
//!
//! ```json
//! {"name":"www.example.net","addresses":["198.51.100.7","2001:db8::7"],
//!  "cnames":["cdn.example.net"],"server":"192.0.2.53:53"}
//! ```
//!
//! - `name`: what was asked for;
//! - `addresses`: its addresses, or those of the names that it stands for;
//! - `cnames`: the names that it stands for, in the order of the answer;
//! - `server`: who answered; missing if that is not known.
//!
//! An answer is not compared with a question, and any sender with port 53 gives one: names are the
//! sender's word, of any bytes, for addresses of his choice. They are shown beside the address, never
//! in its place.

mod message;

use std::{
    io::Write as _,
    net::{IpAddr, SocketAddr},
};

pub use message::parse;

use crate::json;

/// Name of the notices of answers.
pub const NOTICE: &str = "watchkeeper.dns";

/// Where name servers listen.
pub const PORT: u16 = 53;

/// What a name server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The name that was asked for, with dots between its parts and none at its end.
    pub name: Vec<u8>,
    /// Its addresses, or those of the names that it stands for.
    pub addresses: Vec<IpAddr>,
    /// The names that it stands for.
    pub aliases: Vec<Vec<u8>>,
}

impl Answer {
    /// Appends the data of a notice of this answer.
    pub fn write_notice(&self, server: Option<SocketAddr>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"name\":");
        json::string(&self.name, out);
        out.extend_from_slice(b",\"addresses\":[");
        for (at, address) in self.addresses.iter().enumerate() {
            // Writing to a Vec cannot fail.
            let _ = write!(out, "{}\"{address}\"", if at > 0 { "," } else { "" });
        }
        out.extend_from_slice(b"],\"cnames\":[");
        for (at, alias) in self.aliases.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            json::string(alias, out);
        }
        out.push(b']');
        if let Some(server) = server {
            let _ = write!(out, ",\"server\":\"{server}\"");
        }
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_json_whatever_the_names_are() {
        let answer = Answer {
            name: b"a\"b\xff.example".to_vec(),
            addresses: vec![IpAddr::from([198, 51, 100, 7]), IpAddr::from([0u16; 8])],
            aliases: vec![b"one".to_vec(), b"two\n".to_vec()],
        };
        let mut data = Vec::new();
        answer.write_notice("[::1]:53".parse().ok(), &mut data);
        let read: serde_json::Value = serde_json::from_slice(&data).unwrap();
        assert_eq!(
            read,
            serde_json::json!({
                "name": "a\"b\u{fffd}.example",
                "addresses": ["198.51.100.7", "::"],
                "cnames": ["one", "two\n"],
                "server": "[::1]:53",
            })
        );
        data.clear();
        Answer { name: vec![], addresses: vec![], aliases: vec![] }.write_notice(None, &mut data);
        assert_eq!(data, br#"{"name":"","addresses":[],"cnames":[]}"#);
    }
}
