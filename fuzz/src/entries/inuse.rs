//! An index of what is in use.

/// The bytes are an index; one whose digest is wrong is read with the right one.
pub(crate) fn run(data: &[u8]) {
    if let Err(error) = inuse::decode(data) {
        assert!(!error.to_string().is_empty());
    }
    let Some(body) = data.get(inuse::HEADER_BYTES..) else { return };
    let whole = inuse::with_header(body);
    if let Ok(index) = inuse::decode(&whole) {
        let again = inuse::encode(&index);
        assert_eq!(inuse::decode(&again).as_ref(), Ok(&index));
        let mut joined = index.clone();
        joined.join(&index);
        joined.forget_older(100);
        joined.trim();
    }
}
