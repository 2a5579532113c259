//! As much of DNS (RFC 1035) as it takes to ask for one address and to give it.

use std::net::Ipv4Addr;

/// Bytes of a header.
const HEADER: usize = 12;

/// Type A, class IN.
const A_IN: [u8; 4] = [0, 1, 0, 1];

/// Asks for the IPv4 address of a name, whose labels are shorter than 64 bytes.
pub(crate) fn question(id: u16, name: &str) -> Vec<u8> {
    let [high, low] = id.to_be_bytes();
    // Recursion desired; one question.
    let mut packet = vec![high, low, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        packet.extend(label.len().to_be_bytes().last());
        packet.extend(label.bytes());
    }
    packet.push(0);
    packet.extend(A_IN);
    packet
}

/// The answer to a question: this address, whatever the name. `None` if it is no question.
pub(crate) fn answer(question: &[u8], address: Ipv4Addr) -> Option<Vec<u8>> {
    let id = question.get(..2)?;
    let asked = question.get(HEADER..)?;
    // A response, recursion desired and available; one question, one answer.
    let mut packet = [id, &[0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], asked].concat();
    // The name is the one asked about.
    packet.extend([0xc0, 12]);
    packet.extend(A_IN);
    // Good for a minute; four bytes.
    packet.extend([0, 0, 0, 60, 0, 4]);
    packet.extend(address.octets());
    Some(packet)
}

/// The address in an answer that [`answer`] made to this question.
pub(crate) fn address(answer: &[u8], question: &[u8]) -> Option<Ipv4Addr> {
    let is_ours = answer.get(..2) == question.get(..2)
        && answer.get(HEADER..question.len()) == question.get(HEADER..);
    let record = answer.get(question.len()..).filter(|_| is_ours)?;
    let octets: [u8; 4] = record.get(12..16)?.try_into().ok()?;
    Some(octets.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_the_address_to_who_asked() {
        let asked = question(7, "cdn.example.net");
        assert_eq!(&asked[HEADER..], b"\x03cdn\x07example\x03net\x00\x00\x01\x00\x01");
        let given = answer(&asked, Ipv4Addr::new(127, 0, 113, 9)).unwrap();
        assert_eq!(address(&given, &asked), Some(Ipv4Addr::new(127, 0, 113, 9)));
        assert_eq!(address(&given, &question(8, "cdn.example.net")), None, "another question");
        for end in 0..given.len() {
            assert_eq!(address(&given[..end], &asked), None, "cut after {end} bytes");
        }
        assert_eq!(answer(b"", Ipv4Addr::LOCALHOST), None);
    }
}
