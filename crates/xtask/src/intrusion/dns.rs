//! Messages of the name service, as they go over the wire (RFC 1035).

use std::net::Ipv4Addr;

/// Types of records.
pub(super) const A: u16 = 1;
pub(super) const AAAA: u16 = 28;
const CLASS_IN: u16 = 1;
/// Recursion is wanted.
const QUESTION: u16 = 0x0100;
/// So it was, and it was to be had.
const ANSWER: u16 = 0x8180;
/// The name in the question, which begins behind the header.
const NAME_OF_QUESTION: u16 = 0xc00c;
const TTL_S: u32 = 300;

pub(super) fn question(id: u16, name: &str, kind: u16) -> Vec<u8> {
    message(id, QUESTION, name, kind, 0)
}

/// The answer that a name has this address.
pub(super) fn answer(id: u16, name: &str, ip: Ipv4Addr) -> Vec<u8> {
    let mut bytes = message(id, ANSWER, name, A, 1);
    push(&mut bytes, &[NAME_OF_QUESTION, A, CLASS_IN]);
    bytes.extend(TTL_S.to_be_bytes());
    push(&mut bytes, &[4]);
    bytes.extend(ip.octets());
    bytes
}

/// The answer that a name has nothing of this kind.
pub(super) fn no_answer(id: u16, name: &str, kind: u16) -> Vec<u8> {
    message(id, ANSWER, name, kind, 0)
}

fn message(id: u16, flags: u16, name: &str, kind: u16, answers: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    push(&mut bytes, &[id, flags, 1, answers, 0, 0]);
    for label in name.split('.') {
        bytes.push(label.len() as u8);
        bytes.extend(label.bytes());
    }
    bytes.push(0);
    push(&mut bytes, &[kind, CLASS_IN]);
    bytes
}

fn push(bytes: &mut Vec<u8>, numbers: &[u16]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_the_wire() {
        let name = b"\x03cdn\x07example\x03net\0";
        let asked =
            [b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0".as_slice(), name, b"\0\x01\0\x01"].concat();
        assert_eq!(question(0x1234, "cdn.example.net", A), asked);
        let answered = [
            b"\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0".as_slice(),
            name,
            b"\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\x01\x2c\0\x04\xc6\x33\x64\x07",
        ]
        .concat();
        let ip = Ipv4Addr::new(198, 51, 100, 7);
        assert_eq!(answer(0x1234, "cdn.example.net", ip), answered);
    }
}
