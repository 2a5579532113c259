//! What container engines and their files say, parts of which anybody writes into an image.

use engines::parse::{containerd, cri, docker, storage};

/// The bytes as each of the answers: the first says where the second answer begins, in 256ths.
pub(crate) fn run(data: &[u8]) {
    let Some((&part, rest)) = data.split_first() else { return };
    let (first, second) = rest.split_at(rest.len() * usize::from(part) / 256);
    check(docker(first, second));
    check(cri(first, second, second));
    check(cri(b"", first, b""));
    check(containerd(first, second));
    check(storage(first, second, second, second));
}

/// Whatever is made of an answer is JSON that is not too long to be read.
fn check(json: Option<Vec<u8>>) {
    let Some(json) = json else { return };
    assert!(json.len() <= 256 << 10 && json.starts_with(b"{\"container\":{\"type\":"));
    assert!(std::str::from_utf8(&json).is_ok());
}
