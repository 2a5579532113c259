//! What name servers answer, as programs in the kernel hand it on: `bpf/dns.h`.

use std::net::SocketAddr;

use event::{
    decode::SockAddr,
    dns::{self, Answer},
};

use super::told::Told;

/// What was read from a name server.
struct Read<'a> {
    server: Option<SocketAddr>,
    is_stream: bool,
    data: &'a [u8],
}

/// Appends the data of a notice of an answer that has addresses; whether there is one. Of several that
/// were read at once from a stream it is the first.
pub(super) fn write_notice(record: &Told<'_>, out: &mut Vec<u8>) -> bool {
    let Some(read) = Read::of(record) else { return false };
    let Some(answer) = read.answer() else { return false };
    answer.write_notice(read.server, out);
    true
}

impl<'a> Read<'a> {
    fn of(record: &Told<'a>) -> Option<Self> {
        let [server, is_stream, data] = record.fields()?;
        Some(Self { server: address(server), is_stream: is_stream == [1], data })
    }

    fn answer(&self) -> Option<Answer> {
        let parse = |data| dns::parse(data).filter(|answer| !answer.addresses.is_empty());
        if self.is_stream {
            return messages(self.data).find_map(parse).or_else(|| parse(self.data));
        }
        parse(self.data)
    }
}

/// Messages in a stream, each behind its length (RFC 1035, 4.2.2). Resolvers that read the length by
/// itself have read a message alone.
fn messages(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = data.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (message, rest) = rest.split_at(length.min(rest.len()));
        data = rest;
        Some(message)
    })
}

fn address(bytes: &[u8]) -> Option<SocketAddr> {
    let address = SockAddr::parse(bytes).ok()?;
    Some(SocketAddr::new(address.ip()?, address.port()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer that `www.example.net` has this address.
    fn answer(last: u8) -> Vec<u8> {
        let mut message = vec![0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];
        message.extend(b"\x03www\x07example\x03net\0\0\x01\0\x01");
        message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64");
        message.push(last);
        message
    }

    fn framed(message: &[u8]) -> Vec<u8> {
        [&(message.len() as u16).to_be_bytes()[..], message].concat()
    }

    /// The data of a notice of what was read; empty if there is none.
    fn told(is_stream: bool, data: &[u8]) -> String {
        let server = [2, 192, 0, 2, 53, 53, 0];
        let mut bytes = vec![0; event::raw::HEADER_BYTES];
        for length in [server.len(), 1, data.len()] {
            bytes.extend((length as u16).to_le_bytes());
        }
        bytes.extend([&server[..], &[u8::from(is_stream)], data].concat());
        let mut out = Vec::new();
        let record = Told { cpu: 0, kind: super::super::told::ANSWERED, bytes: &bytes };
        assert_eq!(write_notice(&record, &mut out), !out.is_empty());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn answers_are_found_in_datagrams_and_streams() {
        let one = r#"{"name":"www.example.net","addresses":["198.51.100.1"],"cnames":[],"server":"192.0.2.53:53"}"#;
        assert_eq!(told(false, &answer(1)), one);
        assert_eq!(told(true, &answer(1)), one);
        assert_eq!(told(true, &framed(&answer(1))), one);
        let refused = [&answer(1)[..3], &[0x85], &answer(1)[4..]].concat();
        assert_eq!(told(true, &[framed(&refused), framed(&answer(1))].concat()), one);
    }

    #[test]
    fn what_is_no_answer_tells_nothing() {
        for (is_stream, data) in [
            (false, framed(&answer(1))),
            (false, vec![]),
            (true, vec![0]),
            (true, vec![0; 4096]),
            (true, vec![0xff; 64]),
        ] {
            assert_eq!(told(is_stream, &data), "", "{data:?}");
        }
    }
}
